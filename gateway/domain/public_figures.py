"""Figures for everybody: sums of quarters that are over, without numbers small enough to tell of one.

Quarters do not overlap and do not grow, so that no two pages can be subtracted from each other.
Within a page what is left out cannot be worked out from the sum either.

Source: QĐ 28/2018/QĐ-TTg art. 14.3 (figures are public), 15.1 (quarterly).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gateway.domain.figures import DUTIES, Value
from gateway.domain.periods import Period

Row = Mapping[str, Value]

#: Sums that are shown of the whole node.
TOTALS = ("sent", "deliveries", "arrived", "accepted", "refused")
#: Shares that are shown, each with what is not in it.
SHARES = (
    ("original", ("reference",)),
    *DUTIES.items(),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicRow:
    """One agency or type; a count that is too small to be shown is None."""

    name: str
    counts: Mapping[str, int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicFigures:
    """What everybody may read of one quarter."""

    quarter: Period
    totals: Mapping[str, int | None]
    shares: Mapping[str, int | None]  #: whole percents
    agencies: Sequence[PublicRow]  #: `sent` and `received`, the busiest first
    types: Sequence[PublicRow]  #: `sent`, the most frequent first


def public_figures(
    quarter: Period,
    *,
    total: Row,
    by_agency: Iterable[Row],
    by_type: Iterable[Row],
    least: int,
) -> PublicFigures:
    """Return what may be shown of rows of a report; a count under *least* may not."""
    agencies: dict[str, dict[str, int]] = {}
    for row in by_agency:
        side = ("sent", "sent") if row["direction"] == "out" else ("received", "arrived")
        counts = agencies.setdefault(str(row["agency"]), {"sent": 0, "received": 0})
        counts[side[0]] += _count(row, side[1])
    types = {str(row["type"] or ""): {"sent": _count(row, "sent")} for row in by_type}
    return PublicFigures(
        quarter=quarter,
        totals={name: _shown(_count(total, name), least) for name in TOTALS},
        shares={
            part: _share(_count(total, part), sum(_count(total, each) for each in rest), least)
            for part, rest in SHARES
        },
        agencies=_rows(agencies, ("sent", "received"), least),
        types=_rows(types, ("sent",), least),
    )


def masked(counts: Sequence[int], least: int) -> list[int | None]:
    """Return *counts* without those that tell too much, though their sum be known.

    Left out is every count under *least* but 0, and of the others the smallest, until what is left
    out is no single count and at least *least* together.
    """
    hidden = {n for n, count in enumerate(counts) if 0 < count < least}
    if not hidden:
        return list(counts)
    others = [n for n in sorted(range(len(counts)), key=lambda n: counts[n]) if counts[n] >= least]
    while others and (len(hidden) == 1 or sum(counts[n] for n in hidden) < least):
        hidden.add(others.pop(0))
    return [None if n in hidden else count for n, count in enumerate(counts)]


def _rows(
    counted: Mapping[str, Mapping[str, int]], columns: Sequence[str], least: int
) -> list[PublicRow]:
    names = [name for name, counts in counted.items() if any(counts.values())]
    names.sort(key=lambda name: (-sum(counted[name].values()), name))
    shown = {key: masked([counted[name][key] for name in names], least) for key in columns}
    return [
        PublicRow(name=name, counts={key: shown[key][n] for key in columns})
        for n, name in enumerate(names)
    ]


def _shown(count: int, least: int) -> int | None:
    return None if 0 < count < least else count


def _share(part: int, rest: int, least: int) -> int | None:
    """Return a share in whole percents, None where it would tell of few."""
    if part + rest < least or 0 < part < least or 0 < rest < least:
        return None
    return round(100 * part / (part + rest))


def _count(row: Row, name: str) -> int:
    value = row[name]
    return value if isinstance(value, int) else 0
