"""`gateway upgrade`: what this release would make of the node, found out on a copy."""

import asyncio
import signal
from pathlib import Path

import click

from gateway.bootstrap.rehearsal import Rehearsal, rehearse
from gateway.cli.options import config_option, format_option
from gateway.cli.output import JSON, TABLE, counting, show_json, show_table, tell_error
from gateway.config import load


@click.command()
@click.option("--rehearse", "is_rehearsal", is_flag=True, help="Try it on a copy of the store.")
@click.option(
    "--in",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where there is room for the copy: three times the database.",
)
@click.option(
    "--sample",
    type=click.IntRange(min=1),
    metavar="N",
    help="Read so many files of documents.  [default: all]",
)
@format_option(TABLE, JSON)
@config_option
@click.pass_context
def upgrade(
    ctx: click.Context,
    *,
    is_rehearsal: bool,
    folder: Path | None,
    sample: int | None,
    how: str,
    config_file: Path,
) -> None:
    """Rehearse the upgrade of the node to this release, beside the node that runs.

    Run it from the new release before the node is started with it: the database is copied, the
    migrations run on the copy, the audit record is verified there, the figures are told anew from
    it and compared, and the files of documents are read. Nothing of the node is written. A database of
    a PostgreSQL server is copied to one of its own there, which its user must be allowed to make. The
    upgrade itself is a restart: migrations run at the start.
    """
    if not is_rehearsal:
        raise click.UsageError(
            "add --rehearse to try it on a copy; the upgrade itself is a restart of the node"
        )
    for number in (signal.SIGTERM, signal.SIGHUP):  # as Ctrl-C: the copy is removed
        signal.signal(number, signal.default_int_handler)
    with counting("Đang diễn tập / rehearsing") as progress:
        found = asyncio.run(rehearse(load(config_file), folder, sample=sample, progress=progress))
    _tell(found, how)
    for each in found.faults:
        tell_error(each)
    ctx.exit(1 if found.faults else 0)


def _tell(found: Rehearsal, how: str) -> None:
    if how == JSON:
        show_json(
            {
                "migrations": found.steps,
                "changes": found.changes,
                "seconds": found.seconds,
                "records": found.records,
                "documents": found.documents,
                "faults": found.faults,
            }
        )
        return
    steps = ", ".join(f"{each:04}" for each in found.steps) or "không / none"
    changes: list[list[object]] = [["Thay đổi / change", each] for each in found.changes]
    seconds: list[list[object]] = [[f"{what}, s", each] for what, each in found.seconds.items()]
    rows: list[list[object]] = [
        ["Bước nâng cấp / migrations", steps],
        *changes,
        ["Bản ghi đã kiểm tra / records verified", found.records],
        ["Tệp đã đọc / files read", found.documents],
        *seconds,
        ["Kết quả / result", "CÓ LỖI / FAULTS" if found.faults else "ĐẠT / GOOD"],
    ]
    show_table(["", ""], rows, head=False)
