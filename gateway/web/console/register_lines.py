"""A line of a register, in the ten official columns; that of follow-up has as many.

Source: NĐ 30/2020/NĐ-CP Annex IV: sổ đăng ký văn bản đi, sổ đăng ký văn bản đến.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from gateway.domain.directory import Directory
from gateway.domain.exchange import Delivery, Document, HistoryEvent
from gateway.domain.lifecycle import DeliveryState, DocumentState
from gateway.domain.text import fold
from gateway.pipeline.kinship import Kin
from gateway.pipeline.lookup import Shown
from gateway.web.console.kin_lines import kin_lines, mark_of
from gateway.web.console.lists import TAKEN
from gateway.web.console.words import Words

Cell = str | int | date | None
Line = Sequence[Cell]
#: How a delivery ended without the document staying with its recipient.
_ENDED = (DeliveryState.REFUSED, DeliveryState.RECALLED)
#: Keys of the words of the columns, in the official order.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "in": (
        "arrived_on",
        "arrival_number",
        "author",
        "mark",
        "dated",
        "subject",
        "receiver",
        "passed_on",
        "receipt",
        "note",
    ),
    "out": (
        "mark",
        "dated",
        "subject",
        "signer",
        "recipients",
        "keeper",
        "copies",
        "sent_on",
        "receipt",
        "note",
    ),
    "follow": (
        "arrived_on",
        "arrival_number",
        "author",
        "mark",
        "dated",
        "subject",
        "receiver",
        "until",
        "progress",
        "note",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Liner:
    """Makes lines of documents, as *agency* enters them."""

    box: str
    agency: str
    words: Words
    zone: tzinfo
    directory: Directory
    types: Mapping[str, str]

    def __call__(self, shown: Shown, kin: Kin) -> Line:
        """Return the line of a document with its *kin*."""
        if self.box == "out":
            return self._outgoing(shown.document, kin)
        own = next(each for each in shown.document.deliveries if each.agency == self.agency)
        return self._incoming(shown, own, kin)

    def followed(self, shown: Shown, due_on: date | None, today: date) -> Line:
        """Return the line of a document that is due *due_on*."""
        document, data = shown.document, shown.document.metadata
        own = next(each for each in document.deliveries if each.agency == self.agency)
        late = due_on is not None and due_on < today
        over = self.words("register.late", days=(today - due_on).days) if due_on and late else ""
        asked = data.due_on if data.due_on != due_on else None
        return (
            self._day(own.received_at),
            own.arrival_number,
            self._name(document.sender),
            mark_of(document),
            data.promulgated_on,
            self._subject(document),
            _charge(shown, own),
            due_on,
            "; ".join(filter(None, (self.words(f"state.{own.state.value}"), over))),
            self.words("register.reply_by", day=f"{asked:%d/%m/%Y}") if asked else "",
        )

    def _incoming(self, shown: Shown, own: Delivery, kin: Kin) -> Line:
        document = shown.document
        accepted = _event(shown.history, DeliveryState.ACCEPTED)
        assigned = _event(shown.history, DeliveryState.ASSIGNED)
        return (
            self._day(own.received_at),
            own.arrival_number,
            self._name(document.sender),
            mark_of(document),
            document.metadata.promulgated_on,
            self._subject(document),
            _charge(shown, own),
            self._day(assigned.at) if assigned else None,
            self._clock(accepted.at) if accepted else "",
            _joined(
                self._counts_from(own.received_at, own.legal_received_at),
                self.words(f"state.{own.state.value}") if own.state in _ENDED else "",
                *self._followed_by(kin),
            ),
        )

    def _outgoing(self, document: Document, kin: Kin) -> Line:
        data, deliveries = document.metadata, document.deliveries
        taken = sum(each.state in TAKEN for each in deliveries)
        capacity = " ".join(filter(None, (data.signer.competence, data.signer.full_name)))
        return (
            mark_of(document),
            data.promulgated_on,
            self._subject(document),
            capacity,
            "; ".join(self._name(code) for code in data.to),
            self.words("register.kept"),
            data.copies or 1,
            self._day(document.sent_at),
            self.words("register.taken", taken=taken, all=len(deliveries)),
            _joined(
                document.code,
                self._counts_from(document.sent_at, document.legal_sent_at),
                *self._ended(document),
                *self._followed_by(kin),
            ),
        )

    def _subject(self, document: Document) -> str:
        data = document.metadata
        kind = self.types.get(data.type, data.type).partition(" (")[0]
        named = fold(data.subject).startswith(fold(kind))
        return data.subject if named else f"{kind}: {data.subject}"

    def _counts_from(self, at: datetime | None, legal_at: datetime | None) -> str:
        differs = at is not None and legal_at is not None and legal_at != at
        at_law = self._clock(legal_at) if differs and legal_at is not None else ""
        return self.words("register.counts_from", at=at_law) if at_law else ""

    def _ended(self, document: Document) -> Iterator[str]:
        """Yield at which recipients *document* was refused or taken back."""
        if document.state is DocumentState.RECALLED:
            yield self.words("state.recalled")
            return
        for state in _ENDED:
            names = [self._name(each.to) for each in document.deliveries if each.state is state]
            if names:
                yield f"{self.words(f'state.{state.value}')}: {', '.join(names)}"

    def _followed_by(self, kin: Kin) -> Iterator[str]:
        """Yield which document came in the place of this one, or beside it."""
        for each in kin_lines(kin).later:
            yield self.words(f"kin_later.{each.kind}", mark=each.mark)

    def _name(self, code: str) -> str:
        found = self.directory.find(code)
        return code if found is None else found.name

    def _clock(self, at: datetime) -> str:
        return f"{at.astimezone(self.zone):%H:%M %d/%m/%Y}"

    def _day(self, at: datetime | None) -> date | None:
        return None if at is None else at.astimezone(self.zone).date()


def _joined(*parts: str | None) -> str:
    return "; ".join(filter(None, parts))


def _charge(shown: Shown, own: Delivery) -> str:
    """Return the unit and the person in charge; "": it was assigned to nobody."""
    staff = (own.staff or {}) if _event(shown.history, DeliveryState.ASSIGNED) else {}
    return ", ".join(staff[key] for key in ("department", "staff") if staff.get(key))


def _event(history: Sequence[HistoryEvent], state: DeliveryState) -> HistoryEvent | None:
    return next((each for each in history if each.event == state.value), None)
