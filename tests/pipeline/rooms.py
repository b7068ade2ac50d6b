"""A node whose rooms a test drives by hand.

SQLite and files on disk, a clock that stands, and loopback peers. Nothing runs by itself, so every
test says what happens when.

Offices: H13.01 to H13.04 fetch from the pull box, H13.05 and H13.06 are sent to (loopback),
H13.07 reads at its desk. Everything below H40 is served by the axis ``truc`` (loopback).
"""

import asyncio
import io
import json
import shutil
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import gateway as package
from adapters.loopback import Loopback
from gateway.bootstrap.administration import make_keys
from gateway.bootstrap.gateway import Gateway, open_gateway
from gateway.config import Config
from gateway.domain.document import Attachment, Metadata, Organisation, Signer
from gateway.domain.errors import Refused
from gateway.domain.exchange import AuditRecord, Caller, Delivery, Document, HistoryEvent, Role
from gateway.domain.findings import Finding
from gateway.formats.edxml_writer import write_document
from gateway.formats.frame import render
from gateway.pipeline.acknowledge import Report
from gateway.pipeline.relay import Relay
from gateway.pipeline.settling import Errand
from gateway.pipeline.submission import Accepted, Channel, StatusReport
from gateway.ports import Transaction
from tests.contract.packets import StandingClock
from tests.nodes import a_metadata, config_of

T = TypeVar("T")

#: A working Friday, 09:00 in Vietnam.
START = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
SENDER, READER, OTHER, THIRD = "H13.01", "H13.02", "H13.03", "H13.04"
PUSHED, PUSHED_TOO, AT_DESK = "H13.05", "H13.06", "H13.07"
AXIS = "axis:truc"
ADMIN = Caller(actor="cli", agency="H13", role=Role.ADMIN)
AUDITOR = Caller(actor="client:auditor", agency="H13", role=Role.AUDITOR, client="auditor")

_CALENDAR = Path(package.__file__).parent.parent / "config" / "calendar-vn.toml"
_PATIENCE_S = 10.0


def office(agency: str) -> Caller:
    """Return the office system of *agency* as a caller."""
    return Caller(actor=f"client:{agency}", agency=agency, role=Role.OFFICE, client=agency)


def codes(refused: Refused) -> set[str]:
    """Return the codes of the findings of a refusal."""
    return set(told(refused.findings))


def told(findings: Iterable[Finding]) -> list[str]:
    """Return the codes of *findings* without the one that the files of these tests are unsigned."""
    return [each.code for each in findings if each.code != "sig-none"]


def payload(jws: str) -> dict[str, object]:
    """Return what a receipt says."""
    part = jws.split(".")[1]
    said: dict[str, object] = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return said


def lane(agency: str) -> str:
    """Return the lane of an office that is sent to."""
    return f"office:{agency}"


