"""OCSP answers fetched in the background: about those who signed, by those who may answer."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from gateway.bootstrap.equipment import StandingClock
from gateway.bootstrap.verification import trust_watch
from gateway.config import parse
from gateway.crypto.ocsp_fetch import fetch_answers, forget_ended, questions
from gateway.crypto.pki import Party, Wish, issue, make_pki, ocsp_response
from gateway.crypto.revocation_fetch import Fetched
from gateway.crypto.specimen import Pen, sign_pdf
from gateway.crypto.trust import load_trust
from gateway.domain.signatures import Reason
from tests.crypto import corpus
from tests.crypto.corpus import DAY, LATER, PLAIN, SIGNED, country, verified

HOUR = timedelta(hours=1)
#: Certificates, and no list of the authority that issued the signer's.
ROOTS = {name: each for name, each in country().trust.items() if name != "intermediate.crl"}


@dataclass(slots=True)
class Responder:
    """An OCSP responder on loopback."""

    url: str = ""
    answer: bytes = b""
    status: int = 200
    asked: list[int] = field(default_factory=list)  #: serial numbers

    async def handle(self, request: web.Request) -> web.Response:
        """Answer a question that is one."""
        assert request.content_type == "application/ocsp-request"
        question = ocsp.load_der_ocsp_request(await request.read())
        self.asked.append(question.serial_number)
        return web.Response(
            body=self.answer, status=self.status, content_type="application/ocsp-response"
        )


@pytest.fixture(name="responder")
async def _responder() -> AsyncIterator[Responder]:
    async with serving(Responder()) as responder:
        yield responder


@asynccontextmanager
async def serving(responder: Responder) -> AsyncIterator[Responder]:
    """Let *responder* answer on loopback."""
    application = web.Application()
    application.router.add_post("/ocsp", responder.handle)
    runner = web.AppRunner(application)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        responder.url = f"http://127.0.0.1:{runner.addresses[0][1]}/ocsp"
        yield responder
    finally:
        await runner.cleanup()


def a_signer(url: str, *, issuer: Party | None = None) -> Party:
    """Return somebody whose certificate names the responder at *url*."""
    wish = Wish(
        common_name="Theo OCSP", valid_from=SIGNED - DAY, valid_to=SIGNED + 90 * DAY, ocsp_url=url
    )
    return issue(wish, issuer=issuer or country().pki.intermediate)


def good(of: Party, *, revoked_at: datetime | None = None, until: datetime = LATER + DAY) -> bytes:
    """Return what the responder of the infrastructure says about *of*."""
    pki = country().pki
    return ocsp_response(
        of,
        issuer=pki.intermediate,
        responder=pki.responder,
        issued_at=LATER - HOUR,
        next_at=until,
        revoked_at=revoked_at,
    )


async def fetched(signer: Party, folder: Path, *, soon: timedelta = HOUR) -> list[Fetched]:
    """Ask about *signer*, as the node does."""
    trust = load_trust([corpus.lay(folder / "trust", ROOTS)])
    asked = questions([signer.der], trust=trust, folder=folder / "data", now=LATER, soon=soon)
    async with aiohttp.ClientSession() as session:
        return await fetch_answers(asked, session=session, now=LATER)


def verdict(signer: Party, folder: Path) -> Reason:
    """Return what becomes of a document that *signer* signed."""
    pen = Pen(party=signer, at=SIGNED, chain=(country().pki.intermediate,))
    return verified(sign_pdf(PLAIN, pen), corpus.bench(folder)).reason


async def test_a_good_answer_decides_what_was_unknown(
    responder: Responder, tmp_path: Path
) -> None:
    """The next document of the same signer is valid."""
    signer = a_signer(responder.url)
    responder.answer = good(signer)
    corpus.lay(tmp_path / "trust", ROOTS)
    before = await asyncio.to_thread(verdict, signer, tmp_path)

    assert [each.is_new for each in await fetched(signer, tmp_path)] == [True]

    after = await asyncio.to_thread(verdict, signer, tmp_path)
    assert (before, after) == (Reason.NO_REVOCATION_DATA, Reason.HOLDS)
    assert responder.asked == [signer.certificate.serial_number]


async def test_an_answer_that_revokes_counts_too(responder: Responder, tmp_path: Path) -> None:
    """From the moment that it names."""
    signer = a_signer(responder.url)
    responder.answer = good(signer, revoked_at=SIGNED - DAY)

    await fetched(signer, tmp_path)

    assert await asyncio.to_thread(verdict, signer, tmp_path) is Reason.REVOKED


async def test_an_answer_that_still_holds_is_not_asked_for_again(
    responder: Responder, tmp_path: Path
) -> None:
    """Only when it is about to end."""
    signer = a_signer(responder.url)
    responder.answer = good(signer)
    await fetched(signer, tmp_path)

    assert await fetched(signer, tmp_path) == []
    assert len(await fetched(signer, tmp_path, soon=2 * DAY)) == 1


def of_another(signer: Party) -> bytes:
    """Return an answer about somebody else."""
    return good(a_signer("http://ca.invalid/"))


def ended(signer: Party) -> bytes:
    """Return an answer of yesterday."""
    return good(signer, until=LATER - timedelta(minutes=1))


def of_a_stranger(signer: Party) -> bytes:
    """Return an answer that some other authority signed."""
    other = make_pki(SIGNED)
    return ocsp_response(
        signer,
        issuer=country().pki.intermediate,
        responder=other.responder,
        issued_at=LATER - HOUR,
        next_at=LATER + DAY,
    )


def of_a_person(signer: Party) -> bytes:
    """Return an answer signed by somebody who has a certificate, but not for that."""
    pki = country().pki
    return ocsp_response(
        signer,
        issuer=pki.intermediate,
        responder=pki.person,
        issued_at=LATER - HOUR,
        next_at=LATER + DAY,
    )


def tampered(signer: Party) -> bytes:
    """Return a good answer with another byte at its end."""
    answer = bytearray(good(signer))
    answer[len(answer) // 3] ^= 1
    return bytes(answer)


def not_now(_signer: Party) -> bytes:
    """Return what a busy responder says."""
    status = ocsp.OCSPResponseStatus.TRY_LATER
    unsuccessful = ocsp.OCSPResponseBuilder.build_unsuccessful(status)
    return unsuccessful.public_bytes(Encoding.DER)


@pytest.mark.parametrize(
    "make",
    [of_another, ended, of_a_stranger, of_a_person, tampered, not_now, lambda _: b"<html>"],
)
async def test_a_bad_answer_is_told_and_not_kept(
    responder: Responder, tmp_path: Path, make: Callable[[Party], bytes]
) -> None:
    """Whatever is wrong with it."""
    signer = a_signer(responder.url)
    responder.answer = make(signer)

    [found] = await fetched(signer, tmp_path)

    assert (found.is_new, bool(found.fault)) == (False, True)
    assert not (tmp_path / "data").exists()


async def test_nobody_is_asked_for_the_sake_of_a_stranger(
    responder: Responder, tmp_path: Path
) -> None:
    """The certificate of a document says where to call only if a trusted authority issued it."""
    stranger = a_signer(responder.url, issuer=make_pki(SIGNED, domain="Lạ").intermediate)

    assert await fetched(stranger, tmp_path) == []


async def test_a_responder_that_is_down_is_left_alone(
    responder: Responder, tmp_path: Path
) -> None:
    """After two failures, for this turn: the others do not wait for it."""
    responder.status = 503
    trust = load_trust([corpus.lay(tmp_path / "trust", ROOTS)])
    signers = [a_signer(responder.url).der for _ in range(5)]
    asked = questions(signers, trust=trust, folder=tmp_path / "data", now=LATER, soon=HOUR)
    async with aiohttp.ClientSession() as session:
        found = await fetch_answers(asked, session=session, now=LATER)

    assert (len(found), len(responder.asked)) == (5, 2)


async def test_answers_that_ended_are_taken_away(responder: Responder, tmp_path: Path) -> None:
    """A week later."""
    signer = a_signer(responder.url)
    responder.answer = good(signer)
    await fetched(signer, tmp_path)
    folder = tmp_path / "data"

    forget_ended(folder, LATER + 7 * DAY)
    before = len(list(folder.iterdir()))
    forget_ended(folder, LATER + 9 * DAY)

    assert (before, list(folder.iterdir())) == (1, [])


async def test_the_watch_asks_for_the_node(responder: Responder, tmp_path: Path) -> None:
    """About those who signed lately, so often as the operator says."""
    signer = a_signer(responder.url)
    responder.answer = good(signer)
    corpus.lay(tmp_path / "config" / "trust", ROOTS)
    config = parse(
        {"node": {"code": "H13"}, "signatures": {"ocsp_every_h": 6.0}},
        file=tmp_path / "gateway.toml",
    )

    async def signers() -> list[bytes]:
        return [signer.der]

    watch = trust_watch(config, StandingClock(LATER), signers)
    await watch.ask_responders()

    assert len(list((tmp_path / "data" / "revocation").glob("*.ors"))) == 1
    assert {duty.__name__: every for duty, every in watch.duties()}["ask_responders"] == 21_600
