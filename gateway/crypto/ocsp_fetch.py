"""Asks OCSP responders in the background about certificates that sign documents here.

Asked about are certificates that documents brought lately, and those of the trust folders, as far
as a trusted authority issued them and they name a responder; an answer at hand is asked for again
only when it is about to end. Kept is an answer that fits the question and that the authority, or
somebody whom it lets answer, signed; whether it decides a signature is judged like everything else
in the folder. Answers that ended are taken away.

Source: RFC 6960; RFC 5019 for the form of the question, which any responder understands.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID

from gateway.crypto.fetching import FetchFault, fetch, keep
from gateway.crypto.ocsp_answers import NO_ANSWER, end_of, is_genuine
from gateway.crypto.revocation_fetch import Fetched, certificates
from gateway.crypto.trust import Trust

_TIMEOUT_S = 15.0
#: A responder that gave so many bad answers in a row is left alone until the next turn.
_MOST_FAULTS = 2
#: How long an answer that ended is kept for a look at documents of yesterday.
_KEPT_FOR = timedelta(days=7)
_ENDING = ".ors"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What to ask about one certificate, and where the answer is kept."""

    certificate: x509.Certificate
    issuer: x509.Certificate
    url: str
    file: Path


def questions(
    signers: Iterable[bytes], *, trust: Trust, folder: Path, now: datetime, soon: timedelta
) -> list[Question]:
    """Return what to ask *now* about *signers* (DER) and those of the trust folders. Blocks.

    An answer that holds longer than *soon* is not asked for again.
    """
    found: dict[Path, Question] = {}
    for each in (*certificates(signers), *(held.certificate for held in trust.held)):
        url, issuer = _responder(each), trust.issuer_of(each)
        if url and issuer is not None and each.not_valid_after_utc > now:
            name = hashlib.sha256(each.public_bytes(Encoding.DER)).hexdigest()[:32]
            file = folder / f"{name}{_ENDING}"
            if (_end_of(file) or now) <= now + soon:
                found[file] = Question(certificate=each, issuer=issuer, url=url, file=file)
    return list(found.values())


async def fetch_answers(
    asked: Sequence[Question], *, session: aiohttp.ClientSession, now: datetime
) -> list[Fetched]:
    """Ask every question in turn, then keep what is good, all at once: readers look once."""
    answers: list[tuple[Question, bytes]] = []
    faults: Counter[str] = Counter()
    results = []
    for each in asked:
        host = urlsplit(each.url).netloc
        if faults[host] >= _MOST_FAULTS:
            results.append(Fetched(url=each.url, fault="it answers nothing usable now"))
            continue
        try:
            request = ocsp.OCSPRequestBuilder().add_certificate(
                each.certificate,
                each.issuer,
                hashes.SHA1(),  # noqa: S303 - names the certificate, protects nothing
            )
            question = (request.build().public_bytes(Encoding.DER), "application/ocsp-request")
            raw = await fetch(session, each.url, timeout_s=_TIMEOUT_S, question=question)
            await asyncio.to_thread(_check, raw, each, now)
            answers.append((each, raw))
            del faults[host]
        except FetchFault as error:
            faults[host] += 1
            results.append(Fetched(url=each.url, fault=str(error)))
    for each, raw in answers:
        try:
            await asyncio.to_thread(keep, each.file, raw)
            results.append(Fetched(url=each.url, is_new=True))
        except FetchFault as error:
            results.append(Fetched(url=each.url, fault=str(error)))
    return results


def forget_ended(folder: Path, now: datetime) -> None:
    """Remove the answers in *folder* that ended a while ago. Blocks.

    That a certificate was revoked stays known: nobody may ask about it again.
    """
    for file in folder.glob(f"*{_ENDING}"):
        end = _end_of(file)
        if end is not None and end < now - _KEPT_FOR and not _tells_revocation(file):
            file.unlink(missing_ok=True)


def _responder(certificate: x509.Certificate) -> str:
    """Return the address of the first responder that *certificate* names, empty for none."""
    with suppress(x509.ExtensionNotFound, *NO_ANSWER):
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess)
        for each in access.value:
            is_uri = isinstance(each.access_location, x509.UniformResourceIdentifier)
            if each.access_method == AuthorityInformationAccessOID.OCSP and is_uri:
                url = str(each.access_location.value)
                if urlsplit(url).scheme in {"http", "https"}:
                    return url
    return ""


def _check(raw: bytes, asked: Question, now: datetime) -> None:
    """Raise FetchFault unless *raw* is a current answer to what was *asked*, by who may answer."""
    try:
        answer = ocsp.load_der_ocsp_response(raw)
        if answer.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            raise FetchFault(f"the responder says {answer.response_status.name}")
        if answer.serial_number != asked.certificate.serial_number:
            raise FetchFault("the answer is about another certificate")
        if end_of(answer) <= now:
            raise FetchFault("the answer has ended")
        if not is_genuine(answer, asked.issuer):
            raise FetchFault("nobody who may answer signed the answer")
    except NO_ANSWER as error:
        raise FetchFault(f"this is no OCSP answer: {error}") from error


def _tells_revocation(file: Path) -> bool:
    with suppress(OSError, *NO_ANSWER):
        answer = ocsp.load_der_ocsp_response(file.read_bytes())
        return answer.certificate_status is ocsp.OCSPCertStatus.REVOKED
    return False


def _end_of(file: Path) -> datetime | None:
    """Return until when the answer in *file* holds; None for no answer."""
    with suppress(OSError, *NO_ANSWER):
        return end_of(ocsp.load_der_ocsp_response(file.read_bytes()))
    return None
