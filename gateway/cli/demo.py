"""`gateway demo`: a province, a second node as the national axis, a document there and back.

Two real nodes run as processes of their own on loopback and are spoken to as offices do, through
the REST API; between them messages travel over a link of folders. Nothing is faked but the people.
"""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp
import click
import msgspec
from rich.progress import Progress, SpinnerColumn, TextColumn

from gateway.bootstrap.administration import open_rooms
from gateway.bootstrap.specimen import specimen
from gateway.cli.demo_week import FOUNDED_BEFORE, PASSWORD, LedClock, Signed, add_week
from gateway.cli.init import make_node
from gateway.cli.node import operator
from gateway.cli.options import CONFIG_FILE
from gateway.cli.output import console, show_table
from gateway.config import load
from gateway.domain.errors import Unavailable

PROVINCE, AXIS = "H13", "G22"
SENDER, RECIPIENT = f"{PROVINCE}.01", f"{PROVINCE}.02"
_START_S, _WAIT_S = 30.0, 30.0
_TITLES = {
    "submitted": "Gửi đến nút / submitted",
    "numbered": "Cấp mã, cấp số / numbered",
    "handed-over": "Chuyển lên trục / handed over",
    "arrived": "Đã đến / arrived",
    "accepted": "Đã tiếp nhận / accepted",
    "assigned": "Đã chuyển xử lý / assigned",
    "in-progress": "Đang xử lý / in progress",
    "done": "Đã hoàn thành / done",
}
Json = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A node that runs, and the tokens of its offices."""

    url: str
    folder: Path
    tokens: dict[str, str]


@click.command()
@click.option("--keep", is_flag=True, help="Leave the nodes running until Ctrl-C.")
def demo(*, keep: bool) -> None:
    """Send a signed PDF between two agencies and over an axis, and print what happened when."""
    asyncio.run(_demonstrate(keep=keep))


async def _demonstrate(*, keep: bool) -> None:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="gateway-demo-")))
        with _progress() as progress:
            task = progress.add_task("two nodes start …", total=None)
            now = datetime.now(UTC)  # noqa: TID251 - the demonstration happens now
            signed = await asyncio.to_thread(specimen, now)
            people: list[Signed] = []
            week = partial(_live_through, people, now) if keep else None
            province, axis = await _start_both(folder, stack, signed.trust, week)
            progress.update(task, description="a document travels …")
            session = await stack.enter_async_context(aiohttp.ClientSession())
            document, there = await _exchange(session, province, axis, signed.pdf)
        _tell(document)
        _tell_worth("province", document)
        for each in there:
            _tell_worth("axis", each)
        receipts = await _call(session, province, SENDER, "GET", "/receipts")
        click.echo(f"{len(_items(receipts))} signed receipts came back to {SENDER}.")
        if keep:
            await _stay(province, axis, people)


def _progress() -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        console=console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )


async def _live_through(people: list[Signed], now: datetime, folder: Path) -> None:
    people += await add_week(folder / CONFIG_FILE.name, until=now)


async def _start_both(
    folder: Path,
    stack: AsyncExitStack,
    trust: dict[str, bytes],
    week: Callable[[Path], Awaitable[None]] | None,
) -> tuple[Node, Node]:
    link = folder / "link"
    now = datetime.now(UTC)  # noqa: TID251 - the demonstration happens now
    since = None if week is None else LedClock(now - FOUNDED_BEFORE)
    province = await _prepare(
        folder / "province",
        PROVINCE,
        "Ủy ban nhân dân tỉnh Thí Dụ",
        {SENDER: "Sở Nội vụ", RECIPIENT: "Sở Tài chính"},
        _axis_table("national", f"folder:{link}", "*"),
        clock=since,
    )
    if week is not None:
        await week(folder / "province")
    axis = await _prepare(
        folder / "axis",
        AXIS,
        "Trục liên thông văn bản quốc gia (minh hoạ)",
        {},
        _axis_table("h13", f"reverse:{link}", PROVINCE),
    )
    for place in (folder / "province", folder / "axis"):
        await asyncio.to_thread(_trust, place / "config" / "trust" / "official-duty", trust)
    running = [
        await stack.enter_async_context(_running(place, tokens))
        for place, tokens in ((folder / "province", province), (folder / "axis", axis))
    ]
    return running[0], running[1]


def _trust(folder: Path, files: dict[str, bytes]) -> None:
    """Give a node the authority of the specimen, with its revocation lists."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)


