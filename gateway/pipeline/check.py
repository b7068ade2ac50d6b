"""Check: what the node would say of a message or a file, and nothing stored.

It reads as a door does and judges as intake does. A file that is no message is judged as an
attachment: of all rules only what they say of it counts then. Without a node's store agencies
and earlier documents are unknown, and nothing is said of them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import BinaryIO
from uuid import uuid4

from gateway.domain.document import SpooledFile, StatusMessage
from gateway.domain.exchange import Caller, Role
from gateway.domain.findings import Finding, Verdict, verdict_of
from gateway.domain.routing import AXIS
from gateway.domain.rules.mechanism import Reference
from gateway.domain.signatures import Signature
from gateway.pipeline.acknowledge import Report, faults_of
from gateway.pipeline.check_findings import MESSAGE_TOO_LARGE
from gateway.pipeline.examination import Examination, Examined
from gateway.pipeline.reception import NOTHING, FileReception, MessageReception
from gateway.pipeline.submission import (
    Channel,
    StatusReport,
    Submission,
    blob_key,
    canonical_code,
)
from gateway.ports import Blobs, Clock, OpenReader, Reading

_CHUNK = 1 << 18
_CALLER = Caller(actor="check", agency="", role=Role.OFFICE)
#: The pointer of the file that is checked; what it signs is not judged.
_FILE = "/attachments/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """An open file of *size* bytes, and the name that it is announced by."""

    file: BinaryIO
    name: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was found in one file."""

    findings: tuple[Finding, ...]
    signatures: tuple[Signature, ...] = ()  #: of all its parts, in their order

    @property
    def verdict(self) -> Verdict:
        """Return what the findings come to."""
        return verdict_of(self.findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """The room; equipped once by the wiring. All of it blocks."""

    examination: Examination
    blobs: Blobs
    clock: Clock
    reference: Callable[[], Reference]
    open_reader: OpenReader
    is_message: Callable[[str, bytes], bool]
    file_bytes: int

    def __call__(self, part: Part, signed: Part | None = None) -> Checked:
        """Judge *part*; *signed* is the file that it stands beside, when it is its signature."""
        reference = self.reference()
        head = part.file.read(_CHUNK)
        part.file.seek(0)
        if not self.is_message(part.name, head):
            return self._file((part,) if signed is None else (part, signed), reference)
        size, limit = part.size, reference.limits.total_bytes
        if size > limit:
            return Checked(findings=(MESSAGE_TOO_LARGE.finding("", size=size, limit=limit),))
        return self._message(part.file, reference)

    def _message(self, file: BinaryIO, reference: Reference) -> Checked:
        """Judge a message as one of an office, or as one of the axis that serves its sender."""
        checked, sender = self._read(file, Channel(origin="check", caller=_CALLER), reference)
        lane = self._axis_of(sender, reference)
        if lane is not None:
            channel = Channel(origin=lane, caller=_CALLER)
            checked, _ = self._read(file, channel, reference)
        return checked

    def _axis_of(self, sender: str, reference: Reference) -> str | None:
        if self.examination.store is None or not sender:
            return None
        code = canonical_code(sender, reference.directory)
        way = self.examination.routes.way_to(code, reference.directory)
        return way.lane if way is not None and way.route == AXIS else None

    def _read(self, file: BinaryIO, channel: Channel, reference: Reference) -> tuple[Checked, str]:
        """Return what is found in the message, and its sender."""
        file.seek(0)
        reception = MessageReception(
            channel, blobs=self.blobs, clock=self.clock, open_reader=self.open_reader
        )
        try:
            received = reception.finish(_chunks(file))
            if isinstance(received, StatusReport):
                return Checked(findings=self._status(received.reading)), ""
            if received.refusal is not None:
                return Checked(findings=received.findings), ""
            examined = self.examination(received, reference)
            checked = Checked(findings=examined.findings, signatures=_signatures(examined))
            return checked, received.sender
        finally:
            self.blobs.discard(reception.keys)

    def _status(self, reading: Reading) -> tuple[Finding, ...]:
        """Judge a status message for itself: what it is about is known to its node alone."""
        status = reading.message
        if not isinstance(status, StatusMessage):  # pragma: no cover - a status report has one
            return reading.findings
        read = {each.pointer for each in reading.findings}
        report = Report(code=status.code, note=status.note, staff=status.staff)
        faults = faults_of(report, is_message=True)
        place = self.examination.xml_place
        placed = (replace(each, pointer=place(each.pointer)) for each in faults)
        return (*reading.findings, *(each for each in placed if each.pointer not in read))

    def _file(self, parts: tuple[Part, ...], reference: Reference) -> Checked:
        """Judge the first of *parts*; the other, if any, is what it signs."""
        started_at, id_ = self.clock.now(), str(uuid4())
        keys = [blob_key(started_at, id_, n) for n in range(1, len(parts) + 1)]
        try:
            files = [self._spooled(*each) for each in zip(parts, keys, strict=True)]
            submission = Submission(
                channel=Channel(origin="check", caller=_CALLER),
                id=id_,
                submitted_at=started_at,
                started_at=started_at,
                digest=files[0].sha256,
                sender="",
                metadata=NOTHING,
                files=tuple(files),
                keys=tuple(keys),
                is_part=True,
            )
            examined = self.examination(submission, reference)
        finally:
            self.blobs.discard(keys)
        return Checked(
            findings=tuple(each for each in examined.findings if each.pointer.startswith(_FILE)),
            signatures=examined.attachments[0].signatures,
        )

    def _spooled(self, part: Part, key: str) -> SpooledFile:
        reception = FileReception(part.name, None, self.blobs.create(key), self.file_bytes)
        for chunk in _chunks(part.file):
            reception.write(chunk)
            if not reception.room:
                break
        reception.pass_over(max(0, part.size - part.file.tell()))
        return reception.finish()


def _signatures(examined: Examined) -> tuple[Signature, ...]:
    files = (each for file in examined.attachments for each in file.signatures)
    return (*files, *examined.message_signatures)


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    return iter(partial(file.read, _CHUNK), b"")
