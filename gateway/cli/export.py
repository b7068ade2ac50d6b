"""`gateway export`: everything handed over in open formats, of the node or of one agency.

What `web.handover` lists, and of the whole node also agencies.csv, the directory as `gateway agency
import` reads it, and audit.zip, the audit record.
"""

from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from gateway.bootstrap.auditing import export_bundle
from gateway.bootstrap.gateway import Gateway
from gateway.cli.node import on_node
from gateway.cli.options import config_option, format_option
from gateway.cli.output import JSON, TABLE, counting, show_json, tell_error
from gateway.domain.errors import NotFound, Refused
from gateway.domain.exchange import AuditEntry, Caller, Role
from gateway.ports import Selection
from gateway.web.handover import Entry, Handover

_CHUNK = 1 << 20


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="DIR")
@click.option("--agency", metavar="CODE", help="Only what this agency sent and received.")
@format_option(TABLE, JSON)
@config_option
@click.pass_context
def export(
    ctx: click.Context, folder: Path, agency: str | None, how: str, config_file: Path
) -> None:
    """Write all documents to DIR, which must not exist or be empty, in open formats.

    Messages and attachments as they came, data as JSON and CSV, receipts as JWS, and a manifest of
    digests. Without --agency also the directory and the audit record: what a node is handed over
    with (S2 art. 19.5). With --agency: the agency's own copy (S1 art. 8.2).
    """
    try:
        if folder.exists() and any(folder.iterdir()):
            raise Refused(f"{folder} is not empty; an export overwrites nothing")
        folder.mkdir(parents=True, exist_ok=True)
        done = on_node(config_file, lambda gateway, _: _export(gateway, folder, agency))
    except OSError as error:
        raise Refused(f"{folder}: it cannot be written: {error}") from error
    if how == JSON:
        show_json(
            {
                "folder": str(folder),
                "documents": done.documents,
                "missing": done.missing,
                "damaged": done.damaged,
            }
        )
    else:
        click.echo(f"Đã xuất / exported: {folder} ({done.documents} văn bản / documents)")
    for each in done.missing:
        tell_error(f"{each}: it cannot be read, and is not in the export")
    for each in done.damaged:
        tell_error(
            f"{each}: khác mã băm đã ghi, xuất nguyên trạng / "
            "it differs from the digest on record, and is in the export as it lies"
        )
    ctx.exit(1 if done.missing or done.damaged else 0)


async def _export(gateway: Gateway, folder: Path, agency: str | None) -> Handover:
    code = None if agency is None else await _known(gateway, agency)
    role = Role.AUDITOR if code is None else Role.OFFICE
    caller = Caller(actor="cli", agency=code or gateway.config.node.code, role=role)
    await _note(gateway, caller, agency)
    await gateway.sealing.seal()
    more = await _of_the_node(gateway, folder) if code is None else ()
    with (
        closing(Handover(gateway, caller, Selection())) as handover,
        counting("Đang xuất / exporting") as tell,
    ):
        async for entry in handover.entries(more):
            await gateway.run(partial(_write, folder, entry, handover.missing))
            tell(handover.documents)
        return handover


async def _note(gateway: Gateway, caller: Caller, agency: str | None) -> None:
    """Record that everything, or all of one agency, was taken out."""
    entry = AuditEntry(
        at=gateway.clock.now(),
        actor=caller.actor,
        address=None,
        action="exported",
        about=f"agency:{caller.agency}",
        data={"asked": "everything" if agency is None else "the agency's own"},
    )
    await gateway.store.write(lambda tx: tx.audit.append(entry))


async def _of_the_node(gateway: Gateway, folder: Path) -> tuple[Entry, ...]:
    """Return what belongs to the whole node alone: the directory and the audit record."""
    agencies = (await gateway.agencies.export_csv()).encode()
    await gateway.auditing.checkpoint()
    return (
        Entry(path="agencies.csv", open=lambda: iter((agencies,))),
        Entry(path="audit.zip", open=lambda: _audit(gateway, folder)),
    )


def _audit(gateway: Gateway, folder: Path) -> Iterator[bytes]:
    """Make the bundle beside where it goes, and give its bytes."""
    with TemporaryDirectory(dir=folder) as place:
        file = Path(place) / "audit.zip"
        export_bundle(gateway, file, progress=lambda _: None)
        with file.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                yield chunk


def _write(folder: Path, entry: Entry, missing: list[str]) -> None:
    """Write a file; of one that turns out to be *missing* nothing is left."""
    target = folder / entry.path
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as stream:
        for chunk in entry.open():
            stream.write(chunk)
    if entry.path in missing[-1:]:
        target.unlink()


async def _known(gateway: Gateway, agency: str) -> str:
    found = (await gateway.run(gateway.directory)).find(agency)
    if found is None:
        raise NotFound(f"there is no agency {agency}")
    return found.code
