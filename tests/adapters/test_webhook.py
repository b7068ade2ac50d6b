"""The webhook: what a request carries, and what each kind of answer means."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.webhook import Webhook
from gateway.domain.errors import Misconfigured, Unavailable
from gateway.ports import Adapter, Handover
from tests.contract.packets import (
    StandingClock,
    a_clock,
    a_large_packet,
    a_packet,
    an_office,
)
from tests.contract.web_office import Mood, WebOffice, a_web_office


@pytest.fixture
async def office() -> AsyncIterator[WebOffice]:
    """Run an office that takes webhooks."""
    async with a_web_office() as office:
        yield office


@pytest.fixture
def clock() -> StandingClock:
    """Return the node's clock."""
    return a_clock()


@pytest.fixture
async def webhook(office: WebOffice, clock: StandingClock) -> AsyncIterator[Webhook]:
    """Connect to the office."""
    async with aclosing(Webhook(an_office(url=office.url), clock)) as connection:
        yield connection


@pytest.fixture
async def hasty(office: WebOffice, clock: StandingClock) -> AsyncIterator[Webhook]:
    """Connect to the office with 0.3 s for an attempt."""
    async with aclosing(Webhook(an_office(url=office.url, timeout_s=0.3), clock)) as connection:
        yield connection


def test_the_class_is_an_adapter() -> None:
    """The entry point names the class, and the class builds connections."""
    adapter: Adapter = Webhook

    assert adapter(an_office(url="https://office.example/hook"), a_clock()).receiver is None


# --- the request ----------------------------------------------------------------------------------


async def test_the_signature_verifies(office: WebOffice, webhook: Webhook) -> None:
    """An office that knows the secret can tell that the bytes are ours and unaltered."""
    await webhook.send(a_packet(b"\x00\xff" * 5000))

    assert [post.is_authentic for post in office.posts] == [True]


async def test_another_secret_does_not_verify(office: WebOffice, webhook: Webhook) -> None:
    """An office with another secret sees that the signature is not for it."""
    office.secret = b"another secret"

    await webhook.send(a_packet())

    assert [post.is_authentic for post in office.posts] == [False]


async def test_the_signature_verifies_on_a_body_of_many_groups(office: WebOffice) -> None:
    """The bytes that are sent are those that were hashed, also when they are read in groups."""
    packet, _ = a_large_packet(3 * 1024 * 1024 + 1)

    async with aclosing(Webhook(an_office(url=office.url), a_clock())) as connection:
        await connection.send(packet)

    assert [(True, packet.size)] == [(post.is_authentic, post.size) for post in office.posts]


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Content-Type", "application/jose"),
        ("Content-Length", "8"),
        ("Gateway-Id", "r-7"),
        ("Gateway-Event", "receipt"),
        ("Gateway-Document", "doc-1"),
        ("Gateway-Code", "H13.02/2026/1"),
    ],
)
async def test_the_headers_are_those_of_the_contract(
    office: WebOffice, webhook: Webhook, header: str, value: str
) -> None:
    """A receipt goes out under the names that the contract gives."""
    await webhook.send(a_packet(id="r-7", event="receipt", media_type="application/jose"))

    assert value == office.posts[0].headers[header]


async def test_the_timestamp_is_that_of_the_attempt(
    office: WebOffice, webhook: Webhook, clock: StandingClock
) -> None:
    """A retry an hour later carries the same id and its own timestamp."""
    await webhook.send(a_packet())
    clock.move(3600)

    await webhook.send(a_packet())

    first, second = (int(post.headers["Gateway-Timestamp"]) for post in office.posts)
    assert (int(clock.now().timestamp()), 3600) == (second, second - first)


@pytest.mark.parametrize("code", [None, "", "số/2026/1", "a\r\nX-Injected: 1"])
async def test_a_code_that_no_header_can_carry_is_left_out(
    office: WebOffice, webhook: Webhook, code: str | None
) -> None:
    """The document still arrives; its code stands in the message."""
    await webhook.send(a_packet(code=code))

    assert ["Gateway-Code" in post.headers for post in office.posts] == [False]


async def test_an_axis_that_took_a_packet_is_not_the_recipient(office: WebOffice) -> None:
    """What an axis took has not entered the recipient's system yet."""
    destined = an_office(url=office.url, is_axis=True)

    async with aclosing(Webhook(destined, a_clock())) as connection:
        handover = await connection.send(a_packet())

    assert Handover(arrived=False) == handover


async def test_one_connection_serves_many_packets(office: WebOffice, webhook: Webhook) -> None:
    """The connection is kept alive between packets."""
    for number in range(5):
        await webhook.send(a_packet(id=f"d-{number}"))

    assert len(office.peers) == 1


# --- the answers ----------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
async def test_every_2xx_is_an_arrival(office: WebOffice, webhook: Webhook, status: int) -> None:
    """Only the class of the answer counts."""
    office.status = status

    assert Handover(arrived=True) == await webhook.send(a_packet())


@pytest.mark.parametrize("status", [300, 304, 400, 401, 404, 409, 410, 415, 422, 429, 500, 503])
async def test_every_other_answer_is_tried_again(
    office: WebOffice, webhook: Webhook, status: int
) -> None:
    """Any answer but 2xx is retried, also one that sounds final."""
    office.status = status

    with pytest.raises(Unavailable, match=str(status)):
        await webhook.send(a_packet())


