"""`gateway fetch`: writes a document's message and attachments, checks them, acknowledges."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from gateway.cli.options import format_option, rest_options
from gateway.cli.output import JSON, TABLE, show_json, show_table, working
from gateway.cli.rest import Rest, find_id, with_rest
from gateway.domain.errors import Refused
from gateway.domain.file_names import safe_name

_CHUNK = 1 << 18


@click.command()
@click.argument("id_", metavar="ID")
@click.option(
    "-o",
    "--output",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    metavar="DIR",
    help="Where to write.  [default: here]",
)
@click.option("--force", is_flag=True, help="Overwrite files that exist.")
@format_option(TABLE, JSON)
@rest_options
def fetch(
    id_: str, folder: Path, *, force: bool, how: str, url: str | None, token: str | None
) -> None:
    """Write the files of the document ID, acknowledge it.

    The edXML message and every attachment are checked against their SHA-256 first.
    """

    async def work(rest: Rest) -> tuple[Any, list[Path]]:
        document = await rest.get(f"/documents/{await find_id(rest, id_)}")
        wanted = _plan(document, folder)
        if not force:
            await asyncio.to_thread(_refuse_to_overwrite, wanted)
        for path, (address, digest) in wanted.items():
            async with rest.download(address) as chunks:
                await _write(path, chunks, digest)
        await rest.post("/inbox/ack", {"ids": [document["id"]]})
        return await rest.get(f"/documents/{document['id']}"), list(wanted)

    with working("đang tải / fetching …"):
        document, files = with_rest(url, token, work)
    if how == JSON:
        show_json(document)
    else:
        show_table(["Tệp / file"], [[str(file)] for file in files])


def _plan(document: Any, folder: Path) -> dict[Path, tuple[str, str | None]]:  # noqa: ANN401 - JSON
    """Return the file of each part: where it is fetched from, and its SHA-256."""
    base = f"/documents/{document['id']}"
    wanted = {
        folder / f"{safe_name(document['id'])}.edxml": (f"{base}/envelope", document["sha256"])
    }
    taken = {path.name.casefold() for path in wanted}
    for attachment in document["attachments"]:
        n, name = int(attachment["n"]), safe_name(attachment["name"])
        if name.casefold() in taken:
            name = f"{n}-{name}"
        taken.add(name.casefold())
        wanted[folder / name] = (f"{base}/attachments/{n}", attachment["sha256"])
    return wanted


def _refuse_to_overwrite(wanted: dict[Path, tuple[str, str | None]]) -> None:
    for path, (_, digest) in wanted.items():
        if path.exists() and _digest_of(path) != digest:
            raise Refused(f"{path} exists with other content; --force overwrites it")


def _digest_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise Refused(f"{path}: cannot be read: {error.strerror}") from error


async def _write(path: Path, chunks: AsyncIterator[bytes], digest: str | None) -> None:
    """Write *chunks* beside *path*; let it appear when its SHA-256 is *digest*, if that is known."""
    part = path.with_name(f".{path.name[:60]}.{os.getpid()}.part")
    found = hashlib.sha256()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            async for chunk in chunks:
                found.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        if digest is not None and found.hexdigest() != digest:
            raise Refused(f"{path.name}: what came is not what the node stored; fetch it again")
        part.replace(path)
    except OSError as error:
        raise Refused(f"{path}: cannot be written: {error.strerror}") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
