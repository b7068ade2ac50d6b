"""`gateway doctor`: looks a node over, says what is wrong and how to mend it."""

import asyncio
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from io import BytesIO
from pathlib import Path

import click
import msgspec

from gateway.bootstrap.administration import key_faults, open_rooms
from gateway.bootstrap.calendars import calendars_of
from gateway.bootstrap.certificates import RECEIPTS, STAMPS, TLS, own_certificates
from gateway.bootstrap.connections import connect
from gateway.bootstrap.documents import probe_bucket
from gateway.bootstrap.equipment import SystemClock, documents_folder, is_bucket
from gateway.bootstrap.inspecting import virus_scanner
from gateway.bootstrap.profiles import profiles_of
from gateway.bootstrap.receipts import former_certificates, stamp_anchors
from gateway.bootstrap.verification import read_trust
from gateway.cli.options import config_option, format_option
from gateway.cli.output import show_list
from gateway.config import Axis, Config, Office, Peer, load
from gateway.domain.directory import Directory
from gateway.domain.errors import GatewayError, Misconfigured
from gateway.domain.peers import code_of_peer
from gateway.domain.signatures import (
    OwnCertificate,
    TrustedCertificate,
    days_left,
    is_expiring,
    warning_stage,
)
from gateway.pipeline.stamping import Delay
from gateway.ports import Transaction
from gateway.web.auth import networks
from gateway.web.listening import check_listen
from gateway.web.peer_door import check_peers

OK, WARNING, WRONG = "ok", "warning", "error"
_COLUMNS = {
    "check": "Mục / check",
    "result": "Kết quả / result",
    "message": "Thấy gì / found",
    "remedy": "Cách xử lý / remedy",
}
#: What the clock of the machine may lag behind the newest record; NTP keeps it far below.
_CLOCK_TOLERANCE = timedelta(seconds=2)
#: What the clock of a bucket's server may differ; they refuse requests at a quarter of an hour.
_BUCKET_CLOCK = timedelta(minutes=2)
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

    Configuration, keys, trust, calendar, profiles, disk, storage, clock, the address to listen on,
    adapters and offices; exit status 1 on an error.
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
        _former,
        _tls,
        _trust,
        _calendar,
        _profiles,
        _disk,
        _bucket,
        _store,
        _stamps,
        _listen,
        _connections,
        _offices,
        _scanner,
    )
    for check in checks:
        try:
            yield from check(config, now)
        except (GatewayError, OSError) as error:
            name = check.__name__.strip("_")
            yield Diagnosis(check=name, result=WRONG, message=str(error), remedy=_REMEDIES[name])


_REMEDIES = {
    "keys": "restore the keys from the backup; a new key makes old receipts no less valid",
    "former": "put the certificate back, or take it out of keys.former",
    "tls": "mend [http] tls_certificate",
    "stamps": "see in the log why keys.tsa_url gives no stamp; receipts go out all the same",
    "trust": "make the folder, or take it out of signatures.trust",
    "calendar": "mend the file that is named, or take it out of hours.calendar",
    "profiles": "mend [screening] profile, [[profile]], or the file that is named",
    "disk": "make sure that storage.documents names a folder that exists",
    "bucket": "see that the bucket exists, that its server can be reached, and that the key may read, "
    "write, list and delete there: [storage] s3_…",
    "store": "make sure that the folders of [storage] can be written by this user",
    "listen": "mend [http]; the node does not start like this",
    "connections": "mend the entry that is named; the node does not start like this",
    "scanner": "mend screening.clamd; the node does not start like this",
    "offices": "mend [storage] first: the directory of agencies cannot be read",
}


_SUCCESSORS = {
    "keys": "put a certificate that lasts longer for the same key in its place, or "
    "`gateway receipt new-key`",
    "tls": "put its successor into the files of [http]; it is shown without a new start",
    "stamps": "put its successor beside it; both are used while both are valid",
}


def _scanner(config: Config, now: datetime) -> Iterator[Diagnosis]:
    scanner = virus_scanner(config)
    if scanner is None:
        return
    address, then = config.screening.clamd, config.screening.unscanned
    if scanner(BytesIO()).is_reached:
        yield Diagnosis(check="scanner", result=OK, message=f"{address} answers")
        return
    yield Diagnosis(
        check="scanner",
        result=WARNING,
        message=f"{address} does not answer; unscanned = {then}",
        remedy="start clamd, or mend screening.clamd",
    )


def _keys(config: Config, now: datetime) -> Iterator[Diagnosis]:
    faults = key_faults(config, now=now)
    for fault in faults:
        yield Diagnosis(check="keys", result=WRONG, message=fault, remedy=_REMEDIES["keys"])
    if faults:
        return
    mine = [each for each in own_certificates(config) if each.use == RECEIPTS]
    yield from (_lasting("keys", each, now) for each in mine)


