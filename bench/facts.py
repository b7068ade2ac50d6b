"""Facts of a year of any number of documents, as the statistics know them, always the same."""

import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import accumulate
from typing import Any

from gateway.domain.statistics import Fact

YEAR = 2026
AGENCIES = [f"H13.{n:02d}" for n in range(1, 201)]
_TYPES = (
    "CV",
    "QĐ",
    "TB",
    "BC",
    "KH",
    "GM",
    "TTr",
    "NQ",
    "CTr",
    "HD",
    "PA",
    "ĐA",
    "BB",
    "HĐ",
    "GP",
)
#: The first few send most, and receive most.
_WEIGHTS = list(accumulate(1 / n for n in range(1, len(AGENCIES) + 1)))
_TYPE_WEIGHTS = list(accumulate(1 / n for n in range(1, len(_TYPES) + 1)))
_PRIORITIES = ("normal",) * 17 + ("urgent",) * 2 + ("express",)
_BUSINESS = ("new",) * 48 + ("update", "replace")
_SIGNED = ("valid",) * 8 + ("invalid", "none")
_WAYS = ("inside",) * 9 + ("axis:truc-quoc-gia",)
_BEGIN = datetime(YEAR, 1, 1)  # noqa: DTZ001 - the clock of the node, as facts have it
_DAYS = 365
_LAST = _BEGIN + timedelta(_DAYS, seconds=-1)
#: Shares of documents: signed with full value, with paper, sent in time, refused, done with, and
#: accepted the same day.
_ORIGINAL, _PAPER, _SENT_IN_TIME, _REFUSED, _DONE, _SAME_DAY = 0.9, 0.05, 0.97, 0.01, 0.8, 0.9


def documents(count: int) -> Iterator[tuple[str, list[Fact]]]:
    """Yield *count* documents with their facts, spread over the working days of the year."""
    chance = random.Random(count)  # noqa: S311 - the same in every run
    for number in range(count):
        yield _document(f"{number:036d}", _BEGIN + timedelta(_DAYS * number / count), chance)


def _document(name: str, day: datetime, chance: random.Random) -> tuple[str, list[Fact]]:
    moment = _in_office(day, chance)
    sender, recipient = chance.choices(AGENCIES, cum_weights=_WEIGHTS, k=2)
    about: dict[str, Any] = {
        "document": name,
        "sender": sender,
        "type": chance.choices(_TYPES, cum_weights=_TYPE_WEIGHTS)[0],
        "priority": chance.choice(_PRIORITIES),
        "business": chance.choice(_BUSINESS),
        "legal_value": "original" if chance.random() < _ORIGINAL else "reference",
        "paper": chance.random() < _PAPER,
        "signed": chance.choice(_SIGNED),
        "way": chance.choice(_WAYS),
    }
    refused = chance.random() < _REFUSED
    ends = "refused" if refused else "done" if chance.random() < _DONE else "accepted"
    fact = partial(Fact, **about, reason="")
    sent = partial(fact, account=f"client:{sender}", **_at(moment))
    in_time = chance.random() < _SENT_IN_TIME
    facts = [
        sent(event="sent", recipient="", state="", in_time=in_time),
        sent(event="deliveries", recipient=recipient, state=ends),
    ]
    received = partial(Fact, **about, recipient=recipient, state=ends)
    return name, [*facts, *_moves(received, recipient, ends, moment, chance)]


def _in_office(day: datetime, chance: random.Random) -> datetime:
    """Return an instant of office hours, on the next working day."""
    day += timedelta(max(0, day.weekday() - 4) and 7 - day.weekday())
    day = min(day, _BEGIN + timedelta(_DAYS - 1))
    return day.replace(hour=chance.choice((8, 9, 10, 14, 15, 16)), minute=chance.randrange(60))


def _at(moment: datetime) -> dict[str, str]:
    text = moment.isoformat()
    return {"day": text[:10], "legal_day": text[:10], "hour": text[11:13]}


def _moves(
    fact: Callable[..., Fact], recipient: str, ends: str, moment: datetime, chance: random.Random
) -> Iterator[Fact]:
    """Yield what becomes of a document at its recipient, by intervals as offices have them."""
    steps = ("arrived", "refused") if ends == "refused" else ("arrived", "accepted", "done")
    for step, typical_s in zip(steps, (90, 5_400, 250_000), strict=False):
        seconds = int(typical_s * chance.lognormvariate(0, 1))
        moment = min(moment + timedelta(seconds=seconds), _LAST)
        yield fact(
            event=step,
            **_at(moment),
            account="node" if step == "arrived" else f"client:{recipient}",
            seconds=None if step == "refused" else seconds,
            in_time=chance.random() < _SAME_DAY if step == "accepted" else None,
            reason=chance.choice(("format", "wrong-addressee")) if step == "refused" else "",
        )
        if step == ends:
            return
