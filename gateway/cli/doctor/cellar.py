"""Where things lie: disk, bucket, database, archived records; and the clock against the newest."""

import asyncio
import os
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from gateway.bootstrap.administration import open_rooms
from gateway.bootstrap.documents import probe_bucket
from gateway.bootstrap.equipment import SystemClock, documents_folder, is_bucket
from gateway.cli.doctor.diagnosis import OK, WARNING, WRONG, Diagnosis, instant
from gateway.cli.doctor.texts import CLOCK_SET, NOTHING, REMEDIES, Text
from gateway.config import Config
from gateway.domain.audit_segment import Archived
from gateway.ports import Transaction

#: What the clock of a bucket's server may differ; they refuse requests at a quarter of an hour.
_BUCKET_CLOCK = timedelta(minutes=2)
#: What the clock of the machine may lag behind the newest record; NTP keeps it far below.
_CLOCK_TOLERANCE = timedelta(seconds=2)
_MB = 1 << 20
_COMFORT = 4  # times the minimum of free space

DISK = Text(
    vi="{folder}: còn trống {free} MB, dưới {least} MB thì ngừng nhận văn bản",
    en="{folder}: {free} MB free, submissions stop below {least} MB",
)
DISK_FULL = Text(
    vi="Giải phóng chỗ; trước hết là bản sao lưu và nhật ký cũ.",
    en="make room; old backups and logs first",
)
BUCKET = Text(
    vi="{place} ghi, đọc, liệt kê và xóa được",
    en="{place} can be written, read, listed and cleared",
)
BUCKET_CLEAR = Text(
    vi="{endpoint}: văn bản đi đến đó không được mã hóa",
    en="{endpoint}: documents travel there unencrypted",
)
BUCKET_TLS = Text(
    vi="Cấp chứng thư cho máy chủ và ghi https://.",
    en="give the server a certificate and write https://",
)
BUCKET_CLOCK = Text(
    vi="Đồng hồ của kho và của máy này lệch {seconds} giây",
    en="its clock and ours are {seconds} s apart",
)
BUCKET_NTP = Text(
    vi="Chỉnh cả hai bằng NTP: yêu cầu được ký kèm thời gian.",
    en="set both by NTP: requests are signed with the time",
)
STORE = Text(vi="Ghi được vào {database}", en="{database} can be written")
CLOCK_NEW = Text(vi="{now}, chưa có bản ghi nào", en="{now}, no record yet")
CLOCK = Text(vi="{now}", en="{now}")
CLOCK_BEHIND = Text(
    vi="Ở đây là {now}, nhưng bản ghi mới nhất là của {newest}",
    en="it is {now} here, but the newest record is of {newest}",
)
ARCHIVE = Text(vi="{folder}: {count} tệp", en="{folder}: {count} files")
ARCHIVE_LACKS = Text(
    vi="{folder}: thiếu {missing} trong {count} tệp lưu trữ: {first}",
    en="{folder}: {missing} of {count} archived files are missing: {first}",
)

NO_NUMBERS = Text(
    vi="Nút chưa cấp số, chưa nhận văn bản nào: nút vừa được phục hồi, hoặc cơ sở dữ liệu mất giao dịch",
    en="no numbers are given and no document is taken in: the node was restored, or its database "
    "lost commits",
)
RESUME = Text(
    vi="Tìm số cao nhất mà các cơ quan đã được cấp, rồi chạy `gateway restore --resume`.",
    en="find out the highest numbers that agencies were given, then `gateway restore --resume`",
)
GUARDED = Text(
    vi="Cơ sở dữ liệu tự ngăn việc sửa, xóa nhật ký: đủ các trigger",
    en="the database refuses to change its record: every trigger is there",
)
GUARD_GONE = Text(
    vi="Thiếu hoặc bị sửa trigger {names}: có thể sửa, xóa nhật ký mà cơ sở dữ liệu không ngăn",
    en="gone or altered: {names}; nothing in the database keeps the record from being changed",
)
GUARD_BACK = Text(
    vi="Tìm xem ai đã bỏ, chạy `gateway audit verify` và đối chiếu với bản sao lưu; rồi lập lại bằng "
    "`gateway audit guard`.",
    en="find out who did it, `gateway audit verify`, compare with a backup; then put them back: "
    "`gateway audit guard`",
)


