"""`gateway office`: the sandbox of a node, and the trial of an office system against it."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from gateway.bootstrap.equipment import SystemClock
from gateway.bootstrap.gateway import Gateway
from gateway.bootstrap.sandbox import lent, open_sandbox
from gateway.cli.node import on_node
from gateway.cli.options import config_option, format_option, rest_options
from gateway.cli.output import (
    FORMAT,
    JSON,
    TABLE,
    both,
    counting,
    show_json,
    show_record,
    show_table,
)
from gateway.cli.rest import opened_rest
from gateway.cli.trial import Stage, Tried, try_all
from gateway.cli.trial_steps import steps_for
from gateway.config import Config
from gateway.domain.exchange import Caller
from gateway.domain.routing import PULL

_HERE = ZoneInfo("Asia/Ho_Chi_Minh")
Ended = tuple[Stage, list[Tried]]

_SIGNS = {True: "✓", False: "✗"}


@click.group()
def office() -> None:
    """Try an office system against the sandbox of a node."""


@office.command()
@click.option("--name", default="sandbox", show_default=True, help="What the credential is for.")
@format_option(TABLE, JSON)
@config_option
def sandbox(name: str, how: str, config_file: Path) -> None:
    """Enter the sandbox into the directory where it is missing, and make a token for it.

    The sandbox is no agency: it counts in no statistics, is in no export of the directory, and is
    told to no axis. Whoever has its token may play it in `gateway office test`.
    """

    async def work(gateway: Gateway, caller: Caller) -> dict[str, object]:
        code = await open_sandbox(gateway, caller)
        credential = await gateway.credentials.add(code, caller, name=name)
        return {"id": credential.client.id, "agency": code, "token": credential.token}

    show_record(on_node(config_file, work), how)


@office.command()
@click.argument("code", metavar="CODE")
@click.option(
    "--sandbox",
    "partner",
    envvar="GATEWAY_SANDBOX",
    metavar="CODE:TOKEN",
    help="The sandbox and its token, where the node's configuration is not at hand.",
)
@click.option("--delivery", help="How the office is reached.  [default: as configured, else pull]")
@click.option("--file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--wait", "patience_s", type=click.FloatRange(min=0.1), default=30.0)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@format_option(TABLE, JSON)
@rest_options
@config_option
@click.pass_context
def test(
    ctx: click.Context,
    *,
    code: str,
    partner: str | None,
    delivery: str | None,
    file: Path | None,
    patience_s: float,
    as_json: bool,
    how: str,
    url: str | None,
    token: str | None,
    config_file: Path,
) -> None:
    """Try everything that the office system of CODE must be able to do, on the node that runs.

    Send, receive, refuse, recall, update, replace and every status go through the public API. On
    the node's machine tokens that are missing are made for the trial and revoked afterwards;
    elsewhere give --url, --token and --sandbox. The documents are real ones of the sandbox: they
    take numbers of CODE, so try an office before it goes live. Exit status 1 at the first failure.
    """
    if as_json:
        ctx.meta[FORMAT] = how = JSON
    content = None if file is None else (file.name, file.read_bytes())
    trial = _Trial(agency=code, url=url, content=content, patience_s=patience_s)

    async def alone() -> Ended:
        name, _, secret = (partner or "").rpartition(":")
        if not name:
            raise click.UsageError("--sandbox is CODE:TOKEN, as `gateway office sandbox` made it")
        return await trial.run(name, (token, secret), delivery or PULL)

    async def here(gateway: Gateway, caller: Caller) -> Ended:
        way = delivery or gateway.routes.offices.get(code, PULL)
        here = replace(trial, url=url or _address(gateway.config))
        async with AsyncExitStack() as stack:
            name = await open_sandbox(gateway, caller)
            theirs = await stack.enter_async_context(lent(gateway, caller, name))
            ours = token or await stack.enter_async_context(lent(gateway, caller, code))
            return await here.run(name, (ours, theirs), way)

    stage, tried = asyncio.run(alone()) if partner else on_node(config_file, here)
    _tell(stage, tried, how)
    ctx.exit(0 if all(each.is_good for each in tried) else 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trial:
    """What is to be tried."""

    agency: str
    url: str | None
    content: tuple[str, bytes] | None  #: name and bytes of the file that is sent
    patience_s: float

    async def run(self, partner: str, tokens: tuple[str | None, str], delivery: str) -> Ended:
        """Try all, with the *tokens* of the office and of the sandbox *partner*."""
        steps = steps_for(delivery)
        async with (
            opened_rest(self.url, tokens[0]) as ours,
            opened_rest(self.url, tokens[1]) as theirs,
        ):
            stage = Stage(
                office=ours,
                sandbox=theirs,
                agency=self.agency,
                partner=partner,
                delivery=delivery,
                today=SystemClock().now().astimezone(_HERE).date(),
                patience_s=self.patience_s,
            )
            if self.content is not None:
                stage.name, stage.content = self.content
            with counting("Đang thử / trying", every=1) as tell:
                return stage, await try_all(stage, steps, tell)


def _address(config: Config) -> str:
    """Return where the node of *config* serves."""
    http = config.http
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(http.host, http.host)  # noqa: S104 - read from the settings, not bound
    return f"{'https' if http.tls_certificate else 'http'}://{host}:{http.port}"


def _tell(stage: Stage, tried: list[Tried], how: str) -> None:
    if how == JSON:
        show_json(_as_json(stage, tried))
        return
    show_table(
        ["", "Nhóm / category", "Bước / step", "Mong đợi / expected", "Kết quả / came"],
        [
            [
                "·" if each.got is None else _SIGNS[each.is_good],
                each.step.category,
                both(each.step.vi, each.step.en),
                each.step.expected,
                each.got,
            ]
            for each in tried
        ],
        title=f"{stage.agency} ↔ {stage.partner}",
    )
    for each in tried:
        if each.got is not None and not each.is_good:
            click.echo(f"Cách xử lý / how to mend: {each.step.mend}")
    if stage.codes:
        click.echo(f"Số đã dùng / numbers used: {', '.join(stage.codes)}")


def _as_json(stage: Stage, tried: list[Tried]) -> dict[str, Any]:
    return {
        "agency": stage.agency,
        "sandbox": stage.partner,
        "delivery": stage.delivery,
        "ok": all(each.is_good for each in tried),
        "steps": [
            {
                "category": each.step.category,
                "step": each.step.en,
                "expected": each.step.expected,
                "got": each.got,
                "ok": None if each.got is None else each.is_good,
                "remedy": None if each.is_good or each.got is None else each.step.mend,
            }
            for each in tried
        ],
        "codes": stage.codes,
    }
