"""Facts and their sums: whatever is summed up, figures are those of the facts."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.domain.directory import Agency, Directory
from gateway.domain.figures import ACTUAL, GROUPS, LEGAL, Question, Tally, Value, rows_of
from gateway.domain.statistics import Fact
from gateway.ports import Transaction
from gateway.storage.store import SqlStore
from tests.storage.cellar import SQLITE

#: Around the turn of years, a leap day among them.
DAYS = [
    date(2023, 12, 31),
    date(2024, 1, 1),
    date(2024, 2, 28),
    date(2024, 2, 29),
    date(2024, 3, 1),
    date(2024, 12, 31),
    date(2025, 1, 1),
    date(2025, 6, 30),
]
#: Behind all of them.
TODAY = date(2025, 7, 10)
AGENCIES = ["H13.01", "H13.02", "H13.03"]
#: H13.03 was merged into H13.01.
DIRECTORY = Directory(
    Agency(
        code=code,
        name=code,
        parent=None if code == "H13" else "H13",
        valid_from=date(2020, 1, 1),
        valid_to=date(2024, 6, 30) if code == "H13.03" else None,
        successor="H13.01" if code == "H13.03" else None,
    )
    for code in ("H13", *AGENCIES)
)


def a_fact(document: str = "d", **values: object) -> Fact:
    """Return a fact like any other."""
    fact = Fact(
        document=document,
        recipient="H13.02",
        event="arrived",
        day="2024-02-29",
        legal_day="2024-03-01",
        hour="09",
        sender="H13.01",
        type="CV",
        priority="normal",
        business="new",
        legal_value="original",
        paper=False,
        state="arrived",
        reason="",
        seconds=60,
    )
    return replace(fact, **values)  # type: ignore[arg-type]


@st.composite
def facts(draw: st.DrawFn, document: str) -> list[Fact]:
    """Draw the facts of one document."""
    sender = draw(st.sampled_from(AGENCIES))
    events = draw(
        st.sets(st.sampled_from(["sent", "deliveries", "arrived", "accepted", "refused"]))
    )
    told = []
    for event in sorted(events):
        day = draw(st.sampled_from(DAYS))
        told.append(
            a_fact(
                document,
                recipient="" if event == "sent" else draw(st.sampled_from(AGENCIES)),
                event=event,
                day=day.isoformat(),
                legal_day=(day + timedelta(draw(st.integers(0, 2)))).isoformat(),
                hour=draw(st.sampled_from(["08", "17"])),
                sender=sender,
                type=draw(st.sampled_from(["CV", "QĐ"])),
                priority=draw(st.sampled_from(["normal", "urgent"])),
                paper=draw(st.booleans()),
                state=draw(st.sampled_from(["arrived", "done"])),
                reason=draw(st.sampled_from(["", "size"])),
                signed=draw(st.sampled_from(["valid", "none"])),
                way=draw(st.sampled_from(["inside", "axis:truc"])),
                seconds=draw(st.none() | st.integers(0, 63)),
                in_time=draw(st.none() | st.booleans()),
            )
        )
    return told


@st.composite
def questions(draw: st.DrawFn) -> Question:
    """Draw what is asked for."""
    first, last = sorted(
        draw(st.tuples(*[st.sampled_from([*DAYS, date(2024, 7, 1), date(2025, 12, 31)])] * 2))
    )
    return Question(
        first=first,
        last=last,
        group=tuple(draw(st.lists(st.sampled_from(GROUPS), max_size=3, unique=True))),
        by=draw(st.sampled_from([LEGAL, ACTUAL])),
        agency=draw(st.none() | st.sampled_from(AGENCIES)),
        roll_up=draw(st.sampled_from([None, "hierarchy", "successors"])),
    )


def counted(question: Question, known: Iterable[Fact]) -> list[dict[str, Value]]:
    """Return the rows of *question*, counted in the plainest way."""
    return rows_of(question, [each for fact in known for each in sides(question, fact)], DIRECTORY)


def sides(question: Question, fact: Fact) -> Iterator[Tally]:
    """Yield what one fact counts as: for who sent, and for who received."""
    day = fact.legal_day if question.by == LEGAL else fact.day
    if not question.first.isoformat() <= day <= question.last.isoformat():
        return
    both, apart = question.is_of_both_sides, "direction" in question.group
    if question.agency in {None, fact.sender}:
        yield tally(question, fact, day, ("out", fact.sender, fact.recipient))
    if (
        both
        and fact.recipient
        and question.agency in {None, fact.recipient}
        and (apart or fact.recipient != fact.sender)
    ):
        yield tally(question, fact, day, ("in", fact.recipient, fact.sender))


def tally(question: Question, fact: Fact, day: str, side: tuple[str, str, str]) -> Tally:
    """Return one fact as a tally."""
    year, month = day[:4], int(day[5:7])
    values: dict[str, Value] = {
        "direction": side[0],
        "agency": side[1],
        "counterpart": side[2] or None,
        "day": day,
        "month": day[:7],
        "quarter": f"{year}-Q{(month + 2) // 3}",
        "half": f"{year}-H{1 if month < 7 else 2}",
        "year": year,
    }
    keys = tuple(
        values[name] if name in values else _own(getattr(fact, name)) for name in question.group
    )
    return Tally(
        keys=keys,
        event=fact.event,
        legal_value=fact.legal_value,
        in_time=fact.in_time,
        count=1,
        spent={} if fact.seconds is None else {fact.seconds: 1},
    )


def _own(value: Value) -> Value:
    return None if value == "" else value


def keep(tx: Transaction, *, document: str, told: list[Fact]) -> None:
    """Let *told* be the facts of a document."""
    tx.statistics.replace(document, told)


def sum_up(tx: Transaction, *, most: int) -> None:
    """Sum up *most* facts, if there are so many."""
    tx.statistics.sum_up(today=TODAY, keep=0, most=most)


def ask(tx: Transaction, question: Question) -> list[dict[str, Value]]:
    """Return the rows that the store answers."""
    return rows_of(question, tx.statistics.tallies(question), DIRECTORY)


@pytest.mark.parametrize("database", [SQLITE])
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
async def test_figures_are_those_of_the_facts(store: SqlStore, data: st.DataObject) -> None:
    """Whatever was summed up in between, over turns of years, a leap day and merged agencies."""
    await store.write(lambda tx: tx.statistics.forget())
    known: dict[str, list[Fact]] = {}
    for document in data.draw(st.lists(st.sampled_from("abcdefgh"), max_size=12)):
        known[document] = data.draw(facts(document))
        told, most = known[document], data.draw(st.integers(1, 9))
        await store.write(partial(keep, document=document, told=told))
        await store.write(partial(sum_up, most=most))
    everything = [fact for each in known.values() for fact in each]

    for question in data.draw(st.lists(questions(), min_size=1, max_size=12)):
        answered = await store.read(partial(ask, question=question))
        assert answered == counted(question, everything), question


@pytest.mark.parametrize(
    "group",
    [
        (),
        ("day",),
        ("month", "type"),
        ("agency", "direction"),
        ("agency", "counterpart"),
        ("agency", "type", "year"),
        ("agency", "priority"),
        ("state", "reason", "quarter"),
        ("agency", "state"),
        ("hour", "half"),
        ("signed",),
        ("agency", "direction", "way"),
        ("account",),
        ("agency", "day"),
        ("agency", "type", "month"),
        ("agency", "paper", "signed"),
    ],
)
async def test_sums_answer_like_facts(store: SqlStore, group: tuple[str, ...]) -> None:
    """On every engine, by whatever they are grouped."""
    told = [
        a_fact(),
        a_fact(event="accepted", seconds=5, in_time=True),
        a_fact(recipient="", event="sent", seconds=None, in_time=False),
    ]
    question = Question(first=date(2024, 1, 1), last=date(2024, 12, 31), group=group)
    await store.write(lambda tx: tx.statistics.replace("d", told))
    await store.write(lambda tx: tx.statistics.sum_up(today=TODAY, keep=0, most=3))

    assert await store.read(lambda tx: ask(tx, question)) == counted(question, told)


async def test_what_is_told_anew_leaves_the_sums(store: SqlStore) -> None:
    """A document that moves on is counted where it is now, and once."""
    question = Question(first=date(2024, 1, 1), last=date(2024, 12, 31), group=("state",))
    await store.write(lambda tx: tx.statistics.replace("d", [a_fact()]))
    await store.write(lambda tx: tx.statistics.sum_up(today=TODAY, keep=0, most=1))

    await store.write(lambda tx: tx.statistics.replace("d", [a_fact(state="done")]))

    rows = await store.read(lambda tx: ask(tx, question))
    assert [(row["state"], row["arrived"]) for row in rows] == [("done", 1)]


async def test_so_many_stay_loose(store: SqlStore) -> None:
    """What is new may still change, and is counted exactly."""
    told = [a_fact(str(n)) for n in range(5)]
    for each in told:
        await store.write(partial(keep, document=each.document, told=[each]))

    done = [
        await store.write(lambda tx: tx.statistics.sum_up(today=TODAY, keep=3, most=1))
        for _ in range(4)
    ]

    assert done == [True, True, False, False]


async def test_what_may_still_be_accepted_today_is_not_judged(store: SqlStore) -> None:
    """It stays out of the sums until its day is over, whatever else lies back."""
    arrival = a_fact(in_time=False)  # its legal day is 1 March
    year = Question(first=date(2024, 1, 1), last=date(2024, 12, 31))
    await store.write(lambda tx: tx.statistics.replace("d", [arrival]))
    judged = []
    for day in (1, 2):
        today = date(2024, 3, day)
        await store.write(partial(_sum_up_on, today=today))
        rows = await store.read(partial(ask, question=replace(year, today=today)))
        judged.append((rows[0]["arrived"], rows[0]["unaccepted"]))

    assert judged == [(1, 0), (1, 1)]


def _sum_up_on(tx: Transaction, *, today: date) -> bool:
    return tx.statistics.sum_up(today=today, keep=0, most=1)


@pytest.mark.parametrize("seconds", [0, 63, 64, 127, 511, 7_201, 86_399, 600_000, 5_000_000])
async def test_an_interval_that_is_summed_up_is_told_within_3_percent(
    store: SqlStore, seconds: int
) -> None:
    """And up to a minute to the second."""
    question = Question(first=date(2024, 1, 1), last=date(2024, 12, 31))
    await store.write(lambda tx: tx.statistics.replace("d", [a_fact(seconds=seconds)]))
    await store.write(lambda tx: tx.statistics.sum_up(today=TODAY, keep=0, most=1))

    (row,) = await store.read(lambda tx: ask(tx, question))

    median = row["arrived_median_s"]
    assert isinstance(median, int)
    assert abs(median - seconds) <= (0.032 * seconds if seconds >= 64 else 0)


@pytest.mark.parametrize("group", [("day", "hour"), ("agency",), ("reason",)])
async def test_counts_alone_are_answered_without_intervals(
    store: SqlStore, group: tuple[str, ...]
) -> None:
    """From sums and facts alike."""
    told = [a_fact(), a_fact(event="accepted", in_time=True)]
    question = Question(first=date(2024, 1, 1), last=date(2024, 12, 31), group=group, timed=False)
    await store.write(lambda tx: tx.statistics.replace("d", told))
    await store.write(lambda tx: tx.statistics.sum_up(today=TODAY, keep=0, most=1))

    rows = await store.read(lambda tx: ask(tx, question))

    plain = counted(question, [replace(each, seconds=None) for each in told])
    assert rows == plain