def disk(config: Config, now: datetime) -> Iterator[Diagnosis]:
    """Look at the free space, and whether something can be written."""
    folder = config.path(config.storage.spool) if is_bucket(config) else documents_folder(config)
    existing = next(each for each in (folder, *folder.parents) if each.exists())
    free, least = shutil.disk_usage(existing).free, config.storage.minimum_free_mb * _MB
    result = WRONG if free < least else WARNING if free < _COMFORT * least else OK
    yield Diagnosis(
        check="disk",
        result=result,
        said=DISK.filled(folder=existing, free=free // _MB, least=least // _MB),
        remedy=NOTHING if result == OK else DISK_FULL,
    )
    probe = existing / f".gateway-doctor-{os.getpid()}"
    probe.touch()
    probe.unlink()


def bucket(config: Config, now: datetime) -> Iterator[Diagnosis]:
    """Try the bucket of documents, where there is one."""
    if not is_bucket(config):
        return
    place, age = probe_bucket(config, SystemClock())
    yield Diagnosis(check="bucket", result=OK, said=BUCKET.filled(place=place))
    if config.storage.s3_endpoint.startswith("http://"):
        yield Diagnosis(
            check="bucket",
            result=WARNING,
            said=BUCKET_CLEAR.filled(endpoint=config.storage.s3_endpoint),
            remedy=BUCKET_TLS,
        )
    if abs(age) > _BUCKET_CLOCK:
        yield Diagnosis(
            check="bucket",
            result=WARNING,
            said=BUCKET_CLOCK.filled(seconds=f"{abs(age).total_seconds():.0f}"),
            remedy=BUCKET_NTP,
        )


def store(config: Config, now: datetime) -> Iterator[Diagnosis]:
    """Write to the database, and compare the clock with its newest record."""
    newest = asyncio.run(_newest_record(config))
    said = STORE.filled(database=config.storage.database)
    yield Diagnosis(check="store", result=OK, said=said)
    if newest is None:
        said = CLOCK_NEW.filled(now=instant(config, now))
        yield Diagnosis(check="clock", result=OK, said=said)
    elif newest - now > _CLOCK_TOLERANCE:
        yield Diagnosis(
            check="clock",
            result=WRONG,
            said=CLOCK_BEHIND.filled(now=instant(config, now), newest=instant(config, newest)),
            remedy=CLOCK_SET,
        )
    else:
        said = CLOCK.filled(now=instant(config, now))
        yield Diagnosis(check="clock", result=OK, said=said)


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


def numbers(config: Config, now: datetime) -> Iterator[Diagnosis]:
    """Say so while the node gives no numbers."""
    if asyncio.run(_gives_no_numbers(config)):
        yield Diagnosis(check="numbers", result=WRONG, said=NO_NUMBERS, remedy=RESUME)


async def _gives_no_numbers(config: Config) -> bool:
    async with open_rooms(config) as gateway:
        return await gateway.store.read(lambda tx: tx.numbers.is_blocked())


def guards(config: Config, now: datetime) -> Iterator[Diagnosis]:
    """Name the triggers of the audit record that the database lacks."""
    lost = asyncio.run(_lost_guards(config))
    if lost:
        said = GUARD_GONE.filled(names=", ".join(lost))
        yield Diagnosis(check="guards", result=WRONG, said=said, remedy=GUARD_BACK)
    else:
        yield Diagnosis(check="guards", result=OK, said=GUARDED)


async def _lost_guards(config: Config) -> list[str]:
    async with open_rooms(config) as gateway:
        return await gateway.auditing.lost_guards()


def archive(config: Config, now: datetime) -> Iterator[Diagnosis]:
    """Say whether the archived segments of the audit record are where they should be."""
    folder = config.path(config.retention.audit_folder)
    files = [each.file for each in asyncio.run(_segments(config))]
    missing = [each for each in files if not (folder / each).is_file()]
    if missing:
        said = ARCHIVE_LACKS.filled(
            folder=folder, missing=len(missing), count=len(files), first=missing[0]
        )
        yield Diagnosis(check="archive", result=WRONG, said=said, remedy=REMEDIES["archive"])
    elif files:
        said = ARCHIVE.filled(folder=folder, count=len(files))
        yield Diagnosis(check="archive", result=OK, said=said)


async def _segments(config: Config) -> list[Archived]:
    async with open_rooms(config) as gateway:
        return await gateway.store.read(lambda tx: tx.audit.segments())
