"""Documents as offices read them: pages, dates, damaged files; and reports with odd texts."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.web.pages import PageBody
from tests.nodes import OFFICE, OTHER, Node

API = "/api/v1"


async def sent(node: Node) -> str:
    """Send a document to OTHER; return its id."""
    return str((await node.submit()).json()["id"])


async def state_of(node: Node, document: str) -> str:
    """Return the state of the one delivery of *document*."""
    answer = await node.get(f"{API}/documents/{document}", who=OFFICE)
    return str(answer.json()["deliveries"][0]["state"])


def files_of(node: Node) -> list[Path]:
    """Return the files of documents on the disk of *node*."""
    folder = node.gateway.config.folder / "data" / "documents"
    return [each for each in folder.rglob("*") if each.is_file()]


@pytest.mark.parametrize("name", ["from", "to"])
@pytest.mark.parametrize(
    "text",
    [
        "0001-01-01",
        "9999-12-31",
        "1899-12-31",
        "9001-01-01",
        "20261120",
        "2026-W47-5",
        "2026-02-30",
        "2026-1-1",
        "%D9%A2026-01-01",
        "",
    ],
)
async def test_a_date_that_is_none_is_400(node: Node, name: str, text: str) -> None:
    """Also one that exists, but has no instant in every zone."""
    answer = await node.get(f"{API}/documents?{name}={text}", who=OFFICE)

    assert (answer.status, answer.json()["code"]) == (400, "bad-parameter")


@pytest.mark.parametrize("text", ["1900-01-01", "9000-12-31"])
async def test_far_dates_are_dates(node: Node, text: str) -> None:
    """The first and the last that are taken."""
    path = f"{API}/documents?from={text}&to={text}"

    assert (await node.get(path, who=OFFICE)).status == 200


async def test_pages_hold_every_document_once(node: Node) -> None:
    """Newest first, until `next` is null."""
    ids = [await sent(node) for _ in range(5)]
    found: list[str] = []
    after: str | None = "0"
    while after is not None:
        answer = await node.get(f"{API}/documents?limit=2&after={after}", who=OFFICE)
        page = answer.json()
        found += [each["id"] for each in page["items"]]
        after = page["next"]

    assert found == ids[::-1]


@given(st.lists(st.text(max_size=50), min_size=1, max_size=20), st.integers(1, 200))
def test_a_page_ends_before_it_is_too_large(items: list[str], most: int) -> None:
    """It holds at least one item, and goes on after its last."""
    page = PageBody(most_bytes=most)
    taken = next((n for n, item in enumerate(items) if not page.add(item, n)), len(items))
    body = page.body(more=taken < len(items))

    assert taken == len(page) >= 1
    assert body["next"] == (None if taken == len(items) else str(taken - 1))
    lines = body["items"]
    assert isinstance(lines, list)
    assert taken == 1 or sum(len(bytes(each)) for each in lines) <= most


@pytest.mark.parametrize("path", ["envelope", "attachments/1"])
@pytest.mark.parametrize("damage", ["missing", "shorter"])
async def test_content_that_cannot_be_read_has_not_arrived(
    node: Node, path: str, damage: str
) -> None:
    """The office is told to come again; the sender is not told that it has the document."""
    document = await sent(node)
    for each in files_of(node):
        if damage == "missing":
            each.unlink()
        else:
            each.write_bytes(each.read_bytes()[:-1])

    answer = await node.get(f"{API}/documents/{document}/{path}", who=OTHER)

    assert (answer.status, answer.json()["code"]) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert await state_of(node, document) == "waiting"


@pytest.mark.parametrize("path", ["envelope", "attachments/1"])
async def test_content_that_was_read_has_arrived(node: Node, path: str) -> None:
    """The first fetch by its recipient is the arrival."""
    document = await sent(node)

    assert (await node.get(f"{API}/documents/{document}/{path}", who=OTHER)).status == 200
    assert await state_of(node, document) == "arrived"


async def test_a_message_comes_back_byte_for_byte(node: Node) -> None:
    """A message that was sent as one is kept and given as it was."""
    first = (await node.submit()).json()
    made = await node.get(f"{API}/documents/{first['id']}/envelope", who=OFFICE)
    message = made.body.replace(first["document_id"].encode(), b"H13.01-byte-for-byte-1")
    kind = {"Content-Type": "application/xml"}
    answer = await node.post(f"{API}/documents", who=OFFICE, data=message, headers=kind)
    assert answer.status == 201, answer.body

    fetched = await node.get(f"{API}/documents/{answer.json()['id']}/envelope", who=OTHER)

    assert fetched.body == message


@pytest.mark.parametrize(
    "staff",
    [
        {"staff": "x" * 201},
        {"staff": 1},
        {"a" * 100_000: "x"},
        {"staff": {"staff": "x"}},
    ],
)
async def test_staff_of_another_form_is_400(node: Node, staff: dict[str, object]) -> None:
    """Short words of the office about one person, and nothing else."""
    document = await sent(node)
    report = {"code": "03", "staff": staff}

    answer = await node.post(f"{API}/documents/{document}/status", who=OTHER, json=report)

    assert (answer.status, answer.json()["code"]) == (400, "unreadable")


async def test_staff_is_shown_as_it_was_reported(node: Node) -> None:
    """What was not given is left out."""
    document = await sent(node)
    staff = {"department": "Văn thư", "staff": "Trần Thị Lan", "mobile": "0901", "email": None}
    report = {"code": "03", "note": "Đã vào sổ\nđủ trang", "staff": staff}

    answer = await node.post(f"{API}/documents/{document}/status", who=OTHER, json=report)

    assert answer.status == 200, answer.body
    shown = answer.json()["deliveries"][0]["staff"]
    assert shown == {"department": "Văn thư", "staff": "Trần Thị Lan", "mobile": "0901"}


@pytest.mark.parametrize(
    ("report", "pointer"),
    [
        ({"code": "02", "note": "a\x00b"}, "/note"),
        ({"code": "03", "note": "a\x1bb"}, "/note"),
        ({"code": "03", "staff": {"staff": "a\nb"}}, "/staff/staff"),
        ({"code": "03", "staff": {"email": "a\ufffeb"}}, "/staff/email"),
    ],
)
async def test_control_characters_in_a_report_are_422(
    node: Node, report: dict[str, object], pointer: str
) -> None:
    """They could be neither stored everywhere nor sent on."""
    document = await sent(node)

    answer = await node.post(f"{API}/documents/{document}/status", who=OTHER, json=report)

    assert answer.status == 422
    (finding,) = answer.json()["findings"]
    assert (finding["code"], finding["pointer"]) == ("status-wrong", pointer)


async def test_control_characters_in_a_recall_are_422(node: Node) -> None:
    """The reason travels to others."""
    document = await sent(node)
    why = {"reason": "gửi nhầm\x00"}

    answer = await node.post(f"{API}/documents/{document}/recall", who=OFFICE, json=why)

    assert answer.status == 422
    assert answer.json()["findings"][0]["pointer"] == "/reason"


async def test_what_a_program_takes_is_recorded_each_time(node: Node) -> None:
    """Message and files, by whom; who goes on with a file has been noted."""
    document = await sent(node)
    path = f"{API}/documents/{document}"
    for part in ("envelope", "attachments/1", "attachments/1"):
        assert (await node.get(f"{path}/{part}", who=OTHER)).status == 200
    await node.get(f"{path}/attachments/1", who=OTHER, headers={"Range": "bytes=2-"})

    records = await node.gateway.store.read(lambda tx: tx.audit.about(document))

    taken = [each for each in records if each.action == "content-taken"]
    assert [each.data["part"] for each in taken] == ["message", "1", "1"]
    assert {each.data["agency"] for each in taken} == {OTHER}
