"""`gateway send`: submits a document as an office's client of the REST API."""

import json
import mimetypes
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from io import BufferedReader, FileIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import click
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from gateway.cli.options import format_option, rest_options
from gateway.cli.output import JSON, TABLE, console, show_json, show_record, show_stated
from gateway.cli.rest import Rest, with_rest
from gateway.domain.document import Priority
from gateway.domain.errors import Refused, Unavailable

_SHOWN = ("code", "id", "state", "sent_at", "legal_sent_at")


@click.command()
@click.argument(
    "files",
    nargs=-1,
    metavar="FILE...",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--to", multiple=True, metavar="CODE", help="A recipient; may be repeated.")
@click.option("--subject", help="Trích yếu.")
@click.option("--type", help="Abbreviation of the type, such as QĐ, TTr; CV for công văn.")
@click.option("--notation", help="Ký hiệu, such as UBND-VP.")
@click.option("--number", help="Số, the office's own.")
@click.option("--date", "promulgated_on", metavar="DATE", help="Day of issue, 2026-03-02.")
@click.option("--place", help="Place of issue.")
@click.option("--signer", help="Full name of the signer.")
@click.option("--position", help="Position of the signer.")
@click.option("--competence", help="Quyền hạn of the signer, such as TM., KT.")
@click.option("--priority", type=click.Choice([each.value for each in Priority]))
@click.option("--reply-requested", is_flag=True, default=None, help="An answer is expected.")
@click.option("--due", "due_on", metavar="DATE", help="Day by which it is expected.")
@click.option("--reply-to", help="Document code or id that this answers.")
@click.option("--paper-copy", is_flag=True, default=None, help="A paper copy follows.")
@click.option("--pages", type=int, help="Number of pages.")
@click.option("--copies", type=int, help="Number of copies.")
@click.option("--kind", help="Declared kind, for policies of the node.")
@click.option(
    "--metadata",
    "metadata_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON file with any of this; options win.",
)
@click.option("--key", help="Idempotency key of an earlier try, to repeat it safely.")
@format_option(TABLE, JSON)
@rest_options
def send(
    *,
    files: tuple[Path, ...],
    metadata_file: Path | None,
    key: str | None,
    how: str,
    url: str | None,
    token: str | None,
    **given: Any,  # noqa: ANN401 - the options of the metadata
) -> None:
    """Submit a document with the attachments FILE."""
    metadata = compose_metadata(_read_metadata(metadata_file), given)
    key = key or uuid4().hex

    async def work(rest: Rest) -> Any:  # noqa: ANN401 - JSON
        with _form(metadata, files) as form:
            return await rest.submit(form, key)

    try:
        document = with_rest(url, token, work)
    except Unavailable as error:
        raise Unavailable(f"{error.message}; to repeat it safely add --key {key}") from error
    if how == JSON:
        show_json(document)
        return
    show_record({name: document.get(name) for name in _SHOWN}, TABLE)
    show_stated(document.get("findings") or [])


def compose_metadata(
    from_file: Mapping[str, object], given: Mapping[str, object]
) -> dict[str, object]:
    """Return the metadata of a submission: what a file says, options laid over it.

    Args:
        from_file: metadata by the names of the contract.
        given: options by the same names, the signer's as ``signer``, ``position`` and
            ``competence``; None, and an empty ``to``, were not given.
    """
    options = {key: value for key, value in given.items() if value is not None and value != ()}
    known = from_file.get("signer")
    signer = dict(known) if isinstance(known, Mapping) else {}
    for option, name in (
        ("signer", "full_name"),
        ("position", "position"),
        ("competence", "competence"),
    ):
        if option in options:
            signer[name] = options.pop(option)
    metadata = {**from_file, **options}
    if signer:
        metadata["signer"] = signer
    return metadata


def _read_metadata(file: Path | None) -> dict[str, object]:
    if file is None:
        return {}
    try:
        metadata = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise Refused(f"{file}: this is no JSON in UTF-8: {error}") from error
    if not isinstance(metadata, dict):
        raise Refused(f"{file}: the metadata must be a JSON object")
    return metadata


@contextmanager
def _form(
    metadata: Mapping[str, object], files: tuple[Path, ...]
) -> Iterator[aiohttp.MultipartWriter]:
    """Open the *files* and put the body together; they are read while it is sent."""
    with ExitStack() as stack:
        advance = stack.enter_context(_progress(sum(file.stat().st_size for file in files)))
        form = aiohttp.MultipartWriter("form-data")
        part = form.append_json(metadata)
        part.set_content_disposition("form-data", name="metadata")
        for file in files:
            kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            stream = stack.enter_context(_Watched(file, advance))
            part = form.append(stream, {"Content-Type": kind})
            # Not quoted: servers read the name as UTF-8, as browsers send it.
            part.set_content_disposition(
                "form-data", quote_fields=False, name="attachment", filename=file.name
            )
        yield form


class _Watched(BufferedReader):
    """A file that tells how far it was read."""

    def __init__(self, file: Path, advance: Callable[[int], None]) -> None:
        super().__init__(FileIO(file))
        self._advance = advance

    def read(self, size: int | None = -1, /) -> bytes:
        chunk = super().read(size)
        self._advance(len(chunk))
        return chunk


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    """Show on a terminal how much of *total* bytes was sent."""
    if not sys.stderr.isatty():
        yield lambda count: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console(stderr=True), transient=True) as bar:
        task = bar.add_task("gửi / sending", total=total)
        yield lambda count: bar.advance(task, count)
