"""A real peer for every registered adapter, so that one suite can run on all of them.

A rig builds connections and makes their peer behave. A new adapter adds its rig to `RIGS`; what
its kind of peer cannot do it says by its flags, and the tests that need it leave it out.
"""

import hashlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from adapters.folder import Folder
from adapters.loopback import Loopback
from adapters.vxp.connection import Vxp
from adapters.webhook import Webhook
from gateway.ports import Connection
from tests.contract.packets import a_clock, an_office
from tests.contract.vxp_axis import AxisMood, VxpAxis, a_vxp_axis
from tests.contract.web_office import Mood, WebOffice, a_web_office


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One packet as the peer has it."""

    id: str
    sha256: str


class Rig(Protocol):
    """A connection's far end, in the hands of a test."""

    def connect(self, *, timeout_s: float = 5.0) -> Connection:
        """Build a connection to the peer; a second one is the node after a restart."""

    def taken(self) -> list[Taken]:
        """Return what the peer has, each id once."""

    def fail(self) -> None:
        """Let the peer fail every packet from now on."""

    def mend(self) -> None:
        """Let the peer be well again."""

    def slow_down(self, seconds: float) -> None:
        """Let the peer take so long for an answer."""

    def leave(self, name: str, body: bytes) -> None:
        """Let the peer leave a message for us."""

    def reports(self) -> list[object]:
        """Return the refusals that the peer was told of."""


@dataclass(slots=True)
class LoopbackRig:
    """The peer in memory; it outlives its connections by being handed on."""

    last: Loopback | None = None

    def connect(self, *, timeout_s: float = 5.0) -> Loopback:
        """See Rig."""
        before, self.last = self.last, Loopback(an_office(timeout_s=timeout_s), a_clock())
        if before is not None:
            self.last.received = before.received
            self.last.waiting = before.waiting
        return self.last

    @property
    def _peer(self) -> Loopback:
        return self.last or self.connect()

    def taken(self) -> list[Taken]:
        """See Rig."""
        return [
            Taken(id=each.packet.id, sha256=hashlib.sha256(each.body).hexdigest())
            for each in self._peer.received
        ]

    def fail(self) -> None:
        """See Rig."""
        self._peer.down = True

    def mend(self) -> None:
        """See Rig."""
        self._peer.down = False

    def slow_down(self, seconds: float) -> None:
        """See Rig."""
        self._peer.delay_s = seconds

    def leave(self, name: str, body: bytes) -> None:
        """See Rig."""
        self._peer.leave(body)

    def reports(self) -> list[object]:
        """See Rig."""
        outcomes = self._peer.outcomes.values()
        return [json.loads(each.report) for each in outcomes if each.report is not None]


@dataclass(slots=True)
class WebhookRig:
    """An office behind a real HTTP server; it tells a repeat by Gateway-Id."""

    office: WebOffice

    def connect(self, *, timeout_s: float = 5.0) -> Webhook:
        """See Rig."""
        return Webhook(an_office(url=self.office.url, timeout_s=timeout_s), a_clock())

    def taken(self) -> list[Taken]:
        """See Rig."""
        by_id = {post.headers["Gateway-Id"]: post.sha256 for post in self.office.posts}
        return [Taken(id=id_, sha256=sha256) for id_, sha256 in by_id.items()]

    def fail(self) -> None:
        """See Rig."""
        self.office.mood = Mood.RESET

    def mend(self) -> None:
        """See Rig."""
        self.office.mood = Mood.WELL

    def slow_down(self, seconds: float) -> None:
        """See Rig."""
        self.office.mood, self.office.delay_s = Mood.LATE, seconds

    def leave(self, name: str, body: bytes) -> None:
        """A webhook receives nothing."""

    def reports(self) -> list[object]:
        """A webhook receives nothing."""
        return []


@dataclass(slots=True)
class FolderRig:
    """An office that shares a folder with the node."""

    base: Path

    def connect(self, *, timeout_s: float = 5.0) -> Folder:
        """See Rig."""
        return Folder(an_office(folder=str(self.base), timeout_s=timeout_s), a_clock())

    def taken(self) -> list[Taken]:
        """See Rig."""
        files = sorted(
            (self.base / "in").glob("*.edxml"), key=lambda file: file.stat().st_ctime_ns
        )
        return [
            Taken(id=file.stem, sha256=hashlib.sha256(file.read_bytes()).hexdigest())
            for file in files
        ]

    def fail(self) -> None:
        """See Rig."""
        self.base.mkdir(exist_ok=True)
        (self.base / "in").write_bytes(b"a file where the folder should be")

    def mend(self) -> None:
        """See Rig."""
        (self.base / "in").unlink()

    def slow_down(self, seconds: float) -> None:
        """A disk cannot be slowed down."""

    def leave(self, name: str, body: bytes) -> None:
        """See Rig."""
        out = self.base / "out"
        out.mkdir(parents=True, exist_ok=True)
        draft = out / f".{name}"
        draft.write_bytes(body)
        draft.rename(out / name)

    def reports(self) -> list[object]:
        """See Rig."""
        files = (self.base / "out").glob("*.refused.json")
        return [json.loads(file.read_bytes()) for file in files]


@dataclass(slots=True)
class VxpRig:
    """An axis behind a real HTTP server; it tells a repeat by the signed parameter `packet`."""

    axis: VxpAxis

    def connect(self, *, timeout_s: float = 5.0) -> Vxp:
        """See Rig."""
        settings = replace(
            an_office(url=self.axis.url, timeout_s=timeout_s), systemid="sys.h13", node="H13"
        )
        return Vxp(settings, a_clock())

    def taken(self) -> list[Taken]:
        """See Rig."""
        by_id = {each.parameters["packet"]: each.sha256 for each in self.axis.sent}
        return [Taken(id=id_, sha256=sha256) for id_, sha256 in by_id.items()]

    def fail(self) -> None:
        """See Rig."""
        self.axis.mood = AxisMood.RESET

    def mend(self) -> None:
        """See Rig."""
        self.axis.mood = AxisMood.WELL

    def slow_down(self, seconds: float) -> None:
        """See Rig."""
        self.axis.delay_s = seconds

    def leave(self, name: str, body: bytes) -> None:
        """See Rig."""
        self.axis.leave(body)

    def reports(self) -> list[object]:
        """See Rig."""
        updates = self.axis.updates.values()
        return [json.loads(each["description"]) for each in updates if "description" in each]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How to set a rig up, and what its peer can do."""

    setup: Callable[[Path], AbstractAsyncContextManager[Rig]]
    is_slow: bool  #: the peer can take its time
    receives: bool  #: messages come from the peer, too
    streams: bool  #: neither side holds a whole body


@asynccontextmanager
async def _loopback(folder: Path) -> AsyncIterator[Rig]:
    yield LoopbackRig()


@asynccontextmanager
async def _webhook(folder: Path) -> AsyncIterator[Rig]:
    async with a_web_office() as office:
        yield WebhookRig(office)


@asynccontextmanager
async def _folder(folder: Path) -> AsyncIterator[Rig]:
    yield FolderRig(folder / "office")


@asynccontextmanager
async def _vxp(folder: Path) -> AsyncIterator[Rig]:
    async with a_vxp_axis() as axis:
        yield VxpRig(axis)


RIGS = {
    "folder": Kind(setup=_folder, is_slow=False, receives=True, streams=True),
    "loopback": Kind(setup=_loopback, is_slow=True, receives=True, streams=False),
    "vxp": Kind(setup=_vxp, is_slow=True, receives=True, streams=True),
    "webhook": Kind(setup=_webhook, is_slow=True, receives=False, streams=True),
}
