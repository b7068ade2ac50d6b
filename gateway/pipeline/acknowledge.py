"""Acknowledge: what a recipient says about a document moves its delivery, and travels back.

A report comes through the API, as a status message of an office, or from an axis. Through the API
a report that cannot be applied is an error the caller sees; on the wire it is recorded without
effect, because the peer that sent it would only send it again.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from gateway.domain import history
from gateway.domain.codes import office_year
from gateway.domain.document import BusinessKind, StatusMessage
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
    move_recall,
)
from gateway.domain.reminders import ReminderKind
from gateway.domain.routing import AXIS, PULL
from gateway.domain.rules.mechanism import Reference, Statement
from gateway.pipeline.asking_back import Asking, ask_back
from gateway.pipeline.movement import Change, Movement, delivery_of
from gateway.pipeline.reminders import remind
from gateway.pipeline.submission import canonical_code
from gateway.pipeline.wire_status import Wire
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
        wire = Wire(status, directory, at=self.clock.now(), zone=self.movement.zone)
        caller = replace(caller, agency=sender)

        def lay_out(tx: Transaction, document: Document | None = None) -> None:
            if body is not None:
                wire.lay_out(tx, body, document)

        def unit(tx: Transaction) -> None:
            if status.code == RECALL_REQUEST:
                lay_out(tx, self._ask_back(tx, wire, caller, from_axis=from_axis))
                return
            lay_out(tx, self._heard(tx, wire, caller, from_axis=from_axis, kept=body is not None))

        try:
            await self.store.write(unit)
        except (Refused, Conflict) as error:
            await self._note(status, caller, error)
            await self.store.write(lay_out)
            return False
        return True

    def _ask_back(
        self, tx: Transaction, wire: Wire, caller: Caller, *, from_axis: bool
    ) -> Document | None:
        """Apply the sender's recall (13) of what it sent to one recipient; return the newest.

        A recall from elsewhere may come before its document, and waits for it.
        """
        recipient, status = wire.addressee, wire.status
        sent = [
            each
            for each in wire.of_reporter(tx)
            if delivery_of(each, recipient) is not None and not (from_axis and each.local)
        ]
        if not sent and wire.may_come(self.movement.routes):
            named = status.document_id or ""
            tx.documents.recall_early(
                wire.reporter, named, recipient, status.note, self.clock.now()
            )
            return None
        if not sent:
            raise NotFound(f"{wire.reporter} recalls what {recipient} was not sent")
        change = Change(
            to=DeliveryState.RECALLED, at=self.clock.now(), caller=caller, note=status.note
        )
        for each in sent:
            asking = Asking(change=change, of={recipient}, answers=True)
            ask_back(tx, self.movement, each, asking)
        return sent[0]

    def _heard(
        self, tx: Transaction, wire: Wire, caller: Caller, *, from_axis: bool, kept: bool
    ) -> Document:
        """Apply the report of a recipient; return the document that it is about."""
        status = wire.status
        report = Report(code=status.code, note=status.note, staff=status.staff)
        # An axis speaks for those behind it, never for an office of ours.
        found = next(
            (
                (document, delivery)
                for document, delivery in wire.reported_on(tx)
                if delivery.route == AXIS or not from_axis
            ),
            None,
        )
        if found is None:
            raise NotFound(f"{wire.reporter} reports on a document that it was not sent")
        document, delivery = found
        _check(report)
        self._apply(tx, document, delivery, report, caller)
        if kept and delivery.route == PULL and not has_arrived(delivery.state):
            tx.vxp.keep(delivery.id, delivery.agency, self.clock.now())
        return document

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
        """Apply 15 (agreed) or 16 (refused) to a recall that waits for an answer, or an update."""
        answer = RECALL_ANSWERS[report.code]
        if delivery.recall is answer:
            return
        if delivery.recall is None and document.business is BusinessKind.UPDATE:
            self._answer_update(tx, document, delivery, report, caller, now)
            return
        move_recall(delivery.recall, answer)
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
        if document.local:
            remind(
                tx,
                document,
                ReminderKind.RECALL_REFUSED,
                agency=document.sender,
                at=now,
                to=delivery.to,
                note=report.note,
            )
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

    def _answer_update(
        self,
        tx: Transaction,
        document: Document,
        delivery: Delivery,
        report: Report,
        caller: Caller,
        now: datetime,
    ) -> None:
        """Apply 15 (taken over) or 16 (not taken over) to an update.

        Source: QCVN 102:2016/BTTTT: both answer a request to take back or to update.
        """
        change = Change(to=DeliveryState.REFUSED, at=now, caller=caller, note=report.note)
        if RECALL_ANSWERS[report.code] is Recall.REFUSED:
            if delivery.state is not DeliveryState.REFUSED:
                self.movement.advance(tx, document, delivery, change)
            return
        if delivery.state is DeliveryState.REFUSED:
            raise IllegalMove("the update was refused before")
        if self._has_agreed(tx, document, delivery):
            return
        if not has_arrived(delivery.state):
            arrived = replace(change, to=DeliveryState.ARRIVED, note=None)
            delivery = self.movement.advance(tx, document, delivery, arrived)
        legal = self.movement.calendar(delivery.agency).legal_time(now).legal
        self.movement.record(tx, document, history.UPDATED, change, to=delivery.to, legal_at=legal)
        self.movement.give_receipt(
            tx,
            document,
            owner=document.sender,
            event=history.UPDATED,
            to=delivery.to,
            note=report.note,
            at=now,
            legal_at=legal,
        )

    def _has_agreed(self, tx: Transaction, document: Document, delivery: Delivery) -> bool:
        """Whether the recipient said before that it took the update over."""
        return any(
            event.event == history.UPDATED and event.to == delivery.to
            for event in tx.audit.history(document.id)
        )


def _check(report: Report) -> None:
    """Refuse a report that no recipient can make (422)."""
    faults = tuple(faults_of(report))
    if faults:
        raise Refused(faults[0].message_en, findings=faults)


def faults_of(report: Report) -> Iterator[Finding]:
    """Go through what is wrong with *report* itself, whatever it is about."""
    if report.code not in REPORTS and report.code not in RECALL_ANSWERS:
        yield _UNKNOWN_STATUS.finding("/code")
    if report.code == REFUSED and not (report.note or "").strip():
        yield _REASON_MISSING.finding("/note")
    number = report.arrival_number
    if number is not None and (report.code != ACCEPTED or not 0 < number < 10**10):
        yield _ARRIVAL_NUMBER.finding("/arrival_number")


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
