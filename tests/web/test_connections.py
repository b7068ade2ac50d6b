"""Connections that only cost: too many are closed, half-sent requests are cut off."""

import asyncio
import time
from contextlib import suppress
from ipaddress import ip_network
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from gateway.web.connections import RESERVED_FILES, Connections, affordable
from gateway.web.crowd import Crowd, Place, alone
from tests.cli.test_tls import certify
from tests.nodes import OFFICE, Node, serving

API = "/api/v1"
HALF = b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-"
WHOLE = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


async def connect(node: Node) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open a connection to *node*."""
    host, _, port = node.url.removeprefix("http://").partition(":")
    return await asyncio.open_connection(host, int(port))


async def rest(reader: asyncio.StreamReader) -> bytes:
    """Return what still comes until the end; a reset is an end, too."""
    try:
        async with asyncio.timeout(5):
            return await reader.read()
    except ConnectionError:
        return b""


async def test_half_sent_requests_of_strangers_do_not_stop_the_node(node_folder: Path) -> None:
    """After the time for a head their places are free: health and documents are answered."""
    settings = {"max_connections": 100, "head_timeout_s": 0.5}
    async with serving(node_folder, http=settings) as node:
        lines = [await connect(node) for _ in range(300)]
        for _, writer in lines:
            writer.write(HALF)
        for reader, _ in lines:
            assert await rest(reader) == b""

        assert (await node.get("/healthz")).status == 200
        assert (await node.get(f"{API}/documents", who=OFFICE)).status == 200
        for _, writer in lines:
            writer.close()


async def test_a_connection_too_many_is_closed_at_once(node_folder: Path) -> None:
    """It is not left to wait; the others are served."""
    async with serving(node_folder, http={"max_connections": 1}) as node:
        reader, writer = await connect(node)
        writer.write(WHOLE)
        await reader.readuntil(b"}")
        begun = time.monotonic()
        other, one_too_many = await connect(node)

        assert await rest(other) == b""
        assert time.monotonic() - begun < 1
        writer.write(WHOLE)
        assert b"ok" in await reader.readuntil(b"}")
        writer.close()
        one_too_many.close()


async def test_a_head_that_trickles_is_cut_off(node_folder: Path) -> None:
    """Bytes that come now and then win no time."""
    async with serving(node_folder, http={"head_timeout_s": 0.4}) as node:
        reader, writer = await connect(node)
        begun = time.monotonic()
        while not writer.is_closing() and not reader.at_eof() and time.monotonic() - begun < 5:
            writer.write(b"G")
            await asyncio.sleep(0.05)

        assert time.monotonic() - begun < 2
        writer.close()


async def test_a_next_request_has_its_own_time(node_folder: Path) -> None:
    """Resting between requests is allowed; beginning one and not going on is not."""
    async with serving(node_folder, http={"head_timeout_s": 0.3}) as node:
        reader, writer = await connect(node)
        writer.write(WHOLE)
        await reader.readuntil(b"}")
        await asyncio.sleep(0.6)
        writer.write(WHOLE)
        assert b"ok" in await reader.readuntil(b"}")
        writer.write(HALF)

        assert await rest(reader) == b""
        writer.close()


def test_one_address_has_its_own_bound() -> None:
    """Loopback and trusted proxies bring many callers, others do not."""
    bounded = Connections(
        most=10, most_of_address=1, exempt=(ip_network("10.0.0.0/8"),), place=alone()
    )

    taken = [
        bounded.admit(each)
        for each in ("192.0.2.1", "192.0.2.1", "192.0.2.2", "10.1.1.1", "10.1.1.1", "::1", "::1")
    ]

    assert taken == [True, False, True, True, True, True, True]


@given(st.lists(st.sampled_from(["192.0.2.1", "192.0.2.2", "127.0.0.1", None]), max_size=40))
def test_a_place_that_was_given_back_is_free_again(addresses: list[str | None]) -> None:
    """Whatever came and went, as many as before fit."""
    counted = Connections(most=5, most_of_address=2, exempt=(), place=alone())
    for each in [each for each in addresses if counted.admit(each)]:
        counted.release(each)

    assert [counted.admit("127.0.0.1") for _ in range(6)] == [True] * 5 + [False]


def test_connections_leave_files_for_the_rest() -> None:
    """However many are wanted, database and documents keep their files."""
    assert affordable(1) == 1
    assert affordable(1 << 62) == affordable((1 << 62) + RESERVED_FILES)


async def test_heads_of_strangers_cannot_fill_the_memory(node_folder: Path) -> None:
    """All together have a bound beyond what each may have; then they are told so."""
    async with serving(node_folder) as node:
        answers = []
        lines = [await connect(node) for _ in range(60)]
        for reader, writer in lines:
            writer.write(b"POST /vxp/x HTTP/1.1\r\nHost: x\r\n" + b"to: " + b"a" * 900_000)
            with suppress(ConnectionError):
                await writer.drain()
            if writer.is_closing() or reader.at_eof():
                break
        for reader, writer in lines:
            with suppress(TimeoutError):
                async with asyncio.timeout(0.05):
                    answers.append(await reader.read(12))
            writer.close()

        assert b"HTTP/1.0 503" in answers
        assert (await node.get("/healthz")).status == 200


async def test_a_head_of_many_long_lines_is_431(node_folder: Path) -> None:
    """Also where a single line may be long."""
    async with serving(node_folder) as node:
        reader, writer = await connect(node)
        writer.write(b"POST /vxp/x HTTP/1.1\r\nHost: x\r\n")
        writer.write(b"".join(b"h%d: %s\r\n" % (n, b"b" * 200_000) for n in range(6)))

        assert (await rest(reader))[:12] == b"HTTP/1.0 431"
        writer.close()


def test_a_process_with_more_connections_than_another_holds_back() -> None:
    """What each has is known to all."""
    crowd = Crowd(2)
    first, second = Place(crowd, 0), Place(crowd, 1)
    first.count(1)

    assert (first.ahead(), second.ahead()) == (1, 0)

    second.count(1)

    assert (first.ahead(), second.ahead()) == (0, 0)


def test_one_more_among_many_is_no_matter() -> None:
    """Else each would hold back for the other again and again."""
    crowd = Crowd(2)
    first, second = Place(crowd, 0), Place(crowd, 1)
    first.count(34)
    second.count(33)

    assert (first.ahead(), second.ahead()) == (0, 0)

    first.count(2)

    assert (first.ahead(), second.ahead()) == (3, 0)


def test_a_process_that_begins_anew_has_no_connections() -> None:
    """What the one before it had ended with it."""
    crowd = Crowd(2)
    first, before = Place(crowd, 0), Place(crowd, 1)
    first.count(3)
    before.count(5)

    again = Place(crowd, 1)

    assert (first.ahead(), again.ahead()) == (3, 0)


async def silent(node: Node, count: int) -> list[asyncio.StreamWriter]:
    """Open so many connections to *node* that begin no handshake; return those that are left open."""
    port = int(node.url.rpartition(":")[2])
    lines = [await asyncio.open_connection("127.0.0.1", port) for _ in range(count)]
    await asyncio.sleep(0.5)
    for reader, writer in lines:
        if reader.at_eof() or isinstance(reader.exception(), ConnectionError):
            writer.close()
    return [writer for _, writer in lines if not writer.is_closing()]


async def test_strangers_who_begin_no_handshake_are_bounded_as_well(node_folder: Path) -> None:
    """Each is a file of the process as others are; when their time is over all get in again."""
    certify(node_folder, "node.example.vn")
    settings = {
        "tls_certificate": "tls.pem",
        "tls_key": "tls.key",
        "max_connections": 20,
        "head_timeout_s": 1.5,
    }
    async with serving(node_folder, http=settings) as node:
        left = await silent(node, 60)

        assert len(left) <= 20
        await asyncio.sleep(1.5)
        assert (await node.get("/healthz")).status == 200
        for writer in left:
            writer.close()
