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
from zoneinfo import ZoneInfo

import click
import msgspec

from gateway.bootstrap.administration import key_faults, open_rooms
from gateway.bootstrap.announcing import mail_server
from gateway.bootstrap.calendars import calendars_of
from gateway.bootstrap.certificates import RECEIPTS, STAMPS, TLS, own_certificates
from gateway.bootstrap.clock_gauge import clock_gauge
from gateway.bootstrap.connections import connect
from gateway.bootstrap.documents import probe_bucket
from gateway.bootstrap.equipment import SystemClock, documents_folder, is_bucket, is_served
from gateway.bootstrap.inspecting import virus_scanner
from gateway.bootstrap.profiles import profiles_of
from gateway.bootstrap.receipts import former_certificates, stamp_anchors
from gateway.bootstrap.retention_rules import rules_of
from gateway.bootstrap.verification import read_trust
from gateway.cli import doctor_texts as texts
from gateway.cli.doctor_texts import FAULT, NOTHING, REMEDIES, SUCCESSORS, TITLES, Text
from gateway.cli.options import config_option, format_option
from gateway.cli.output import TABLE, both, show_list
from gateway.config import Axis, Config, Office, Peer, load
from gateway.domain.announcements import Announcement, Severity
from gateway.domain.audit_segment import Archived
from gateway.domain.directory import Directory
from gateway.domain.errors import GatewayError, Misconfigured, Unavailable
from gateway.domain.peers import code_of_peer
from gateway.domain.signatures import (
    OwnCertificate,
    TrustedCertificate,
    days_left,
    is_expiring,
    warning_stage,
)
from gateway.pipeline.stamping import Delay
from gateway.ports import MailServer, Transaction
from gateway.web.auth import networks
from gateway.web.listening import check_listen, listen
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
    said: Text
    remedy: Text = NOTHING

    @property
    def record(self) -> dict[str, str]:
        """Return it as programs read it."""
        title = TITLES[self.check]
        return {
            "check": self.check,
            "title": title.en,
            "title_vi": title.vi,
            "result": self.result,
            "message": self.said.en,
            "message_vi": self.said.vi,
            "remedy": self.remedy.en,
            "remedy_vi": self.remedy.vi,
        }

    @property
    def row(self) -> dict[str, str]:
        """Return it as people read it, in both languages."""
        return {
            "check": self.check,
            "result": self.result,
            "message": both(self.said.vi, self.said.en if self.said.vi != self.said.en else ""),
            "remedy": both(self.remedy.vi, self.remedy.en),
        }


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
    show_list([each.row if how == TABLE else each.record for each in found], _COLUMNS, how)
    if any(each.result == WRONG for each in found):
        ctx.exit(1)


def _examine(config_file: Path, now: datetime) -> Iterator[Diagnosis]:
    try:
        config = load(config_file)
    except Misconfigured as error:
        yield Diagnosis(
            check="configuration",
            result=WRONG,
            said=FAULT.filled(fault=error.message),
            remedy=REMEDIES["configuration"].filled(file=config_file),
        )
        return
    known = texts.CONFIGURED.filled(file=config_file, code=config.node.code)
    yield Diagnosis(check="configuration", result=OK, said=known)
    checks: tuple[Callable[[Config, datetime], Iterator[Diagnosis]], ...] = (
        _keys,
        _former,
        _tls,
        _trust,
        _calendar,
        _profiles,
        _removal,
        _disk,
        _bucket,
        _store,
        _archive,
        _stamps,
        _listen,
        _connections,
        _offices,
        _scanner,
        _time,
        _mail,
        _incidents,
    )
    for check in checks:
        try:
            yield from check(config, now)
        except (GatewayError, OSError) as error:
            name = check.__name__.strip("_")
            fault = FAULT.filled(fault=error)
            yield Diagnosis(check=name, result=WRONG, said=fault, remedy=REMEDIES[name])


def _scanner(config: Config, now: datetime) -> Iterator[Diagnosis]:
    scanner = virus_scanner(config)
    if scanner is None:
        return
    address, then = config.screening.clamd, config.screening.unscanned
    if scanner(BytesIO()).is_reached:
        answers = texts.SCANNER_ANSWERS.filled(address=address)
        yield Diagnosis(check="scanner", result=OK, said=answers)
        return
    yield Diagnosis(
        check="scanner",
        result=WARNING,
        said=texts.SCANNER_SILENT.filled(address=address, then=then),
        remedy=texts.SCANNER_START,
    )


