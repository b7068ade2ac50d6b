"""What the node asks of others: virus scanner, time servers, mail server; and what is open here."""

import asyncio
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO

from gateway.bootstrap.administration import open_rooms
from gateway.bootstrap.announcing import mail_server
from gateway.bootstrap.clock_gauge import clock_gauge
from gateway.bootstrap.equipment import SystemClock
from gateway.bootstrap.inspecting import virus_scanner
from gateway.bootstrap.tracing import check_traces
from gateway.cli.doctor.diagnosis import OK, WARNING, WRONG, Diagnosis, instant
from gateway.cli.doctor.texts import CLOCK_SET, NOTHING, REMEDIES, Text
from gateway.config import Config
from gateway.domain.announcements import Announcement, Severity
from gateway.domain.errors import Unavailable
from gateway.ports import MailServer

SCANNER_ANSWERS = Text(vi="{address} có trả lời.", en="{address} answers")
SCANNER_SILENT = Text(
    vi="{address} không trả lời; unscanned = {then}",
    en="{address} does not answer; unscanned = {then}",
)
SCANNER_START = Text(
    vi="Khởi động clamd, hoặc sửa screening.clamd.", en="start clamd, or mend screening.clamd"
)
CLOCK_AHEAD = Text(
    vi="{server}: đồng hồ của nút nhanh {seconds} giây",
    en="{server}: our clock is {seconds} s ahead",
)
CLOCK_SLOW = Text(
    vi="{server}: đồng hồ của nút chậm {seconds} giây",
    en="{server}: our clock is {seconds} s behind",
)
TRACES = Text(vi="{endpoint}: gửi vết", en="{endpoint} is sent spans")
MAIL = Text(vi="{host} cổng {port} cho phép gửi", en="{host} port {port} lets us in")
MAIL_FAULT = Text(
    vi="{host} cổng {port}; nút báo nguyên văn: “{fault}”", en="{host} port {port}: {fault}"
)
MAIL_WAITS = Text(
    vi="Kiểm tra máy chủ thư và sửa [notify] smtp_…; thư chờ trong lúc đó.",
    en="see that it runs, and mend [notify] smtp_…; mails wait meanwhile",
)


def scanner(config: Config, now: datetime) -> Iterator[Diagnosis]:
    """Ask the virus scanner, where there is one."""
    scanner = virus_scanner(config)
    if scanner is None:
        return
    address, then = config.screening.clamd, config.screening.unscanned
    if scanner(BytesIO()).is_reached:
        answers = SCANNER_ANSWERS.filled(address=address)
        yield Diagnosis(check="scanner", result=OK, said=answers)
        return
    yield Diagnosis(
        check="scanner",
        result=WARNING,
        said=SCANNER_SILENT.filled(address=address, then=then),
        remedy=SCANNER_START,
    )


def time(config: Config, now: datetime) -> Iterator[Diagnosis]:
    """Ask the time servers, where there are any."""
    for server in clock_gauge(config, SystemClock()).servers:
        ahead_s = server()
        off = bool(config.notify.clock_s) and abs(ahead_s) > config.notify.clock_s
        yield Diagnosis(
            check="time",
            result=WRONG if off else OK,
            said=(CLOCK_SLOW if ahead_s < 0 else CLOCK_AHEAD).filled(
                server=server.address, seconds=f"{abs(ahead_s):.3f}"
            ),
            remedy=CLOCK_SET if off else NOTHING,
        )


def traces(config: Config, now: datetime) -> Iterator[Diagnosis]:
    """Say whether spans can be sent, where a collector is named; nothing is sent."""
    endpoint = config.traces.endpoint
    if endpoint:
        check_traces(config)
        yield Diagnosis(check="traces", result=OK, said=TRACES.filled(endpoint=endpoint))


def mail(config: Config, now: datetime) -> Iterator[Diagnosis]:
    """Say whether the mail server lets us in, where there is one; nothing is sent."""
    server = mail_server(config)
    if server is None:
        return
    values = {"host": config.notify.smtp_host, "port": config.notify.smtp_port}
    try:
        asyncio.run(_knock(server))
    except Unavailable as error:
        said = MAIL_FAULT.filled(**values, fault=error.message)
        yield Diagnosis(check="mail", result=WARNING, said=said, remedy=MAIL_WAITS)
        return
    yield Diagnosis(check="mail", result=OK, said=MAIL.filled(**values))


async def _knock(server: MailServer) -> None:
    async with server.open():
        pass


def incidents(config: Config, now: datetime) -> Iterator[Diagnosis]:
    """Name the incidents that are open: whoever looks in the morning begins with them."""
    for each in asyncio.run(_open_incidents(config)):
        since = instant(config, each.begins_at)
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
