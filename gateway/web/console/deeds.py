"""What can be done about a document at a desk, the duty first, and the report that a deed makes."""

from datetime import date

from gateway.domain.errors import Conflict, Refused
from gateway.domain.exchange import Delivery, Document
from gateway.domain.lifecycle import (
    DELIVERY_MOVES,
    DeliveryState,
    DocumentState,
    Recall,
    recall_outcome,
)
from gateway.domain.rules.mechanism import Statement
from gateway.pipeline.acknowledge import Report
from gateway.web.console.lists import TAKEN
from gateway.web.console.spans import read_near_day
from gateway.web.console.visit import Visiting
from gateway.web.errors import HttpProblem

#: Deeds of a recipient: name, status code, and the state that it leads to.
DEEDS = {
    "accept": ("03", DeliveryState.ACCEPTED),
    "assign": ("04", DeliveryState.ASSIGNED),
    "in-progress": ("05", DeliveryState.IN_PROGRESS),
    "done": ("06", DeliveryState.DONE),
    "refuse": ("02", DeliveryState.REFUSED),
}
#: Answers to a sender that asks a document back.
ANSWERS = {"agree-recall": "15", "refuse-recall": "16"}
#: What the page says was done, once it was.
DONE = frozenset({*DEEDS, *ANSWERS, "recall"})
#: Before a document is accepted it is neither assigned nor worked on at the desk.
_AFTER_ACCEPTANCE = frozenset({"assign", "in-progress", "done"})
#: Progress of the unit in charge, which the clerk only notes.
_WORK = frozenset({"in-progress", "done"})
#: What begins another document.
_CHANGES = ("update", "replace")


def possible(document: Document, agency: str, box: str, *, is_replaced: bool) -> tuple[str, ...]:
    """Return what the clerk of *agency* can do now, the duty first."""
    if box == "out":
        return _of_sender(document, is_replaced=is_replaced)
    own = next((each for each in document.deliveries if each.agency == agency), None)
    if own is None:
        return ()
    asked = tuple(ANSWERS) if own.recall is Recall.REQUESTED else ()
    accepted = own.state in TAKEN
    return asked + tuple(
        deed
        for deed, (_, to) in DEEDS.items()
        if to in DELIVERY_MOVES[own.state] and (accepted or deed not in _AFTER_ACCEPTANCE)
    )


def _of_sender(document: Document, *, is_replaced: bool) -> tuple[str, ...]:
    """Return what the sender can do; nothing while recipients have yet to answer a recall."""
    if document.state is DocumentState.HELD:
        return ("recall",)
    waits = any(each.recall is Recall.REQUESTED for each in document.deliveries)
    if waits or document.code is None or document.state is DocumentState.RECALLED:
        return ()
    recall = ("recall",) if any(_can_be_recalled(each) for each in document.deliveries) else ()
    return recall if is_replaced else (*recall, *_CHANGES)


def _can_be_recalled(delivery: Delivery) -> bool:
    outcome = recall_outcome(delivery.state, attempts=delivery.attempts)
    return outcome is not Recall.TOO_LATE


def check_in_turn(deed: str, document: Document, agency: str) -> None:
    """Raise Conflict for what comes after acceptance while *document* has no arrival number."""
    own = next((each for each in document.deliveries if each.agency == agency), None)
    if deed in _AFTER_ACCEPTANCE and own is not None and own.state not in TAKEN:
        raise Conflict("a document is accepted before it is assigned", code="illegal-move")


def report_of(deed: str, visiting: Visiting, today: date) -> Report:
    """Return what the form reports.

    Whoever decides is named with it, until the document is assigned: whoever it was assigned to
    stands in that place from then on, whatever the clerk notes later.

    Raises:
        HttpProblem: 400 for a deed that is none.
        Refused: the deadline of an assignment is no day to come.
    """
    code = ANSWERS.get(deed) or DEEDS.get(deed, ("",))[0]
    if not code:
        raise HttpProblem(400, "bad-parameter", "there is no such deed")
    note, due_on = visiting.text("reason", longest=2000), None
    staff = {} if deed in _WORK else {"staff": visiting.known.account.name}
    if deed == "assign":
        person, unit = visiting.text("person"), visiting.text("unit")
        staff = {key: text for key, text in (("department", unit), ("staff", person)) if text}
        due_on = _due(visiting.text("due"), today)
    return Report(code=code, note=note or None, staff=staff, due_on=due_on)


def _due(text: str, today: date) -> date | None:
    """Return until when something is to be done; raise Refused for a day that is none, or over."""
    if not text:
        return None
    day = read_near_day(text)
    if day is None or day < today:
        raise Refused("the deadline is no day to come", findings=[DUE.finding("/due")])
    return day


DUE = Statement(
    code="assign-due",
    vi="Thời hạn xử lý phải là một ngày từ hôm nay trở đi.",
    en="The deadline must be today or a day to come.",
    remedy="Chọn lại ngày ở ô Thời hạn, hoặc để trống.",
    remedy_en="Choose another day for the deadline, or leave it empty.",
    source="NĐ 30/2020/NĐ-CP điều 23.2, 24",
)
