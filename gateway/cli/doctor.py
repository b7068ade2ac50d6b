"""`gateway doctor`: looks a node over, says what is wrong and how to mend it."""

import asyncio
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import click

from gateway.bootstrap.administration import key_faults, open_rooms
from gateway.bootstrap.calendars import Calendars
from gateway.bootstrap.equipment import SystemClock, documents_folder
from gateway.cli.options import config_option, format_option
from gateway.cli.output import show_list
from gateway.config import Config, load
from gateway.domain.errors import GatewayError, Misconfigured
from gateway.ports import Transaction

OK, WARNING, WRONG = "ok", "warning", "error"
_COLUMNS = {
    "check": "Mục / check",
    "result": "Kết quả / result",
    "message": "Thấy gì / found",
    "remedy": "Cách xử lý / remedy",
}
#: What the clock of the machine may lag behind the newest record; NTP keeps it far below.
_CLOCK_TOLERANCE = timedelta(seconds=2)
_MB = 1 << 20
_COMFORT = 4  # times the minimum of free space


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What one check found."""

    check: str
    result: str
    message: str
    remedy: str = ""


@click.command()
@format_option()
@config_option
@click.pass_context
def doctor(ctx: click.Context, how: str, config_file: Path) -> None:
    """Look the node over, say what is wrong and how to mend it.

    Configuration, keys, trust, calendar, disk, storage and clock; exit status 1 on an error.
    """
    found = list(_examine(config_file, SystemClock().now()))
    records = [
        {
            "check": each.check,
            "result": each.result,
            "message": each.message,
            "remedy": each.remedy,
        }
        for each in found
    ]
    show_list(records, _COLUMNS, how)
    if any(each.result == WRONG for each in found):
        ctx.exit(1)


def _examine(config_file: Path, now: datetime) -> Iterator[Diagnosis]:
    try:
        config = load(config_file)
    except Misconfigured as error:
        yield Diagnosis(
            check="configuration",
            result=WRONG,
            message=error.message,
            remedy=f"mend {config_file}; `gateway init` shows every key in a new folder",
        )
        return
    yield Diagnosis(check="configuration", result=OK, message=f"{config_file}: {config.node.code}")
    checks: tuple[Callable[[Config, datetime], Iterator[Diagnosis]], ...] = (
        _keys,
        _trust,
        _calendar,
        _disk,
        _store,
    )
    for check in checks:
        try:
            yield from check(config, now)
        except (GatewayError, OSError) as error:
            name = check.__name__.strip("_")
            yield Diagnosis(check=name, result=WRONG, message=str(error), remedy=_REMEDIES[name])


_REMEDIES = {
    "keys": "restore the keys from the backup; a new key makes old receipts no less valid",
    "trust": "make the folder, or take it out of signatures.trust",
    "calendar": "mend the file that is named, or take it out of hours.calendar",
    "disk": "make sure that storage.documents names a folder that exists",
    "store": "make sure that the folders of [storage] can be written by this user",
}


def _keys(config: Config, now: datetime) -> Iterator[Diagnosis]:
    faults = key_faults(config, now=now)
    for fault in faults:
        yield Diagnosis(check="keys", result=WRONG, message=fault, remedy=_REMEDIES["keys"])
    if not faults:
        yield Diagnosis(check="keys", result=OK, message=str(config.path(config.keys.certificate)))


def _trust(config: Config, now: datetime) -> Iterator[Diagnosis]:
    for name in config.signatures.trust:
        folder = config.path(name)
        files = [file for file in folder.iterdir() if file.is_file()]
        yield Diagnosis(
            check="trust",
            result=OK if files else WARNING,
            message=f"{folder}: {len(files)} files",
            remedy="" if files else "put the certificates of the authorities you trust there",
        )


def _calendar(config: Config, now: datetime) -> Iterator[Diagnosis]:
    calendar = Calendars(config)(config.node.code)
    this_year = now.astimezone(calendar.tz).year
    for year in (this_year, this_year + 1):
        known = year in calendar.covered_years
        files = ", ".join(config.hours.calendar) or "hours.calendar"
        yield Diagnosis(
            check="calendar",
            result=OK if known else WARNING,
            message=f"{year}: {calendar.years[year]}" if known else f"{year} is not entered",
            remedy=""
            if known
            else f"legal times of {year} are provisional: enter its notices in {files}",
        )


def _disk(config: Config, now: datetime) -> Iterator[Diagnosis]:
    folder = documents_folder(config)
    existing = next(each for each in (folder, *folder.parents) if each.exists())
    free, least = shutil.disk_usage(existing).free, config.storage.minimum_free_mb * _MB
    result = WRONG if free < least else WARNING if free < _COMFORT * least else OK
    yield Diagnosis(
        check="disk",
        result=result,
        message=f"{existing}: {free // _MB} MB free, submissions stop below {least // _MB} MB",
        remedy="" if result == OK else "make room; old backups and logs first",
    )
    probe = existing / f".gateway-doctor-{os.getpid()}"
    probe.touch()
    probe.unlink()


def _store(config: Config, now: datetime) -> Iterator[Diagnosis]:
    newest = asyncio.run(_newest_record(config))
    yield Diagnosis(check="store", result=OK, message=f"{config.storage.database} can be written")
    if newest is None:
        yield Diagnosis(check="clock", result=OK, message=f"{now.isoformat()}, no record yet")
    elif newest - now > _CLOCK_TOLERANCE:
        yield Diagnosis(
            check="clock",
            result=WRONG,
            message=f"it is {now.isoformat()} here, but the newest record is of {newest.isoformat()}",
            remedy="set the clock, and let NTP keep it",
        )
    else:
        yield Diagnosis(check="clock", result=OK, message=now.isoformat())


async def _newest_record(config: Config) -> datetime | None:
    """Write nothing, durably, and return the instant of the newest audit record."""
    async with open_rooms(config) as gateway:
        await gateway.store.write(lambda tx: None)
        return await gateway.store.read(partial(_newest, chain="main"))


def _newest(tx: Transaction, *, chain: str) -> datetime | None:
    """Find the end of the chain by halving: records are counted from 1 without gaps."""
    low, high = 0, 1
    while tx.audit.after(chain, high, 1):
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if tx.audit.after(chain, middle, 1) else (low, middle)
    last = tx.audit.after(chain, low, 1)
    return datetime.fromisoformat(last[0].at) if last else None
