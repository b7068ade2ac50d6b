"""Stretches of time, counts and typed times as people write them."""

from datetime import date, datetime, time, timedelta, tzinfo

from gateway.web.console.words import Words

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def span(words: Words, length: timedelta) -> str:
    """Return how long something has lasted, in the two largest units that say something."""
    seconds = max(0, int(length.total_seconds()))
    if seconds < _MINUTE:
        return words("span.now")
    if seconds < _HOUR:
        return words("span.minutes", n=seconds // _MINUTE)
    if seconds < _DAY:
        hours, minutes = seconds // _HOUR, seconds % _HOUR // _MINUTE
        return words("span.hours", n=hours, m=f"{minutes:02d}")
    return words("span.days", n=seconds // _DAY, h=seconds % _DAY // _HOUR)


def number(words: Words, count: int) -> str:
    """Return a count with its thousands apart, as the language does it."""
    return f"{count:,}".replace(",", "." if words.locale == "vi" else ",")


def percent(words: Words, part: int, whole: int) -> str:
    """Return a share with one decimal, a dash where there is nothing to share."""
    return percentage(words, part / whole * 100 if whole else None, ".1f")


def percentage(words: Words, value: float | None, form: str) -> str:
    """Return *value* per cent, its digits by *form*; a dash for none."""
    if value is None:
        return "\u2013"
    text = f"{value:{form}}%"
    return text.replace(".", ",") if words.locale == "vi" else text


def read_day(text: str | None) -> date | None:
    """Return a day as a date field sends it; None for anything else."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def read_near_day(text: str | None) -> date | None:
    """Return a day of the years that people mean; None for anything else."""
    day = read_day(text)
    return day if day is not None and 1900 <= day.year <= 2999 else None  # noqa: PLR2004 - years that a calendar of offices knows


def day_start(text: str | None, zone: tzinfo, *, after: bool = False) -> datetime | None:
    """Return the start of a near day, or of the day *after*; None for what is none."""
    day = read_near_day(text)
    if day is None:
        return None
    return datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(days=after)


def read_moment(day: str, clock: str, zone: tzinfo) -> datetime | None:
    """Return the instant of a date field and a time field; None for what is none."""
    try:
        found = datetime.combine(date.fromisoformat(day), time.fromisoformat(clock or "00:00"))
        return found.replace(tzinfo=zone) if 2000 <= found.year <= 2100 else None  # noqa: PLR2004 - years that a calendar of offices knows
    except ValueError:
        return None
