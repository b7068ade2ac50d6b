"""Intake: a submission becomes a document, or it becomes a refusal and leaves nothing else.

    receive   (`arrival.py`) bytes stream to files of the blob store, hashed on the way
    examine   every rule runs over what was read, all findings at once
    accept    number, times, document, deliveries, evidence and next jobs in ONE COMMIT; only then
              is the sender answered

Files are made durable before that commit, so that a document on record has its bytes; what is
refused, or whose commit fails, is removed at once (a state secret is overwritten first), and what a crash leaves behind is swept at the
next start. A repeat is answered as the first time before anything is judged: rules, calendar and
directory may have changed since.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import structlog

from gateway.domain import history
from gateway.domain.codes import parse_document_code
from gateway.domain.directory import Directory
from gateway.domain.document import BusinessKind
from gateway.domain.errors import (
    Conflict,
    Forbidden,
    GatewayError,
    Refused,
)
from gateway.domain.exchange import AuditEntry, Caller, Document, HistoryEvent
from gateway.domain.findings import Severity, holds, refuses
from gateway.domain.lifecycle import DeliveryState, DocumentState
from gateway.domain.mending import mend
from gateway.domain.routing import AXIS
from gateway.domain.rules.barred import SECRET
from gateway.domain.rules.mechanism import Reference
from gateway.domain.sender_findings import ELSEWHERE, forbidden_sender
from gateway.pipeline.admission import Admission
from gateway.pipeline.bringing_on import BringingOn
from gateway.pipeline.dispatch import Dispatch, ids_together
from gateway.pipeline.examination import Examination
from gateway.pipeline.judged import Judged, reopens
from gateway.pipeline.movement import Change
from gateway.pipeline.receivers import with_receivers
from gateway.pipeline.reminders import warn_of_duplicate
from gateway.pipeline.repeats import DOCUMENT_ID_KNOWN, known_document, remember
from gateway.pipeline.resting import NOTHING, key_of, key_of_sender
from gateway.pipeline.spooled import Spooled
from gateway.pipeline.submission import (
    Accepted,
    StatusReport,
    Submission,
    canonical_code,
    meant,
)
from gateway.pipeline.tying import obey_early, tie
from gateway.ports import Blobs, Clock, Run, Store, Transaction
from gateway.traces import about, traced

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """The room; equipped once by the wiring."""

    store: Store
    blobs: Blobs
    clock: Clock
    dispatch: Dispatch
    reference: Callable[[], Reference]
    examination: Examination
    admission: Admission
    spooled: Spooled
    bring_on: BringingOn
    run: Run

    @traced("intake")
    async def settle(
        self,
        receive: Callable[[], Submission | StatusReport],
        *,
        keys: Callable[[], Sequence[str]],
    ) -> Accepted | StatusReport:
        """Finish to *receive* (in a worker thread), judge, and store; on errors no byte stays.

        *keys* names the files, once *receive* has run. A status message is handed back.

        Raises:
            Refused: with every finding; nothing was stored but the record of the refusal.
            Conflict: a new document under a known identifier, with other content.
            Forbidden: the sender in the message is not the caller's agency.
            Unavailable: it could not be stored now.
        """
        try:
            judged = await self.run(partial(self._receive, receive))
        except Exception:
            await self.spooled.discard(keys())
            raise
        if isinstance(judged, StatusReport):
            await self.spooled.discard(keys())
            return judged
        if judged.error is not None:
            await self._note_refusal(judged.submission, judged.error)
            raise judged.error
        if judged.known is not None:
            await self._remember(judged.submission, judged.known)
            known = await self.bring_on(judged, judged.known)
            accepted = Accepted(document=known, repeated=True)
            _tell(accepted)
            return accepted
        return await self._store(judged)

    async def _store(self, judged: Judged) -> Accepted:
        submission = judged.submission
        try:
            async with self.spooled.unless_stored(submission.keys):
                accepted = await self.store.write(
                    partial(self._accept, judged=judged), rests_on=self._rests_on(judged)
                )
        except (Refused, Conflict) as error:
            await self._note_refusal(submission, error)
            raise
        if accepted.repeated:
            await self.spooled.discard(submission.keys)
        _tell(accepted)
        return accepted

    def _rests_on(self, judged: Judged) -> tuple[str, ...] | None:
        """Return what the commit of a new document rests on: its sender, and itself.

        Earlier documents and recalls of the sender, its keys and its numbers alone are looked at.
        None where a document does something to others.
        """
        document = judged.document
        if document is None or document.business is not BusinessKind.NEW:
            return None
        sent = key_of(document.id), key_of_sender(document.sender)
        if not document.local:  # numbered elsewhere
            return sent
        return (*sent, self.dispatch.series(document.sender, self.clock.now()))

    async def _remember(self, submission: Submission, known: Document) -> None:
        """Let the key of a repeat that was known by its DocumentId stand for it, too."""
        if submission.channel.key is not None:
            now = self.clock.now()
            await self.store.write(
                lambda tx: remember(tx, submission, known.id, now),
                rests_on=(key_of_sender(known.sender),),
            )

    async def _note_refusal(self, submission: Submission, error: GatewayError) -> None:
        """Record that *submission* was refused: all that a refusal leaves.

        Where another document came under a known identifier, those who have the first are warned.
        """
        now, named = self.clock.now(), submission.document_id
        log.info("submission refused", codes=_codes(error))  # their texts may quote the sender
        reused = error.code == DOCUMENT_ID_KNOWN and not submission.channel.is_local
        directory = (await self.run(self.reference)).directory if reused else Directory()
        sender = canonical_code(submission.sender, directory)

        def unit(tx: Transaction) -> None:
            movement = self.dispatch.movement
            legal = movement.legal_sending_time(submission.channel.caller.agency, now)
            legal_at = legal.astimezone(movement.zone)
            tx.audit.append(_refusal(submission, error, at=now, legal_at=legal_at))
            if reused and named is not None:
                for first in tx.documents.identified(sender, named)[-1:]:
                    warn_of_duplicate(tx, first, at=now, note=error.message)

        await self.store.write(unit, rests_on=NOTHING)

    # --- what follows runs in worker threads -----------------------------------------------------

    def _receive(self, receive: Callable[[], Submission | StatusReport]) -> Judged | StatusReport:
        """Finish receiving, judge, and make the files durable, or remove them."""
        submission = receive()
        if isinstance(submission, StatusReport):
            return submission
        reference = self.reference()
        try:
            judged = self._draft(self._judge(submission, reference))
        except (Refused, Conflict, Forbidden) as error:
            judged = Judged(submission=submission, directory=reference.directory, error=error)
        if judged.error is None and (judged.known is None or judged.reopens):
            self.blobs.keep(submission.keys)
        elif _is_secret(judged.error):
            self.blobs.wipe(submission.keys)
        else:
            self.blobs.discard(submission.keys)
        return judged

    def _draft(self, judged: Judged) -> Judged:
        """Compose ahead what the commit would otherwise have to."""
        submission = judged.submission
        if judged.known is not None:
            return judged
        document = self._document(judged)
        self.admission.check_queues(document.deliveries)
        if submission.envelope is not None or holds(judged.examined.findings):
            return replace(judged, document=document)
        return replace(judged, document=document, draft=self.dispatch.compose(document))

    def _must_be_home(self, submission: Submission, directory: Directory) -> None:
        """Raise Forbidden where this node would number what another is the home of."""
        if submission.channel.is_local:
            way = self.dispatch.movement.routes.way_to(submission.sender, directory)
            if way is not None and way.route == AXIS:
                raise forbidden_sender(ELSEWHERE, code=submission.sender)

    def _judge(self, submission: Submission, reference: Reference) -> Judged:
        if submission.refusal is not None:
            raise submission.refusal
        directory = reference.directory
        look = partial(known_document, submission=submission, directory=directory)
        known = self.store.read_here(look) if submission.may_repeat else None
        again = known is not None and reopens(submission, known, directory)
        if known is not None and not again:
            return Judged(submission=submission, directory=directory, known=known)
        self._must_be_home(submission, directory)
        examined = self.examination(submission, reference)
        if refuses(examined.findings):
            raise Refused("the submission breaks rules", findings=examined.findings)
        metadata = with_receivers(mend(submission.metadata), submission, directory, self.store)
        return Judged(
            submission=replace(submission, metadata=metadata),
            directory=directory,
            examined=examined,
            known=known,
            reopens=again,
        )

    def _accept(self, tx: Transaction, judged: Judged) -> Accepted:
        """Store what was judged as a document: the unit of the one commit."""
        submission, directory = judged.submission, judged.directory
        repeated = known_document(tx, submission, directory)
        now, caller = self.clock.now(), submission.channel.caller
        if repeated is not None:
            remember(tx, submission, repeated.id, now)
            return Accepted(document=repeated, repeated=True)
        document = judged.document or self._document(judged)
        held = holds(judged.examined.findings)
        if not held:
            document = self.dispatch.number(tx, document, at=now, draft=judged.draft)
            document = tie(tx, self.dispatch.movement, document, at=now, caller=caller)
            document = self.dispatch.flag_late(document, now)
        tx.documents.add(document)
        tx.documents.keep_evidence(document.id, judged.examined.evidence)
        if submission.channel.trace:
            tx.vxp.put_trace(document.id, ";".join(submission.channel.trace))
        events = self._submitted(tx, document, caller, held_at=now if held else None)
        moved = False
        if not held:
            sent = self.dispatch.send(tx, document, directory=directory, at=now, caller=caller)
            recalled = obey_early(tx, self.dispatch.movement, document, at=now)
            events, moved = (*events, sent.event), sent.moved or recalled
        remember(tx, submission, document.id, now)
        if moved:  # deliveries and events are more by now than what is at hand
            return Accepted(document=tx.documents.find(document.id) or document)
        return Accepted(document=document, history=events)

    def _document(self, judged: Judged) -> Document:
        submission, directory = judged.submission, judged.directory
        channel = submission.channel
        sender = canonical_code(submission.sender, directory)
        return Document(
            id=submission.id,
            document_id=submission.document_id,
            code=None if channel.is_local else _code_of(channel.code, sender, directory),
            sender=sender,
            state=DocumentState.HELD,
            origin=channel.origin,
            local=channel.is_local,
            metadata=submission.metadata,
            submitted_at=submission.submitted_at,
            sha256=submission.envelope_sha256,
            size=submission.envelope_size,
            envelope=submission.envelope,
            digest=submission.digest,
            findings=judged.examined.findings,
            attachments=judged.examined.attachments,
            message_signatures=judged.examined.message_signatures,
            legal_value=judged.examined.legal_value,
            deliveries=self.dispatch.plan(
                submission.id,
                meant(submission, directory),
                directory=directory,
                at=submission.submitted_at,
                new_id=ids_together(),
                arrived_by=channel.origin if channel.is_axis else None,
            ),
        )

    def _submitted(
        self, tx: Transaction, document: Document, caller: Caller, *, held_at: datetime | None
    ) -> tuple[HistoryEvent, ...]:
        movement = self.dispatch.movement
        change = Change(to=DeliveryState.WAITING, at=document.submitted_at, caller=caller)
        legal = movement.legal_sending_time(document.sender, document.submitted_at)
        submitted = movement.record(
            tx,
            document,
            history.SUBMITTED,
            change,
            to=None,
            legal_at=legal,
            digest=document.digest,
        )
        if held_at is None:
            return (submitted,)
        change = replace(change, at=held_at)
        legal = movement.legal_sending_time(document.sender, held_at)
        held = movement.record(tx, document, history.HELD, change, to=None, legal_at=legal)
        return (submitted, held)


def _code_of(code: str | None, sender: str, directory: Directory) -> str | None:
    """Return the document *code* that a home node sent; None when it is not one of *sender*."""
    try:
        agency = parse_document_code(code or "").agency
    except ValueError:
        return None
    return code if canonical_code(agency, directory) == sender else None


def _is_secret(error: GatewayError | None) -> bool:
    """Whether a state secret was turned away: not even its spooled bytes may stay."""
    return isinstance(error, Refused) and any(each.code == SECRET for each in error.findings)


def _tell(accepted: Accepted) -> None:
    """Log what was taken in, by its ids."""
    about(document=accepted.document.id)
    document = accepted.document
    log.info(
        "document taken in",
        document=document.id,
        code=document.code,
        state=document.state.value,
        repeated=accepted.repeated,
    )


def _codes(error: GatewayError) -> list[str]:
    """Return the codes of what was found, each once."""
    found = error.findings if isinstance(error, Refused) else ()
    return sorted({each.code for each in found}) or [error.code]


def _refusal(
    submission: Submission, error: GatewayError, *, at: datetime, legal_at: datetime
) -> AuditEntry:
    caller = submission.channel.caller
    errors = [each for each in error.findings if each.severity is Severity.ERROR][:100]
    # What is no type is no row of the statistics either, however many a sender thinks of.
    typed = all(each.code != "meta-type-unknown" for each in errors)
    return AuditEntry(
        at=at,
        actor=caller.actor,
        address=caller.address,
        action="submission-refused",
        about=f"submission:{submission.id}",
        data={
            "from": caller.agency,
            "to": [code[:50] for code in submission.metadata.to[:100]],
            "type": submission.metadata.type[:40] if typed else "",
            "digest": submission.digest,
            "legal_at": legal_at.isoformat(),
            "reason": errors[0].code if errors else error.code,
            "findings": [{"code": each.code, "pointer": each.pointer[:200]} for each in errors],
        },
    )
