"""`gateway check`: what the node would say of messages and files, offline."""

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Protocol

import click
import msgspec
from rich.progress import Progress

from gateway.bootstrap.calendars import Calendars
from gateway.bootstrap.checking import check_files, knows_agencies
from gateway.bootstrap.profiles import everybody_follows
from gateway.cli.node import config_here, default_config
from gateway.cli.options import config_option, format_option, read_instant
from gateway.cli.output import JSON, TABLE, console, show_findings, show_json
from gateway.config import Config
from gateway.domain.characters import legible
from gateway.domain.errors import Misconfigured
from gateway.domain.findings import Finding, Verdict
from gateway.domain.signatures import Signature
from gateway.web.representation import Representation

_LONGEST_PATH = 4096
_LONGEST_LINE = 1000
_WORDS = {
    Verdict.ACCEPT: "chấp nhận / accept",
    Verdict.ACCEPT_WITH_WARNING: "chấp nhận, có cảnh báo / accept with warning",
    Verdict.REJECT: "từ chối / reject",
}


class _Checked(Protocol):
    @property
    def findings(self) -> tuple[Finding, ...]: ...
    @property
    def signatures(self) -> tuple[Signature, ...]: ...
    @property
    def verdict(self) -> Verdict: ...


def _instant(ctx: click.Context, parameter: click.Parameter, value: str | None) -> datetime | None:
    try:
        return None if value is None else read_instant(value)
    except ValueError as error:
        raise click.BadParameter(str(error), ctx, parameter) from None


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--name", help="Name under which the file is announced, of one file.")
@click.option(
    "--trust",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Certificate or folder in the place of the trust anchors; may be repeated.",
)
@click.option(
    "--at",
    callback=_instant,
    metavar="INSTANT",
    help="Moment of validation (ISO 8601 with offset).  [default: now]",
)
@click.option("--profile", metavar="NAME", help="Policy to check by.  [default: as configured]")
@format_option(TABLE, JSON)
@config_option
@click.pass_context
def check(
    ctx: click.Context,
    *,
    files: tuple[str, ...],
    name: str | None,
    trust: tuple[Path, ...],
    at: datetime | None,
    profile: str | None,
    how: str,
    config_file: Path,
) -> None:
    """Check messages and attachments as the node would, offline; nothing is sent or stored.

    Without a configuration here the defaults hold, and agencies are not judged. The exit status
    is 1 when the node would refuse any of the files.
    """
    if name is not None and len(files) > 1:
        raise click.UsageError("--name is for one file", ctx)
    config = config_here(ctx, config_file)
    with_node = config is not None and knows_agencies(config)
    if config is not None and not with_node:
        click.echo(f"{config_file}: the node has no data yet; agencies are not judged", err=True)
    config = _following(config or default_config(), profile)
    render = Representation(Calendars(config).zone).signature
    results = check_files(
        config,
        ((file, Path(file).name if name is None else name) for file in files),
        with_node=with_node,
        at=at,
        trust=trust,
        workers=min(len(files), len(os.sched_getaffinity(0))),
    )
    counts = Counter[Verdict]()
    with closing(results), _progress(len(files)) as advance:
        for file, checked in zip(files, results, strict=True):
            counts[checked.verdict] += 1
            _show(file, checked, render, how)
            advance()
    if how == TABLE and len(files) > 1:
        told = "; ".join(f"{_WORDS[each]}: {counts[each]}" for each in Verdict)
        click.echo(f"{len(files)} tệp / files. {told}")
    if counts[Verdict.REJECT]:
        ctx.exit(1)


def _following(config: Config, profile: str | None) -> Config:
    if profile is None:
        return config
    try:
        return everybody_follows(config, profile)
    except Misconfigured as error:
        raise click.BadParameter(error.message, param_hint="--profile") from None


def _show(
    file: str, checked: _Checked, render: Callable[[Signature], dict[str, object]], how: str
) -> None:
    if how == JSON:
        show_json(
            {
                "file": file,
                "verdict": checked.verdict.value,
                "findings": msgspec.to_builtins(checked.findings),
                "signatures": [render(each) for each in checked.signatures],
            }
        )
        return
    click.echo(f"{legible(file, limit=_LONGEST_PATH)}: {_WORDS[checked.verdict]}")
    for each in checked.signatures:
        told = render(each)
        who = f"{told['signer'] or '?'} ({told['issuer'] or '?'}), {told['signed_at'] or '?'}"
        line = f"chữ ký / signature {each.kind}: {who}: {each.verdict.value}, {each.detail}"
        click.echo(f"  {legible(line, limit=_LONGEST_LINE)}")
    show_findings(checked.findings)


class _Advance(Protocol):
    def __call__(self) -> None: ...


@contextmanager
def _progress(total: int) -> Iterator[_Advance]:
    """Show on a terminal how many are done, unless the results themselves appear there."""
    if not sys.stderr.isatty() or sys.stdout.isatty():
        yield lambda: None
        return
    # No thread of its own: it would stand in the way of new processes.
    shown = Progress(console=console(stderr=True), auto_refresh=False, transient=True)
    with shown:
        task = shown.add_task("Kiểm tra / checking", total=total)

        def advance() -> None:
            shown.update(task, advance=1, refresh=True)

        yield advance
