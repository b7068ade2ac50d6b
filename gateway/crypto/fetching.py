"""Fetches small files of authorities in the background: bounded, never elsewhere than asked."""

import asyncio
import os
from pathlib import Path

import aiohttp

_LARGEST = 32 << 20
_OK = 200


class FetchFault(Exception):
    """Nothing usable came; the text says why."""


async def fetch(
    session: aiohttp.ClientSession,
    url: str,
    *,
    timeout_s: float,
    question: tuple[bytes, str] | None = None,
) -> bytes:
    """Return what is published at *url*, or answered there to *question* (bytes, media type).

    Raises:
        FetchFault: no answer in time, not a good one, too large a one, or it is elsewhere.
    """
    body, media = question or (None, "")
    headers = {"Content-Type": media} if media else {}
    method = "GET" if body is None else "POST"
    raw = bytearray()
    try:
        async with (
            asyncio.timeout(timeout_s),
            session.request(
                method, url, data=body, headers=headers, allow_redirects=False
            ) as response,
        ):
            if response.status != _OK:
                raise FetchFault(f"answered {response.status}")
            async for piece in response.content.iter_chunked(1 << 16):
                raw += piece
                if len(raw) > _LARGEST:
                    raise FetchFault(f"larger than {_LARGEST} bytes")
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise FetchFault(f"{type(error).__name__}: {error}") from error
    return bytes(raw)


def keep(file: Path, content: bytes) -> None:
    """Put *content* in the place of *file*, whole and durable. Blocks.

    Raises:
        FetchFault: it cannot be written.
    """
    temporary = file.with_name(f".{file.name}.tmp")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(file)
    except OSError as error:
        raise FetchFault(f"cannot be kept: {error.strerror}") from error
