"""Reception: bytes become a submission, whoever brings them: a door, a receiver, `gateway check`.

Nothing is held whole in memory, nothing is judged here; all of it blocks, for worker threads.
"""

from collections.abc import Iterable
from dataclasses import replace
from uuid import uuid4

from gateway.domain.document import Message, Metadata, SpooledFile, StatusMessage
from gateway.domain.errors import Refused
from gateway.pipeline.submission import Channel, StatusReport, Submission, blob_key
from gateway.ports import Blobs, Clock, OpenReader, Reading, Spool

#: The data of what could not be read, and of files without any.
NOTHING = Metadata(to=(), type="", subject="", notation="")


class FileReception:
    """One file: kept up to its limit and a byte, counted beyond."""

    def __init__(self, name: str, announced_type: str | None, spool: Spool, limit: int) -> None:
        """Write to *spool* what comes, up to *limit* and a byte."""
        self._name = name
        self._announced_type = announced_type
        self._limit = limit
        self._over = 0
        self.spool = spool

    @property
    def room(self) -> int:
        """Bytes that are still kept; what comes after them is counted only."""
        return max(0, self._limit + 1 - self.spool.size)

    def write(self, chunk: bytes) -> None:
        """Append *chunk*."""
        room = self.room
        if room:
            self.spool.write(chunk[:room])
        self.pass_over(max(0, len(chunk) - room))

    def pass_over(self, count: int) -> None:
        """Count bytes that nobody reads."""
        self._over += count

    def finish(self) -> SpooledFile:
        """Complete the file; its digest is that of what was kept."""
        return SpooledFile(
            name=self._name,
            path=self.spool.key,
            size=self.spool.size + self._over,
            sha256=self.spool.finish(),
            announced_type=self._announced_type,
        )


class MessageReception:
    """An edXML message: kept byte for byte while it is read and its attachments are decoded."""

    def __init__(
        self, channel: Channel, *, blobs: Blobs, clock: Clock, open_reader: OpenReader
    ) -> None:
        """Keep the message as it comes and read it at the same time."""
        self._channel = channel
        self._blobs = blobs
        self._clock = clock
        self._id = str(uuid4())
        self._started_at = clock.now()
        self.keys = [blob_key(self._started_at, self._id, 0)]
        self._spool = blobs.create(self.keys[0])
        self._reader = open_reader(self._part, local=channel.is_local)
        self.message: Message | None = None  #: what was read, once it was, and was a document

    def _part(self, n: int) -> Spool:
        key = blob_key(self._started_at, self._id, n)
        self.keys.append(key)
        return self._blobs.create(key)

    def write(self, chunk: bytes) -> None:
        """Take the next bytes."""
        self._spool.write(chunk)
        self._reader.feed(chunk)

    def abandon(self) -> None:
        """Close what is open; the caller discards the keys."""
        self._spool.abandon()
        self._reader.abandon()

    def finish(self, rest: Iterable[bytes] = ()) -> Submission | StatusReport:
        """Take the *rest*; return what it is, with a refusal when it cannot be read."""
        submitted_at = self._clock.now()
        for chunk in rest:
            self.write(chunk)
        sha256 = self._spool.finish()
        reading = self._reader.close()
        if isinstance(reading.message, StatusMessage):
            return StatusReport(reading=reading)
        message = self.message = reading.message
        if message is not None:
            self._let_go_of_wrappings(message)
        submission = Submission(
            channel=self._channel,
            id=self._id,
            submitted_at=submitted_at,
            started_at=self._started_at,
            digest=sha256,
            sender=self._channel.caller.agency,
            metadata=NOTHING,
            files=(),
            keys=tuple(self.keys),
            envelope=self.keys[0],
            envelope_sha256=sha256,
            envelope_size=self._spool.size,
            is_signed=reading.is_signed,
            findings=reading.findings,
        )
        return _unread(submission, reading) if message is None else _read(submission, message)

    def _let_go_of_wrappings(self, message: Message) -> None:
        """Remove the files that were only on the way to an attachment."""
        used = {self.keys[0], *(file.path for file in message.attachments)}
        self._blobs.discard([key for key in self.keys if key not in used])
        self.keys = [key for key in self.keys if key in used]


def _unread(submission: Submission, reading: Reading) -> Submission:
    code = "unreadable" if reading.findings[0].code.startswith("xml-") else "refused"
    refusal = Refused("the message cannot be read", code=code, findings=reading.findings)
    return replace(submission, refusal=refusal)


def _read(submission: Submission, message: Message) -> Submission:
    return replace(
        submission,
        sender=message.sender.code,
        metadata=message.metadata,
        files=message.attachments,
        document_id=message.document_id,
        sender_name=message.sender.name,
    )
