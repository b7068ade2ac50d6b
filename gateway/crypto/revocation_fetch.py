"""Fetches revocation lists in the background, so that no request ever waits for an authority.

Only places that a trusted certificate or the operator names are asked, without following them
elsewhere; only a list that a trusted authority signed, and that is newer than the one at hand, is
kept, in a folder that is read with the trust folders.
"""

import asyncio
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.crypto.trust import Trust

_LARGEST = 32 << 20
_TIMEOUT_S = 60.0
_MOST_URLS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What came of one place."""

    url: str
    is_new: bool = False
    fault: str = ""  #: why nothing was kept, empty when all is well


def places(trust: Trust, named: Sequence[str]) -> list[str]:
    """Return where lists are published: by the certificates of *trust*, and *named* ones."""
    found = [*named, *(url for each in trust.held for url in _published(each.certificate))]
    allowed = [url for url in found if urlsplit(url).scheme in {"http", "https"}]
    return list(dict.fromkeys(allowed))[:_MOST_URLS]


async def fetch_lists(
    urls: Sequence[str], *, trust: Trust, folder: Path, session: aiohttp.ClientSession
) -> list[Fetched]:
    """Ask every place in turn and keep what is good; a place that fails does not stop the rest."""
    return [await _fetch(url, trust=trust, folder=folder, session=session) for url in urls]


async def _fetch(
    url: str, *, trust: Trust, folder: Path, session: aiohttp.ClientSession
) -> Fetched:
    try:
        async with (
            asyncio.timeout(_TIMEOUT_S),
            session.get(url, allow_redirects=False) as response,
        ):
            if response.status != 200:  # noqa: PLR2004 - OK
                return Fetched(url=url, fault=f"answered {response.status}")
            raw = bytearray()
            async for piece in response.content.iter_chunked(1 << 16):
                raw += piece
                if len(raw) > _LARGEST:
                    return Fetched(url=url, fault=f"larger than {_LARGEST} bytes")
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        return Fetched(url=url, fault=f"{type(error).__name__}: {error}")
    try:
        return await asyncio.to_thread(_keep, url, bytes(raw), trust, folder)
    except OSError as error:
        return Fetched(url=url, fault=f"cannot be kept: {error.strerror}")


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
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f".{file.name}.tmp"
    with temporary.open("wb") as stream:
        stream.write(crl.public_bytes(Encoding.DER))
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(file)
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
