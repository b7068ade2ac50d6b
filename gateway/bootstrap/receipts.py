"""Receipts: whom to trust about them, who stamps them, and what a file of them proves."""

from collections.abc import Sequence
from pathlib import Path

from cryptography import x509

from gateway.config import Config
from gateway.crypto.keys import certificates_in, load_certificates
from gateway.crypto.receipt_file import verify_file
from gateway.crypto.timestamps import Authority
from gateway.domain.errors import Misconfigured
from gateway.domain.receipts import Verdict
from gateway.ports import Run


def verify_receipts(
    file: Path,
    *,
    trust: Sequence[Path],
    config: Config | None,
    documents: Sequence[Path],
    must_be_complete: bool,
) -> Verdict:
    """Judge a file of receipts by the certificates of *trust*, else by those of the node.

    Raises:
        Misconfigured: a certificate cannot be read.
    """
    if config is None:
        anchors = stamps = certificates_in(trust)
    else:
        anchors, stamps = node_anchors(config), known_stamp_anchors(config)
    return verify_file(
        file, anchors, stamps=stamps, documents=documents, must_be_complete=must_be_complete
    )


def trusted(trust: Sequence[Path], config: Config | None) -> list[x509.Certificate]:
    """Return the certificates of *trust*, without any those that the node of *config* trusts."""
    return certificates_in(trust) if config is None else node_anchors(config)


def node_anchors(config: Config) -> list[x509.Certificate]:
    """Return whom the node trusts about receipts: itself, as it was before, and its peers."""
    own = load_certificates(config.path(config.keys.certificate))[:1]
    peers = [config.path(folder) / "peers" for folder in config.signatures.trust]
    known = certificates_in([path for path in peers if path.is_dir()])
    return [*own, *former_certificates(config), *known]


def former_certificates(config: Config) -> list[x509.Certificate]:
    """Return the certificates that signed receipts before; raise Misconfigured for a wrong one."""
    return certificates_in([config.path(path) for path in config.keys.former])


def stamp_anchors(config: Config) -> list[x509.Certificate]:
    """Return the certificates that stamps must come of; raise Misconfigured for a wrong one."""
    return certificates_in([config.path(path) for path in config.keys.tsa_trust])


def known_stamp_anchors(config: Config) -> list[x509.Certificate]:
    """Return the same, as far as they are there: a receipt without a stamp needs none."""
    paths = map(config.path, config.keys.tsa_trust)
    return certificates_in([path for path in paths if path.exists()])


def stamp_authority(config: Config, run: Run) -> Authority | None:
    """Return the authority of time stamps, None without one; raise Misconfigured."""
    keys = config.keys
    if not keys.tsa_url:
        return None
    anchors = stamp_anchors(config)
    if not anchors:
        raise Misconfigured("`keys.tsa_trust`: there is no certificate of the authority")
    return Authority(url=keys.tsa_url, anchors=anchors, timeout_s=keys.tsa_timeout_s, run=run)
