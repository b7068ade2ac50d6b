"""Arrival: a submission streams in, by either of two forms, and is handed to intake.

A *form* is data and files; a *message* is edXML, kept byte for byte while its attachments are
decoded beside it. How bytes become a submission is told in `reception.py`.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cached_property, partial
from uuid import uuid4

from gateway.domain.document import Message
from gateway.domain.errors import Forbidden, Refused
from gateway.domain.sender_findings import BEHIND_ANOTHER, NOT_YOURS, OURS, forbidden_sender
from gateway.pipeline.intake import Intake
from gateway.pipeline.reception import NOTHING, FileReception, MessageReception
from gateway.pipeline.submission import (
    Accepted,
    Channel,
    StatusReport,
    Submission,
    blob_key,
    canonical_code,
    form_digest,
)
from gateway.ports import OpenReader, ReadMetadata


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
        self._started_at = intake.clock.now()
        self._files: list[FileReception] = []

    @cached_property
    def _id(self) -> str:
        """The id of the submission, made where the first file begins: off the event loop."""
        return str(uuid4())

    def begin_file(self, name: str, announced_type: str | None) -> None:
        """Start the next file."""
        key = blob_key(self._started_at, self._id, len(self._files) + 1)
        spool = self._intake.blobs.create(key)
        self._files.append(FileReception(name, announced_type, spool, self._file_bytes))

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
        await self._intake.spooled.discard(self._keys())

    def _finish(self, read: Callable[[], bytes]) -> Submission:
        metadata, findings = self._read_metadata(read())
        files = tuple(file.finish() for file in self._files)
        return Submission(
            channel=self._channel,
            id=self._id,
            submitted_at=self._intake.clock.now(),
            started_at=self._started_at,
            digest=form_digest(metadata or NOTHING, files),
            sender=self._channel.caller.agency,
            metadata=metadata or NOTHING,
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
        self._reception = MessageReception(
            channel, blobs=intake.blobs, clock=intake.clock, open_reader=open_reader
        )

    @property
    def message(self) -> Message | None:
        """What was read, once it was, and was a document."""
        return self._reception.message

    def write(self, chunk: bytes) -> None:
        """Take the next bytes. Blocks: never on the event loop."""
        self._reception.write(chunk)

    async def complete(self, rest: Iterable[bytes] = ()) -> Accepted | StatusReport:
        """Take the *rest* of the message, judge and store: see `Intake.settle`."""
        return await self._intake.settle(
            partial(self._finish, rest), keys=lambda: self._reception.keys
        )

    async def abandon(self) -> None:
        """Remove every byte."""
        self._reception.abandon()
        await self._intake.spooled.discard(self._reception.keys)

    def _finish(self, rest: Iterable[bytes]) -> Submission | StatusReport:
        received = self._reception.finish(rest)
        if isinstance(received, StatusReport) or received.refusal is not None:
            return received
        return replace(received, refusal=self._wrong_sender(received))

    def _wrong_sender(self, submission: Submission) -> Forbidden | None:
        """An office sends for itself alone; an axis for the codes that it reaches."""
        directory = self._intake.reference().directory
        routes = self._intake.dispatch.movement.routes
        sender = canonical_code(submission.sender, directory)
        if self._channel.is_axis:
            if routes.is_ours(sender, directory):
                return forbidden_sender(OURS, code=sender)
            if not routes.speaks_for(self._channel.origin, sender, directory):
                return forbidden_sender(BEHIND_ANOTHER, code=sender)
        elif sender != self._channel.caller.agency and sender not in self._channel.senders:
            agency = self._channel.caller.agency
            return forbidden_sender(NOT_YOURS, code=submission.sender, agency=agency)
        return None
