"""Acknowledge: what a recipient says about a document moves its delivery, and travels back.

A report comes through the API, as a status message of an office, or from an axis. Through the API
a report that cannot be applied is an error the caller sees; on the wire it is recorded without
effect, because the peer that sent it would only send it again.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from uuid import uuid4

from gateway.domain import history
from gateway.domain.codes import office_year
from gateway.domain.directory import Directory
from gateway.domain.document import StatusMessage
from gateway.domain.errors import Conflict, Forbidden, GatewayError, IllegalMove, NotFound, Refused
from gateway.domain.exchange import AuditEntry, Caller, Delivery, Document
from gateway.domain.findings import Finding
from gateway.domain.lifecycle import (
    RECALL_ANSWERS,
    RECALL_REQUEST,
    REPORTS,
    DeliveryState,
    Moved,
    Recall,
    apply_report,
    has_arrived,
)
from gateway.domain.routing import AXIS, PULL
from gateway.domain.rules.mechanism import Reference, Statement
from gateway.domain.wire import WireStatus
from gateway.pipeline.movement import Change, Movement, delivery_of
from gateway.pipeline.submission import canonical_code
from gateway.ports import Clock, Run, Store, Transaction

REFUSED = "02"
ACCEPTED = "03"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a recipient says: a status code with what belongs to it."""

    code: str
    note: str | None = None
    staff: Mapping[str, str] = field(default_factory=dict)
    arrival_number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledge:
    """The room; equipped once by the wiring."""

    store: Store
    clock: Clock
    movement: Movement
    reference: Callable[[], Reference]
    run: Run

    async def report(self, document: str, report: Report, caller: Caller) -> Document:
        """Apply the *report* of the caller's agency on *document*; return the document.

        Raises:
            NotFound: the document is not there for this agency.
            Refused: the report itself is wrong (422).
            Conflict: it would go backwards, follows a final state, or its arrival number is taken.
        """
        _check(report)

        def unit(tx: Transaction) -> Document:
            found = tx.documents.find(document)
            delivery = None if found is None else delivery_of(found, caller.agency)
            if found is None or delivery is None or not found.was_sent:
                raise NotFound(f"there is no document {document} for {caller.agency}")
            self._apply(tx, found, delivery, report, caller)
            return tx.documents.find(document) or found

        return await self.store.write(unit)

    async def message(
        self,
        status: StatusMessage,
        caller: Caller,
        *,
        from_axis: bool,
        body: bytes | None = None,
    ) -> bool:
        """Apply a status message; return whether it had an effect. Wrong ones are recorded.

        Its *body*, with effect or without, lies in the list of its addressee, if that fetches
        status messages.

        Raises:
            Forbidden: an office reports for another agency.
        """
        directory = (await self.run(self.reference)).directory
        sender = canonical_code(status.sender.code, directory)
        if not from_axis and sender != caller.agency:
            raise Forbidden(f"{caller.agency} cannot report for {status.sender.code}")
        report = Report(code=status.code, note=status.note, staff=status.staff)

        def lay_out(tx: Transaction, document: Document | None = None) -> None:
            if body is not None:
                _lay_out(tx, status, body, directory, document, at=self.clock.now())

        def unit(tx: Transaction) -> None:
            document = _match(tx, status, directory)
            delivery = None if document is None else delivery_of(document, sender)
            # An axis speaks for those behind it, never for an office of ours.
            heard = delivery is not None and (delivery.route == AXIS or not from_axis)
            if document is None or delivery is None or not heard:
                raise NotFound(f"{sender} reports on a document that it was not sent")
            _check(report)
            self._apply(tx, document, delivery, report, replace(caller, agency=sender))
            if body is not None and delivery.route == PULL and not has_arrived(delivery.state):
                tx.vxp.keep(delivery.id, delivery.agency, self.clock.now())
            lay_out(tx, document)

        try:
            await self.store.write(unit)
        except (Refused, Conflict) as error:
            await self._note(status, caller, error)
            await self.store.write(lay_out)
            return False
        return True

    async def _note(self, status: StatusMessage, caller: Caller, error: GatewayError) -> None:
        entry = AuditEntry(
            at=self.clock.now(),
            actor=caller.actor,
            address=caller.address,
            action="status-without-effect",
            about=f"status:{(status.document_id or status.number_notation or '?')[:200]}",
            data={
                "from": status.sender.code[:50],
                "to": status.to[:50],
                "status": status.code[:10],
                "reason": error.code,
            },
        )
        await self.store.write(lambda tx: tx.audit.append(entry))

    def _apply(
        self,
        tx: Transaction,
        document: Document,
        delivery: Delivery,
        report: Report,
        caller: Caller,
    ) -> None:
        now = self.clock.now()
        if report.code in RECALL_ANSWERS:
            self._answer_recall(tx, document, delivery, report, caller, now)
            return
        outcome = apply_report(delivery.state, report.code)
        if not isinstance(outcome, Moved):
            self._repeat(delivery, report)
            return
        change = Change(
            to=outcome.to, at=now, caller=caller, note=report.note, staff=report.staff or None
        )
        if outcome.to is DeliveryState.ACCEPTED:
            delivery = self._numbered(tx, delivery, report, now)
        self.movement.advance(tx, document, delivery, change)

    def _repeat(self, delivery: Delivery, report: Report) -> None:
        given = report.arrival_number
        if given is not None and delivery.arrival_number not in {None, given}:
            raise Conflict(
                f"the document was accepted as {delivery.arrival_number} already",
                code="arrival-number",
            )

    def _numbered(
        self, tx: Transaction, delivery: Delivery, report: Report, now: datetime
    ) -> Delivery:
        """Give the arrival number (số đến): the office's own, or the next of the year.

        Source: NĐ 30/2020/NĐ-CP art. 22.2: in order of actual reception, one series a year.
        """
        year = office_year(now, self.movement.zone)
        series = f"arrival:{delivery.agency}:{year}"
        number = report.arrival_number
        if number is None:
            number = tx.numbers.take(series)
        elif tx.deliveries.number_taken(delivery.agency, year, number):
            raise Conflict(
                f"{delivery.agency} has given the arrival number {number} in {year}",
                code="arrival-number",
            )
        else:
            tx.numbers.raise_to(series, number)
        return replace(delivery, arrival_number=number, arrival_year=year)

    def _answer_recall(
        self,
        tx: Transaction,
        document: Document,
        delivery: Delivery,
        report: Report,
        caller: Caller,
        now: datetime,
    ) -> None:
        """Apply 15 (agreed) or 16 (refused) to a recall that waits for an answer."""
        answer = RECALL_ANSWERS[report.code]
        if delivery.recall is answer:
            return
        if delivery.recall is not Recall.REQUESTED:
            raise IllegalMove("no recall of this document waits for an answer")
        change = Change(to=delivery.state, at=now, caller=caller, note=report.note)
        agreed = answer is Recall.AGREED
        event = history.RECALL_AGREED if agreed else history.RECALL_REFUSED
        legal = self.movement.calendar(delivery.agency).legal_time(now).legal
        self.movement.record(tx, document, event, change, to=delivery.to, legal_at=legal)
        if agreed:
            recalled = replace(change, to=DeliveryState.RECALLED)
            self.movement.advance(tx, document, delivery, recalled)
            return
        tx.deliveries.save(replace(delivery, recall=answer, updated_at=now))
        self.movement.give_receipt(
            tx,
            document,
            owner=document.sender,
            event=event,
            to=delivery.to,
            note=report.note,
            at=now,
            legal_at=legal,
        )


