"""`gateway calendar`: the legal time of instants, and the working calendar of a year."""

import sys
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import compress
from pathlib import Path

import click

from gateway.bootstrap.calendars import calendars_of
from gateway.cli.node import config_here, default_config
from gateway.cli.options import config_option, format_option, read_instant
from gateway.cli.output import CSV, JSON, TABLE, show_json, show_list, tell_error, write_csv
from gateway.domain.calendar import OfficeCalendar

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LEGAL = {"instant": "Thời điểm / instant", "legal": "Thời điểm pháp lý / legal"}
_LEGAL |= {"provisional": "Tạm tính / provisional"}
_DAY = {
    "date": "Ngày / date",
    "weekday": "Thứ / weekday",
    "working": "Làm việc / working",
    "sessions": "Giờ / sessions",
    "name": "Lý do / reason",
    "notice": "Căn cứ / notice",
}

_agency_option = click.option("--agency", default="", help="Code of an agency with own hours.")


@click.group()
def calendar() -> None:
    """Ask the office calendar. Without a configuration here, the defaults hold."""


@calendar.command("legal-time")
@click.argument("timestamps", nargs=-1, metavar="[TIMESTAMP]...")
@_agency_option
@format_option()
@config_option
@click.pass_context
def legal_time(
    ctx: click.Context, timestamps: tuple[str, ...], agency: str, how: str, config_file: Path
) -> None:
    """Print the legal time of instants (ISO 8601 with offset), given here or one a line.

    Standard input is read for `-`, and when none is given.

    A line that is no instant is reported and the others go on; the exit status is 1 then.
    """
    reader = _Reader(_calendar(ctx, config_file, agency))
    records = reader.records(_texts(timestamps or ("-",)))
    if how == JSON:
        for record in records:
            show_json(record)
    elif how == CSV:
        write_csv({key: key for key in _LEGAL}, records)
    else:
        show_list(list(records), _LEGAL, TABLE)
    if reader.bad:
        ctx.exit(1)


@calendar.command()
@click.argument("year", type=click.IntRange(1900, 9998))
@_agency_option
@format_option()
@config_option
@click.pass_context
def show(ctx: click.Context, year: int, agency: str, how: str, config_file: Path) -> None:
    """Print the working calendar of YEAR.

    The table has the days that differ from the ordinary week; JSON and CSV have every day.
    """
    office = _calendar(ctx, config_file, agency)
    length = (date(year + 1, 1, 1) - date(year, 1, 1)).days
    dates = [date(year, 1, 1) + timedelta(n) for n in range(length)]
    days = [_day(office, each) for each in dates]
    if how != TABLE:
        show_list(days, {key: key for key in _DAY}, how)
        return
    working = sum(day["working"] is True for day in days)
    notice = office.years.get(
        year, "chưa nhập thông báo, tạm tính / no notice entered, provisional"
    )
    title = f"{year}: {working} ngày làm việc / working days. {notice}"
    special = [_is_special(office, each) for each in dates]
    show_list(list(compress(days, special)), _DAY, how, title=title)


class _Reader:
    """Reads instants; counts what is none."""

    def __init__(self, office: OfficeCalendar) -> None:
        self._office = office
        self.bad = 0

    def records(self, texts: Iterable[str]) -> Iterator[dict[str, object]]:
        """Go through the legal times of *texts*; report what is no instant."""
        for number, line in enumerate(texts, start=1):
            text = line.strip()
            if not text:
                continue
            try:
                found = self._office.legal_time(read_instant(text))
            except ValueError as error:
                self.bad += 1
                tell_error(f"line {number}: {error}")
                continue
            yield {
                "instant": found.instant.isoformat(),
                "legal": found.legal.isoformat(),
                "provisional": found.provisional,
            }


def _texts(timestamps: Iterable[str]) -> Iterator[str]:
    """Go through *timestamps*; in the place of ``-`` come the lines of standard input."""
    for each in timestamps:
        if each == "-":
            yield from sys.stdin
        else:
            yield each


def _calendar(ctx: click.Context, config_file: Path, agency: str) -> OfficeCalendar:
    config = config_here(ctx, config_file) or default_config()
    return calendars_of(config)(agency)


def _day(office: OfficeCalendar, day: date) -> dict[str, object]:
    off, worked = office.days_off.get(day), office.worked_days.get(day)
    working = office.is_working_day(day)
    entry = worked if working else off
    return {
        "date": day.isoformat(),
        "weekday": _WEEKDAYS[day.weekday()],
        "working": working,
        "sessions": [f"{each.start:%H:%M}-{each.end:%H:%M}" for each in office.sessions_of(day)],
        "name": off.name if off and not working else "làm bù / in exchange" if entry else "",
        "notice": entry.source if entry else "",
    }


def _is_special(office: OfficeCalendar, day: date) -> bool:
    """Whether *day* differs from the ordinary day of its week."""
    working = office.is_working_day(day)
    if working != (day.weekday() in office.workdays):
        return True
    return working and office.sessions_of(day) != office.sessions
