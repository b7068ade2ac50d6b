"""The axes, asked: whether they are there and take our credentials, their clock, their certificate."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import msgspec

from gateway.bootstrap.clock_gauge import clock_gauge
from gateway.bootstrap.connections import connect
from gateway.bootstrap.equipment import SystemClock
from gateway.cli.doctor.diagnosis import OK, WARNING, WRONG, Diagnosis
from gateway.cli.doctor.texts import CLOCK_SET, Text
from gateway.config import Axis, Config
from gateway.domain.errors import GatewayError, Misconfigured, Unreachable
from gateway.ports import Knock, Knocking

#: Longest wait for one step of one axis; all are asked at the same time.
_WAIT_S = 10.0
#: So long before the end of its certificate whoever runs an axis is to be told.
_SOON = timedelta(days=30)

ANSWERS = Text(
    vi="{name}: có trả lời và chấp nhận thông tin đăng nhập của nút{clock}{certificate}",
    en="{name} answers and takes our credentials{clock}{certificate}",
)
CLOCK = Text(vi="; đồng hồ lệch {seconds} giây", en="; its clock and ours are {seconds} s apart")
CERTIFICATE = Text(vi="; chứng thư của trục đến {end}", en="; its certificate ends {end}")
CERTIFICATE_TELL = Text(
    vi="Báo đơn vị vận hành trục thay chứng thư.", en="tell whoever runs the axis to renew it"
)
AWAY = Text(vi="{fault}", en="{fault}")
AWAY_WAITS = Text(
    vi="Kiểm tra mạng và endpoint; văn bản qua trục này chờ trong lúc đó.",
    en="look at the network and `endpoint`; documents for it wait meanwhile",
)
REFUSES = Text(
    vi="{name} từ chối; nguyên văn: “{fault}”", en="{name} refuses, in these words: “{fault}”"
)
REFUSES_MEND = Text(
    vi="Kiểm tra systemid, secret_env hoặc secret_file, ca_file và client_certificate của [[axis]] "
    "này với đơn vị vận hành trục.",
    en="compare systemid, secret_env or secret_file, ca_file and client_certificate of this "
    "[[axis]] with whoever runs it",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What became of asking one axis."""

    knock: Knock | None = None  #: None: it failed
    ahead_s: float | None = None  #: how far our clock is ahead of its
    fault: GatewayError | None = None


def axes(config: Config, now: datetime) -> Iterator[Diagnosis]:
    """Ask every axis whose adapter can; what cannot be built is told among the connections."""
    for axis, asked in zip(config.axis, asyncio.run(_ask_all(config)), strict=True):
        if asked.fault is not None:
            yield _failed(axis, asked.fault)
        elif asked.knock is not None:
            yield _answered(config, axis, asked, now)


async def _ask_all(config: Config) -> Sequence[_Asked]:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_ask(config, each)) for each in config.axis]
    return [each.result() for each in tasks]


async def _ask(config: Config, axis: Axis) -> _Asked:
    wait_s = min(_WAIT_S, config.relay.send_timeout_s)
    relay = msgspec.structs.replace(config.relay, send_timeout_s=wait_s)
    alone = msgspec.structs.replace(config, office=(), axis=(axis,), relay=relay)
    gauge = clock_gauge(alone, SystemClock())
    async with AsyncExitStack() as stack:
        try:
            (connection,) = (await connect(alone, SystemClock(), stack, gauge)).values()
            if not isinstance(connection, Knocking):
                return _Asked()
            knock = await connection.knock()
        except (Misconfigured, OSError):
            return _Asked()
        except GatewayError as error:
            return _Asked(fault=error)
    return _Asked(knock=knock, ahead_s=next((each.ahead_s for each in gauge.readings()), None))


def _failed(axis: Axis, fault: GatewayError) -> Diagnosis:
    told = partial(Diagnosis, check="axes")
    if isinstance(fault, Unreachable):
        said = AWAY.filled(fault=fault.message)
        return told(result=WARNING, said=said, remedy=AWAY_WAITS)
    said = REFUSES.filled(name=axis.name, fault=fault.message)
    return told(result=WRONG, said=said, remedy=REFUSES_MEND)


def _answered(config: Config, axis: Axis, asked: _Asked, now: datetime) -> Diagnosis:
    """Say what the axis showed; its clock is judged as strictly as time servers are."""
    seconds, ends = asked.ahead_s, asked.knock.certificate_ends if asked.knock else None
    clock = CLOCK.filled(seconds=f"{abs(seconds):.0f}") if seconds is not None else Text()
    shown = CERTIFICATE.filled(end=ends.date().isoformat()) if ends else Text()
    is_off = bool(seconds and config.notify.clock_s) and abs(seconds or 0) > config.notify.clock_s
    is_ending = ends is not None and ends - now < _SOON
    return Diagnosis(
        check="axes",
        result=WARNING if is_off or is_ending else OK,
        said=Text(
            vi=ANSWERS.vi.format(name=axis.name, clock=clock.vi, certificate=shown.vi),
            en=ANSWERS.en.format(name=axis.name, clock=clock.en, certificate=shown.en),
        ),
        remedy=CLOCK_SET if is_off else CERTIFICATE_TELL if is_ending else Text(),
    )
