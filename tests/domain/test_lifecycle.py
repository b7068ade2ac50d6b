"""The state machines: every state, every report, every recall."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.errors import IllegalMove
from gateway.domain.lifecycle import (
    CAUSED_BY,
    DELIVERY_MOVES,
    DOCUMENT_MOVES,
    FINAL_DELIVERY,
    FINAL_DOCUMENT,
    REPORTS,
    DeliveryState,
    DocumentState,
    Moved,
    Recall,
    Repeat,
    apply_report,
    document_state,
    has_arrived,
    move,
    move_document,
    recall_outcome,
)

D = DeliveryState
deliveries = st.sampled_from(DeliveryState)
documents = st.sampled_from(DocumentState)
#: How far along the recipient's own way a state is; what lies before arrival is 0.
PROGRESS = {D.ARRIVED: 1, D.ACCEPTED: 2, D.ASSIGNED: 3, D.IN_PROGRESS: 4, D.DONE: 5}


def test_every_delivery_state_has_its_moves() -> None:
    """No state of a delivery is without an entry in the table."""
    assert set(DeliveryState) == set(DELIVERY_MOVES)


def test_every_document_state_has_its_moves() -> None:
    """No state of a document is without an entry in the table."""
    assert set(DocumentState) == set(DOCUMENT_MOVES)


def test_it_is_told_who_may_cause_every_state() -> None:
    """The state model names somebody for every state of a delivery."""
    assert set(DeliveryState) == set(CAUSED_BY)


def test_the_final_delivery_states_are_those_of_the_contract() -> None:
    """Refused, done, cancelled and recalled are final; failed rests."""
    assert {"refused", "done", "cancelled", "recalled"} == FINAL_DELIVERY


def test_what_is_called_final_has_no_moves_and_nothing_else_has_none() -> None:
    """The table and the set of final states say the same."""
    assert {state for state, moves in DELIVERY_MOVES.items() if not moves} == FINAL_DELIVERY
    assert {state for state, moves in DOCUMENT_MOVES.items() if not moves} == FINAL_DOCUMENT


@given(deliveries, deliveries)
def test_a_move_is_made_or_refused(state: DeliveryState, to: DeliveryState) -> None:
    """Every pair of states has an answer, and a final state never changes."""
    try:
        assert to is move(state, to)
    except IllegalMove:
        assert to not in DELIVERY_MOVES[state]
    else:
        assert state not in FINAL_DELIVERY


@given(documents, documents)
def test_a_document_moves_or_stays(state: DocumentState, to: DocumentState) -> None:
    """Every pair of states of a document has an answer."""
    try:
        assert to is move_document(state, to)
    except IllegalMove:
        assert to not in DOCUMENT_MOVES[state]
    else:
        assert state not in FINAL_DOCUMENT


@given(deliveries, st.lists(st.sampled_from(sorted(REPORTS)), max_size=12))
def test_reports_in_any_order_only_lead_forwards(state: DeliveryState, codes: list[str]) -> None:
    """Whatever comes in whatever order, a delivery never goes back and never leaves its end."""
    for code in codes:
        before = state
        try:
            outcome = apply_report(state, code)
        except IllegalMove:
            continue
        state = outcome.to if isinstance(outcome, Moved) else state
        assert before not in FINAL_DELIVERY or state is before
        assert PROGRESS.get(state, 9) >= PROGRESS.get(before, 0)


@pytest.mark.parametrize("code", REPORTS)
@pytest.mark.parametrize("state", DeliveryState)
def test_every_report_from_every_state(state: DeliveryState, code: str) -> None:
    """Forward reports move, skips included; the same is a repeat; the rest is refused."""
    target = REPORTS[code]
    after_reception = state in PROGRESS and state is not D.ARRIVED
    too_late = state in FINAL_DELIVERY or (
        target is D.REFUSED
        if after_reception
        else state in PROGRESS and PROGRESS.get(target, 9) < PROGRESS[state]
    )
    backwards = state in PROGRESS and PROGRESS.get(target, 9) < PROGRESS[state]
    if target is state:
        assert Repeat() == apply_report(state, code)
    elif too_late or backwards:
        with pytest.raises(IllegalMove):
            apply_report(state, code)
    else:
        assert Moved(target) == apply_report(state, code)


@pytest.mark.parametrize("state", sorted(FINAL_DELIVERY))
def test_what_is_final_cannot_be_recalled(state: DeliveryState) -> None:
    """A recall of a final delivery is too late."""
    assert Recall.TOO_LATE is recall_outcome(state)


@pytest.mark.parametrize("state", [D.WAITING, D.FAILED])
def test_what_nobody_has_is_recalled_at_once(state: DeliveryState) -> None:
    """A delivery that did not leave is simply taken back."""
    assert D.RECALLED is recall_outcome(state)


@pytest.mark.parametrize(
    "state", sorted(set(DeliveryState) - FINAL_DELIVERY - {D.WAITING, D.FAILED})
)
def test_what_the_recipient_may_have_is_asked_back(state: DeliveryState) -> None:
    """A delivery that is out of our hands needs the recipient's answer."""
    assert Recall.REQUESTED is recall_outcome(state)


@given(st.sets(deliveries, min_size=1))
def test_a_document_is_closed_when_all_its_deliveries_are_final(
    states: set[DeliveryState],
) -> None:
    """A document with an open or failed delivery is under way, and it is under way only then."""
    assert (document_state(states) is DocumentState.ACCEPTED) == bool(states - FINAL_DELIVERY)


@given(st.sets(st.sampled_from(sorted(FINAL_DELIVERY)), min_size=1))
def test_a_document_is_recalled_when_some_took_it_back_and_none_finished_it(
    states: set[DeliveryState],
) -> None:
    """One recipient that is done with it closes it; else a recall gives it its name."""
    recalled = D.RECALLED in states and D.DONE not in states

    assert (document_state(states) is DocumentState.RECALLED) == recalled


def test_the_states_in_which_the_recipient_has_it() -> None:
    """A refusal of the recipient implies that it had the document."""
    assert {state for state in DeliveryState if has_arrived(state)} == {D.REFUSED, *PROGRESS}
