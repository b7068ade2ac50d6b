"""What the node goes by: working calendar, profiles, terms of retention."""

from collections.abc import Iterator
from datetime import datetime

from gateway.bootstrap.calendars import calendars_of
from gateway.bootstrap.profiles import profiles_of
from gateway.bootstrap.retention_rules import rules_of
from gateway.cli.doctor.diagnosis import OK, WARNING, Diagnosis
from gateway.cli.doctor.texts import Text
from gateway.config import Config

YEAR_KNOWN = Text(vi="{year}: {notice}", en="{year}: {notice}")
YEAR_MISSING = Text(vi="Chưa nhập lịch nghỉ năm {year}", en="{year} is not entered")
YEAR_ENTER = Text(
    vi="Giờ pháp lý của năm {year} chỉ là tạm tính: nhập các thông báo nghỉ vào {files}.",
    en="legal times of {year} are provisional: enter its notices in {files}",
)
PROFILES = Text(vi="{names}", en="{names}")
REMOVAL = Text(vi="{names}", en="{names}")


def calendar(config: Config, now: datetime) -> Iterator[Diagnosis]:
    """Say whether this year and the next are entered."""
    calendar = calendars_of(config)(config.node.code)
    this_year = now.astimezone(calendar.tz).year
    for year in (this_year, this_year + 1):
        if year in calendar.covered_years:
            known = YEAR_KNOWN.filled(year=year, notice=calendar.years[year])
            yield Diagnosis(check="calendar", result=OK, said=known)
            continue
        files = ", ".join(config.hours.calendar) or "hours.calendar"
        yield Diagnosis(
            check="calendar",
            result=WARNING,
            said=YEAR_MISSING.filled(year=year),
            remedy=YEAR_ENTER.filled(year=year, files=files),
        )


def profiles(config: Config, now: datetime) -> Iterator[Diagnosis]:
    """Name the profiles that agencies follow."""
    profiles = profiles_of(config)
    followed = [
        f"{each.agency} {each.profile.name} ({each.since or '…'} to {each.until or '…'})"
        for each in profiles.assignments
    ]
    names = ", ".join([profiles.default.name, *followed])
    yield Diagnosis(check="profiles", result=OK, said=PROFILES.filled(names=names))


def removal(config: Config, now: datetime) -> Iterator[Diagnosis]:
    """Name the rules by which content is removed."""
    names = ", ".join(each.name for each in rules_of(config))
    if names:
        yield Diagnosis(check="removal", result=OK, said=REMOVAL.filled(names=names))
