"""Revocation lists as the house itself reads them, and the evidence that is kept of a path.

pyHanko decides what lists and answers mean. Two things it leaves out are looked up here: it asks
no list about a certificate that names no place of one, and is content with a good answer that is
older than a list; and it finds no list of an anchor that is not self-signed.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.x509 import load_der_x509_certificate
from pyhanko_certvalidator.path import ValidationPath

from gateway.crypto.ocsp_answers import revoked_at
from gateway.crypto.trust import RevocationList, Trust, serials_of
from gateway.domain.signatures import Evidence

_EXPIRED_ON_CRL = "2.5.29.60"


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What a document brings along to be verified with: trusted for nothing by itself."""

    certificates: tuple[x509.Certificate, ...] = ()
    crls: tuple[asn1_crl.CertificateList, ...] = ()
    ocsps: tuple[asn1_ocsp.OCSPResponse, ...] = ()


class RevocationLists:
    """Asks the lists of the trust folders; remembers which are genuine."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._genuine: dict[tuple[str, bytes], bool] = {}

    def forget(self) -> None:
        """Forget all: the trust folders changed."""
        self._genuine.clear()

    def revoked_since(self, path: ValidationPath, trust: Trust) -> datetime | None:
        """Return since when a certificate of *path* is revoked by the newest list of its issuer."""
        found = [
            self._revoked_since(certificate, issuer, trust)
            for issuer, certificate in pairwise(path.iter_certs(include_root=True))
        ]
        return min((each for each in found if each is not None), default=None)

    def cover(self, path: ValidationPath, trust: Trust, moment: datetime) -> bool:
        """Whether every certificate has a current list of its issuer in the folders.

        An answer that it was revoked later says as well that it was not by then.
        """
        return all(
            any(
                (each.crl.next_update_utc or each.crl.last_update_utc) >= moment
                and self._is_genuine(each, issuer)
                for each in trust.crls_by_issuer.get(certificate.issuer.dump(), ())
            )
            or any(each > moment for each in _answers(certificate, issuer, trust))
            for issuer, certificate in pairwise(path.iter_certs(include_root=True))
        )

    def once_revoked(self, path: ValidationPath, trust: Trust) -> datetime | None:
        """Return since when a certificate of *path* is revoked by any answer, current or not.

        Where nothing current is known, an old word against a certificate still is one.
        """
        found = [
            each
            for issuer, certificate in pairwise(path.iter_certs(include_root=True))
            for each in _answers(certificate, issuer, trust)
        ]
        return min(found, default=None)

    def _revoked_since(
        self, certificate: x509.Certificate, issuer: x509.Certificate, trust: Trust
    ) -> datetime | None:
        for each in trust.crls_by_issuer.get(certificate.issuer.dump(), ()):
            if not self._is_genuine(each, issuer):
                continue
            entry = each.crl.get_revoked_certificate_by_serial_number(certificate.serial_number)
            return None if entry is None else entry.revocation_date_utc
        return None

    def _is_genuine(self, revocation: RevocationList, issuer: x509.Certificate) -> bool:
        """Whether *issuer* signed the list; lists with a scope of their own are left to pyHanko."""
        key = (revocation.sha256, issuer.sha256)
        if key not in self._genuine:
            extensions = {each["extn_id"].native for each in _extensions(revocation.parsed)}
            is_whole = not extensions & {"issuing_distribution_point", "delta_crl_indicator"}
            usage = issuer.key_usage_value
            is_whole = is_whole and (usage is None or "crl_sign" in usage.native)
            self._genuine[key] = is_whole and _is_signed_by(revocation, issuer)
        return self._genuine[key]


def _answers(
    certificate: x509.Certificate, issuer: x509.Certificate, trust: Trust
) -> Iterator[datetime]:
    """Yield since when *certificate* is revoked by the OCSP answers of the folders."""
    for each in trust.ocsps_about([certificate.serial_number]):
        since = revoked_at(each.dump(), issuer=issuer.dump(), serial=certificate.serial_number)
        if since is not None:
            yield since


def lists_of(certificate: x509.Certificate, trust: Trust) -> list[RevocationList]:
    """Return the newest lists of the issuer of *certificate*, one for each of its keys."""
    return newest_of_each_key(trust.crls_by_issuer.get(certificate.issuer.dump(), ()))


def newest_of_each_key(lists: Sequence[RevocationList]) -> list[RevocationList]:
    """Return of *lists* of one name, newest first, those that no later one takes the place of."""
    newest: dict[bytes | None, RevocationList] = {}
    for each in lists:
        newest.setdefault(each.parsed.authority_key_identifier, each)
    return list(newest.values())


def is_spoken_of(certificates: Sequence[x509.Certificate], trust: Trust) -> bool:
    """Whether any list or answer of the folders names one of *certificates*."""
    serials = {each.serial_number for each in certificates}
    return bool(trust.ocsps_about(serials)) or any(
        each.crl.get_revoked_certificate_by_serial_number(one.serial_number) is not None
        for one in certificates
        for each in trust.crls_by_issuer.get(one.issuer.dump(), ())
    )


def lateness(certificate: x509.Certificate, trust: Trust) -> str:
    """Return a note when the newest list was issued after *certificate* had expired.

    An authority may drop expired certificates from its lists (RFC 5280 section 3.3), unless it
    states that it keeps them: whoever keeps evidence should know.
    """
    newest = next(iter(trust.crls_by_issuer.get(certificate.issuer.dump(), ())), None)
    if newest is None or newest.crl.last_update_utc <= certificate.not_valid_after:
        return ""
    if any(each["extn_id"].dotted == _EXPIRED_ON_CRL for each in _extensions(newest.parsed)):
        return ""
    return "the revocation list was issued after the certificate had expired"


def _extensions(crl: asn1_crl.CertificateList) -> Sequence[Any]:
    return crl["tbs_cert_list"]["crl_extensions"] or ()


def _is_signed_by(revocation: RevocationList, issuer: x509.Certificate) -> bool:
    try:
        key: Any = load_der_x509_certificate(issuer.dump()).public_key()
        return revocation.crl.is_signature_valid(key)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False


def evidence_of(path: ValidationPath, trust: Trust, brought: Brought) -> tuple[Evidence, ...]:
    """Return the certificates of *path* and the revocation data of their issuers."""
    certificates = list(path.iter_certs(include_root=True))
    names = {each.subject.dump() for each in certificates}
    found = [evidence_for(each) for each in certificates]
    for issuer, lists in trust.crls_by_issuer.items():
        if issuer in names:
            found += [
                Evidence(kind="crl", sha256=each.sha256, der=each.der)
                for each in newest_of_each_key(lists)
            ]
    found += [
        Evidence(kind="crl", **_identity(each.dump()))
        for each in brought.crls
        if each.issuer.dump() in names
    ]
    serials = {each.serial_number for each in certificates}
    found += [
        Evidence(kind="ocsp", **_identity(each.dump()))
        for each in (
            *trust.ocsps_about(serials),
            *(each for each in brought.ocsps if serials & serials_of(each)),
        )
    ]
    return tuple(found)


def evidence_for(certificate: x509.Certificate) -> Evidence:
    """Return *certificate* as it is kept."""
    return Evidence(kind="certificate", **_identity(certificate.dump()))


def _identity(der: bytes) -> dict[str, Any]:
    return {"sha256": hashlib.sha256(der).hexdigest(), "der": der}
