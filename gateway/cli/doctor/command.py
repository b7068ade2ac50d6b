"""`gateway doctor`: looks a node over, says what is wrong and how to mend it."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import click

from gateway.bootstrap.equipment import SystemClock
from gateway.cli.doctor import axes, cellar, certificates, policy, services, ways
from gateway.cli.doctor.diagnosis import OK, WRONG, Diagnosis
from gateway.cli.doctor.texts import FAULT, REMEDIES, Text
from gateway.cli.options import config_option, format_option
from gateway.cli.output import TABLE, show_list
from gateway.config import Config, load
from gateway.domain.errors import GatewayError, Misconfigured

CONFIGURED = Text(vi="{file}: nút {code}", en="{file}: {code}")
_COLUMNS = {
    "check": "Mục / check",
    "result": "Kết quả / result",
    "message": "Thấy gì / found",
    "remedy": "Cách xử lý / remedy",
}


@click.command()
@format_option()
@config_option
@click.pass_context
def doctor(ctx: click.Context, how: str, config_file: Path) -> None:
    """Look the node over, say what is wrong and how to mend it.

    Configuration, keys, trust, calendar, profiles, disk, storage, clock, the address to listen on,
    adapters, axes and offices; exit status 1 on an error.
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
    known = CONFIGURED.filled(file=config_file, code=config.node.code)
    yield Diagnosis(check="configuration", result=OK, said=known)
    checks: tuple[Callable[[Config, datetime], Iterator[Diagnosis]], ...] = (
        certificates.keys,
        certificates.former,
        certificates.tls,
        certificates.trust,
        policy.calendar,
        policy.profiles,
        policy.removal,
        cellar.disk,
        cellar.bucket,
        cellar.store,
        cellar.numbers,
        cellar.guards,
        cellar.archive,
        certificates.stamps,
        ways.listen,
        ways.connections,
        axes.axes,
        ways.offices,
        services.scanner,
        services.time,
        services.mail,
        services.traces,
        services.incidents,
    )
    for check in checks:
        try:
            yield from check(config, now)
        except (GatewayError, OSError) as error:
            name = check.__name__
            fault = FAULT.filled(fault=error)
            yield Diagnosis(check=name, result=WRONG, said=fault, remedy=REMEDIES[name])
