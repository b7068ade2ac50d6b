"""Adapters, and what they carry: the seam between the gateway and the world."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from gateway.domain.directory import Agency
from gateway.ports.equipment import Clock

#: The API between the gateway and its adapters; a change that breaks adapters raises it.
ADAPTER_API = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """What is handed to an adapter: constant over retries, so that a peer can tell a repeat."""

    id: str  #: the same for every attempt
    event: str  #: ``document``, ``receipt``, ``recall`` or ``status``
    document: str  #: our id of the document
    to: str  #: agency code as the sender wrote it
    media_type: str  #: ``application/xml`` or ``application/jose``
    size: int
    open: Callable[[], AbstractContextManager[Iterator[bytes]]]  #: the bytes, in a worker thread
    code: str | None = None
    sender: str = ""  #: agency that the packet speaks for
    trace: tuple[str, ...] = ()  #: nodes that it has passed, oldest first, this one last
    priority: int = 0
    also_to: tuple[str, ...] = ()  #: further recipients, where the sender takes several at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """The next party took it. *arrived*: it is now in the recipient's own system."""

    arrived: bool
    note: str | None = None


class Sender(Protocol):
    """Hands packets to one destination.

    Raises of ``send``: Unavailable (try later), Refused (never); anything else counts as
    temporary. A packet may come again after a crash: the peer must see the same id.
    """

    @property
    def takes_several(self) -> bool:
        """Whether one packet reaches all its recipients: else each has a packet of its own."""

    async def send(self, packet: Packet) -> Handover:
        """Hand *packet* over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One message that a receiver found; *token* means something to the receiver alone."""

    token: str
    open: Callable[[], AbstractContextManager[Iterator[bytes]]]
    code: str | None = None  #: document code that its home node gave, when the hop carries it
    trace: tuple[str, ...] = ()  #: nodes that it passed, oldest first, when the hop carries them
    to: str | None = None  #: the one recipient that the hop is for; None: all that are ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of an incoming message, told to the receiver after our commit."""

    accepted: bool
    report: bytes | None = None  #: JSON for the sender when it was refused
    replies: tuple["Reply", ...] = ()  #: status messages that tell an origin of the refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A status message that answers a message which was not taken in."""

    sender: str  #: agency of ours in whose name it speaks
    to: str
    body: bytes


class Receiver(Protocol):
    """Yields what a peer or an office left for us.

    ``receive`` may hold a look for some seconds until something is there.
    """

    def receive(self) -> AsyncIterator[Incoming]:
        """Yield what is there now, then end; called again at once, or after the poll interval."""

    async def confirm(self, item: Incoming, outcome: Outcome) -> None:
        """Let go of *item*: our commit is on disk. May come twice for one item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destined:
    """What an adapter is built for: an office of ours, or an axis."""

    name: str  #: agency code or axis name
    is_axis: bool
    url: str = ""
    folder: str = ""  #: absolute
    systemid: str = ""
    secret: str = ""
    node: str = ""  #: code of this node, for the hops of what goes out
    timeout_s: float = 60.0  #: longest silence, and what a call may take beside what it carries
    least_bytes_s: float = 2048.0  #: a way that carries less than this is no way
    ca_file: str = ""  #: whose certificates are believed there; empty: those of the machine
    client_certificate: str = ""  #: that we show there, with its chain
    client_key: str = ""
    #: is told what time an answer said it is, as it came
    hear_time: Callable[[datetime], None] = lambda _: None

    def allowed_s(self, size: int) -> float:
        """Return what a call that carries *size* bytes may take."""
        return self.timeout_s + size / self.least_bytes_s


class Adapter(Protocol):
    """What the entry points of the group ``gateway.adapters`` name: a factory of connections."""

    api: int  #: ADAPTER_API it was written for

    def __call__(self, destined: Destined, clock: Clock) -> "Connection":
        """Build the connection; raise Misconfigured for wrong settings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An agency as an axis lists it."""

    code: str
    other: str | None  #: its code in the other form
    name: str
    mail: str | None = None
    deleted: bool = False
    successor: str | None = None


class AxisDirectory(Protocol):
    """The list of agencies of an axis, and our place in it."""

    async def announce(self, agency: Agency) -> None:
        """Enter or update *agency* of ours; raise Refused when the axis will not have it."""

    async def withdraw(self, code: str) -> None:
        """Close an agency of ours there; raise Refused when that is not possible."""

    def listing(self) -> AsyncIterator[Sequence[Listed]]:
        """Yield all agencies in parts; raise Unavailable when the list does not come whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Knock:
    """What the other side showed when it was asked whether it is there."""

    certificate_ends: datetime | None = None  #: None: it was asked without TLS


@runtime_checkable
class Knocking(Protocol):
    """A connection, beside its powers below, that can ask whether the other side is there.

    Raises of ``knock``: Unreachable when nobody answers, Unavailable or Refused for what does:
    another certificate than is believed, credentials that it does not take.
    """

    async def knock(self) -> Knock:
        """Ask something that changes nothing there; what time it is there is told as always."""


class Connection(Protocol):
    """A built adapter; ``sender``, ``receiver`` or ``directory`` is None without such a power."""

    @property
    def sender(self) -> Sender | None: ...
    @property
    def receiver(self) -> Receiver | None: ...
    @property
    def directory(self) -> AxisDirectory | None: ...

    async def aclose(self) -> None:
        """Let go of sockets and files."""