def _tls(config: Config, now: datetime) -> Iterator[Diagnosis]:
    shown = [each for each in own_certificates(config) if each.use == TLS]
    yield from (_lasting("tls", each, now) for each in shown)


def _lasting(check: str, certificate: OwnCertificate, now: datetime) -> Diagnosis:
    """Warn 60, 30, 14 and 7 days ahead; what the node shows or signs with must be valid.

    Who judges time stamps may keep an old certificate beside the new one.
    """
    left, stage = days_left(certificate, now), warning_stage(certificate, now)
    name = (
        f"{certificate.file}: {certificate.subject}, valid to {certificate.valid_to.isoformat()}"
    )
    if stage is None:
        return Diagnosis(check=check, result=OK, message=name)
    when = f"{left} days left, warned {stage} days ahead" if left >= 0 else "it has expired"
    return Diagnosis(
        check=check,
        result=WARNING if left >= 0 or check == STAMPS else WRONG,
        message=f"{name}: {when}",
        remedy=_SUCCESSORS[check],
    )


def _former(config: Config, now: datetime) -> Iterator[Diagnosis]:
    """List the certificates that signed receipts before; they verify those for ever."""
    for each in former_certificates(config):
        end = each.not_valid_after_utc.isoformat()
        name = f"{each.subject.rfc4514_string()}, serial {each.serial_number:x}"
        yield Diagnosis(check="former", result=OK, message=f"{name}, valid to {end}")


def _stamps(config: Config, now: datetime) -> Iterator[Diagnosis]:
    """Tell how long receipts have waited for their time stamps, where they get any."""
    if not config.keys.tsa_url:
        return
    anchors = len(stamp_anchors(config))
    judging = [each for each in own_certificates(config) if each.use == STAMPS]
    yield from (_lasting("stamps", each, now) for each in judging if is_expiring(each, now))
    delay = asyncio.run(_delay(config))
    hours = round(delay.left / timedelta(hours=1), 1)
    late = delay.left < timedelta(hours=config.keys.tsa_limit_h / 2)
    waits = "every receipt is stamped"
    if delay.since is not None:
        waits = f"the oldest without a stamp is of {delay.since.isoformat()}, {hours} hours left"
    yield Diagnosis(
        check="stamps",
        result=WRONG if delay.left <= timedelta() or not anchors else WARNING if late else OK,
        message=f"{config.keys.tsa_url}, {anchors} certificates to trust: {waits}",
        remedy=_REMEDIES["stamps"] if late or not anchors else "",
    )


async def _delay(config: Config) -> Delay:
    async with open_rooms(config) as gateway:
        return await gateway.stamping.delay()


def _trust(config: Config, now: datetime) -> Iterator[Diagnosis]:
    for name in config.signatures.trust:
        if not config.path(name).is_dir():
            raise Misconfigured(f"{config.path(name)}: there is no such folder")
    trust = read_trust(config)
    for fault in trust.faults:
        remedy = "take the file out, or put the right one in its place"
        yield Diagnosis(check="trust", result=WARNING, message=fault, remedy=remedy)
    entries = trust.listing()
    expiring = [each for each in entries if is_expiring(each, now)]
    yield from (_expiring(each, now) for each in expiring)
    anchors = sum(1 for each in entries if each.is_anchor)
    yield Diagnosis(
        check="trust",
        result=OK if anchors else WARNING,
        message=f"{anchors} anchors, {len(entries) - anchors} intermediates, "
        f"{len(trust.crls)} revocation lists",
        remedy=""
        if anchors
        else "put the certificates of the authorities you trust into "
        f"{', '.join(str(config.path(name)) for name in config.signatures.trust)}",
    )


def _expiring(certificate: TrustedCertificate, now: datetime) -> Diagnosis:
    """Warn 60, 30, 14 and 7 days ahead; an expired one still serves what was signed in time."""
    left, stage = days_left(certificate, now), warning_stage(certificate, now)
    when = f"expires in {left} days" if left >= 0 else "has expired"
    return Diagnosis(
        check="trust",
        result=WARNING,
        message=f"{certificate.subject} {when} (warned {stage} days ahead): {certificate.file}",
        remedy="put its successor beside it; both are used while both are valid",
    )


def _calendar(config: Config, now: datetime) -> Iterator[Diagnosis]:
    calendar = calendars_of(config)(config.node.code)
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


