"""Resuming: a restored node learns which numbers were given after its backup, and goes on.

What the backup does not know of was given all the same: a number that came twice would name two
documents. So every series is raised to the highest number that anybody can show; where nobody
shows one, so many are left out as could have been given since, by how many were given before. What
is left out is recorded as lost.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from gateway.domain.codes import office_year, parse_document_code
from gateway.domain.errors import Conflict
from gateway.domain.exchange import AuditEntry, Caller
from gateway.ports import Clock, Store, Transaction

#: At least so many numbers are left out where nobody knows how many were given.
LEAST_GAP = 1000
#: An agency may have been so many times as busy as before.
_BUSIER = 5
_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """Numbers that may have been given and whose documents are not here."""

    series: str
    first: int
    last: int
    known: bool  #: somebody showed that the last of them was given


@dataclass(frozen=True, slots=True, kw_only=True)
class Resuming:
    """The room; equipped once by the wiring."""

    store: Store
    clock: Clock
    zone: tzinfo

    async def resume(
        self, caller: Caller, *, codes: Sequence[str] = (), nothing_lost: bool = False
    ) -> list[Lost]:
        """Let the node give numbers again; return what is left out.

        Args:
            caller: who does so.
            codes: document codes that were given, by whatever receipt, office or peer shows them.
            nothing_lost: nothing else was given since the backup.

        Raises:
            Conflict: the node was not restored, or gives numbers again already.
            ValueError: one of *codes* is no document code.
        """
        highest = _highest(codes)
        now = self.clock.now()
        year = office_year(now, self.zone)

        def unit(tx: Transaction) -> list[Lost]:
            if not tx.numbers.is_blocked():
                raise Conflict("this node gives numbers: there is nothing to resume")
            since = _restored_from(tx)
            lost = []
            known = tx.numbers.listing()
            for series in sorted({*known, *highest}):
                value, of_year = known.get(series, 0), int(series.rpartition(":")[2])
                shown = highest.get(series, 0)
                gap = 0 if nothing_lost else _gap(value, of_year, since, now)
                # What is shown proves what was given at least: no more may have been, or many.
                target = max(shown, value + gap)
                if target > value:
                    known_last = shown == target
                    lost.append(
                        Lost(series=series, first=value + 1, last=target, known=known_last)
                    )
                    tx.numbers.raise_to(series, target)
            floor = 0 if nothing_lost else _floor(known, year, since, now)
            tx.numbers.resume(year, floor)
            self._record(tx, caller, lost, now)
            return lost

        return await self.store.write(unit)

    def _record(
        self, tx: Transaction, caller: Caller, lost: Sequence[Lost], now: datetime
    ) -> None:
        for each in lost:
            data = {"first": each.first, "last": each.last, "known": each.known}
            tx.audit.append(_entry(caller, now, "numbers-lost", each.series, data))
        tx.audit.append(_entry(caller, now, "resumed", "node", {"series": len(lost)}))


def _entry(
    caller: Caller, now: datetime, action: str, about: str, data: Mapping[str, object]
) -> AuditEntry:
    return AuditEntry(
        at=now,
        actor=caller.actor,
        address=caller.address,
        action=action,
        about=about,
        data=data,
    )


def _highest(codes: Sequence[str]) -> dict[str, int]:
    """Return the highest number that was shown, by series."""
    highest: dict[str, int] = {}
    for text in codes:
        code = parse_document_code(text)
        series = f"code:{code.agency}:{code.year}"
        highest[series] = max(code.sequence, highest.get(series, 0))
    return highest


def _restored_from(tx: Transaction) -> datetime | None:
    """Return when the backup was made of which the node comes, None when that is not on record."""
    made = tx.settings.find("restored_from")
    return None if made is None else datetime.fromisoformat(made)


def _gap(value: int, year: int, since: datetime | None, now: datetime) -> int:
    """Return how many numbers of a series of *year* could have been given since the backup."""
    if since is None:
        return LEAST_GAP + value
    begun = since.replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    days = max(1.0, (since - begun).total_seconds() / _DAY_S) if since.year == year else 1.0
    ended = now if now.year == year else now.replace(year=year + 1, month=1, day=1)
    passed = max(0.0, (min(now, ended) - since).total_seconds() / _DAY_S)
    return LEAST_GAP + int(value / days * passed * _BUSIER)


def _floor(known: Mapping[str, int], year: int, since: datetime | None, now: datetime) -> int:
    """Return above what a series of *year* begins of which the backup knows nothing.

    As much as the busiest series could have come to since: when the year turned meanwhile, that
    is what the year before tells of its pace.
    """
    values = [
        value for series, value in known.items() if series.endswith((f":{year}", f":{year - 1}"))
    ]
    busiest = max(values, default=0)
    if since is None:
        return LEAST_GAP + busiest
    days = max(1.0, float(since.timetuple().tm_yday))
    passed = max(0.0, (now - since).total_seconds() / _DAY_S)
    return LEAST_GAP + int(busiest / days * passed * _BUSIER)
