"""`gateway held`: documents that a person decides about."""

from pathlib import Path

import click

from gateway.bootstrap.gateway import Gateway
from gateway.cli.node import on_node
from gateway.cli.options import config_option, format_option
from gateway.cli.output import show_list, show_record
from gateway.domain.exchange import Caller, Document

_COLUMNS = {
    "id": "Id",
    "from": "Bên gửi / from",
    "to": "Bên nhận / to",
    "type": "Loại / type",
    "subject": "Trích yếu / subject",
    "submitted_at": "Gửi lúc / submitted",
    "reason": "Vì sao / why",
}


@click.group()
def held() -> None:
    """Decide about documents that are held."""


@held.command("list")
@click.option("--limit", type=click.IntRange(1, 10_000), default=500, show_default=True)
@format_option()
@config_option
def list_held(limit: int, how: str, config_file: Path) -> None:
    """List the held documents, newest first."""

    async def work(gateway: Gateway, caller: Caller) -> list[dict[str, object]]:
        return [_record(gateway, each) for each in await gateway.held.listing(limit=limit)]

    show_list(on_node(config_file, work), _COLUMNS, how)


@held.command()
@click.argument("id_", metavar="ID")
@click.option("--note", help="Why; kept in the history.")
@format_option()
@config_option
def release(id_: str, note: str | None, how: str, config_file: Path) -> None:
    """Release the document ID: it is numbered and sent."""

    async def work(gateway: Gateway, caller: Caller) -> dict[str, object]:
        return _record(gateway, await gateway.held.release(id_, caller, note=note))

    show_record(on_node(config_file, work), how)


@held.command()
@click.argument("id_", metavar="ID")
@click.option("--note", "--reason", "reason", required=True, help="Why; the sender reads it.")
@format_option()
@config_option
def refuse(id_: str, reason: str, how: str, config_file: Path) -> None:
    """Refuse the document ID; it never takes a number."""

    async def work(gateway: Gateway, caller: Caller) -> dict[str, object]:
        return _record(gateway, await gateway.held.refuse(id_, reason, caller))

    show_record(on_node(config_file, work), how)


def _record(gateway: Gateway, document: Document) -> dict[str, object]:
    warnings = [each for each in document.findings if each.code == "held"]
    return {
        "id": document.id,
        "code": document.code,
        "state": document.state.value,
        "from": document.sender,
        "to": list(document.metadata.to),
        "type": document.metadata.type,
        "subject": document.metadata.subject,
        "submitted_at": document.submitted_at.astimezone(gateway.zone).isoformat(),
        "reason": " · ".join(each.message for each in warnings),
    }
