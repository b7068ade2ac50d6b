"""`gateway agency`: the directory of agencies."""

from datetime import datetime
from pathlib import Path

import click

from gateway.bootstrap.gateway import Gateway
from gateway.cli.node import on_node
from gateway.cli.options import config_option, day, format_option
from gateway.cli.output import CSV, JSON, show_json, show_list, show_record, working
from gateway.domain.directory import Agency, AgencyKind
from gateway.domain.errors import Refused
from gateway.domain.exchange import Caller
from gateway.pipeline.agencies import public_form

_COLUMNS = {
    "code": "Mã định danh / code",
    "name": "Tên / name",
    "parent": "Cấp trên / parent",
    "legacy_code": "Mã cũ / older code",
    "kind": "Loại / kind",
    "valid_from": "Từ / from",
    "valid_to": "Đến / to",
    "successor": "Kế thừa / successor",
}

_decision_option = click.option("--decision", help="Reference of the decision it rests on.")
_on_option = click.option("--on", type=day, help="Day from which it holds.  [default: today]")


@click.group()
def agency() -> None:
    """Keep the directory of agencies."""


@agency.command()
@click.argument("name")
@click.option("--parent", help="Code of the agency above; the node's own without --code.")
@click.option("--code", help="Its code; without it the next free one below the parent.")
@click.option("--legacy-code", help="Its older code (QCVN 102:2016), such as 000.00.01.H13.")
@click.option("--short-name", help="Short name.")
@click.option("--kind", type=click.Choice([each.value for each in AgencyKind]), help="What it is.")
@_decision_option
@_on_option
@format_option()
@config_option
def add(
    *,
    name: str,
    parent: str | None,
    code: str | None,
    legacy_code: str | None,
    short_name: str | None,
    kind: str | None,
    decision: str | None,
    on: datetime | None,
    how: str,
    config_file: Path,
) -> None:
    """Enter the agency NAME."""

    async def work(gateway: Gateway, caller: Caller) -> Agency:
        above = parent if parent or code else gateway.config.node.code
        return await gateway.agencies.add(
            caller,
            name=name,
            code=code,
            parent=above,
            legacy_code=legacy_code,
            short_name=short_name,
            kind=AgencyKind(kind) if kind else None,
            decision=decision,
            on=on.date() if on else None,
        )

    added = on_node(config_file, work)
    show_record({"code": added.code, "name": added.name, "parent": added.parent}, how)


@agency.command("list")
@click.option("--all/--open", "closed_too", default=True, help="Closed agencies too, or not.")
@format_option()
@config_option
def list_agencies(*, closed_too: bool, how: str, config_file: Path) -> None:
    """List the agencies, in the order of their codes."""

    async def work(gateway: Gateway, caller: Caller) -> list[Agency]:
        today = gateway.clock.now().astimezone(gateway.zone).date()
        listed = await gateway.agencies.listing()
        return [each for each in listed if closed_too or each.is_open(today)]

    show_list([public_form(each) for each in on_node(config_file, work)], _COLUMNS, how)


@agency.command()
@click.argument("code")
@format_option()
@config_option
def show(code: str, how: str, config_file: Path) -> None:
    """Show the agency CODE (either form of the code)."""

    async def work(gateway: Gateway, caller: Caller) -> Agency:
        return await gateway.agencies.show(code)

    show_record(public_form(on_node(config_file, work)), how)


@agency.command()
@click.argument("code")
@click.option("--parent", required=True, help="Code of the agency that it comes under.")
@_decision_option
@_on_option
@format_option()
@config_option
def move(
    code: str,
    parent: str,
    decision: str | None,
    on: datetime | None,
    how: str,
    config_file: Path,
) -> None:
    """Bring the agency CODE, with all below it, under another one; print what changed.

    A dotted code says where its agency stands, so a new one is assigned and the old one closed.
    """

    async def work(gateway: Gateway, caller: Caller) -> tuple[Agency, ...]:
        return await gateway.agencies.move(
            code, caller, parent=parent, decision=decision, on=on.date() if on else None
        )

    show_list([public_form(each) for each in on_node(config_file, work)], _COLUMNS, how)


@agency.command()
@click.argument("codes", nargs=-1, required=True, metavar="CODE...")
@click.option("--into", required=True, help="Code of the agency that takes them in.")
@_decision_option
@_on_option
@format_option()
@config_option
def merge(
    codes: tuple[str, ...],
    into: str,
    decision: str | None,
    on: datetime | None,
    how: str,
    config_file: Path,
) -> None:
    """Close the agencies CODE with one after them; those below move. Prints what changed."""

    async def work(gateway: Gateway, caller: Caller) -> tuple[Agency, ...]:
        return await gateway.agencies.merge(
            codes, caller, into=into, decision=decision, on=on.date() if on else None
        )

    show_list([public_form(each) for each in on_node(config_file, work)], _COLUMNS, how)


@agency.command()
@click.argument("code")
@click.option("--successor", help="Code of the agency that follows.")
@_decision_option
@_on_option
@format_option()
@config_option
def close(
    code: str,
    successor: str | None,
    decision: str | None,
    on: datetime | None,
    how: str,
    config_file: Path,
) -> None:
    """Close the agency CODE; its code is never assigned again."""

    async def work(gateway: Gateway, caller: Caller) -> Agency:
        return await gateway.agencies.close(
            code, caller, successor=successor, decision=decision, on=on.date() if on else None
        )

    show_record(public_form(on_node(config_file, work)), how)


@agency.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@format_option()
@config_option
def import_agencies(file: Path, how: str, config_file: Path) -> None:
    """Take in the agencies of FILE (CSV): all of them, or none when a line is bad."""
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise Refused(f"{file}: cannot be read: {error.strerror}") from error

    async def work(gateway: Gateway, caller: Caller) -> dict[str, object]:
        done = await gateway.agencies.import_file(raw, caller)
        return {"added": done.added, "changed": done.changed, "unchanged": done.unchanged}

    with working("đang nhập / importing …"):
        done = on_node(config_file, work)
    show_record(done, how)


@agency.command()
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="File.")
@format_option(CSV, JSON)
@config_option
def export(output: Path | None, how: str, config_file: Path) -> None:
    """Print the whole directory, closed agencies included, as CSV that can be imported."""

    async def listing(gateway: Gateway, caller: Caller) -> list[Agency]:
        return await gateway.agencies.listing()

    async def text(gateway: Gateway, caller: Caller) -> str:
        return await gateway.agencies.export_csv()

    if how == JSON:
        show_json([public_form(each) for each in on_node(config_file, listing)])
        return
    written = on_node(config_file, text)
    if output is None:
        click.echo(written, nl=False)
        return
    try:
        output.write_text(written, "utf-8")
    except OSError as error:
        raise Refused(f"{output}: cannot be written: {error.strerror}") from error
