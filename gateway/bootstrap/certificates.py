"""Every certificate that the node itself lives by, beside those of the trust folders."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from gateway.bootstrap.receipts import stamp_anchors
from gateway.config import Config
from gateway.crypto.keys import load_certificates
from gateway.domain.errors import Misconfigured
from gateway.domain.signatures import OwnCertificate

#: What they are for: signing receipts, TLS, judging the time stamps of receipts.
RECEIPTS, TLS, STAMPS = "receipts", "tls", "stamps"


def own_certificates(config: Config) -> list[OwnCertificate]:
    """Return them, chains included; files that cannot be read are told elsewhere. Blocks."""
    found: list[OwnCertificate] = []
    for use, name in ((RECEIPTS, config.keys.certificate), (TLS, config.http.tls_certificate)):
        with suppress(Misconfigured):
            file = config.path(name)
            found += _listed(use, load_certificates(file) if name else (), file)
    if config.keys.tsa_url:
        with suppress(Misconfigured):
            found += _listed(STAMPS, stamp_anchors(config), config.path(config.keys.tsa_trust[0]))
    return found


def next_end(config: Config) -> datetime:
    """Return when the first of them expires; raise Misconfigured when there is none. Blocks."""
    ends = [each.valid_to for each in own_certificates(config)]
    if not ends:
        raise Misconfigured("the certificates of the node cannot be read")
    return min(ends)


def _listed(
    use: str, certificates: Iterable[x509.Certificate], file: Path
) -> Iterator[OwnCertificate]:
    for each in certificates:
        yield OwnCertificate(
            use=use,
            subject=each.subject.rfc4514_string(),
            valid_to=each.not_valid_after_utc,
            sha256=each.fingerprint(SHA256()).hex(),
            file=str(file),
        )
