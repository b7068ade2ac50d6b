"""`gateway backup` and `gateway restore`: copies that are whole, and the way back from them."""

from functools import partial
from pathlib import Path

import click

from gateway.bootstrap.backup import Made, back_up
from gateway.bootstrap.backup_keys import make_backup_key
from gateway.bootstrap.backup_manifest import read_manifest, verify
from gateway.bootstrap.gateway import Gateway
from gateway.bootstrap.restoring import codes_of, note_restored
from gateway.bootstrap.restoring import restore as put_back
from gateway.cli.node import on_node
from gateway.cli.options import config_option, format_option
from gateway.cli.output import JSON, TABLE, counting, show_json, show_table, tell_error
from gateway.domain.errors import Refused
from gateway.domain.exchange import Caller
from gateway.pipeline.resuming import Lost

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_trust_option = click.option(
    "--trust",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Certificate of the node; else the one in the backup is taken.",
)
_key_option = click.option(
    "--key",
    type=_FILE,
    metavar="FILE",
    help="Private key of an encrypted backup (AGE-SECRET-KEY-…).",
)


@click.group(invoke_without_command=True)
@click.option("--to", type=click.Path(file_okay=False, path_type=Path), metavar="DIR")
@format_option(TABLE, JSON)
@config_option
@click.pass_context
def backup(ctx: click.Context, to: Path | None, how: str, config_file: Path) -> None:
    """Make a backup in a folder of its own below DIR (default: [backup] folder), and verify it.

    Database, documents, settings and keys as they were at one moment, while the node runs. What an
    earlier backup there has of documents is linked, not copied. A backup holds the node's keys:
    keep it as safe as the node.
    """
    if ctx.invoked_subcommand is not None:
        return

    async def work(gateway: Gateway, caller: Caller) -> Made:
        folder = to or gateway.config.path(gateway.config.backup.folder)
        with counting("Đang sao lưu / copying") as progress:
            return await back_up(gateway, caller, to=folder, progress=progress)

    made = on_node(config_file, work)
    _tell(made, how)
    for each in made.manifest.outside:
        click.echo(f"Không nằm trong bản sao lưu / not in the backup: {each}", err=True)
    ctx.exit(1 if made.faults else 0)


@backup.command("verify")
@click.argument("folder", type=_FOLDER, metavar="DIR")
@_trust_option
@_key_option
@click.pass_context
def verify_backup(
    ctx: click.Context, folder: Path, trust: tuple[Path, ...], key: Path | None
) -> None:
    """Read the backup DIR again: every file must be as it was copied.

    Without --key an encrypted one is compared as it was written; with it, what is in it as well.
    """
    with counting("Đang kiểm tra / reading") as progress:
        faults = verify(folder, trust=trust, key=key, progress=progress)
    for each in faults:
        tell_error(f"{folder}: {each}")
    if not faults:
        click.echo("NGUYÊN VẸN / WHOLE")
    ctx.exit(1 if faults else 0)


@backup.command("new-key")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
def new_key(file: Path) -> None:
    """Make a key pair for encrypted backups: the private key into FILE, the public one printed.

    Keep FILE away from the node, in two places: without it no encrypted backup can be read.
    """
    click.echo(f'[backup] recipients = ["{make_backup_key(file)}"]')