def _profiles(config: Config, now: datetime) -> Iterator[Diagnosis]:
    profiles = profiles_of(config)
    followed = [
        f"{each.agency} {each.profile.name} ({each.since or '…'} to {each.until or '…'})"
        for each in profiles.assignments
    ]
    message = ", ".join([profiles.default.name, *followed])
    yield Diagnosis(check="profiles", result=OK, message=message)


def _disk(config: Config, now: datetime) -> Iterator[Diagnosis]:
    folder = config.path(config.storage.spool) if is_bucket(config) else documents_folder(config)
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


def _bucket(config: Config, now: datetime) -> Iterator[Diagnosis]:
    if not is_bucket(config):
        return
    place, age = probe_bucket(config, SystemClock())
    message = f"{place} can be written, read, listed and cleared"
    yield Diagnosis(check="bucket", result=OK, message=message)
    if config.storage.s3_endpoint.startswith("http://"):
        yield Diagnosis(
            check="bucket",
            result=WARNING,
            message=f"{config.storage.s3_endpoint}: documents travel there unencrypted",
            remedy="give the server a certificate and write https://",
        )
    if abs(age) > _BUCKET_CLOCK:
        yield Diagnosis(
            check="bucket",
            result=WARNING,
            message=f"its clock and ours are {abs(age).total_seconds():.0f} s apart",
            remedy="set both by NTP: requests are signed with the time",
        )


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


def _listen(config: Config, now: datetime) -> Iterator[Diagnosis]:
    http = config.http
    networks(http.trusted_proxies, key="trusted_proxies")
    networks(http.metrics_from, key="metrics_from")
    scheme = "http" if check_listen(config, http.host) is None else "https"
    nodes = "" if check_peers(config) is None else f", nodes at port {http.peer_port}"
    message = f"{scheme}, {http.host} port {http.port}{nodes}"
    yield Diagnosis(check="listen", result=OK, message=message)


def _connections(config: Config, now: datetime) -> Iterator[Diagnosis]:
    """Build each adapter alone, so that all that are wrong are named and not the first only."""
    alone: list[tuple[str, tuple[Office, ...], tuple[Axis, ...]]] = [
        *((f"[[office]] {each.agency}", (each,), ()) for each in config.office),
        *((f"[[axis]] {each.name}", (), (each,)) for each in config.axis),
    ]
    faults = 0
    for name, office, axis in alone:
        try:
            asyncio.run(_connect(msgspec.structs.replace(config, office=office, axis=axis)))
        except (GatewayError, OSError) as error:
            faults += 1
            yield Diagnosis(
                check="connections",
                result=WRONG,
                message=f"{name}: {error}",
                remedy=_REMEDIES["connections"],
            )
    if not faults:
        message = f"{len(config.office)} offices, {len(config.axis)} axes"
        yield Diagnosis(check="connections", result=OK, message=message)


async def _connect(config: Config) -> None:
    async with AsyncExitStack() as stack:
        await connect(config, SystemClock(), stack)


def _offices(config: Config, now: datetime) -> Iterator[Diagnosis]:
    directory = asyncio.run(_directory(config))
    faults = [fault for each in config.office for fault in _office(config, each, directory)]
    faults += [fault for each in config.peer for fault in _peer(each, directory)]
    yield from faults
    if not faults:
        message = f"{len(config.office)} in the configuration"
        yield Diagnosis(check="offices", result=OK, message=message)


def _office(config: Config, office: Office, directory: Directory) -> Iterator[Diagnosis]:
    name, agency = f"[[office]] {office.agency}", directory.find(office.agency)
    warn = partial(Diagnosis, check="offices", result=WARNING)
    if agency is None:
        yield warn(
            message=f"{name}: the directory does not know this agency",
            remedy="mend the code, or enter the agency with `gateway agency add`",
        )
    elif agency.code != office.agency:
        # Ways are looked up by the code in force: an entry under another one is never used.
        yield warn(message=f"{name}: the code in force is {agency.code}", remedy="write that code")
    if office.folder and not config.path(office.folder).is_dir():
        yield warn(
            message=f"{name}: there is no folder {config.path(office.folder)}",
            remedy="mount or make the folder that the office shares with the node",
        )


def _peer(peer: Peer, directory: Directory) -> Iterator[Diagnosis]:
    """Say of a peer that nobody has a credential of: a certificate is asked of no one."""
    if directory.find(code_of_peer(peer.agency)) is None:
        yield Diagnosis(
            check="offices",
            result=WARNING,
            message=f"[[peer]] {peer.agency}: the directory does not know this agency",
            remedy="mend the code, or enter the agency with `gateway agency add`",
        )


async def _directory(config: Config) -> Directory:
    async with open_rooms(config) as gateway:
        return await asyncio.to_thread(gateway.directory)


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
