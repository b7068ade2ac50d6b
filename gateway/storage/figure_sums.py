"""Which sums of facts are kept, and what a fact adds to each.

A view tells some columns of facts apart and knows nothing of the others. A sum is what is alike in
a view: how many facts, and a histogram of the seconds they took, so that medians and percentiles of
any number of facts are found in one row. Whoever asks takes the coarsest view that tells apart what
is asked for; what no view tells apart is read from the facts themselves.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any

import msgspec

from gateway.domain.stretches import DAY, MONTH, YEAR

#: What a sum is of; `own` marks what an agency sent itself.
COLUMNS = (
    "agency",
    "legal_day",
    "day",
    "direction",
    "counterpart",
    "own",
    "account",
    "hour",
    "type",
    "priority",
    "business",
    "legal_value",
    "paper",
    "signed",
    "way",
    "state",
    "reason",
    "event",
    "in_time",
)
#: Columns that every view tells apart.
_ALWAYS = frozenset({"legal_day", "day", "direction", "legal_value", "event", "in_time"})
_SIDES = frozenset({"agency", "own"})
_DAYS = ("legal_day", "day")
#: What stands where nothing is told apart.
_NOTHING = "nothing"
#: The values of a fact of which those of a view are taken: days in every span, columns, nothing.
_VALUES = (
    *(f"{name}:{span}" for name in _DAYS for span in (YEAR, MONTH, DAY)),
    *(name for name in COLUMNS if name not in _DAYS),
    _NOTHING,
)
#: From so many bits on, an interval is rounded to :data:`_KEPT_BITS` of them, up to the most.
_EXACT_BITS, _KEPT_BITS, _MOST_BITS = 6, 5, 21

Key = tuple[str | int, ...]
#: A sum by its view and its key.
Cell = tuple[str, Key]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What is told apart; `span` is the length of its days, 4, 7 or 10 letters."""

    name: str
    span: int
    tells: frozenset[str] = frozenset()
    is_sided: bool = False  #: by agency and direction, with what was received beside what was sent


def _view(name: str, span: int, *tells: str, is_sided: bool = False) -> View:
    return View(name=name, span=span, tells=frozenset(tells), is_sided=is_sided)


_FORMS = ("priority", "business", "paper", "signed")
_COURSE = ("way", "state", "reason")
#: Those of one span from the one with the fewest sums on.
VIEWS = (
    _view("month", MONTH),
    _view("day", DAY),
    _view("hour", DAY, "hour"),
    _view("hour-month", MONTH, "hour"),
    _view("type-month", MONTH, "type"),
    _view("course-month", MONTH, *_COURSE),
    _view("form-month", MONTH, *_FORMS),
    _view("account-month", MONTH, "account"),
    _view("agency-month", MONTH, is_sided=True),
    _view("agency-day", DAY, is_sided=True),
    _view("agency-type-year", YEAR, "type", is_sided=True),
    _view("agency-form-year", YEAR, *_FORMS, is_sided=True),
    _view("parties-year", YEAR, "counterpart", is_sided=True),
    _view("agency-course-month", MONTH, *_COURSE, is_sided=True),
    _view("agency-type-month", MONTH, "type", is_sided=True),
)


@dataclass(slots=True)
class Sum:
    """Facts that are alike."""

    amount: int = 0
    spent: dict[int, int] = field(default_factory=dict)

    def add(self, other: Mapping[int, int]) -> None:
        """Count how long other facts took, too."""
        for seconds, count in other.items():
            self.spent[seconds] = self.spent.get(seconds, 0) + count


def views_for(group: Iterable[str], *, is_sided: bool, finest: int) -> dict[int, str]:
    """Return the views that tell *group* apart and days down to *finest*, by their span."""
    needed = frozenset(group).difference(_ALWAYS, _SIDES)
    able = [
        each
        for each in VIEWS
        if each.is_sided == is_sided and each.span >= finest and needed <= each.tells
    ]
    return {each.span: each.name for each in reversed(able)}


def sums_of(facts: Iterable[Mapping[str, Any]], *, sign: int) -> dict[Cell, Sum]:
    """Return what *facts* add to the sums, or with a *sign* of -1 take away."""
    sums: dict[Cell, Sum] = {}
    getters = _getters()
    for fact in facts:
        sent = _values(fact, "out", fact["sender"], fact["recipient"])
        received = _values(fact, "in", fact["recipient"], fact["sender"])
        spent = {} if fact["seconds"] is None else {rounded(fact["seconds"]): sign}
        for name, of_sides, getter in getters:
            for values in (sent, received) if of_sides and fact["recipient"] else (sent,):
                cell = name, getter(values)
                found = sums.get(cell)
                if found is None:
                    found = sums[cell] = Sum()
                found.amount += sign
                found.add(spent)
    return sums


def cell_text(key: Key) -> str:
    """Return a *key* as the text by which its row is found."""
    return msgspec.json.encode(key).decode()


def spent_text(spent: Mapping[int, int]) -> str:
    """Return a histogram as it is stored, '' where no fact took any time."""
    if not spent:
        return ""
    told = {seconds: count for seconds, count in sorted(spent.items()) if count}
    return msgspec.json.encode(told).decode()


def spent_of(text: str) -> dict[int, int]:
    """Return the histogram that was stored."""
    return _HISTOGRAM.decode(text) if text else {}


_HISTOGRAM = msgspec.json.Decoder(dict[int, int], strict=False)


@lru_cache(maxsize=65_536)
def rounded(seconds: int) -> int:
    """Return *seconds* as sums know them: up to a minute as they are, else within 3 percent."""
    bits = min(seconds.bit_length(), _MOST_BITS)
    if bits <= _EXACT_BITS:
        return seconds
    step = 1 << (bits - _KEPT_BITS)
    return seconds - seconds % step + step // 2


@cache
def _getters() -> list[tuple[str, bool, Callable[[Key], Key]]]:
    """Return for each view what takes its key out of the values of a fact."""
    return [
        (each.name, each.is_sided, itemgetter(*(_place(each, name) for name in COLUMNS)))
        for each in VIEWS
    ]


def _place(view: View, column: str) -> int:
    """Return which of the values of a fact stands in a *column* of *view*."""
    if column in _DAYS:
        return _VALUES.index(f"{column}:{view.span}")
    told = _ALWAYS | view.tells | (_SIDES if view.is_sided else frozenset())
    return _VALUES.index(column if column in told else _NOTHING)


def _values(fact: Mapping[str, Any], direction: str, agency: str, counterpart: str) -> Key:
    """Return what *fact* is from one side, in the order of :data:`_VALUES`."""
    legal_day, day, in_time = fact["legal_day"], fact["day"], fact["in_time"]
    return (
        legal_day[:YEAR],
        legal_day[:MONTH],
        legal_day,
        day[:YEAR],
        day[:MONTH],
        day,
        agency,
        direction,
        counterpart,
        "1" if agency == counterpart else "",
        fact["account"],
        fact["hour"],
        fact["type"],
        fact["priority"],
        fact["business"],
        fact["legal_value"],
        str(fact["paper"]),
        fact["signed"],
        fact["way"],
        fact["state"],
        fact["reason"],
        fact["event"],
        -1 if in_time is None else in_time,
        "",
    )