def _check(report: Report) -> None:
    """Refuse a report that no recipient can make (422)."""
    faults = tuple(faults_of(report))
    if faults:
        raise Refused(faults[0].message_en, findings=faults)


def faults_of(report: Report, *, is_message: bool = False) -> Iterator[Finding]:
    """Go through what is wrong with *report* itself, whatever it is about.

    In a status message the sender of a document also asks for it back (13, lấy lại).
    """
    is_request = is_message and report.code == RECALL_REQUEST
    if report.code not in REPORTS and report.code not in RECALL_ANSWERS and not is_request:
        yield _UNKNOWN_STATUS.finding("/code")
    if report.code == REFUSED and not (report.note or "").strip():
        yield _REASON_MISSING.finding("/note")
    number = report.arrival_number
    if number is not None and (report.code != ACCEPTED or not 0 < number < 10**10):
        yield _ARRIVAL_NUMBER.finding("/arrival_number")


def _match(tx: Transaction, status: StatusMessage, directory: Directory) -> Document | None:
    """Find the document that a status speaks of: by identifier, then by number and notation."""
    origin = canonical_code(status.to, directory)
    reporter = canonical_code(status.sender.code, directory)
    candidates: list[Document | None] = []
    if status.document_id:
        candidates.append(tx.documents.by_identifier(origin, status.document_id))
        candidates.append(tx.documents.by_code(status.document_id))
    number, separator, notation = (status.number_notation or "").partition("/")
    if separator:
        candidates += tx.documents.by_notation(origin, number, notation)
    known = (each for each in candidates if each is not None)
    sent = (each for each in known if each.sender == origin and each.was_sent)
    return next((each for each in sent if delivery_of(each, reporter) is not None), None)


def _lay_out(
    tx: Transaction,
    status: StatusMessage,
    body: bytes,
    directory: Directory,
    document: Document | None,
    *,
    at: datetime,
) -> None:
    """Lay the *body* of a status message into its addressee's list, once, byte for byte."""
    sender, owner = (canonical_code(code, directory) for code in (status.sender.code, status.to))
    digest = sha256(body).hexdigest()
    if tx.vxp.status_repeat(sender, digest) is not None:
        return
    if document is not None:
        delivery = delivery_of(document, sender)
        by = sender if delivery is None else delivery.to
        if tx.vxp.give_bytes(
            document.id,
            by,
            agency=sender,
            written=status.sender.code,
            body=body,
            digest=digest,
        ):
            return
    tx.vxp.add_status(
        WireStatus(
            id=str(uuid4()),
            owner=owner,
            sender=sender,
            written=status.sender.code,
            document=None if document is None else document.id,
            receipt=None,
            body=body,
            created_at=at,
            updated_at=at,
        ),
        digest=digest,
    )


_UNKNOWN_STATUS = Statement(
    code="status-wrong",
    source="QCVN 102:2016/BTTTT",
    vi="Mã trạng thái không hợp lệ.",
    en="This is no status that a recipient reports.",
    remedy="Dùng một trong các mã 01 đến 06, 15, 16.",
    remedy_en="Use one of 01 to 06, 15, 16.",
)
_REASON_MISSING = Statement(
    code="status-wrong",
    source="QĐ 28/2018/QĐ-TTg art. 9.1; QCVN 102:2016/BTTTT",
    vi="Từ chối tiếp nhận phải nêu lý do.",
    en="A refusal must give its reason.",
    remedy="Ghi lý do từ chối vào trường note.",
    remedy_en="Put the reason into `note`.",
)
_ARRIVAL_NUMBER = Statement(
    code="status-wrong",
    source="NĐ 30/2020/NĐ-CP art. 22.2",
    vi="Số đến không hợp lệ.",
    en="The arrival number is wrong.",
    remedy="Số đến là số nguyên dương, chỉ gửi cùng trạng thái 03.",
    remedy_en="A positive integer, only with status 03.",
)
