"""Acknowledge: what a recipient says about a document moves its delivery, and travels back.

A report comes through the API, as a status message of an office, or from an axis. Through the API
a report that cannot be applied is an error the caller sees; on the wire it is recorded without
effect, because the peer that sent it would only send it again.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from gateway.domain.codes import office_year
from gateway.domain.document import StatusMessage
from gateway.domain.errors import Conflict, Forbidden, GatewayError, NotFound, Refused
from gateway.domain.exchange import AuditEntry, Caller, Delivery, Document
from gateway.domain.findings import Finding
from gateway.domain.lifecycle import (
    RECALL_ANSWERS,
    RECALL_REQUEST,
    REPORTS,
    DeliveryState,
    Moved,
    apply_report,
    has_arrived,
)
from gateway.domain.routing import AXIS, PULL
from gateway.domain.rules.mechanism import Reference, Statement
from gateway.pipeline.answering import Answer, answer
from gateway.pipeline.asking_back import Asking, ask_back
from gateway.pipeline.movement import Change, Movement, delivery_of
from gateway.pipeline.resting import NOTHING, key_of, key_of_sender
from gateway.pipeline.submission import canonical_code
from gateway.pipeline.wire_status import Wire
from gateway.ports import Clock, Run, Store, Transaction
from gateway.traces import about, traced

REFUSED = "02"
ACCEPTED = "03"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a recipient says: a status code with what belongs to it."""

    code: str
    note: str | None = None
    staff: Mapping[str, str] = field(default_factory=dict)
    arrival_number: int | None = None
    due_on: date | None = None  #: until when whoever it is assigned to is to be done


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledge:
    """The room; equipped once by the wiring."""

    store: Store
    clock: Clock
    movement: Movement
    reference: Callable[[], Reference]
    run: Run

    @traced("report")
    async def report(self, document: str, report: Report, caller: Caller) -> Document:
        """Apply the *report* of the caller's agency on *document*; return the document.

        Raises:
            NotFound: the document is not there for this agency.
            Refused: the report itself is wrong (422).
            Conflict: it would go backwards, follows a final state, or its arrival number is taken.
        """
        about(document=document)
        _check(report)

        def unit(tx: Transaction) -> Document:
            found = tx.documents.find(document)
            delivery = None if found is None else delivery_of(found, caller.agency)
            if found is None or delivery is None or not found.was_sent:
                raise NotFound(f"there is no document {document} for {caller.agency}")
            self._apply(tx, found, delivery, report, caller)
            return tx.documents.find(document) or found

        keys = (key_of(document), self._series(caller.agency, self.clock.now()))
        return await self.store.write(unit, rests_on=keys)

    @traced("status message")
    async def message(
        self,
        status: StatusMessage,
        caller: Caller,
        *,
        from_axis: bool,
        body: bytes | None = None,
    ) -> bool:
        """Apply a status message; return whether it had an effect. Wrong ones are recorded.

        From an axis the actor of *caller* is its lane. Its *body*, with effect or without, lies in the list of its addressee, if that fetches
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
        lane = caller.actor if from_axis else None

        def lay_out(tx: Transaction, document: Document | None = None) -> None:
            if body is not None:
                wire.lay_out(tx, body, document)

        def unit(tx: Transaction) -> None:
            if status.code == RECALL_REQUEST:
                lay_out(tx, self._ask_back(tx, wire, caller, lane=lane))
                return
            lay_out(tx, self._heard(tx, wire, caller, lane=lane, kept=body is not None))

        try:
            await self.store.write(unit, rests_on=await self._rests_on(wire))
        except (Refused, Conflict) as error:
            await self._note(status, caller, error)
            if lane is None or wire.is_reached_by(self.movement.routes, lane):
                await self.store.write(lay_out, rests_on=NOTHING)
            return False
        return True

    async def _rests_on(self, wire: Wire) -> list[str]:
        """Return what a status message rests on, as far as it can be seen beforehand."""
        seen = await self.store.read(lambda tx: [key_of(each.id) for each in wire.speaks_of(tx)])
        series = self._series(wire.reporter, self.clock.now())
        return [key_of_sender(wire.reporter), series, *seen]

    def _ask_back(
        self, tx: Transaction, wire: Wire, caller: Caller, *, lane: str | None
    ) -> Document | None:
        """Apply the sender's recall (13) of what it sent to one recipient; return the newest.

        A recall from elsewhere may come before its document, and waits for it.
        """
        recipient, status = wire.addressee, wire.status
        sent = [
            each
            for each in wire.of_reporter(tx)
            if delivery_of(each, recipient) is not None
            and (lane is None or (not each.local and self._may_speak(wire, lane, each.origin)))
        ]
        if not sent and wire.may_come(self.movement.routes, lane):
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
        self, tx: Transaction, wire: Wire, caller: Caller, *, lane: str | None, kept: bool
    ) -> Document:
        """Apply the report of a recipient; return the document that it is about."""
        status = wire.status
        report = Report(code=status.code, note=status.note, staff=status.staff)
        # An axis speaks for those behind it, never for an office of ours, nor for another axis.
        found = next(
            (
                (document, delivery)
                for document, delivery in wire.reported_on(tx)
                if lane is None
                or (delivery.route == AXIS and self._may_speak(wire, lane, delivery.lane))
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

    def _may_speak(self, wire: Wire, lane: str, way: str | None) -> bool:
        """Whether the axis *lane* may say what the reporter says of what went by *way*.

        What it carried itself is its matter, too, when the agency has another way by now.
        """
        return lane == way or wire.is_reached_by(self.movement.routes, lane)

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
        await self.store.write(lambda tx: tx.audit.append(entry), rests_on=NOTHING)

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
            given = Answer(code=report.code, note=report.note, at=now, caller=caller)
            answer(tx, self.movement, document, delivery, given)
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
        if report.due_on is not None:
            tx.deliveries.answer_by(delivery.id, report.due_on)

    def _series(self, agency: str, at: datetime) -> str:
        """Return the name of the series of arrival numbers of *agency* at an instant."""
        return f"arrival:{agency}:{office_year(at, self.movement.zone)}"

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
        series = self._series(delivery.agency, now)
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
