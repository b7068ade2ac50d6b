"""`gateway audit`: verify the record of everything that happened, and hand it out."""

from datetime import date, datetime
from functools import partial
from pathlib import Path

import click
import msgspec

from gateway.bootstrap.auditing import export_bundle, verify_bundle, verify_node
from gateway.bootstrap.gateway import Gateway
from gateway.cli.node import on_node
from gateway.cli.options import config_option, day, format_option
from gateway.cli.output import JSON, TABLE, counting, show_findings, show_json
from gateway.domain.audit_segment import Archived
from gateway.domain.exchange import Caller
from gateway.pipeline.auditing import Verified

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def audit() -> None:
    """Verify the record of everything that happened, and hand it out."""


@audit.command()
@click.argument("bundle", required=False, type=_FILE)
@click.option(
    "--anchor",
    "anchors",
    multiple=True,
    type=_FILE,
    metavar="FILE",
    help="A checkpoint or receipt kept elsewhere: what it says must be there.",
)
@click.option(
    "--trust",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Certificate of the node, or a folder of them.",
)
@format_option(TABLE, JSON)
@config_option
@click.pass_context
def verify(
    ctx: click.Context,
    *,
    bundle: Path | None,
    anchors: tuple[Path, ...],
    trust: tuple[Path, ...],
    how: str,
    config_file: Path,
) -> None:
    """Verify every record, checkpoint and receipt of the node, or of BUNDLE without a node.

    The exit status is 1 when anything was changed, removed, put in or reordered; the first place
    is named. A trigger by which the database refuses changes and that is gone is a warning: the
    record may be whole all the same. That the end was not cut off is known only behind a checkpoint or receipt: those that
    lie in the data folder are always looked at, give others with --anchor.
    """
    with counting("Đã kiểm tra / verified") as progress:
        if bundle is not None:
            result = verify_bundle(bundle, anchors=anchors, trust=trust, progress=progress)
        else:
            look = partial(verify_node, anchors=anchors, trust=trust, progress=progress)
            result = on_node(config_file, lambda gateway, _: gateway.run(partial(look, gateway)))
    _show(result, how, given_trust=bundle is None or bool(trust))
    ctx.exit(1 if result.findings else 0)


@audit.command()
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where to; by default audit-DATE.zip here.",
)
@format_option(TABLE, JSON)
@config_option
def export(*, output: Path | None, how: str, config_file: Path) -> None:
    """Write all records, receipts, checkpoints and certificates as one ZIP.

    `gateway audit verify FILE` proves it anywhere, and so does the short algorithm of
    docs/audit.md.
    """

    async def work(gateway: Gateway, _: Caller) -> tuple[Path, int]:
        today: date = gateway.clock.now().astimezone(gateway.zone).date()
        file = output or Path(f"audit-{today}.zip")
        await gateway.sealing.seal()
        await gateway.auditing.checkpoint()
        with counting("Đã ghi / written") as progress:
            write = partial(export_bundle, gateway, file, progress=progress)
            return file, await gateway.run(write)

    file, count = on_node(config_file, work)
    if how == JSON:
        show_json({"file": str(file), "records": count})
    else:
        click.echo(f"Đã ghi / written: {file} ({count} bản ghi / records)")


@audit.command()
@format_option(TABLE, JSON)
@config_option
def guard(*, how: str, config_file: Path) -> None:
    """Put back the triggers by which the database refuses to change the record.

    `gateway audit verify` and `gateway doctor` say when one is gone or was altered. Find out first who
    took it away: what was changed meanwhile is found by `gateway audit verify` alone.
    """
    restored = on_node(
        config_file, lambda gateway, caller: gateway.auditing.restore_guards(caller)
    )
    if how == JSON:
        show_json({"restored": restored})
        return
    click.echo(f"Đã lập lại / put back: {len(restored)}")
    for name in restored:
        click.echo(name)


@audit.command()
@click.option(
    "--before", required=True, type=day, metavar="DATE", help="The first day that stays."
)
@format_option(TABLE, JSON)
@config_option
def archive(*, before: datetime, how: str, config_file: Path) -> None:
    """Move what was recorded before DATE to signed files; the chain goes on over them.

    The files lie in [retention] audit_folder: keep them, `gateway audit verify` reads them.
    Statistics and the histories of documents stay as they are.
    """

    async def work(gateway: Gateway, caller: Caller) -> list[Archived]:
        await gateway.auditing.checkpoint()
        with counting("Đã lưu trữ / archived") as progress:
            begin = before.replace(tzinfo=gateway.zone)
            return await gateway.audit_archive.archive(begin, caller, progress)

    made = on_node(config_file, work)
    if how == JSON:
        show_json(
            [
                {
                    "chain": each.chain,
                    "first": each.first,
                    "last": each.last,
                    "hash": each.hash,
                    "file": each.file,
                }
                for each in made
            ]
        )
        return
    records = sum(each.last - each.first + 1 for each in made)
    click.echo(f"Đã lưu trữ / archived: {records} bản ghi / records")
    for each in made:
        click.echo(f"{each.chain}:{each.first}-{each.last}  {each.file}")


def _show(result: Verified, how: str, *, given_trust: bool) -> None:
    if how == JSON:
        show_json(
            {
                "valid": not result.findings,
                "records": result.records,
                "receipts": result.receipts,
                "checkpoints": result.checkpoints,
                "stamps": result.stamps,
                "segments": result.segments,
                "chains": {
                    name: {"seq": end.seq, "hash": end.hash} for name, end in result.chains.items()
                },
                "findings": msgspec.to_builtins(result.findings + result.unguarded),
            }
        )
        return
    click.echo(
        f"Bản ghi / records: {result.records} · biên nhận / receipts: {result.receipts} · "
        f"điểm kiểm soát / checkpoints: {result.checkpoints} · "
        f"dấu thời gian / stamps: {result.stamps} · phân đoạn lưu trữ / segments: {result.segments}"
    )
    if not result.findings:
        click.echo("NGUYÊN VẸN: không có gì bị sửa, xóa, chèn hoặc đảo chỗ. / INTACT.")
        if not given_trust:
            click.echo(
                "Chứng thư lấy từ chính gói này; dùng --trust để đối chiếu với chứng thư của nút. / "
                "The certificates came with the bundle; compare with the node's by --trust."
            )
    else:
        click.echo(f"BỊ CAN THIỆP / BROKEN: {result.findings[0].pointer}")
    show_findings(result.findings + result.unguarded)
