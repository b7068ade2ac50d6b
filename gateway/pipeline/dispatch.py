"""Dispatch: number a document that was accepted, and set every delivery on its way.

Runs inside the unit of whoever accepts (intake, or the release of a held document), so that
number, times, evidence, deliveries and next jobs are one commit, and a recipient that fetches
sees the document as soon as its sender has the answer.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from itertools import count
from typing import Any
from uuid import uuid4

from gateway.domain import history
from gateway.domain.codes import DocumentCode, office_year
from gateway.domain.crossings import signed_how, ways_of
from gateway.domain.directory import Directory
from gateway.domain.exchange import Caller, Delivery, Document, HistoryEvent, Job, Role
from gateway.domain.lifecycle import DeliveryState, DocumentState
from gateway.domain.reminders import ReminderKind
from gateway.domain.routing import DESK, Way
from gateway.domain.rules.references import DUPLICATE
from gateway.pipeline.intake_findings import LATE_SENDING
from gateway.pipeline.movement import Change, Movement
from gateway.pipeline.reminders import remind, warn_of_duplicate
from gateway.ports import ComposeEnvelope, Draft, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What sending left: its event, and whether a delivery moved or changed its way already."""

    event: HistoryEvent
    moved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """Numbers and sends; equipped once by the wiring."""

    movement: Movement
    compose: ComposeEnvelope

    def number(
        self, tx: Transaction, document: Document, *, at: datetime, draft: Draft | None = None
    ) -> Document:
        """Return *document* accepted: numbered when this node is its home, timed, composed.

        The message of data and files is completed from its *draft*, made here where there is none.

        The number is the next of the sender's series of the year in which *at* lies in the
        node's zone; it is used only if the unit commits.
        """
        changes: dict[str, Any] = {"state": DocumentState.ACCEPTED}
        if not self.movement.sent_when_acknowledged or not document.local:
            legal = self.movement.legal_sending_time(document.sender, at)
            changes |= {"sent_at": at, "legal_sent_at": legal}
        if not document.local:
            return replace(document, **changes)
        year = office_year(at, self.movement.zone)
        sequence = tx.numbers.take(self.series(document.sender, at))
        code = str(DocumentCode(agency=document.sender, year=year, sequence=sequence))
        metadata = document.metadata
        if metadata.number is None:
            metadata = replace(metadata, number=str(sequence))
        changes |= {"code": code, "metadata": metadata}
        if document.envelope is None:
            composed = (draft or self.compose(document)).complete(
                code=code, number=metadata.number or ""
            )
            changes |= {
                "document_id": code,
                "frame": composed.frame,
                "sha256": composed.sha256,
                "size": composed.size,
            }
        return replace(document, **changes)

    def series(self, sender: str, at: datetime) -> str:
        """Return the name of the series of codes that *sender* goes on with at an instant."""
        return f"code:{sender}:{office_year(at, self.movement.zone)}"

    def send(
        self,
        tx: Transaction,
        document: Document,
        *,
        directory: Directory,
        at: datetime,
        caller: Caller,
    ) -> Sent:
        """Record that stored *document* is numbered and set its deliveries on their way.

        Its sender gets a receipt of the number; what came from elsewhere was numbered there.
        """
        change = Change(to=DeliveryState.WAITING, at=at, caller=caller)
        legal = document.legal_sent_at or self.movement.legal_sending_time(document.sender, at)
        event = self.movement.record(
            tx,
            document,
            history.NUMBERED,
            change,
            to=None,
            legal_at=legal,
            recipients=[each.to for each in document.deliveries],
            agencies=[each.agency for each in document.deliveries],
            ways=ways_of(document),
            signed=signed_how(document),
            sha256=document.sha256,
            sent_next_morning=self.in_time(document, at),
        )
        if document.local:
            self.movement.give_receipt(
                tx,
                document,
                owner=document.sender,
                event=history.NUMBERED,
                to=None,
                note=None,
                at=at,
                legal_at=legal,
            )
        self._mark_duties(tx, document, at)
        change = replace(change, caller=self._myself())
        moved = [
            self._set_out(tx, document, delivery, directory=directory, change=change)
            for delivery in document.deliveries
        ]
        return Sent(event=event, moved=any(moved))

    def extend(
        self,
        tx: Transaction,
        document: Document,
        recipients: tuple[str, ...],
        *,
        directory: Directory,
        at: datetime,
        caller: Caller,
        new_id: Callable[[], str],
        arrived_by: str | None = None,
    ) -> Document:
        """Bring a *document* from another node to those *recipients* that have no delivery yet.

        A node hands one document over once for each recipient; it is one document here.
        """
        served = {each.agency for each in document.deliveries}
        known = len(document.deliveries)
        planned = self.plan(
            document.id,
            recipients,
            directory=directory,
            at=at,
            new_id=new_id,
            arrived_by=arrived_by,
        )
        added = tuple(
            replace(each, n=known + n)
            for n, each in enumerate(each for each in planned if each.agency not in served)
        )
        if not added:
            return document
        if document.state in {DocumentState.CLOSED, DocumentState.RECALLED}:
            # No move of the state machine: for those who had it, all is over and stays so.
            document = tx.documents.save(replace(document, state=DocumentState.ACCEPTED))
        tx.documents.extend(document, added)
        change = Change(to=DeliveryState.WAITING, at=at, caller=caller)
        for delivery in added:
            self._set_out(tx, document, delivery, directory=directory, change=change)
        return tx.documents.find(document.id) or document

    def flag_late(self, document: Document, at: datetime) -> Document:
        """Add the finding that sending at *at* missed the sending duty; it never refuses."""
        if not document.local or self.in_time(document, at) is not False:
            return document
        late = LATE_SENDING.finding("/metadata/promulgated_on")
        return replace(document, findings=(*document.findings, late))

    def _mark_duties(self, tx: Transaction, document: Document, at: datetime) -> None:
        """Note the day by which *document* is to be answered, and who is to be told what."""
        if document.metadata.due_on is not None:
            tx.reminders.expect(document.id, document.metadata.due_on)
        said = {each.code: each for each in document.findings}
        if LATE_SENDING.code in said:
            kind = ReminderKind.LATE_SENDING
            remind(tx, document, kind, agency=document.sender, at=at)
        if DUPLICATE.code in said:
            warn_of_duplicate(tx, document, at=at, note=said[DUPLICATE.code].message)

    def in_time(self, document: Document, at: datetime) -> bool | None:
        """Say whether *at* keeps the sending duty, None when the document bears no date.

        On the day of signing, at the latest in the morning of the next working day.
        Source: QĐ 28/2018/QĐ-TTg art. 6.2.
        """
        signed_on = document.metadata.promulgated_on
        if signed_on is None:
            return None
        signed = datetime.combine(signed_on, time(12), self.movement.zone)
        return at < self.movement.calendar(document.sender).next_morning_deadline(signed)

    def plan(
        self,
        document: str,
        recipients: tuple[str, ...],
        *,
        directory: Directory,
        at: datetime,
        new_id: Callable[[], str],
        arrived_by: str | None = None,
    ) -> tuple[Delivery, ...]:
        """Return one delivery per recipient that this node can serve.

        A recipient that is reached by the axis *arrived_by* from which the document came is
        that axis's business, and gets none.
        """
        planned: list[Delivery] = []
        served: set[str] = set()
        for to in recipients:
            way = self.movement.routes.way_to(to, directory)
            if way is None or (arrived_by is not None and way.lane == arrived_by):
                continue
            if way.agency in served:  # named twice, as under an old and a new code
                continue
            served.add(way.agency)
            planned.append(
                Delivery(
                    id=new_id(),
                    document=document,
                    n=len(planned),
                    to=to,
                    agency=way.agency,
                    route=way.route,
                    lane=way.lane,
                    updated_at=at,
                )
            )
        return tuple(planned)

    def _set_out(
        self,
        tx: Transaction,
        document: Document,
        delivery: Delivery,
        *,
        directory: Directory,
        change: Change,
    ) -> bool:
        way = self.movement.routes.way_to(delivery.to, directory)
        day = change.at.astimezone(self.movement.zone).date()
        obstacle = _obstacle(delivery.to, way, directory, day)
        if way is None or obstacle is not None:
            self.movement.fail(tx, document, delivery, replace(change, note=obstacle))
            return True
        moved = way.route == DESK or (way.route, way.lane) != (delivery.route, delivery.lane)
        if (way.route, way.lane) != (delivery.route, delivery.lane):
            rerouted = replace(delivery, agency=way.agency, route=way.route, lane=way.lane)
            delivery = tx.deliveries.save(rerouted)
        if way.route == DESK:
            self.movement.advance(
                tx, document, delivery, replace(change, to=DeliveryState.ARRIVED)
            )
        if way.lane is not None:
            tx.jobs.put(
                Job(
                    kind="document",
                    lane=way.lane,
                    item=delivery.id,
                    priority=document.metadata.priority.rank,
                    due_at=change.at,
                    created_at=change.at,
                )
            )
        self.movement.notify(
            tx, document, agency=way.agency, kind="document", state="accepted", at=change.at
        )
        return moved

    def _myself(self) -> Caller:
        return Caller(actor="node", agency=self.movement.node, role=Role.ADMIN)


def ids_together() -> Callable[[], str]:
    """Return what gives ids that nobody else gives, and that lie side by side in an index."""
    common, places = str(uuid4())[:24], count()
    return lambda: f"{common}{next(places):012x}"


def _obstacle(to: str, way: Way | None, directory: Directory, day: date) -> str | None:
    """Say why nothing can be sent to *to* any more: its code was closed, or nobody serves it."""
    agency = directory.find(to)
    if agency is not None and agency.is_closed(day):
        successor = directory.successor_of(agency, day)
        if successor is None:
            return f"{to}: mã đã đóng / the code was closed"
        return (
            f"{to}: mã đã đóng, đơn vị kế thừa là {successor.code} / "
            f"the code was closed, its successor is {successor.code}"
        )
    return None if way is not None else f"{to}: không còn đường chuyển / no longer reachable"
