"""Fetches revocation lists in the background, so that no request ever waits for an authority.

Only places that a trusted certificate or the operator names are asked, without following them
elsewhere; only a list that a trusted authority signed, and that is newer than the one at hand, is
kept, in a folder that is read with the trust folders.
"""

import asyncio
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.crypto.fetching import FetchFault, fetch, keep
from gateway.crypto.trust import Trust

_TIMEOUT_S = 60.0
_MOST_URLS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What came of one place."""

    url: str
    is_new: bool = False
    fault: str = ""  #: why nothing was kept, empty when all is well


def places(trust: Trust, named: Sequence[str], signers: Iterable[bytes] = ()) -> list[str]:
    """Return where lists are published: *named* places, those in trusted certificates and signers'.

    The certificates of *signers* (DER) count as far as a trusted authority issued them: the list of an
    authority is named in what it issues, not in its own certificate.
    """
    known = [each.certificate for each in trust.held]
    known += [each for each in certificates(signers) if trust.issuer_of(each) is not None]
    found = [*named, *(url for each in known for url in _published(each))]
    allowed = [url for url in found if urlsplit(url).scheme in {"http", "https"}]
    return list(dict.fromkeys(allowed))[:_MOST_URLS]


def certificates(ders: Iterable[bytes]) -> Iterator[x509.Certificate]:
    """Yield those of *ders* that can be read."""
    for der in ders:
        with suppress(ValueError, TypeError):
            yield x509.load_der_x509_certificate(der)


async def fetch_lists(
    urls: Sequence[str], *, trust: Trust, folder: Path, session: aiohttp.ClientSession
) -> list[Fetched]:
    """Ask every place in turn and keep what is good; a place that fails does not stop the rest."""
    return [await _fetch(url, trust=trust, folder=folder, session=session) for url in urls]


async def _fetch(
    url: str, *, trust: Trust, folder: Path, session: aiohttp.ClientSession
) -> Fetched:
    try:
        raw = await fetch(session, url, timeout_s=_TIMEOUT_S)
        return await asyncio.to_thread(_keep, url, raw, trust, folder)
    except FetchFault as error:
        return Fetched(url=url, fault=str(error))


def _keep(url: str, raw: bytes, trust: Trust, folder: Path) -> Fetched:
    try:
        crl = _parsed(raw)
    except ValueError:
        return Fetched(url=url, fault="this is no revocation list")
    if not any(_signed(crl, each.certificate) for each in trust.held):
        return Fetched(url=url, fault="no trusted authority signed this list")
    file = folder / f"{hashlib.sha256(url.encode()).hexdigest()[:20]}.crl"
    if file.exists() and _parsed(file.read_bytes()).last_update_utc >= crl.last_update_utc:
        return Fetched(url=url)
    keep(file, crl.public_bytes(Encoding.DER))
    return Fetched(url=url, is_new=True)


def _parsed(raw: bytes) -> x509.CertificateRevocationList:
    is_pem = raw.lstrip().startswith(b"-----BEGIN")
    return x509.load_pem_x509_crl(raw) if is_pem else x509.load_der_x509_crl(raw)


def _signed(crl: x509.CertificateRevocationList, certificate: x509.Certificate) -> bool:
    if crl.issuer != certificate.subject:
        return False
    try:
        key: Any = certificate.public_key()
        return crl.is_signature_valid(key)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False


def _published(certificate: x509.Certificate) -> list[str]:
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except (x509.ExtensionNotFound, ValueError):
        return []
    return [
        str(name.value)
        for point in points
        for name in point.full_name or ()
        if isinstance(name, x509.UniformResourceIdentifier)
    ]
