"""Real nodes for tests: made once, copied for each test, served on loopback, called over HTTP.

`make` founds a node H13 with the offices H13.01 and H13.02, an administrator's and an auditor's
program, and writes their tokens beside it. `serving` runs the node of a folder exactly as
`gateway serve` does, on a free port, and gives a :class:`Node` to call it by.
"""

import asyncio
import json
import shutil
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

import gateway as package
from gateway.bootstrap.administration import found, make_keys, open_rooms
from gateway.bootstrap.gateway import Gateway, open_gateway
from gateway.bootstrap.recovery import recover
from gateway.config import Config, parse
from gateway.domain.exchange import Caller, Role
from gateway.ports import Clock
from gateway.web.listening import check_listen, listen
from gateway.web.peer_door import open_peer_door
from gateway.web.server import run

OFFICE, OTHER, ADMIN, AUDITOR = "H13.01", "H13.02", "admin", "auditor"

_TOKENS = "tokens.json"
SHIPPED = Path(package.__file__).parent.parent / "config" / "calendar-vn.toml"
_START_S = 10.0


def config_of(folder: Path, **sections: object) -> Config:
    """Return the settings of the node in *folder*, with *sections* such as ``http={…}``."""
    raw: dict[str, object] = {"node": {"code": "H13", "name": "UBND tỉnh"}}
    raw["storage"] = {"minimum_free_mb": 0}
    raw["relay"] = {"poll_s": 0.1}
    return parse({**raw, **sections}, file=folder / "gateway.toml")


async def make(folder: Path) -> None:
    """Found the node in *folder*."""
    (folder / "config").mkdir(parents=True)
    shutil.copyfile(SHIPPED, folder / "config" / SHIPPED.name)
    config = config_of(folder)
    make_keys(config)
    operator = Caller(actor="cli", agency="H13", role=Role.ADMIN)
    async with open_rooms(config) as gateway:
        await found(gateway, operator)
        for code, name in ((OFFICE, "Sở Nội vụ"), (OTHER, "Sở Tài chính")):
            await gateway.agencies.add(operator, name=name, code=code)
        given = {
            OFFICE: (OFFICE, Role.OFFICE),
            OTHER: (OTHER, Role.OFFICE),
            ADMIN: ("H13", Role.ADMIN),
            AUDITOR: ("H13", Role.AUDITOR),
        }
        tokens = {}
        for who, (agency, role) in given.items():
            credential = await gateway.credentials.add(agency, operator, name=who, role=role)
            tokens[who] = credential.token
    (folder / _TOKENS).write_text(json.dumps(tokens), "utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:  # noqa: ANN401 - JSON is what it is
        """Return the body, read as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A node that runs."""

    gateway: Gateway
    url: str  #: its root, without a slash at the end
    tokens: Mapping[str, str]
    session: aiohttp.ClientSession

    async def call(
        self,
        method: str,
        path: str,
        *,
        who: str | None = None,
        headers: Mapping[str, str] | None = None,
        **more: Any,  # noqa: ANN401 - handed on to aiohttp: json=, data=, params=
    ) -> Answer:
        """Call *path* with the token of *who* (None: without one) and return the answer."""
        sent = dict(headers or {})
        if who is not None:
            sent["Authorization"] = f"Bearer {self.tokens[who]}"
        async with self.session.request(
            method, self.url + path, headers=sent, allow_redirects=False, **more
        ) as response:
            return Answer(
                status=response.status, headers=response.headers, body=await response.read()
            )

    async def get(self, path: str, **more: Any) -> Answer:  # noqa: ANN401 - as call
        """Call *path* with GET."""
        return await self.call("GET", path, **more)

    async def post(self, path: str, **more: Any) -> Answer:  # noqa: ANN401 - as call
        """Call *path* with POST."""
        return await self.call("POST", path, **more)

    async def patch(self, path: str, **more: Any) -> Answer:  # noqa: ANN401 - as call
        """Call *path* with PATCH."""
        return await self.call("PATCH", path, **more)

    async def submit(
        self,
        *files: tuple[str, bytes],
        who: str = OFFICE,
        headers: Mapping[str, str] | None = None,
        **changes: object,
    ) -> Answer:
        """Submit *files* (name, bytes; a small text by default) with `a_metadata(**changes)`."""
        form = a_form(a_metadata(**changes), *(files or (("cong-van.txt", b"xin chao"),)))
        return await self.post("/api/v1/documents", who=who, headers=headers, data=form)


def a_metadata(**changes: object) -> dict[str, object]:
    """Return the metadata of a submission from H13.01 to H13.02, with *changes*."""
    return {
        "to": [OTHER],
        "type": "CV",
        "subject": "V/v báo cáo công tác cải cách hành chính",
        "notation": "SNV-VP",
        "promulgated_on": "2026-11-20",
        "place": "Hà Nội",
        "signer": {"full_name": "Nguyễn Văn An", "position": "Giám đốc"},
    } | changes


def a_form(metadata: Mapping[str, object], *files: tuple[str, bytes]) -> aiohttp.FormData:
    """Return the multipart body of a submission."""
    form = aiohttp.FormData(default_to_multipart=True)
    form.add_field("metadata", json.dumps(metadata), content_type="application/json")
    for name, content in files:
        form.add_field("attachment", content, filename=name)
    return form


@asynccontextmanager
async def serving(
    folder: Path, *, clock: Clock | None = None, **sections: object
) -> AsyncIterator[Node]:
    """Run the node of *folder*; stop it in the end."""
    tokens = json.loads((folder / _TOKENS).read_text("utf-8"))
    stopping, port = asyncio.Event(), free_port()
    config = config_of(folder, **sections)
    tls = check_listen(config, "127.0.0.1")
    peers = open_peer_door(config, "127.0.0.1")
    async with open_gateway(config, clock=clock) as gateway:
        await recover(gateway)
        server = asyncio.create_task(
            run(gateway, stopping, listen("127.0.0.1", port), tls, peers=peers)
        )
        try:
            await _up(server, port)
            async with aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=30),
                connector=aiohttp.TCPConnector(ssl=False),  # whose certificate: see test_tls.py
            ) as session:
                url = f"{'http' if tls is None else 'https'}://127.0.0.1:{port}"
                yield Node(gateway=gateway, url=url, tokens=tokens, session=session)
        finally:
            stopping.set()
            await server


async def _up(server: asyncio.Task[None], port: int) -> None:
    """Wait until somebody listens on *port*, or raise what stopped the *server*."""
    async with asyncio.timeout(_START_S):
        while not server.done():
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.01)
                continue
            writer.close()
            await writer.wait_closed()
            return
    await server


def free_port() -> int:
    """Return a port of the loopback interface at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