@click.command()
@click.argument("folder", required=False, type=_FOLDER, metavar="[DIR]")
@click.option("--resume", is_flag=True, help="Let the restored node give numbers again.")
@click.option(
    "--highest",
    "codes",
    multiple=True,
    metavar="CODE",
    help="With --resume: a document code that was given since the backup, the highest known.",
)
@click.option(
    "--receipts",
    "files",
    multiple=True,
    type=_FILE,
    metavar="FILE",
    help="With --resume: receipts that offices or peers were given; their codes count.",
)
@click.option(
    "--nothing-lost",
    is_flag=True,
    help="With --resume: nothing was numbered since but what --highest and --receipts show.",
)
@_trust_option
@_key_option
@click.option(
    "--database",
    metavar="URL",
    help="Database of the new node, sqlite:///… or an empty postgresql://…; else as in the backup.",
)
@format_option(TABLE, JSON)
@config_option
def restore(
    *,
    database: str | None,
    folder: Path | None,
    resume: bool,
    codes: tuple[str, ...],
    files: tuple[Path, ...],
    nothing_lost: bool,
    trust: tuple[Path, ...],
    key: Path | None,
    how: str,
    config_file: Path,
) -> None:
    """Put the backup DIR into a new node here (or where --config says), over any kind of database.

    The restored node takes no document in until --resume: after the backup it may have given
    numbers of which the backup does not know. Show the highest by --highest or --receipts; where
    none is shown, so many numbers are left out, and recorded as lost, as could have been given.
    """
    if folder is None and not resume:
        raise click.UsageError("name a backup, or add --resume")
    if (codes or files or nothing_lost) and not resume:
        raise click.UsageError("--highest, --receipts and --nothing-lost go with --resume")
    if database is not None and folder is None:
        raise click.UsageError("--database goes with a backup")
    if folder is not None:
        _restore(folder, config_file, trust, key, database)
    if resume:
        _resume(config_file, codes, files, how, nothing_lost=nothing_lost)


def _restore(
    folder: Path,
    config_file: Path,
    trust: tuple[Path, ...],
    key: Path | None,
    database: str | None,
) -> None:
    manifest = read_manifest(folder, trust=trust)
    with counting("Đang phục hồi / restoring") as progress:
        put_back(folder, config_file, trust=trust, key=key, database=database, progress=progress)
    on_node(config_file, partial(note_restored, manifest=manifest))
    click.echo(
        f"Đã phục hồi bản sao lưu lúc / restored, as of {manifest.at}: "
        f"{manifest.count} tệp / files"
    )
    click.echo(
        "Nút chưa cấp số cho đến khi chạy `gateway restore --resume`. Thông tin truy cập thu hồi "
        "sau lúc sao lưu lại có hiệu lực: hãy thu hồi lại. / It gives no numbers until "
        "`gateway restore --resume`. Credentials that were revoked after the backup are good "
        "again: revoke them anew.",
        err=True,
    )


def _resume(
    config_file: Path,
    codes: tuple[str, ...],
    files: tuple[Path, ...],
    how: str,
    *,
    nothing_lost: bool,
) -> None:
    async def work(gateway: Gateway, caller: Caller) -> list[Lost]:
        shown = [*codes, *codes_of(gateway.config, files)]
        return await gateway.resuming.resume(caller, codes=shown, nothing_lost=nothing_lost)

    try:
        lost = on_node(config_file, work)
    except ValueError as error:
        raise Refused(f"--highest: {error}") from error
    records = [
        {"series": each.series, "first": each.first, "last": each.last, "known": each.known}
        for each in lost
    ]
    if how == JSON:
        show_json(records)
        return
    click.echo("Nút cấp số trở lại. / The node gives numbers again.")
    if records:
        show_table(
            ["Dãy số / series", "Từ / first", "Đến / last", "Biết chắc / known"],
            [list(each.values()) for each in records],
            title="Số bị bỏ, ghi nhận là mất / numbers left out, recorded as lost",
        )


def _tell(made: Made, how: str) -> None:
    if how == JSON:
        show_json(
            {
                "folder": str(made.folder),
                "documents": made.manifest.count,
                "bytes": made.manifest.bytes,
                "faults": list(made.faults),
            }
        )
    else:
        click.echo(
            f"Đã sao lưu / backed up: {made.folder} ({made.manifest.count} tệp / files, "
            f"{made.manifest.bytes} byte)"
        )
    for each in made.faults:
        tell_error(f"{made.folder}: {each}")
