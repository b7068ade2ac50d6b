"""`gateway export`: everything handed over in open formats, of the node or of one agency.

manifest.csv                     SHA-256, size and path of every other file
agencies.csv                     the directory, as `gateway agency import` reads it
documents.csv                    one line a document
documents/<year>/<name>/         document.json, message.edxml, receipts.jws, attachments/…
audit.zip                        the audit record (of the whole node alone)
"""

import csv
import json
import shutil
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import click

from gateway.bootstrap.auditing import export_bundle
from gateway.bootstrap.gateway import Gateway
from gateway.bootstrap.packages import write_folder_manifest
from gateway.cli.node import on_node
from gateway.cli.options import config_option, format_option
from gateway.cli.output import JSON, TABLE, counting, show_json
from gateway.domain.errors import NotFound, Refused
from gateway.domain.exchange import Caller, Document, Role
from gateway.domain.file_names import safe_name
from gateway.pipeline.lookup import Shown
from gateway.ports import Selection
from gateway.web.representation import Representation

_PAGE = 200
_COLUMNS = (
    "id",
    "code",
    "document_id",
    "from",
    "to",
    "type",
    "number",
    "notation",
    "subject",
    "promulgated_on",
    "state",
    "legal_value",
    "submitted_at",
    "sent_at",
    "folder",
)
_CHUNK = 1 << 20


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="DIR")
@click.option("--agency", metavar="CODE", help="Only what this agency sent and received.")
@format_option(TABLE, JSON)
@config_option
def export(folder: Path, agency: str | None, how: str, config_file: Path) -> None:
    """Write all documents to DIR, which must not exist or be empty, in open formats.

    Messages and attachments as they came, data as JSON and CSV, receipts as JWS, and a manifest of
    digests. Without --agency also the directory and the audit record: what a node is handed over
    with (S2 art. 19.5). With --agency: the agency's own copy (S1 art. 8.2).
    """
    try:
        if folder.exists() and any(folder.iterdir()):
            raise Refused(f"{folder} is not empty; an export overwrites nothing")
        folder.mkdir(parents=True, exist_ok=True)
        count = on_node(config_file, lambda gateway, _: _export(gateway, folder, agency))
    except OSError as error:
        raise Refused(f"{folder}: it cannot be written: {error}") from error
    if how == JSON:
        show_json({"folder": str(folder), "documents": count})
    else:
        click.echo(f"Đã xuất / exported: {folder} ({count} văn bản / documents)")


async def _export(gateway: Gateway, folder: Path, agency: str | None) -> int:
    code = None if agency is None else await _known(gateway, agency)
    role = Role.AUDITOR if code is None else Role.OFFICE
    caller = Caller(actor="cli", agency=code or gateway.config.node.code, role=role)
    writer = _Writer(gateway, folder, caller)
    await gateway.sealing.seal()
    with (
        (folder / "documents.csv").open("w", encoding="utf-8", newline="") as stream,
        counting("Đang xuất / exporting") as tell,
    ):
        register = csv.writer(stream, lineterminator="\n")
        register.writerow(_COLUMNS)
        count = 0
        async for shown in _documents(gateway, caller):
            register.writerow(await writer.document(shown))
            count += 1
            tell(count)
    if code is None:
        agencies = await gateway.agencies.export_csv()
        (folder / "agencies.csv").write_text(agencies, "utf-8")
        await gateway.auditing.checkpoint()
        audit = partial(export_bundle, gateway, folder / "audit.zip", progress=lambda _: None)
        await gateway.run(audit)
    await gateway.run(partial(write_folder_manifest, folder))
    return count


async def _known(gateway: Gateway, agency: str) -> str:
    found = (await gateway.run(gateway.directory)).find(agency)
    if found is None:
        raise NotFound(f"there is no agency {agency}")
    return found.code


async def _documents(gateway: Gateway, caller: Caller) -> AsyncIterator[Shown]:
    """Yield all documents that *caller* may see, newest first."""
    before: int | None = None
    while True:
        page = await gateway.lookup.documents(Selection(limit=_PAGE, before=before), caller)
        for each in page.items:
            yield each
        before = page.next
        if before is None:
            return


class _Writer:
    """Writes documents, each into a folder of its own."""

    def __init__(self, gateway: Gateway, folder: Path, caller: Caller) -> None:
        self._gateway = gateway
        self._folder = folder
        self._caller = caller
        self._show = Representation(gateway.zone)

    async def document(self, shown: Shown) -> list[object]:
        """Write one document; return its line of the register."""
        said = self._show.document(shown)
        place = _place(shown.document)
        receipts = await self._gateway.lookup.receipts_of(shown.document.id, self._caller)
        lines = "".join(f"{each.jws}\n" for each in receipts)
        await self._gateway.run(partial(self._write, shown.document, place, said, lines))
        cells = [said.get(name) for name in _COLUMNS[:-1]]
        return [*map(_cell, cells), place]

    def _write(self, document: Document, place: str, said: object, receipts: str) -> None:
        folder = self._folder / place
        folder.mkdir(parents=True)
        text = json.dumps(said, ensure_ascii=False, indent=1)
        (folder / "document.json").write_text(text + "\n", "utf-8")
        (folder / "receipts.jws").write_text(receipts, "ascii")
        if document.removal is not None:
            return
        if document.envelope is not None or document.frame is not None:
            with (
                self._gateway.lookup.open_envelope(document)() as chunks,
                (folder / "message.edxml").open("xb") as stream,
            ):
                for chunk in chunks:
                    stream.write(chunk)
        for each in document.attachments:
            target = folder / "attachments" / f"{each.n}-{safe_name(each.name)}"
            target.parent.mkdir(exist_ok=True)
            with self._gateway.blobs.open(each.blob) as source, target.open("xb") as stream:
                shutil.copyfileobj(source, stream, _CHUNK)


def _cell(value: object) -> object:
    """Return a cell that no spreadsheet takes for a formula, whatever a stranger wrote."""
    text = " ".join(value) if isinstance(value, list) else value
    risky = isinstance(text, str) and text.startswith(("=", "+", "-", "@", "\t", "\r"))
    return f"'{text}" if risky else text


def _place(document: Document) -> str:
    """Return the folder of a document: by its code where it has one, else by its id."""
    name = (document.code or document.id).replace("/", "-")
    return f"documents/{document.submitted_at:%Y}/{safe_name(name)}-{document.id[:8]}"