@pytest.mark.parametrize("mood", [Mood.HANG, Mood.RESET, Mood.REDIRECT, Mood.LATE])
async def test_a_troubled_office_is_tried_again(
    office: WebOffice, hasty: Webhook, mood: Mood
) -> None:
    """An office that hangs, resets, redirects or answers after we gave up is Unavailable."""
    office.mood = mood

    with pytest.raises(Unavailable):
        await hasty.send(a_packet())


async def test_a_hanging_office_costs_no_more_than_the_limit(
    office: WebOffice, hasty: Webhook
) -> None:
    """The limit is on the whole attempt."""
    office.mood = Mood.HANG
    started = time.monotonic()

    with pytest.raises(Unavailable):
        await hasty.send(a_packet())

    assert time.monotonic() - started < 3.0


async def test_a_redirect_is_not_followed(office: WebOffice, webhook: Webhook) -> None:
    """A signed document goes to the address that the operator wrote and to no other."""
    office.mood = Mood.REDIRECT

    with pytest.raises(Unavailable):
        await webhook.send(a_packet())

    assert office.strays == 0


async def test_an_answer_that_came_too_late_is_a_repeat_for_the_office(
    office: WebOffice, webhook: Webhook, hasty: Webhook
) -> None:
    """The office that kept the first attempt sees the second with the same id."""
    office.mood = Mood.LATE
    with pytest.raises(Unavailable):
        await hasty.send(a_packet())
    office.mood = Mood.WELL

    await webhook.send(a_packet())

    assert [post.headers["Gateway-Id"] for post in office.posts] == ["d-1", "d-1"]


async def test_an_answer_before_the_whole_body_is_no_arrival(office: WebOffice) -> None:
    """Nobody can have kept bytes that were not sent yet, whatever the status says."""
    office.mood = Mood.EARLY
    packet, _ = a_large_packet(26 * 1024 * 1024)

    async with aclosing(Webhook(an_office(url=office.url), a_clock())) as connection:
        with pytest.raises(Unavailable):
            await connection.send(packet)


async def test_an_endless_answer_is_not_read_to_its_end() -> None:
    """A peer that answers 200 and goes on talking forever does not keep us."""
    told = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"<edXML/>")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n")
        try:
            while not writer.is_closing():
                writer.write(b"x" * 65536)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()
            told.set()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    destined = an_office(url=f"http://127.0.0.1:{port}/hook")

    async with aclosing(Webhook(destined, a_clock())) as connection:
        handover = await connection.send(a_packet())
    await told.wait()
    server.close()

    assert Handover(arrived=True) == handover


async def test_no_listener_is_unavailable() -> None:
    """An office whose port is closed may come back."""
    async with a_web_office() as gone:
        url = gone.url
    async with aclosing(Webhook(an_office(url=url), a_clock())) as connection:
        with pytest.raises(Unavailable):
            await connection.send(a_packet())


async def test_an_office_without_tls_behind_https_is_unavailable(office: WebOffice) -> None:
    """A TLS handshake that fails is a failure of the connection, never a plain request."""
    url = office.url.replace("http://", "https://")

    async with aclosing(Webhook(an_office(url=url), a_clock())) as connection:
        with pytest.raises(Unavailable):
            await connection.send(a_packet())


# --- Retry-After ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "wait_s"),
    [
        ("120", 120.0),
        ("0", 1.0),
        ("999999999999", 3600.0),
        ("-5", 1.0),
        ("soon", 1.0),
        ("²", 1.0),
        ("Fri, 99 Zzz 2026 00:00:00 GMT", 1.0),
    ],
)
async def test_the_wait_asked_for_is_kept_within_bounds(
    office: WebOffice, webhook: Webhook, asked: str, wait_s: float
) -> None:
    """Retry-After counts up to an hour; nonsense is as if it were not there."""
    office.status, office.headers = 503, {"Retry-After": asked}

    with pytest.raises(Unavailable) as caught:
        await webhook.send(a_packet())

    assert wait_s == caught.value.retry_after_s


async def test_the_wait_may_be_a_date(
    office: WebOffice, webhook: Webhook, clock: StandingClock
) -> None:
    """Retry-After as an HTTP date counts from the node's clock."""
    at = clock.now().replace(microsecond=0) + timedelta(seconds=90)
    office.status, office.headers = 503, {"Retry-After": format_datetime(at, usegmt=True)}

    with pytest.raises(Unavailable) as caught:
        await webhook.send(a_packet())

    assert 89 <= caught.value.retry_after_s <= 90


# --- settings -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "",
        "office.example/hook",
        "ftp://office.example/hook",
        "http://office.example/hook",
        "http://10.0.0.7/hook",
        "http://127.0.0.1.example/hook",
        "https://user:word@office.example/hook",
        "https://",
        "http://[::1",
        "https://office.example:99999/",
    ],
)
def test_an_unsafe_address_is_misconfigured(url: str) -> None:
    """Documents leave this machine over TLS only, and no address carries a password."""
    with pytest.raises(Misconfigured):
        Webhook(an_office(url=url), a_clock())


@pytest.mark.parametrize(
    "url",
    ["https://office.example/hook", "http://127.0.0.1:1/", "http://[::1]:1/", "http://localhost/"],
)
def test_a_safe_address_is_taken(url: str) -> None:
    """TLS anywhere, plain HTTP on this very machine."""
    assert Webhook(an_office(url=url), a_clock()).sender is not None


@given(st.text(max_size=40))
def test_any_address_is_taken_or_misconfigured(url: str) -> None:
    """Whatever an operator writes, the answer is a clear one."""
    try:
        Webhook(an_office(url=url), a_clock())
    except Misconfigured as error:
        assert "H13.01" in error.message  # noqa: PT017 - both outcomes are right
