"""Arrival: the bytes of a submission stream to disk, by either of two forms.

A *form* is data and files; a *message* is edXML, kept byte for byte while its attachments are
decoded beside it. Nothing is held whole in memory, nothing is judged here.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from functools import partial
from uuid import uuid4

from gateway.domain.document import Message, Metadata, SpooledFile, StatusMessage
from gateway.domain.errors import Forbidden, GatewayError, Refused
from gateway.pipeline.intake import Intake
from gateway.pipeline.submission import (
    Accepted,
    Channel,
    StatusReport,
    Submission,
    blob_key,
    canonical_code,
    form_digest,
)
from gateway.ports import OpenReader, Reading, ReadMetadata, Spool


class FormArrival:
    """A document that arrives as data and files."""

    def __init__(
        self, intake: Intake, channel: Channel, *, read_metadata: ReadMetadata, file_bytes: int
    ) -> None:
        """Expect files one after another, each kept up to *file_bytes*."""
        self._intake = intake
        self._channel = channel
        self._read_metadata = read_metadata
        self._file_bytes = file_bytes
        self._id = str(uuid4())
        self._started_at = intake.clock.now()
        self._files: list[_Receiving] = []

    def begin_file(self, name: str, announced_type: str | None) -> None:
        """Start the next file."""
        key = blob_key(self._started_at, self._id, len(self._files) + 1)
        spool = self._intake.blobs.create(key)
        self._files.append(_Receiving(name, announced_type, spool, self._file_bytes))

    def write(self, chunk: bytes) -> None:
        """Append to the current file. Blocks: never on the event loop."""
        self._files[-1].write(chunk)

    async def complete(self, read: Callable[[], bytes]) -> Accepted:
        """Let *read* finish and return the data (JSON), judge and store: see `Intake.settle`."""
        outcome = await self._intake.settle(partial(self._finish, read), keys=self._keys)
        if not isinstance(outcome, Accepted):  # pragma: no cover - a form is no status message
            raise Refused("a form is a document")
        return outcome

    def _keys(self) -> list[str]:
        return [file.spool.key for file in self._files]

    async def abandon(self) -> None:
        """Remove every byte: the sender went away, or sent what cannot be read."""
        for file in self._files:
            file.spool.abandon()
        await self._intake.discard(self._keys())

    def _finish(self, read: Callable[[], bytes]) -> Submission:
        metadata, findings = self._read_metadata(read())
        files = tuple(file.finish() for file in self._files)
        return Submission(
            channel=self._channel,
            id=self._id,
            submitted_at=self._intake.clock.now(),
            started_at=self._started_at,
            digest=form_digest(metadata or _NOTHING, files),
            sender=self._channel.caller.agency,
            metadata=metadata or _NOTHING,
            files=files,
            keys=tuple(self._keys()),
            findings=findings,
        )


class MessageArrival:
    """A document or a status that arrives as an edXML message."""

    def __init__(self, intake: Intake, channel: Channel, *, open_reader: OpenReader) -> None:
        """Keep the message as it comes and read it at the same time."""
        self._intake = intake
        self._channel = channel
        self._id = str(uuid4())
        self._started_at = intake.clock.now()
        self._keys = [blob_key(self._started_at, self._id, 0)]
        self._spool = intake.blobs.create(self._keys[0])
        self._reader = open_reader(self._part, local=channel.is_local)
        self.message: Message | None = None  #: what was read, once it was, and was a document

    def _part(self, n: int) -> Spool:
        key = blob_key(self._started_at, self._id, n)
        self._keys.append(key)
        return self._intake.blobs.create(key)

    def write(self, chunk: bytes) -> None:
        """Take the next bytes. Blocks: never on the event loop."""
        self._spool.write(chunk)
        self._reader.feed(chunk)

    async def complete(self, rest: Iterable[bytes] = ()) -> Accepted | StatusReport:
        """Take the *rest* of the message, judge and store: see `Intake.settle`."""
        return await self._intake.settle(partial(self._finish, rest), keys=lambda: self._keys)

    async def abandon(self) -> None:
        """Remove every byte."""
        self._spool.abandon()
        self._reader.abandon()
        await self._intake.discard(self._keys)

    def _finish(self, rest: Iterable[bytes]) -> Submission | StatusReport:
        submitted_at = self._intake.clock.now()
        for chunk in rest:
            self.write(chunk)
        sha256 = self._spool.finish()
        reading = self._reader.close()
        if isinstance(reading.message, StatusMessage):
            return StatusReport(reading=reading)
        self.message = reading.message
        submission = self._submission(reading.message, reading, sha256=sha256, at=submitted_at)
        return replace(submission, refusal=self._refusal(submission, reading))

    def _refusal(self, submission: Submission, reading: Reading) -> GatewayError | None:
        if reading.message is None:
            code = "unreadable" if reading.findings[0].code.startswith("xml-") else "refused"
            text = "the message cannot be read"
            return Refused(text, code=code, findings=reading.findings)
        return self._wrong_sender(submission)

    def _submission(
        self, message: Message | None, reading: Reading, *, sha256: str, at: datetime
    ) -> Submission:
        sender = self._channel.caller.agency if message is None else message.sender.code
        return Submission(
            channel=self._channel,
            id=self._id,
            submitted_at=at,
            started_at=self._started_at,
            digest=sha256,
            sender=sender,
            metadata=_NOTHING if message is None else message.metadata,
            files=() if message is None else message.attachments,
            keys=tuple(self._keys),
            document_id=None if message is None else message.document_id,
            envelope=self._keys[0],
            envelope_sha256=sha256,
            envelope_size=self._spool.size,
            findings=reading.findings,
        )

    def _wrong_sender(self, submission: Submission) -> Forbidden | None:
        """An office sends for itself alone; an axis for the codes that it serves."""
        directory = self._intake.reference().directory
        routes = self._intake.dispatch.movement.routes
        sender = canonical_code(submission.sender, directory)
        if self._channel.is_axis:
            if routes.is_ours(sender, directory):
                return Forbidden(f"{sender} is an agency of this node", code="agency-sender")
        elif sender != self._channel.caller.agency and sender not in self._channel.senders:
            return Forbidden(
                f"the message is from {submission.sender}, the credential is of "
                f"{self._channel.caller.agency}",
                code="agency-sender",
            )
        return None


#: The data of what could not be read.
_NOTHING = Metadata(to=(), type="", subject="", notation="")


class _Receiving:
    """A file of a form: kept up to its limit, counted beyond."""

    def __init__(self, name: str, announced_type: str | None, spool: Spool, limit: int) -> None:
        self._name = name
        self._announced_type = announced_type
        self._limit = limit
        self._over = 0
        self.spool = spool

    def write(self, chunk: bytes) -> None:
        room = max(0, self._limit + 1 - self.spool.size)
        if room:
            self.spool.write(chunk[:room])
        self._over += max(0, len(chunk) - room)

    def finish(self) -> SpooledFile:
        return SpooledFile(
            name=self._name,
            path=self.spool.key,
            size=self.spool.size + self._over,
            sha256=self.spool.finish(),
            announced_type=self._announced_type,
        )