def _axis_table(name: str, endpoint: str, code: str) -> str:
    return (
        f'\n[[axis]]\nname = "{name}"\nadapter = "folder"\nendpoint = "{endpoint}"\n'
        f'codes = ["{code}"]\n'
    )


async def _prepare(
    folder: Path,
    code: str,
    name: str,
    offices: dict[str, str],
    more: str,
    *,
    clock: LedClock | None = None,
) -> dict[str, str]:
    """Make a node with its agencies and their credentials, as of *clock*; return the tokens."""
    await asyncio.to_thread(make_node, folder, code=code, name=name, clock=clock)
    file = folder / CONFIG_FILE.name
    text = file.read_text("utf-8").replace("poll_s = 1.0", "poll_s = 0.2")
    # What is thrown away in the end needs no copy, nor an incident because there is none.
    text = text.replace("every_h = 24.0  # hours between backups", "every_h = 0.0  # no backups")
    file.write_text(text + more, "utf-8")
    config = load(file)
    tokens = {}
    async with open_rooms(config, clock=clock) as rooms:
        caller = operator(config)
        for office, title in offices.items():
            await rooms.agencies.add(caller, name=title, code=office, parent=code)
        for office in offices or {code: name}:
            credential = await rooms.credentials.add(office, caller, name="minh hoạ")
            tokens[office] = credential.token
    return tokens


@asynccontextmanager
async def _running(folder: Path, tokens: dict[str, str]) -> AsyncIterator[Node]:
    """Run the node in *folder* as a process on a free port; stop it in the end."""
    with (folder / "node.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "gateway",
            "serve",
            "--config",
            str(folder / CONFIG_FILE.name),
            "--port",
            "0",
            stdout=log,
            stderr=log,
        )
        try:
            yield Node(url=await _address(folder, process), folder=folder, tokens=tokens)
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()


async def _address(folder: Path, process: asyncio.subprocess.Process) -> str:
    """Return where the node serves, as its log says."""
    log = folder / "node.log"
    try:
        async with asyncio.timeout(_START_S):
            while True:
                for line in (await asyncio.to_thread(log.read_bytes)).splitlines():
                    if b'"serving"' in line:
                        return str(msgspec.json.decode(line)["address"])
                if process.returncode is not None:
                    raise Unavailable(f"a node did not start; see {log}")
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise Unavailable(f"a node did not start in {_START_S:.0f} s; see {log}") from None


async def _exchange(
    session: aiohttp.ClientSession, province: Node, axis: Node, signed: bytes
) -> tuple[Json, list[Json]]:
    """Send to both recipients and let both work on it.

    Returns the document as its sender sees it, and as it came to the other node.
    """
    document = await _submit(session, province, signed)
    await _work(session, province, RECIPIENT, ("03", "04", "05", "06"))
    there = await _work(session, axis, AXIS, ("03", "06"))
    deadline = asyncio.get_running_loop().time() + _WAIT_S
    while document["state"] != "closed":
        if asyncio.get_running_loop().time() > deadline:
            raise Unavailable("the receipts did not come back in time")
        await asyncio.sleep(0.1)
        document = await _call(session, province, SENDER, "GET", f"/documents/{document['id']}")
    return document, there


