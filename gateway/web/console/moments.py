"""Instants as a clerk says them; the exact one stands beside, for hovering and for programs."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from gateway.domain.calendar import OfficeCalendar, Session
from gateway.web.console.words import Words

_FIRST_HOUR, _LAST_HOUR = 6, 20
_WEEK = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A session in today's ribbon, in hundredths of its width."""

    x: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """What the bar says of the present moment."""

    text: str
    rest: str
    sessions: tuple[Stretch, ...]
    now: float | None  #: where the mark stands; None: outside the ribbon


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """Says instants relative to *now* in *zone*."""

    words: Words
    zone: tzinfo
    now: datetime

    def day(self, day: date) -> str:
        """Return a day: today, yesterday, a weekday of this week, or its date."""
        today = self.now.astimezone(self.zone).date()
        if day == today:
            return self.words("time.today")
        if day == today - timedelta(days=1):
            return self.words("time.yesterday")
        if abs((day - today).days) < _WEEK:
            return f"{self.weekday(day)} {day:%d/%m}"
        return f"{day:%d/%m/%Y}"

    def weekday(self, day: date) -> str:
        """Return the name of the day of the week."""
        return self.words(f"time.weekday{day.weekday()}")

    def say(self, at: datetime) -> str:
        """Return *at* as people say it; of today the clock alone."""
        local = at.astimezone(self.zone)
        clock = f"{local:%H:%M}"
        if local.date() == self.now.astimezone(self.zone).date():
            return clock
        return f"{clock} {self.day(local.date())}"

    def exact(self, at: datetime) -> str:
        """Return *at* to the second with its offset."""
        return at.astimezone(self.zone).isoformat(sep=" ", timespec="seconds")

    def group(self, at: datetime) -> str:
        """Return the heading under which a row of *at* stands."""
        day = at.astimezone(self.zone).date()
        said, exact = self.day(day), f"{self.weekday(day)} {day:%d/%m}"
        whole = said if exact in said else f"{said}, {exact}"
        return whole[0].upper() + whole[1:]

    def today(self, calendar: OfficeCalendar) -> Today:
        """Return the bar's sentence and ribbon."""
        local = self.now.astimezone(calendar.tz)
        hour = local.hour + local.minute / 60
        inside = _FIRST_HOUR <= hour <= _LAST_HOUR
        return Today(
            text=f"{self.weekday(local.date())} {local:%d/%m, %H:%M}",
            rest=self._rest(calendar, local),
            sessions=tuple(
                Stretch(x=_place(each.start.hour + each.start.minute / 60), width=_width(each))
                for each in calendar.sessions_of(local.date())
            ),
            now=_place(hour) if inside else None,
        )

    def _rest(self, calendar: OfficeCalendar, local: datetime) -> str:
        for each in calendar.sessions_of(local.date()):
            if each.start <= local.time() < each.end:
                left = datetime.combine(local.date(), each.end) - local.replace(tzinfo=None)
                minutes = max(1, round(left.total_seconds() / 60))
                return self.words("time.left", minutes=minutes)
        legal = calendar.legal_time(local).legal.astimezone(calendar.tz)
        return self.words("time.outside", at=self.say(legal))


def _place(hour: float) -> float:
    return round((hour - _FIRST_HOUR) / (_LAST_HOUR - _FIRST_HOUR) * 100, 2)


def _width(session: Session) -> float:
    start, end = session.start, session.end
    hours = end.hour + end.minute / 60 - start.hour - start.minute / 60
    return round(hours / (_LAST_HOUR - _FIRST_HOUR) * 100, 2)