@dataclass(slots=True, kw_only=True)
class Rooms:
    """A node in the hands of a test."""

    gateway: Gateway
    clock: StandingClock
    folder: Path

    def peer(self, of: str) -> Loopback:
        """Return the peer behind a lane."""
        peer = self.gateway.relay.senders[of]
        assert isinstance(peer, Loopback)
        return peer

    async def submit(
        self,
        *to: str,
        sender: str = SENDER,
        key: str | None = None,
        files: Mapping[str, bytes] | None = None,
        **changes: object,
    ) -> Accepted:
        """Submit data and files as the office system of *sender*."""
        caller = office(sender)
        form = self.gateway.form(Channel(origin=caller.actor, caller=caller, key=key))
        for name, content in ({"cong-van.txt": b"xin chao"} if files is None else files).items():
            form.begin_file(name, "application/octet-stream")
            form.write(content)
        metadata = a_metadata(**({"to": list(to) or [READER]} | changes))
        raw = json.dumps(metadata).encode()
        return await form.complete(lambda: raw)

    async def sent(self, *to: str, **changes: object) -> Document:
        """Submit and return the document."""
        return (await self.submit(*to, **changes)).document  # type: ignore[arg-type]

    async def post(
        self, message: bytes, *, sender: str = SENDER, key: str | None = None
    ) -> Accepted | StatusReport:
        """Post an edXML message as the office system of *sender*."""
        caller = office(sender)
        arrival = self.gateway.message(Channel(origin=caller.actor, caller=caller, key=key))
        for begin in range(0, len(message), 1000):
            arrival.write(message[begin : begin + 1000])
        return await arrival.complete()

    async def posted(self, message: bytes, *, sender: str = SENDER) -> Document:
        """Post a message and return the document."""
        accepted = await self.post(message, sender=sender)
        assert isinstance(accepted, Accepted)
        return accepted.document

    async def find(self, document: Document | str) -> Document:
        """Return a document as it now is."""
        wanted = document if isinstance(document, str) else document.id
        found = await self.read(lambda tx: tx.documents.find(wanted))
        assert found is not None
        return found

    async def delivery(self, document: Document, of: str = READER) -> Delivery:
        """Return the delivery of *document* to the agency *of* as it now is."""
        now = await self.find(document)
        return next(each for each in now.deliveries if each.agency == of)

    async def report(
        self, document: Document, code: str, *, by: str = READER, **more: object
    ) -> Delivery:
        """Report a status as the office *by*; return its delivery."""
        report = replace(Report(code=code), **more)  # type: ignore[arg-type]
        await self.gateway.acknowledge.report(document.id, report, office(by))
        return await self.delivery(document, by)

    async def lease(self, by: str = READER, *, limit: int = 50, lease_s: int = 300) -> list[str]:
        """Lease from the pull box of *by*; return ids."""
        leased = await self.gateway.inbox.lease(office(by), limit=limit, lease_s=lease_s)
        return [each.id for each in leased.documents]

    async def envelope(self, document: Document) -> bytes:
        """Return the edXML message of *document* as a recipient fetches it."""

        def whole() -> bytes:
            with self.gateway.lookup.open_envelope(document)() as chunks:
                return b"".join(chunks)

        return await self.gateway.run(whole)

    async def read(self, query: Callable[[Transaction], T]) -> T:
        """Read from the store."""
        return await self.gateway.store.read(query)

    async def audit(self) -> list[AuditRecord]:
        """Return every audit record."""
        return await self.read(lambda tx: tx.audit.after("", 0, 10_000))

    async def history(self, document: Document) -> list[HistoryEvent]:
        """Return the whole history of a document."""
        return await self.read(lambda tx: tx.audit.history(document.id))

    async def begin(self) -> list[Errand]:
        """Claim what is due, as a worker does; what is not run was begun by one that died."""
        await self.gateway.sealing.seal()
        relay, now = self.gateway.relay, self.clock.now()

        def claim(tx: Transaction) -> list[Errand | None]:
            tx.jobs.expire(now)
            ready = tx.jobs.ready(now, 16)
            jobs = tx.jobs.claim("test", ready, now, now + timedelta(seconds=120))
            return [relay.begin(tx, job, now) for job in jobs]

        return [each for each in await self.gateway.store.write(claim) if each is not None]

    async def relay_once(self, relay: Relay | None = None) -> int:
        """Claim what is due and hand it over; return how many there were."""
        errands = await self.begin()
        for errand in errands:
            await (relay or self.gateway.relay).run(errand)
        return len(errands)

    async def relay_all(self) -> None:
        """Hand over until nothing is due."""
        while await self.relay_once():
            pass

    async def take_in(self, of: str, body: bytes, *, code: str | None = None) -> bool:
        """Let the peer behind lane *of* leave a message; return whether it was accepted."""
        peer, stopping = self.peer(of), asyncio.Event()
        token = peer.leave(body, code=code)
        receivers = {of: self.gateway.receivers[of]}
        async with asyncio.TaskGroup() as group:
            group.create_task(self.gateway.receive.attend(receivers, stopping))
            await until(lambda: token in peer.outcomes)
            stopping.set()
        return peer.outcomes[token].accepted

    def leave_stray(self, key: str) -> None:
        """Leave a file to which no document refers, as a crash does."""
        (self.folder / "data" / "documents" / key).write_bytes(b"left by a crash")

    def files(self) -> list[Path]:
        """Return the files of documents on disk, without what was set aside."""
        root = self.folder / "data" / "documents"
        paths = (path for path in root.rglob("*") if ".orphans" not in path.parts)
        return [path for path in paths if path.is_file() and path.name[0] != "."]


