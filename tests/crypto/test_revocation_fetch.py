"""Revocation lists fetched in the background: only good ones, only from known places."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from structlog.testing import capture_logs

from gateway.bootstrap.equipment import StandingClock, SystemClock
from gateway.bootstrap.verification import trust_watch
from gateway.config import parse
from gateway.crypto.pki import Party, Wish, issue, make_pki, revocation_list
from gateway.crypto.revocation_fetch import fetch_lists, places
from gateway.crypto.trust import load_trust
from gateway.domain.signatures import Reason
from tests.crypto import corpus
from tests.crypto.corpus import DAY, LATER, SIGNED, country, signed_by, verified

SMALL = {name: each for name, each in country().trust.items() if name.endswith(".pem")}


@asynccontextmanager
async def authority(content: bytes, *, status: int = 200) -> AsyncIterator[str]:
    """Serve *content* as an authority does; yield its address."""

    async def answer(request: web.Request) -> web.Response:
        headers = {"Location": "/elsewhere"} if status == 302 else {}
        return web.Response(body=content, status=status, headers=headers)

    application = web.Application()
    application.router.add_get("/ca.crl", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/ca.crl"
    finally:
        await runner.cleanup()


async def fetched(url: str, tmp_path: Path) -> tuple[bool, str]:
    """Fetch from *url*; return whether a list was kept, and the fault."""
    trust = load_trust([corpus.lay(tmp_path / "trust", SMALL)])
    async with aiohttp.ClientSession() as session:
        [found] = await fetch_lists([url], trust=trust, folder=tmp_path / "lists", session=session)
    return found.is_new, found.fault


async def test_a_good_list_is_kept_and_counts(tmp_path: Path) -> None:
    """What was unknown without it is decided with it."""
    async with authority(country().trust["intermediate.crl"]) as url:
        assert await fetched(url, tmp_path) == (True, "")

    signed = await asyncio.to_thread(signed_by, "good")
    assert verified(signed, corpus.bench(tmp_path)).reason is Reason.HOLDS


async def test_the_same_list_again_is_not_new(tmp_path: Path) -> None:
    """Only a newer one takes its place."""
    async with authority(country().trust["intermediate.crl"]) as url:
        await fetched(url, tmp_path)

        assert await fetched(url, tmp_path) == (False, "")


@pytest.mark.parametrize(
    ("content", "status", "fault"),
    [
        (b"<html>", 200, "no revocation list"),
        (b"", 404, "answered 404"),
        (b"", 302, "answered 302"),
    ],
)
async def test_a_bad_answer_is_told(
    tmp_path: Path, content: bytes, status: int, fault: str
) -> None:
    """And nothing is kept."""
    async with authority(content, status=status) as url:
        is_new, told = await fetched(url, tmp_path)

    assert (is_new, fault in told) == (False, True)


async def test_the_list_of_a_stranger_is_refused(tmp_path: Path) -> None:
    """It must be signed by an authority of the trust folders."""
    stranger = make_pki(SIGNED, domain="Minh hoạ").intermediate
    forged = revocation_list(stranger, {}, issued_at=LATER, next_at=LATER + DAY)
    async with authority(forged) as url:
        assert await fetched(url, tmp_path) == (False, "no trusted authority signed this list")


async def test_nobody_there_is_told(tmp_path: Path) -> None:
    """An authority that is down stops nothing."""
    is_new, told = await fetched("http://127.0.0.1:9/ca.crl", tmp_path)

    assert (is_new, bool(told)) == (False, True)


async def nobody() -> list[bytes]:
    """Nobody signed lately."""
    return []


def authority_with(url: str) -> Party:
    """Return a root whose certificate says where its lists are."""
    wish = Wish(
        common_name="Có CRL",
        valid_from=SIGNED,
        valid_to=SIGNED + 900 * DAY,
        is_authority=True,
        crl_url=url,
    )
    return issue(wish)


def test_places_are_those_that_are_named(tmp_path: Path) -> None:
    """By trusted certificates and by the operator; never a file or another scheme."""
    one = authority_with("http://ca.invalid/root.crl")
    two = authority_with("ldap://ca.invalid/root")
    files = {"one.pem": one.pem, "two.pem": two.pem}
    trust = load_trust([corpus.lay(tmp_path, files)])

    assert places(trust, ["https://ca.invalid/b.crl", "file:///etc/passwd"]) == [
        "https://ca.invalid/b.crl",
        "http://ca.invalid/root.crl",
    ]


def test_the_list_of_an_authority_is_named_in_what_it_issues(tmp_path: Path) -> None:
    """In the certificates of signers; those of strangers name nothing."""
    pki = country().pki
    wish = Wish(
        common_name="An",
        valid_from=SIGNED,
        valid_to=SIGNED + DAY,
        crl_url="http://ca.invalid/intermediate.crl",
    )
    signer = issue(wish, issuer=pki.intermediate)
    stranger = issue(replace(wish, crl_url="http://other.invalid/"), issuer=make_pki(SIGNED).root)
    trust = load_trust([corpus.lay(tmp_path, SMALL)])

    found = places(trust, [], [signer.der, stranger.der, b"no certificate"])

    assert found == ["http://ca.invalid/intermediate.crl"]


@pytest.mark.parametrize(("days", "level"), [(61, None), (59, "warning"), (7, "error")])
async def test_the_watch_tells_what_expires(tmp_path: Path, days: int, level: str | None) -> None:
    """Certificates that are trusted, and that of the node's own key; a week ahead it is urgent."""
    now = LATER
    wish = Wish(common_name="X", valid_from=SIGNED, valid_to=now + days * DAY, is_authority=True)
    corpus.lay(
        tmp_path / "config", {"trust/root.pem": issue(wish).pem, "node.crt": issue(wish).pem}
    )
    config = parse({"node": {"code": "H13"}}, file=tmp_path / "gateway.toml")

    with capture_logs() as told:
        await trust_watch(config, StandingClock(now), nobody).warn_of_expiry()

    expected = (
        []
        if level is None
        else ["a trusted certificate expires", "a certificate of the node expires"]
    )
    assert [(each["event"], each["log_level"]) for each in told] == [
        (event, level) for event in expected
    ]


async def test_the_watch_fetches_for_the_node(tmp_path: Path) -> None:
    """The duty of the node: lists land where its workers look."""
    corpus.lay(tmp_path / "config" / "trust", SMALL)
    async with authority(country().trust["root.crl"]) as url:
        settings = {"crl_every_h": 1.0, "crl_urls": [url]}
        config = parse(
            {"node": {"code": "H13"}, "signatures": settings}, file=tmp_path / "gateway.toml"
        )
        watch = trust_watch(config, SystemClock(), nobody)
        await watch.fetch_revocation()

    assert len(list((tmp_path / "data" / "revocation").glob("*.crl"))) == 1
    assert {duty.__name__: seconds for duty, seconds in watch.duties()} == {
        "warn_of_expiry": timedelta(days=1).total_seconds(),
        "fetch_revocation": 3600.0,
    }
