"""Time stamps: what an authority signed verifies offline, and nothing else does."""

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import cms, tsp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.bootstrap.equipment import Executor
from gateway.crypto.timestamps import Authority, verify_stamp
from gateway.domain.errors import Refused, Unavailable
from tests.crypto.authority import Stamper, a_stamper, stamping

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
DIGEST = bytes(range(32))


@pytest.fixture(name="stamper", scope="module")
def _stamper() -> Stamper:
    return a_stamper(NOW)


@pytest.fixture(name="token", scope="module")
def _token(stamper: Stamper) -> bytes:
    """A token of the authority over DIGEST, made without a network."""
    stamper.at = NOW
    imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": DIGEST}
    request = tsp.TimeStampReq({"version": 1, "message_imprint": imprint, "cert_req": True})
    answer = tsp.TimeStampResp.load(stamper.answer(request.dump()))
    token: bytes = answer["time_stamp_token"].dump()
    stamper.at = None
    return token


@pytest.fixture(name="run")
async def _run() -> AsyncIterator[Executor]:
    run = Executor()
    yield run
    run.close()


def authority(url: str, stamper: Stamper, run: Executor, *, timeout_s: float = 5.0) -> Authority:
    """Return the client of an authority."""
    return Authority(url=url, anchors=[stamper.root], timeout_s=timeout_s, run=run)


def test_a_token_says_when_its_digest_was_seen(token: bytes, stamper: Stamper) -> None:
    """Trusting the root is enough."""
    assert verify_stamp(token, DIGEST, [stamper.root]) == NOW


def test_a_token_is_of_one_digest_alone(token: bytes, stamper: Stamper) -> None:
    """Another one was not stamped."""
    with pytest.raises(Refused) as refused:
        verify_stamp(token, bytes(32), [stamper.root])

    assert refused.value.code == "receipt-stamp"


def test_a_token_of_a_stranger_proves_nothing(token: bytes) -> None:
    """Whoever is not trusted may have stamped anything."""
    with pytest.raises(Refused) as refused:
        verify_stamp(token, DIGEST, [a_stamper(NOW).root])

    assert refused.value.code == "receipt-stamp-untrusted"


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_token_with_another_byte_never_says_another_time(
    token: bytes, stamper: Stamper, data: st.DataObject
) -> None:
    """It is refused, or the byte meant nothing; there is no other error."""
    place = data.draw(st.integers(0, len(token) - 1))
    changed = bytearray(token)
    changed[place] ^= data.draw(st.integers(1, 255))

    with suppress(Refused):
        assert verify_stamp(bytes(changed), DIGEST, [stamper.root]) == NOW


@given(st.binary(max_size=200))
def test_what_is_no_token_is_refused(content: bytes) -> None:
    """Never another error."""
    with pytest.raises(Refused):
        verify_stamp(content, DIGEST, [])


async def test_an_authority_is_asked_over_http(stamper: Stamper, run: Executor) -> None:
    """What comes back was verified."""
    async with stamping(stamper) as url:
        stamped = await authority(url, stamper, run)(DIGEST)

    again = await run(lambda: verify_stamp(stamped.token, DIGEST, [stamper.root]))
    assert again == stamped.at
    assert stamper.asked[-1] == DIGEST


async def test_an_authority_that_is_away_may_be_asked_again(
    stamper: Stamper, run: Executor
) -> None:
    """Nobody listens."""
    async with stamping(stamper) as url:
        pass

    with pytest.raises(Unavailable):
        await authority(url, stamper, run)(DIGEST)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no DER",
        bytes(300_000),
        bytes.fromhex("30053003020102"),
        bytes.fromhex("30053003020100"),
    ],
    ids=["empty", "garbage", "too large", "rejected", "without a token"],
)
async def test_an_answer_that_is_no_stamp_is_none(
    stamper: Stamper, run: Executor, body: bytes
) -> None:
    """It is asked again later; nothing breaks."""
    stamper.body = body
    try:
        async with stamping(stamper) as url:
            with pytest.raises(Unavailable):
                await authority(url, stamper, run)(DIGEST)
    finally:
        stamper.body = None


async def test_a_stamp_of_another_question_is_not_taken(
    stamper: Stamper, run: Executor, token: bytes
) -> None:
    """A replay bears another nonce."""
    answer = {"status": {"status": "granted"}, "time_stamp_token": cms.ContentInfo.load(token)}
    stamper.body = tsp.TimeStampResp(answer).dump()
    try:
        async with stamping(stamper) as url:
            with pytest.raises(Unavailable):
                await authority(url, stamper, run)(DIGEST)
    finally:
        stamper.body = None


async def test_a_stamp_by_somebody_else_is_not_taken(stamper: Stamper, run: Executor) -> None:
    """The node keeps only what others will believe."""
    async with stamping(a_stamper(NOW + timedelta(days=1))) as url:
        with pytest.raises(Unavailable, match="trusted"):
            await authority(url, stamper, run)(DIGEST)
