"""What an office asks and tells a node: `gateway inbox`, `status`, `receipts`."""

from typing import Any

import click

from gateway.cli.options import format_option, rest_options
from gateway.cli.output import JSON, TABLE, show_json, show_list
from gateway.cli.rest import Rest, find_id, with_rest

_DOCUMENT = {
    "id": "Id",
    "code": "Mã văn bản / code",
    "from": "Bên gửi / from",
    "type": "Loại / type",
    "number": "Số / number",
    "notation": "Ký hiệu / notation",
    "subject": "Trích yếu / subject",
    "priority": "Độ khẩn / priority",
    "state": "Trạng thái / state",
    "arrival_number": "Số đến / arrival no.",
    "sent_at": "Gửi lúc / sent",
}
_DELIVERY = {
    "code": "Mã văn bản / code",
    "to": "Bên nhận / to",
    "state": "Trạng thái / state",
    "arrival_number": "Số đến / arrival no.",
    "received_at": "Đến lúc / received",
    "legal_received_at": "Pháp lý / legal",
    "note": "Ghi chú / note",
}
_RECEIPT = {
    "id": "Id",
    "code": "Mã văn bản / code",
    "to": "Bên nhận / to",
    "event": "Sự kiện / event",
    "at": "Lúc / at",
    "legal_at": "Pháp lý / legal",
}


@click.command()
@click.option("--state", help="Documents in this state only.")
@click.option("--q", "words", help="Words of the subject, accents optional.")
@click.option("--after", help="Where the page before ended (its `next`).")
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True)
@format_option()
@rest_options
def inbox(
    *,
    state: str | None,
    words: str | None,
    after: str | None,
    limit: int,
    how: str,
    url: str | None,
    token: str | None,
) -> None:
    """List the documents that came, newest first.

    Nothing is leased or acknowledged.
    """
    query = {"box": "in", "state": state, "q": words, "after": after, "limit": limit}

    async def work(rest: Rest) -> Any:  # noqa: ANN401 - JSON
        return await rest.get("/documents", query)

    page = with_rest(url, token, work)
    if how == JSON:
        show_json(page)
        return
    own = [{**each, **_own_delivery(each)} for each in page["items"]]
    show_list(own, _DOCUMENT, how)
    _tell_next(page, how)


@click.command()
@click.argument("id_", metavar="ID")
@click.argument("code", metavar="CODE")
@click.option("--note", help="Remark; 02 needs one.")
@click.option("--arrival-number", type=int, help="Số đến, the office's own.")
@click.option("--staff", help="Who deals with it.")
@click.option("--department", help="The department of that person.")
@format_option()
@rest_options
def status(
    *,
    id_: str,
    code: str,
    note: str | None,
    arrival_number: int | None,
    staff: str | None,
    department: str | None,
    how: str,
    url: str | None,
    token: str | None,
) -> None:
    """Report what became of the document ID.

    CODE is 01 to 06, or 15 and 16 as the answer to a recall.
    """
    person = {"staff": staff, "department": department}
    report = {
        "code": code,
        "note": note,
        "arrival_number": arrival_number,
        "staff": {key: value for key, value in person.items() if value} or None,
    }
    body = {key: value for key, value in report.items() if value is not None}

    async def work(rest: Rest) -> Any:  # noqa: ANN401 - JSON
        return await rest.post(f"/documents/{await find_id(rest, id_)}/status", body)

    document = with_rest(url, token, work)
    if how == JSON:
        show_json(document)
        return
    deliveries = [{"code": document["code"], **each} for each in document["deliveries"]]
    show_list(deliveries, _DELIVERY, how)


@click.command()
@click.argument("id_", metavar="[ID]", required=False)
@click.option("--after", help="Where the feed was read to (its `next`).")
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True)
@click.option("--jws", is_flag=True, help="Print the receipts alone, one JWS a line.")
@format_option()
@rest_options
def receipts(
    id_: str | None,
    *,
    after: str | None,
    limit: int,
    jws: bool,
    how: str,
    url: str | None,
    token: str | None,
) -> None:
    """List signed receipts, oldest first: of the document ID, or the feed of all."""
    if id_ is not None and after is not None:
        raise click.UsageError("--after is a place in the feed; leave it out with an ID")

    async def work(rest: Rest) -> Any:  # noqa: ANN401 - JSON
        if id_ is None:
            return await rest.get("/receipts", {"after": after, "limit": limit})
        return await rest.get(f"/documents/{await find_id(rest, id_)}/receipts")

    page = with_rest(url, token, work)
    if jws:
        for each in page["items"]:
            click.echo(each["jws"])
    elif how == JSON:
        show_json(page)
    else:
        show_list(page["items"], _RECEIPT, how)
        _tell_next(page, how)


def _own_delivery(document: Any) -> dict[str, object]:  # noqa: ANN401 - JSON
    """Return what the table shows of the office's own delivery."""
    for delivery in document["deliveries"]:
        return {"state": delivery["state"], "arrival_number": delivery["arrival_number"]}
    return {}


def _tell_next(page: Any, how: str) -> None:  # noqa: ANN401 - JSON
    if how == TABLE and page.get("next") and page["items"]:
        click.echo(f"next: --after {page['next']}", err=True)
