"""The published state model is the one that the node follows."""

import pytest

from gateway.domain.lifecycle import DeliveryState, DocumentState, Recall
from tests.house.states_page import PAGE, page


def test_the_page_is_made_from_the_code() -> None:
    """States, what may follow and who may cause it stand there as the code has them: `make states`."""
    assert page() == PAGE.read_text("utf-8")


@pytest.mark.parametrize("state", [*DocumentState, *DeliveryState, *Recall])
def test_every_state_is_on_the_page(state: str) -> None:
    """With a row of its own."""
    assert f"| `{state}` |" in PAGE.read_text("utf-8")