def _incidents(config: Config, now: datetime) -> Iterator[Diagnosis]:
    """Name the incidents that are open: whoever looks in the morning begins with them."""
    for each in asyncio.run(_open_incidents(config)):
        since = _instant(config, each.begins_at)
        yield Diagnosis(
            check="incidents",
            result=WRONG if each.severity is Severity.CRITICAL else WARNING,
            said=Text(vi=f"{since}: {each.text}", en=f"{since}: {each.text_en or each.text}"),
            remedy=REMEDIES["incidents"],
        )


async def _open_incidents(config: Config) -> list[Announcement]:
    async with open_rooms(config) as gateway:
        shown = await gateway.administration.announcements.shown()
        return [each for each in shown if each.is_incident]


def _time(config: Config, now: datetime) -> Iterator[Diagnosis]:
    """Ask the time servers, where there are any."""
    for server in clock_gauge(config, SystemClock()).servers:
        ahead_s = server()
        off = bool(config.notify.clock_s) and abs(ahead_s) > config.notify.clock_s
        yield Diagnosis(
            check="time",
            result=WRONG if off else OK,
            said=(texts.CLOCK_SLOW if ahead_s < 0 else texts.CLOCK_AHEAD).filled(
                server=server.address, seconds=f"{abs(ahead_s):.3f}"
            ),
            remedy=texts.CLOCK_SET if off else NOTHING,
        )


def _mail(config: Config, now: datetime) -> Iterator[Diagnosis]:
    """Say whether the mail server lets us in, where there is one; nothing is sent."""
    server = mail_server(config)
    if server is None:
        return
    values = {"host": config.notify.smtp_host, "port": config.notify.smtp_port}
    try:
        asyncio.run(_knock(server))
    except Unavailable as error:
        said = texts.MAIL_FAULT.filled(**values, fault=error.message)
        yield Diagnosis(check="mail", result=WARNING, said=said, remedy=texts.MAIL_WAITS)
        return
    yield Diagnosis(check="mail", result=OK, said=texts.MAIL.filled(**values))


async def _knock(server: MailServer) -> None:
    async with server.open():
        pass


def _keys(config: Config, now: datetime) -> Iterator[Diagnosis]:
    faults = key_faults(config, now=now)
    for fault in faults:
        said = FAULT.filled(fault=fault)
        yield Diagnosis(check="keys", result=WRONG, said=said, remedy=REMEDIES["keys"])
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
    values = {
        "file": certificate.file,
        "subject": certificate.subject,
        "end": certificate.valid_to.date().isoformat(),
        "left": left,
        "stage": stage,
    }
    if stage is None:
        return Diagnosis(check=check, result=OK, said=texts.LASTS.filled(**values))
    said = texts.LASTS_DAYS if left >= 0 else texts.EXPIRED
    return Diagnosis(
        check=check,
        result=WARNING if left >= 0 or check == STAMPS else WRONG,
        said=said.filled(**values),
        remedy=SUCCESSORS[check],
    )


