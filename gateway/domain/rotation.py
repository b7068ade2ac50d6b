"""Which backups are kept: the newest of so many days, weeks and months, and the newest of all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """How many are kept of each kind."""

    daily: int
    weekly: int
    monthly: int


def superfluous(made: Iterable[datetime], rotation: Rotation) -> list[datetime]:
    """Return those of the backups *made* that need not be kept, oldest first.

    Of each of the last *daily* days that have one, the newest is kept; the same of weeks (ISO) and
    months. The newest of all is always kept.
    """
    ordered = sorted(made, reverse=True)
    kept = set(ordered[:1])
    kept |= _newest([(each, each.date()) for each in ordered], rotation.daily)
    kept |= _newest([(each, each.isocalendar()[:2]) for each in ordered], rotation.weekly)
    kept |= _newest([(each, (each.year, each.month)) for each in ordered], rotation.monthly)
    return sorted(set(ordered) - kept)


def _newest(dated: Sequence[tuple[datetime, object]], most: int) -> set[datetime]:
    """Return the newest of each of the last *most* periods; *dated* has the newest first."""
    periods: dict[object, datetime] = {}
    for each, period in dated:
        periods.setdefault(period, each)
    return set(list(periods.values())[:most])
