"""A file that has no path here, sent as aiohttp sends files: whole or in one range."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from functools import partial
from typing import BinaryIO

from aiohttp import web

from gateway.ports import Run

#: What is read and written at once.
CHUNK = 1 << 18


async def send_file(
    request: web.Request,
    opening: Callable[[], BinaryIO],
    *,
    size: int,
    sha256: str,
    headers: Mapping[str, str],
    run: Run,
) -> web.StreamResponse:
    """Answer *request* with the file of *size* bytes and digest *sha256* that *opening* opens.

    Raises:
        HTTPRequestRangeNotSatisfiable: there is no such range.
    """
    tag = f'"{sha256}"'
    named = {**headers, "ETag": tag, "Accept-Ranges": "bytes"}
    if tag in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers={"ETag": tag})
    start, stop = _wanted(request, tag, size)
    response = web.StreamResponse(headers=named)
    if (start, stop) != (0, size) or _is_ranged(request, tag):
        response.set_status(206)
        response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    response.content_length = stop - start
    if request.method == "HEAD":
        await response.prepare(request)
        return response
    with closing(await run(opening)) as file:
        file.seek(start)
        chunk = await run(partial(file.read, min(CHUNK, stop - start)))
        await response.prepare(request)
        with broken_off(request):
            while chunk:
                await response.write(chunk)
                start += len(chunk)
                chunk = await run(partial(file.read, min(CHUNK, stop - start)))
    await response.write_eof()
    return response


@contextmanager
def broken_off(request: web.Request) -> Iterator[None]:
    """Close the connection on an error: an answer that has begun takes no other one in."""
    try:
        yield
    except Exception:
        if request.transport is not None:
            request.transport.abort()
        raise


def _is_ranged(request: web.Request, tag: str) -> bool:
    """Whether a range is asked for, of the file as it is."""
    return "Range" in request.headers and request.headers.get("If-Range", tag) == tag


def _wanted(request: web.Request, tag: str, size: int) -> tuple[int, int]:
    """Return the first byte and the one after the last."""
    if not _is_ranged(request, tag):
        return 0, size
    try:
        start, stop, _ = request.http_range.indices(size)
    except ValueError:
        start = stop = size
    if start >= stop:
        raise web.HTTPRequestRangeNotSatisfiable(headers={"Content-Range": f"bytes */{size}"})
    return start, stop