def _former(config: Config, now: datetime) -> Iterator[Diagnosis]:
    """List the certificates that signed receipts before; they verify those for ever."""
    for each in former_certificates(config):
        said = texts.FORMER.filled(
            subject=each.subject.rfc4514_string(),
            serial=f"{each.serial_number:x}",
            end=each.not_valid_after_utc.date().isoformat(),
        )
        yield Diagnosis(check="former", result=OK, said=said)


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
    since = _instant(config, delay.since) if delay.since else None
    said = texts.STAMPS_WAIT if since else texts.STAMPED
    yield Diagnosis(
        check="stamps",
        result=WRONG if delay.left <= timedelta() or not anchors else WARNING if late else OK,
        said=said.filled(url=config.keys.tsa_url, anchors=anchors, since=since, hours=hours),
        remedy=REMEDIES["stamps"] if late or not anchors else NOTHING,
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
        said, remedy = texts.TRUST_FAULT.filled(fault=fault), texts.TRUST_FAULT_MEND
        yield Diagnosis(check="trust", result=WARNING, said=said, remedy=remedy)
    entries = trust.listing()
    expiring = [each for each in entries if is_expiring(each, now)]
    yield from (_expiring(each, now) for each in expiring)
    anchors = sum(1 for each in entries if each.is_anchor)
    folders = ", ".join(str(config.path(name)) for name in config.signatures.trust)
    yield Diagnosis(
        check="trust",
        result=OK if anchors else WARNING,
        said=texts.TRUSTED.filled(
            anchors=anchors, others=len(entries) - anchors, lists=len(trust.crls)
        ),
        remedy=NOTHING if anchors else texts.TRUST_NOBODY.filled(folders=folders),
    )


def _expiring(certificate: TrustedCertificate, now: datetime) -> Diagnosis:
    """Warn 60, 30, 14 and 7 days ahead; an expired one still serves what was signed in time."""
    left, stage = days_left(certificate, now), warning_stage(certificate, now)
    said = texts.TRUST_ENDS if left >= 0 else texts.TRUST_ENDED
    return Diagnosis(
        check="trust",
        result=WARNING,
        said=said.filled(
            subject=certificate.subject, left=left, stage=stage, file=certificate.file
        ),
        remedy=SUCCESSORS["trust"],
    )


def _calendar(config: Config, now: datetime) -> Iterator[Diagnosis]:
    calendar = calendars_of(config)(config.node.code)
    this_year = now.astimezone(calendar.tz).year
    for year in (this_year, this_year + 1):
        if year in calendar.covered_years:
            known = texts.YEAR_KNOWN.filled(year=year, notice=calendar.years[year])
            yield Diagnosis(check="calendar", result=OK, said=known)
            continue
        files = ", ".join(config.hours.calendar) or "hours.calendar"
        yield Diagnosis(
            check="calendar",
            result=WARNING,
            said=texts.YEAR_MISSING.filled(year=year),
            remedy=texts.YEAR_ENTER.filled(year=year, files=files),
        )


def _profiles(config: Config, now: datetime) -> Iterator[Diagnosis]:
    profiles = profiles_of(config)
    followed = [
        f"{each.agency} {each.profile.name} ({each.since or '…'} to {each.until or '…'})"
        for each in profiles.assignments
    ]
    names = ", ".join([profiles.default.name, *followed])
    yield Diagnosis(check="profiles", result=OK, said=texts.PROFILES.filled(names=names))


def _removal(config: Config, now: datetime) -> Iterator[Diagnosis]:
    names = ", ".join(each.name for each in rules_of(config))
    if names:
        yield Diagnosis(check="removal", result=OK, said=texts.REMOVAL.filled(names=names))


def _disk(config: Config, now: datetime) -> Iterator[Diagnosis]:
    folder = config.path(config.storage.spool) if is_bucket(config) else documents_folder(config)
    existing = next(each for each in (folder, *folder.parents) if each.exists())
    free, least = shutil.disk_usage(existing).free, config.storage.minimum_free_mb * _MB
    result = WRONG if free < least else WARNING if free < _COMFORT * least else OK
    yield Diagnosis(
        check="disk",
        result=result,
        said=texts.DISK.filled(folder=existing, free=free // _MB, least=least // _MB),
        remedy=NOTHING if result == OK else texts.DISK_FULL,
    )
    probe = existing / f".gateway-doctor-{os.getpid()}"
    probe.touch()
    probe.unlink()


def _bucket(config: Config, now: datetime) -> Iterator[Diagnosis]:
    if not is_bucket(config):
        return
    place, age = probe_bucket(config, SystemClock())
    yield Diagnosis(check="bucket", result=OK, said=texts.BUCKET.filled(place=place))
    if config.storage.s3_endpoint.startswith("http://"):
        yield Diagnosis(
            check="bucket",
            result=WARNING,
            said=texts.BUCKET_CLEAR.filled(endpoint=config.storage.s3_endpoint),
            remedy=texts.BUCKET_TLS,
        )
    if abs(age) > _BUCKET_CLOCK:
        yield Diagnosis(
            check="bucket",
            result=WARNING,
            said=texts.BUCKET_CLOCK.filled(seconds=f"{abs(age).total_seconds():.0f}"),
            remedy=texts.BUCKET_NTP,
        )


def _store(config: Config, now: datetime) -> Iterator[Diagnosis]:
    newest = asyncio.run(_newest_record(config))
    said = texts.STORE.filled(database=config.storage.database)
    yield Diagnosis(check="store", result=OK, said=said)
    if newest is None:
        said = texts.CLOCK_NEW.filled(now=_instant(config, now))
        yield Diagnosis(check="clock", result=OK, said=said)
    elif newest - now > _CLOCK_TOLERANCE:
        yield Diagnosis(
            check="clock",
            result=WRONG,
            said=texts.CLOCK_BEHIND.filled(
                now=_instant(config, now), newest=_instant(config, newest)
            ),
            remedy=texts.CLOCK_SET,
        )
    else:
        said = texts.CLOCK.filled(now=_instant(config, now))
        yield Diagnosis(check="clock", result=OK, said=said)


def _instant(config: Config, at: datetime) -> str:
    """Return an instant as the clocks of the node's zone show it."""
    return at.astimezone(ZoneInfo(config.node.timezone)).isoformat(" ", "seconds")


def _archive(config: Config, now: datetime) -> Iterator[Diagnosis]:
    """Say whether the archived segments of the audit record are where they should be."""
    folder = config.path(config.retention.audit_folder)
    files = [each.file for each in asyncio.run(_segments(config))]
    missing = [each for each in files if not (folder / each).is_file()]
    if missing:
        said = texts.ARCHIVE_LACKS.filled(
            folder=folder, missing=len(missing), count=len(files), first=missing[0]
        )
        yield Diagnosis(check="archive", result=WRONG, said=said, remedy=REMEDIES["archive"])
    elif files:
        said = texts.ARCHIVE.filled(folder=folder, count=len(files))
        yield Diagnosis(check="archive", result=OK, said=said)


def _listen(config: Config, now: datetime) -> Iterator[Diagnosis]:
    http = config.http
    networks(http.trusted_proxies, key="trusted_proxies")
    networks(http.metrics_from, key="metrics_from")
    scheme = "http" if check_listen(config, http.host) is None else "https"
    yield _port(config, f"{scheme}://{http.host}:{http.port}", http.port)
    if check_peers(config) is not None:
        yield _port(config, f"https://{http.host}:{http.peer_port}", http.peer_port)


def _port(config: Config, address: str, port: int) -> Diagnosis:
    """Try to have a port; one that this node holds while it serves is in order."""
    try:
        for each in listen(config.http.host, port):
            each.close()
    except Misconfigured as error:
        served = is_served(config)
        if served:
            said = texts.LISTEN_SERVED.filled(address=address)
            return Diagnosis(check="listen", result=OK, said=said)
        if served is None:
            said = texts.LISTEN_SHARED.filled(address=address)
            return Diagnosis(check="listen", result=WARNING, said=said, remedy=texts.LISTEN_OTHER)
        said = texts.LISTEN_TAKEN.filled(address=address, fault=error.message)
        return Diagnosis(check="listen", result=WRONG, said=said, remedy=texts.LISTEN_OTHER)
    said = texts.LISTEN_ELSEWHERE if is_served(config) else texts.LISTEN_FREE
    return Diagnosis(check="listen", result=OK, said=said.filled(address=address))


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
                said=texts.CONNECTION_FAULT.filled(name=name, fault=error),
                remedy=REMEDIES["connections"],
            )
    if not faults:
        said = texts.CONNECTIONS.filled(offices=len(config.office), axes=len(config.axis))
        yield Diagnosis(check="connections", result=OK, said=said)


async def _connect(config: Config) -> None:
    async with AsyncExitStack() as stack:
        await connect(config, SystemClock(), stack)


def _offices(config: Config, now: datetime) -> Iterator[Diagnosis]:
    directory = asyncio.run(_directory(config))
    faults = [fault for each in config.office for fault in _office(config, each, directory)]
    faults += [fault for each in config.peer for fault in _peer(each, directory)]
    yield from faults
    if not faults:
        said = texts.OFFICES.filled(count=len(config.office))
        yield Diagnosis(check="offices", result=OK, said=said)


def _office(config: Config, office: Office, directory: Directory) -> Iterator[Diagnosis]:
    name, agency = f"[[office]] {office.agency}", directory.find(office.agency)
    warn = partial(Diagnosis, check="offices", result=WARNING)
    if agency is None:
        yield warn(said=texts.AGENCY_UNKNOWN.filled(name=name), remedy=texts.AGENCY_ENTER)
    elif agency.code != office.agency:
        # Ways are looked up by the code in force: an entry under another one is never used.
        said = texts.AGENCY_CODE.filled(name=name, code=agency.code)
        yield warn(said=said, remedy=texts.AGENCY_CODE_WRITE)
    if office.folder and not config.path(office.folder).is_dir():
        yield warn(
            said=texts.FOLDER_MISSING.filled(name=name, folder=config.path(office.folder)),
            remedy=texts.FOLDER_MAKE,
        )


def _peer(peer: Peer, directory: Directory) -> Iterator[Diagnosis]:
    """Say of a peer that nobody has a credential of: a certificate is asked of no one."""
    if directory.find(code_of_peer(peer.agency)) is None:
        yield Diagnosis(
            check="offices",
            result=WARNING,
            said=texts.AGENCY_UNKNOWN.filled(name=f"[[peer]] {peer.agency}"),
            remedy=texts.AGENCY_ENTER,
        )


async def _directory(config: Config) -> Directory:
    async with open_rooms(config) as gateway:
        return await asyncio.to_thread(gateway.directory)


async def _segments(config: Config) -> list[Archived]:
    async with open_rooms(config) as gateway:
        return await gateway.store.read(lambda tx: tx.audit.segments())


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