async def until(condition: Callable[[], bool]) -> None:
    """Wait until *condition* holds; fail when that takes too long."""
    async with asyncio.timeout(_PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - a peer in memory tells nobody
            await asyncio.sleep(0.005)


def settings(folder: Path, **sections: Mapping[str, object] | Sequence[object]) -> Config:
    """Return the settings of the node in *folder*."""
    tables: dict[str, object] = {
        "office": [
            {"agency": PUSHED, "delivery": "loopback"},
            {"agency": PUSHED_TOO, "delivery": "loopback"},
            {"agency": AT_DESK, "delivery": "desk"},
        ],
        "axis": [{"name": "truc", "adapter": "loopback", "codes": ["H40"]}],
        "relay": {"poll_s": 0.02, "least_attempts": 3},
    }
    return config_of(folder, **(tables | sections))


@asynccontextmanager
async def rooms(
    folder: Path, *, at: datetime = START, **sections: Mapping[str, object] | Sequence[object]
) -> AsyncIterator[Rooms]:
    """Found a node in *folder* and open its rooms; *sections* replace tables of its settings."""
    config = settings(folder, **sections)
    (folder / "config").mkdir(parents=True)
    shutil.copyfile(_CALENDAR, folder / "config" / _CALENDAR.name)
    make_keys(config)
    clock = StandingClock(at)
    async with open_gateway(config, clock=clock) as gateway:
        for code in ("H13", SENDER, READER, OTHER, THIRD, PUSHED, PUSHED_TOO, AT_DESK):
            await gateway.agencies.add(ADMIN, name=f"Cơ quan {code}", code=code)
        yield Rooms(gateway=gateway, clock=clock, folder=folder)


@asynccontextmanager
async def reopened(
    folder: Path, *, at: datetime = START, **sections: Mapping[str, object] | Sequence[object]
) -> AsyncIterator[Rooms]:
    """Open the rooms of the node in *folder* again, with other settings."""
    clock = StandingClock(at)
    async with open_gateway(settings(folder, **sections), clock=clock) as gateway:
        yield Rooms(gateway=gateway, clock=clock, folder=folder)


def a_message(
    *to: str,
    sender: str = SENDER,
    document_id: str = "TD-1",
    content: bytes = b"xin chao",
    **changes: object,
) -> bytes:
    """Return an edXML message with one text file."""
    metadata = Metadata(
        to=to or (READER,),
        type="CV",
        subject="V/v báo cáo",
        notation="SNV-VP",
        number="15",
        promulgated_on=date(2026, 11, 20),
        place="Hà Nội",
        signer=Signer(position="Giám đốc", full_name="Nguyễn Văn An"),
    )
    metadata = replace(metadata, **changes)  # type: ignore[arg-type]
    frame = write_document(
        document_id=document_id,
        sender=Organisation(code=sender),
        recipients=[Organisation(code=code) for code in metadata.to],
        metadata=metadata,
        attachments=[
            Attachment(
                n=1,
                name="cong-van.txt",
                size=len(content),
                media_type="text/plain",
                sha256="",
                blob="",
            )
        ],
        trace=[(sender, START)],
    )
    return b"".join(render(frame, lambda n: io.BytesIO(content)))
