"""Slow bodies, many uploads and many streams: who takes too much is told, others are served."""

import asyncio
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path

import pytest
from aiohttp import ClientResponse

from gateway.web.errors import HttpProblem
from gateway.web.quotas import Streams, Uploads
from tests.nodes import ADMIN, OFFICE, OTHER, Node, serving

API = "/api/v1"


def upload(node: Node, who: str, *, size: int = 9 << 20) -> bytes:
    """Return the head of a large upload, and the first byte of it."""
    return (
        f"POST {API}/documents HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n"
        f"Content-Type: application/xml\r\nAuthorization: Bearer {node.tokens[who]}\r\n\r\n<"
    ).encode()


async def send(node: Node, text: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Send *text* over a connection of its own."""
    host, _, port = node.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(text)
    return reader, writer


async def head_of(reader: asyncio.StreamReader) -> bytes:
    """Return the head of the answer."""
    async with asyncio.timeout(10):
        return await reader.readuntil(b"\r\n\r\n")


async def stream(node: Node, who: str) -> ClientResponse:
    """Open a stream of events; it may be refused."""
    token = {"Authorization": f"Bearer {node.tokens[who]}"}
    return await node.session.get(f"{node.url}{API}/events", headers=token)


async def is_let_in_again(node: Node) -> bool:
    """Ask for a stream until there is a place; the node notices at its next look who is gone."""
    for _ in range(50):
        again = await stream(node, OFFICE)
        again.close()
        if again.status == 200:
            return True
        await asyncio.sleep(0.1)
    return False


async def test_an_agency_has_half_of_the_large_uploads(node_folder: Path) -> None:
    """Its next one is 429 with a time to come again; those of others go on."""
    async with serving(node_folder, http={"large_uploads": 2}) as node:
        _, held = await send(node, upload(node, OFFICE))
        await asyncio.sleep(0.2)
        refused, second = await send(node, upload(node, OFFICE))
        answer = await head_of(refused)
        size = 2 << 20
        read, third = await send(node, upload(node, OTHER, size=size) + b"<" * (size - 1))

        assert answer.startswith(b"HTTP/1.1 429 ")
        assert b"Retry-After: " in answer
        assert (await head_of(read)).startswith(b"HTTP/1.1 400 ")  # it was read, and is no XML
        for each in (held, second, third):
            each.close()


async def test_who_waits_for_a_place_too_long_is_told_to_come_again() -> None:
    """503 after a few seconds, and the place that was waited for is not lost."""
    uploads = Uploads(most=2, wait_s=0.05)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(uploads.place("H13.01"))
        await stack.enter_async_context(uploads.place("H13.02"))
        with pytest.raises(HttpProblem) as refused:
            await stack.enter_async_context(uploads.place("H13.03"))

    assert (refused.value.status, refused.value.code) == (503, "overloaded")
    assert "Retry-After" in refused.value.headers
    async with uploads.place("H13.03"), uploads.place("H13.02"):
        pass


async def test_a_body_that_trickles_is_408(node_folder: Path) -> None:
    """Bytes that come now and then do not make a body."""
    async with serving(node_folder, http={"body_grace_s": 0.5}) as node:
        reader, writer = await send(node, upload(node, OFFICE))
        answer = asyncio.create_task(head_of(reader))
        while not answer.done():
            writer.write(b" ")
            await asyncio.sleep(0.05)

        assert (await answer).startswith(b"HTTP/1.1 408 ")
        writer.close()


async def test_more_requests_than_places_are_503_with_a_time(node_folder: Path) -> None:
    """Who is turned away knows when to come again; whether the node lives is always told."""
    async with serving(node_folder, http={"max_requests": 1}) as node:
        _, writer = await send(node, upload(node, OFFICE))
        await asyncio.sleep(0.2)
        answer = await node.get(f"{API}/documents", who=OTHER)

        assert (answer.status, answer.json()["code"]) == (503, "overloaded")
        assert answer.headers["Retry-After"] == "1"
        assert (await node.get("/healthz")).status == 200
        assert (await node.get("/readyz")).status == 200
        writer.close()


async def test_streams_take_no_place_of_requests(node_folder: Path) -> None:
    """However many listen, documents are served."""
    async with serving(node_folder, http={"max_requests": 1}) as node:
        opened = [await stream(node, OFFICE) for _ in range(5)]

        assert [each.status for each in opened] == [200] * 5
        assert (await node.get(f"{API}/documents", who=OTHER)).status == 200
        for each in opened:
            each.close()


async def test_an_agency_has_its_share_of_streams(node_folder: Path) -> None:
    """One more is 429; a stream that was closed gives its place back."""
    async with serving(node_folder, http={"streams_of_agency": 1}) as node:
        first = await stream(node, OFFICE)
        second = await stream(node, OFFICE)
        others = await stream(node, OTHER)

        assert (first.status, second.status, others.status) == (200, 429, 200)
        assert int(second.headers["Retry-After"]) > 0
        first.close()
        assert await is_let_in_again(node)
        others.close()


def test_streams_have_a_bound_in_all() -> None:
    """Beyond it 503, also for an agency that has none."""
    streams = Streams(most=2, most_of_agency=2)
    with ExitStack() as stack:
        stack.enter_context(streams.place("H13.01"))
        stack.enter_context(streams.place("H13.01"))
        with pytest.raises(HttpProblem) as refused:
            stack.enter_context(streams.place("H13.02"))

    assert refused.value.status == 503


async def test_the_stream_of_a_revoked_token_ends(node: Node) -> None:
    """From the commit of the revocation on nothing more is told."""
    listening = await stream(node, OTHER)
    await listening.content.readline()
    credentials = node.gateway.credentials
    administrator = await credentials.authenticate(node.tokens[ADMIN])
    client = await credentials.authenticate(node.tokens[OTHER])
    assert administrator is not None
    assert client is not None

    await credentials.revoke(client.client, administrator)

    async with asyncio.timeout(5):
        assert (await listening.content.read()).strip() == b""


async def test_a_stream_tells_of_a_document(node: Node) -> None:
    """Commits of others do not end it."""
    listening = await stream(node, OTHER)
    await listening.content.readline()
    code = (await node.submit()).json()["code"]

    async with asyncio.timeout(10):
        while code.encode() not in await listening.content.readline():
            pass
    listening.close()
