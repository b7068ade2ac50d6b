"""Content as it goes out: looked at before anything is promised, then read in worker threads."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from io import SEEK_END
from pathlib import Path

import structlog
from aiohttp import web

from gateway.domain.document import Attachment
from gateway.domain.errors import GatewayError, Unavailable
from gateway.domain.exchange import Document
from gateway.pipeline.lookup import OpenBytes
from gateway.ports import Blobs
from gateway.web.parts import GATEWAY
from gateway.web.ranges import CHUNK, send_file

log = structlog.get_logger()


async def check_attachment(request: web.Request, document: Document, wanted: Attachment) -> None:
    """Open and read the file of *wanted*.

    Raises:
        Unavailable: it is not there, cannot be read, or has another size.
    """
    await _checked(request, document, [(wanted.blob, wanted.size)])


async def attachment_response(
    request: web.Request, wanted: Attachment, headers: Mapping[str, str]
) -> web.StreamResponse:
    """Answer with the bytes of *wanted*, which was checked; one range is served."""
    gateway = request.app[GATEWAY]
    path = gateway.lookup.blobs.path(wanted.blob)
    if path is not None:
        return web.FileResponse(Path(path), chunk_size=CHUNK, headers=headers)
    return await send_file(
        request,
        partial(gateway.lookup.blobs.open, wanted.blob),
        size=wanted.size,
        sha256=wanted.sha256,
        headers=headers,
        run=gateway.run,
    )


@asynccontextmanager
async def opened_envelope(
    request: web.Request, document: Document
) -> AsyncIterator[AsyncIterator[bytes]]:
    """Open the message of *document*, read its beginning, and give all of its bytes.

    Raises:
        Unavailable: a file of it is not there, cannot be read, or has another size.
    """
    gateway = request.app[GATEWAY]
    await _checked(request, document, _files(document))
    opening: OpenBytes = gateway.lookup.open_envelope(document)
    context = opening()
    try:
        chunks = await gateway.run(context.__enter__)
    except (OSError, GatewayError) as error:
        raise _damaged(document, error) from error
    try:
        try:
            first = await gateway.run(partial(_batch, chunks))
        except (OSError, GatewayError) as error:
            raise _damaged(document, error) from error
        if len(first) < min(CHUNK, document.size or 0):
            raise _damaged(document, None)
        yield _all(request, first, chunks)
    finally:
        await asyncio.shield(gateway.run(partial(context.__exit__, None, None, None)))


async def _all(
    request: web.Request, first: bytes, chunks: Iterator[bytes]
) -> AsyncIterator[bytes]:
    batch = first
    while batch:
        yield batch
        batch = await request.app[GATEWAY].run(partial(_batch, chunks))


def _batch(chunks: Iterator[bytes]) -> bytes:
    batch = bytearray()
    for chunk in chunks:
        batch += chunk
        if len(batch) >= CHUNK:
            break
    return bytes(batch)


def _files(document: Document) -> list[tuple[str, int]]:
    """Return key and size of what the message is read from: itself, or its attachments."""
    if document.envelope is not None:
        return [(document.envelope, document.size or 0)]
    return [(each.blob, each.size) for each in document.attachments]


async def _checked(
    request: web.Request, document: Document, files: Sequence[tuple[str, int]]
) -> None:
    gateway = request.app[GATEWAY]
    try:
        sound = await gateway.run(partial(_are_sound, gateway.lookup.blobs, files))
    except (OSError, GatewayError) as error:
        raise _damaged(document, error) from error
    if not sound:
        raise _damaged(document, None)


def _are_sound(blobs: Blobs, files: Sequence[tuple[str, int]]) -> bool:
    """Whether all can be opened and read and have their sizes."""
    for key, size in files:
        with blobs.open(key) as file:
            if file.seek(0, SEEK_END) != size:
                return False
            file.seek(0)
            # A bucket has told all with the size; a disk may fail only when it is read.
            if size and blobs.path(key) is not None and not file.read(1):
                return False
    return True


def _damaged(document: Document, error: Exception | None) -> Unavailable:
    reason = "wrong size" if error is None else type(error).__name__
    log.error("content of a document cannot be read", document=document.id, reason=reason)
    return Unavailable("the content cannot be read now; the operator was told", retry_after_s=60)
