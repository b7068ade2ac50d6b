"""When the node opens an incident by itself, and when it closes it: with patience both ways."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.announcements import Severity
from gateway.domain.trouble import Health, Observation, Step, Trouble, course

START = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
RECOVERY = 5 * MINUTE


def seen(health: Health, *, patience: timedelta = timedelta(), **more: object) -> Observation:
    """Return an observation of one thing."""
    drawn = Observation(cause="axis:truc", health=health, patience=patience)
    return replace(drawn, **more)  # type: ignore[arg-type]


def walk(*looks: tuple[int, Observation]) -> list[Step]:
    """Return what follows from looks at so many minutes; what is opened gets a number."""
    known: Trouble | None = None
    steps = []
    for minute, look in looks:
        follows = course(known, look, now=START + minute * MINUTE, recovery=RECOVERY)
        steps.append(follows.step)
        known = follows.trouble
        if follows.step is Step.OPEN and known is not None:
            known = replace(known, announcement=1)
        if follows.step in {Step.CLOSE, Step.FORGET}:
            known = None
    return steps


def test_what_is_ill_for_long_enough_is_told_once() -> None:
    """Not before its patience ends, and not again."""
    ill = seen(Health.ILL, patience=15 * MINUTE)

    steps = walk(*((minute, ill) for minute in (0, 10, 15, 16, 60)))
    assert steps == [Step.NOTHING, Step.NOTHING, Step.OPEN, Step.NOTHING, Step.NOTHING]


def test_what_was_ill_for_a_moment_is_told_to_nobody() -> None:
    """And is forgotten: the next time counts anew."""
    ill, well = seen(Health.ILL, patience=15 * MINUTE), seen(Health.WELL)

    steps = walk((0, ill), (10, well), (11, ill), (20, ill))
    assert steps == [Step.NOTHING, Step.FORGET, Step.NOTHING, Step.NOTHING]


def test_what_is_well_for_long_enough_closes() -> None:
    """Five minutes of it."""
    ill, well = seen(Health.ILL), seen(Health.WELL)

    steps = walk((0, ill), (1, well), (4, well), (6, well))
    assert steps == [Step.OPEN, Step.NOTHING, Step.NOTHING, Step.CLOSE]


def test_a_clock_that_was_ahead_for_a_while_delays_nothing() -> None:
    """Neither that it is told nor that it is over."""
    ill, well, ahead = seen(Health.ILL, patience=15 * MINUTE), seen(Health.WELL), 40_000

    steps = walk((ahead, ill), (0, ill), (20, ill), (ahead, well), (21, well), (30, well))

    assert [n for n, step in enumerate(steps) if step is not Step.NOTHING] == [2, 5]
    assert (steps[2], steps[5]) == (Step.OPEN, Step.CLOSE)


def test_what_wavers_opens_one_incident() -> None:
    """Well for a minute, ill again: it stays open."""
    ill, well = seen(Health.ILL), seen(Health.WELL)

    steps = walk(*((minute, well if minute % 4 == 3 else ill) for minute in range(40)))
    assert [steps.count(each) for each in (Step.OPEN, Step.CLOSE)] == [1, 0]


def test_what_is_neither_changes_nothing() -> None:
    """Between nearly full and well again."""
    between = seen(Health.BETWEEN)

    steps = walk((0, between), (1, seen(Health.ILL)), (2, between), (60, between))
    assert steps == [Step.NOTHING, Step.OPEN, Step.NOTHING, Step.NOTHING]


def test_what_grows_worse_is_told_again() -> None:
    """Once for each step."""
    nearly = seen(Health.ILL, severity=Severity.MAJOR)
    full = seen(Health.ILL, severity=Severity.CRITICAL)

    steps = walk((0, nearly), (1, full), (2, full), (3, nearly))
    assert steps == [Step.OPEN, Step.WORSEN, Step.NOTHING, Step.NOTHING]


@given(st.lists(st.sampled_from(Health), max_size=60))
def test_every_incident_that_opens_closes_before_the_next(states: list[Health]) -> None:
    """Whatever is seen when: opened and closed take turns."""
    steps = walk(*((minute, seen(state)) for minute, state in enumerate(states)))

    turns = [each for each in steps if each in {Step.OPEN, Step.CLOSE}]
    assert turns == [(Step.OPEN, Step.CLOSE)[n % 2] for n in range(len(turns))]
