"""Counting: the figures of a period, by legal day, agency, hour and reason."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from gateway.domain.calendar import OfficeCalendar
from gateway.domain.errors import Forbidden
from gateway.domain.exchange import Caller, LegalValue, Role
from gateway.domain.figures import ACCEPTED, AgencyFigures, DayFigures, Figures
from gateway.domain.lifecycle import DeliveryState
from gateway.ports import OfficeCalendars, Run, Store, Tally, Transaction

#: A period is cut to so many days.
MOST_DAYS = 366
_REASONS = 10
_DAYS, _HOURS = 7, 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """The room; equipped once by the wiring."""

    store: Store
    zone: tzinfo
    node: str
    calendar: OfficeCalendars
    run: Run

    async def of(self, start: date, end: date, caller: Caller) -> Figures:
        """Return the figures from *start* to *end*, both included, of all agencies."""
        if caller.role not in {Role.ADMIN, Role.AUDITOR}:
            raise Forbidden("these figures are for auditors and administrators")
        end = min(max(end, start), start + timedelta(MOST_DAYS - 1))
        since = datetime.combine(start, time(), self.zone)
        until = datetime.combine(end + timedelta(1), time(), self.zone)
        calendar = await self.run(lambda: self.calendar(self.node))
        return await self.store.read(lambda tx: self._count(tx, since, until, calendar))

    def _count(
        self, tx: Transaction, since: datetime, until: datetime, calendar: OfficeCalendar
    ) -> Figures:
        sent = tx.overview.sent_by_hour(since, until)
        received = tx.overview.received_by_hour(since, until)
        hours = [[0] * _HOURS for _ in range(_DAYS)]
        for hour, count in tx.overview.arrivals(since, until):
            local = hour.astimezone(self.zone)
            hours[local.weekday()][local.hour] += count
        start, length = since.date(), (until.date() - since.date()).days
        days = [start + timedelta(n) for n in range(length)]
        by_day = self._by_day(sent), self._by_day(_original(sent)), self._by_day(received)
        return Figures(
            start=start,
            end=days[-1],
            days=[
                DayFigures(
                    day=day,
                    sent=by_day[0][day],
                    original=by_day[1][day],
                    received=by_day[2][day],
                    working=calendar.is_working_day(day),
                )
                for day in days
            ],
            agencies=_by_agency(sent, received),
            hours=hours,
            reasons=tx.overview.refusals(since, until, _REASONS),
        )

    def _by_day(self, tallies: Iterable[Tally]) -> Counter[date]:
        days: Counter[date] = Counter()
        for each in tallies:
            days[each.hour.astimezone(self.zone).date()] += each.count
        return days


def _original(sent: Iterable[Tally]) -> list[Tally]:
    return [each for each in sent if each.kind == LegalValue.ORIGINAL.value]


def _by_agency(sent: list[Tally], received: list[Tally]) -> list[AgencyFigures]:
    """Return the figures of every agency that sent or received, the busiest first."""
    columns = {
        "sent": _sums(sent),
        "original": _sums(_original(sent)),
        "received": _sums(received),
        "accepted": _sums(each for each in received if each.kind in ACCEPTED),
        "refused": _sums(each for each in received if each.kind == DeliveryState.REFUSED.value),
    }
    codes = sorted({code for column in columns.values() for code in column})
    figures = [
        AgencyFigures(agency=code, **{name: column[code] for name, column in columns.items()})
        for code in codes
    ]
    return sorted(figures, key=lambda each: (-each.sent - each.received, each.agency))


def _sums(tallies: Iterable[Tally]) -> Counter[str]:
    sums: Counter[str] = Counter()
    for each in tallies:
        sums[each.agency] += each.count
    return sums
