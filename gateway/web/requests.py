"""Reading requests: bounded JSON bodies, query parameters, and answers in JSON."""

import asyncio
from collections.abc import Mapping
from typing import TypeVar

import msgspec
from aiohttp import web

from gateway.web.errors import HttpProblem

T = TypeVar("T")

#: A body that is no submission: lists of ids, reports, changes of agencies.
SMALL_BODY_BYTES = 1 << 20
LARGEST_PAGE = 500


def json_response(
    body: object, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Answer *body* as JSON in UTF-8."""
    return web.Response(
        status=status,
        body=msgspec.json.encode(body),
        content_type="application/json",
        charset="utf-8",
        headers=headers,
    )


async def read_json(request: web.Request, kind: type[T], *, timeout_s: float) -> T:
    """Read a small JSON body as *kind*, a struct that forbids unknown fields.

    Raises:
        HttpProblem: 400 unreadable, 413 too large, 415 another media type, 408 too slow.
    """
    if request.content_type != "application/json":
        raise HttpProblem(415, "media-type", "the body must be application/json", close=True)
    raw = bytearray()
    async with asyncio.timeout(timeout_s):
        async for chunk in request.content.iter_chunked(1 << 16):
            raw += chunk
            if len(raw) > SMALL_BODY_BYTES:
                raise HttpProblem(413, "body-too-large", "the body is over 1 MB", close=True)
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise HttpProblem(400, "unreadable", f"the body cannot be read: {error}") from error


#: Any number of so many digits fits the databases.
_MOST_DIGITS = 18


def whole_number(text: str) -> int | None:
    """Return the number that *text* writes in plain digits; None for anything else."""
    fits = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    return int(text) if fits else None


def integer(request: web.Request, name: str, *, default: int, least: int, most: int) -> int:
    """Return the query parameter *name* within its bounds; 400 for anything else."""
    text = request.query.get(name)
    if text is None:
        return default
    value = whole_number(text)
    if value is None or not least <= value <= most:
        raise HttpProblem(400, "bad-parameter", f"`{name}` is an integer from {least} to {most}")
    return value


def known_parameters(request: web.Request, *names: str) -> None:
    """Refuse a query parameter that means nothing here, rather than ignore it."""
    for name in request.query:
        if name not in names:
            known = ", ".join(names) or "none"
            raise HttpProblem(400, "bad-parameter", f"unknown parameter; known are {known}")


def page_size(request: web.Request) -> int:
    """Return the `limit` of a page."""
    return integer(request, "limit", default=50, least=1, most=LARGEST_PAGE)