async def _submit(session: aiohttp.ClientSession, province: Node, signed: bytes) -> Json:
    now = datetime.now(UTC)  # noqa: TID251 - the demonstration happens now
    metadata = {
        "to": [RECIPIENT, AXIS],
        "type": "CV",
        "subject": "V/v thử nghiệm liên thông văn bản điện tử",
        "notation": "SNV-VP",
        "promulgated_on": now.astimezone().date().isoformat(),
        "place": "Thí Dụ",
        "signer": {"full_name": "Trần Thị Minh Hoạ", "position": "Giám đốc"},
        "priority": "urgent",
    }
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("metadata", msgspec.json.encode(metadata), content_type="application/json")
    form.add_field("attachment", signed, filename="công văn.pdf", content_type="application/pdf")
    return await _call(session, province, SENDER, "POST", "/documents", data=form)


async def _work(
    session: aiohttp.ClientSession, node: Node, office: str, codes: tuple[str, ...]
) -> list[Json]:
    """Fetch what waits for *office*, acknowledge it, report *codes*; return the documents."""
    deadline = asyncio.get_running_loop().time() + _WAIT_S
    while not (items := _items(await _call(session, node, office, "POST", "/inbox/lease"))):
        if asyncio.get_running_loop().time() > deadline:
            raise Unavailable(f"the document did not reach {office} in time")
        await asyncio.sleep(0.1)
    for item in items:
        await _call(session, node, office, "POST", "/inbox/ack", json={"ids": [item["id"]]})
        for code in codes:
            report = {"code": code, "note": "minh hoạ"}
            path = f"/documents/{item['id']}/status"
            await _call(session, node, office, "POST", path, json=report)
    return items


async def _call(
    session: aiohttp.ClientSession,
    node: Node,
    office: str,
    method: str,
    path: str,
    *,
    json: object = None,
    data: aiohttp.FormData | None = None,
) -> Json:
    async with session.request(
        method,
        f"{node.url}/api/v1{path}",
        json=json,
        data=data,
        headers={"Authorization": f"Bearer {node.tokens[office]}"},
    ) as response:
        body: Json = msgspec.json.decode(await response.read())
        if not response.ok:
            raise Unavailable(f"{method} {path}: {body.get('detail')}")
        return body


def _items(page: Json) -> list[Json]:
    items = page["items"]
    return items if isinstance(items, list) else []


def _tell(document: Json) -> None:
    history = document["history"]
    events: list[Json] = history if isinstance(history, list) else []
    show_table(
        [
            "Sự kiện / event",
            "Do / by",
            "Nơi nhận / to",
            "Giờ thực / actual",
            "Giờ pháp lý / legal",
        ],
        [
            [
                _TITLES.get(str(each["event"]), str(each["event"])),
                str(each["by"]),
                str(each["to"] or ""),
                _clock(each["at"]),
                _clock(each["legal_at"]),
            ]
            for each in events
        ],
        title=f"{document['code']}",
    )


def _tell_worth(node: str, document: Json) -> None:
    """Show what the document is worth at a node, and by whose signatures."""
    click.echo(f"{node}: giá trị pháp lý / legal value: {document['legal_value']}")
    attachments = document["attachments"]
    for file in attachments if isinstance(attachments, list) else []:
        for each in file["signatures"]:
            click.echo(f"  {each['signer']} ({each['issuer']}): {each['verdict']}")


def _clock(text: object) -> str:
    if not isinstance(text, str):
        return ""
    return datetime.fromisoformat(text).isoformat(sep=" ", timespec="seconds")


async def _stay(province: Node, axis: Node, people: list[Signed]) -> None:
    click.echo(f"console: {province.url}/login")
    show_table(
        ["Vai trò / role", "Tên tài khoản / user name", "Mật khẩu / password", "Cơ quan / agency"],
        [[each.role.value, each.user_name, PASSWORD, each.agency] for each in people],
        title="one account per role, two clerks who write to each other",
    )
    for title, node in (("province", province), ("axis", axis)):
        click.echo(f"{title}: {node.url}/api/v1/docs (data in {node.folder})")
        for office, token in node.tokens.items():
            click.echo(f"  {office}: GATEWAY_URL={node.url} GATEWAY_TOKEN={token}")
    click.echo("Ctrl-C stops both nodes.")
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
