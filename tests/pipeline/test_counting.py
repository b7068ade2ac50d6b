"""The figures that a page shows: the period reaches to what happened just now."""

from datetime import date, timedelta

import pytest

from gateway.domain.figures import ACTUAL, LEGAL
from tests.pipeline.rooms import AUDITOR, READER, Rooms

FRIDAY = date(2026, 11, 20)


async def test_what_is_sent_on_a_saturday_is_in_the_figures_to_the_last_day(node: Rooms) -> None:
    """Its legal day is the Monday after."""
    node.clock.move(86_400)
    await node.sent(READER)
    counting = node.gateway.administration.counting

    last = await counting.last_day(FRIDAY + timedelta(1), LEGAL)
    figures = await counting.of(FRIDAY.replace(day=1), last, AUDITOR)

    assert (last, figures.sent) == (date(2026, 11, 23), 1)


async def test_by_actual_days_the_last_one_is_today(node: Rooms) -> None:
    """And what was sent on a Saturday counts on that Saturday."""
    node.clock.move(86_400)
    await node.sent(READER)
    counting, today = node.gateway.administration.counting, FRIDAY + timedelta(1)

    last = await counting.last_day(today, ACTUAL)
    figures = await counting.of(today, last, AUDITOR, by=ACTUAL)

    assert (last, figures.sent) == (today, 1)


@pytest.mark.parametrize("by", [LEGAL, ACTUAL])
async def test_a_node_without_documents_counts_to_today(node: Rooms, by: str) -> None:
    """There is nothing that would count later."""
    assert await node.gateway.administration.counting.last_day(FRIDAY, by) == FRIDAY
