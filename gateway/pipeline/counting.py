"""Counting: the figures of a period as a page shows them, by legal day, agency, hour and reason."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta

from gateway.domain.calendar import OfficeCalendar
from gateway.domain.directory import Directory
from gateway.domain.errors import Forbidden
from gateway.domain.exchange import Caller, LegalValue, Role
from gateway.domain.figures import ACTUAL, LEGAL, Question, Tally, counts_for
from gateway.domain.period_figures import AgencyFigures, DayFigures, Figures
from gateway.domain.statistics import ARRIVED, SENT
from gateway.ports import OfficeCalendars, Run, Store, Transaction

#: A period is cut to so many days.
MOST_DAYS = 366
_DAYS, _HOURS = 7, 24
#: Counts of an agency, by what they are of: side and event.
_OF_AGENCY = {
    ("out", SENT): "sent",
    ("in", ARRIVED): "received",
    ("in", "accepted"): "accepted",
    ("in", "refused"): "refused",
}
#: What is counted of an agency.
_COUNTS = tuple(each.name for each in fields(AgencyFigures) if each.name != "agency")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """The room; equipped once by the wiring."""

    store: Store
    node: str
    calendar: OfficeCalendars
    run: Run
    directory: Callable[[], Directory]
    catch_up: Callable[[], Awaitable[None]]  #: reads the records of which no facts are kept yet

    async def last_day(self, today: date, by: str) -> date:
        """Return the day up to which everything that has happened by now is counted.

        By legal dates that is a day to come when something was sent after hours or on a day off.
        """
        if by == ACTUAL:
            return today
        await self.catch_up()
        newest = await self.store.read(lambda tx: tx.statistics.last_legal_day())
        return max(today, newest or today)

    async def of(
        self,
        start: date,
        end: date,
        caller: Caller,
        *,
        by: str = LEGAL,
        roll_up: str | None = None,
    ) -> Figures:
        """Return the figures from *start* to *end*, both included, of all agencies.

        *by* says whether an event counts on its legal or on its actual day, *roll_up* where what
        an agency did counts, too; the sums of the period have everything once.
        """
        if caller.role not in {Role.ADMIN, Role.AUDITOR}:
            raise Forbidden("these figures are for auditors and administrators")
        end = min(max(end, start), start + timedelta(MOST_DAYS - 1))
        calendar = await self.run(lambda: self.calendar(self.node))
        directory = await self.run(self.directory)
        await self.catch_up()
        asked = Question(first=start, last=end, by=by, roll_up=roll_up, timed=False)
        return await self.store.read(lambda tx: _count(tx, asked, calendar, directory))


def _count(
    tx: Transaction, asked: Question, calendar: OfficeCalendar, directory: Directory
) -> Figures:
    def facts(*group: str, by: str = asked.by) -> list[Tally]:
        return tx.statistics.tallies(replace(asked, group=group, by=by))

    start, end = asked.first, asked.last
    days = facts("day")
    sent, received = _by_day(days, SENT), _by_day(days, ARRIVED)
    original = _by_day(_original(days), SENT)
    agencies = _by_agency(facts("agency", "direction"))
    return Figures(
        start=start,
        end=end,
        by=asked.by,
        roll_up=asked.roll_up,
        days=[
            DayFigures(
                day=day,
                sent=sent[day],
                original=original[day],
                received=received[day],
                working=calendar.is_working_day(day),
            )
            for day in (start + timedelta(n) for n in range((end - start).days + 1))
        ],
        agencies=_rolled_up(agencies, asked, directory),
        accepted=sum(each.accepted for each in agencies),
        refused=sum(each.refused for each in agencies),
        hours=_by_hour(facts("day", "hour", by=ACTUAL)),
        reasons=_reasons(facts("reason")),
    )


def _by_day(tallies: Iterable[Tally], event: str) -> Counter[date]:
    days: Counter[date] = Counter()
    for each in tallies:
        if each.event == event:
            days[date.fromisoformat(str(each.keys[0]))] += each.count
    return days


def _original(tallies: Iterable[Tally]) -> list[Tally]:
    return [each for each in tallies if each.legal_value == LegalValue.ORIGINAL.value]


def _by_agency(tallies: Iterable[Tally]) -> list[AgencyFigures]:
    """Return the figures of every agency that sent or received."""
    sums: dict[str, Counter[str]] = {}
    for each in tallies:
        agency, direction = map(str, each.keys)
        name = _OF_AGENCY.get((direction, each.event))
        if name is not None:
            sums.setdefault(agency, Counter())[name] += each.count
            if name == "sent" and each.legal_value == LegalValue.ORIGINAL.value:
                sums[agency]["original"] += each.count
    return [AgencyFigures(agency=code, **counts) for code, counts in sums.items()]


def _rolled_up(
    agencies: Sequence[AgencyFigures], asked: Question, directory: Directory
) -> list[AgencyFigures]:
    """Return the figures of *agencies* and of where they count, too, the busiest first."""
    sums: dict[str, Counter[str]] = {}
    for each in agencies:
        counts = {name: getattr(each, name) for name in _COUNTS}
        for code in counts_for(each.agency, asked.roll_up, asked.last, directory):
            sums.setdefault(code, Counter()).update(counts)
    figures = [AgencyFigures(agency=code, **counts) for code, counts in sums.items()]
    return sorted(figures, key=lambda each: (-each.sent - each.received, each.agency))


def _by_hour(tallies: Iterable[Tally]) -> list[list[int]]:
    """Return arrivals by weekday, Monday first, and hour of the clock."""
    hours = [[0] * _HOURS for _ in range(_DAYS)]
    for each in tallies:
        if each.event == ARRIVED:
            day, hour = each.keys
            hours[date.fromisoformat(str(day)).weekday()][int(str(hour))] += each.count
    return hours


def _reasons(tallies: Iterable[Tally]) -> list[tuple[str, int]]:
    """Return the kinds of reasons of refusals, the most frequent first."""
    reasons: Counter[str] = Counter()
    for each in tallies:
        if each.event == "refused":
            reasons[str(each.keys[0])] += each.count
    return reasons.most_common()
