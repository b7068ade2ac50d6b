"""A public key infrastructure with every fault, and files signed with it.

The infrastructure is made once for a run of the tests; `Country` says who lives in it. Times are
fixed: signed at `SIGNED`, looked at in `LATER`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.x509.oid import ExtendedKeyUsageOID

from gateway.crypto.acceleration import accelerate
from gateway.crypto.cms import Bench
from gateway.crypto.paths import Paths
from gateway.crypto.pdf import verify_pdf
from gateway.crypto.pki import (
    Party,
    Pki,
    Wish,
    issue,
    make_pki,
    new_key,
    ocsp_response,
    revocation_list,
)
from gateway.crypto.policy import VerificationPolicy
from gateway.crypto.specimen import Pen, page, sign_pdf
from gateway.crypto.trust import load_trust
from gateway.domain.signatures import Signature, SignatureReport

SIGNED = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
LATER = SIGNED + timedelta(days=10)
DAY = timedelta(days=1)
PLAIN = page(("SO NOI VU", "V/v thu nghiem", "Trang 1"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """The infrastructure, and those who live in it with a fault of their own."""

    pki: Pki
    #: by what is wrong with them
    people: Mapping[str, Party]
    trust: Mapping[str, bytes]  #: files of the trust folder


@cache
def country(*, rsa_bits: int = 0) -> Country:
    """Return the infrastructure, made once."""
    pki = make_pki(SIGNED, rsa_bits=rsa_bits)
    span = Wish(common_name="", valid_from=SIGNED - 300 * DAY, valid_to=SIGNED + 700 * DAY)

    def person(
        name: str,
        issuer: Party = pki.intermediate,
        bits: int = 0,
        **more: Any,  # noqa: ANN401 - fields of a wish
    ) -> Party:
        wish = replace(span, common_name=name, organisation="Sở Thí Dụ", **more)
        return issue(wish, issuer=issuer, key=new_key(rsa_bits=bits))

    lost = issue(replace(span, common_name="CA bị thu hồi", is_authority=True), issuer=pki.root)
    people = {
        "good": pki.person,
        "rsa": person("RSA", bits=2048),
        "short": person("Khoá ngắn", bits=1024),
        "revoked-before": person("Thu hồi trước"),
        "revoked-after": person("Thu hồi sau"),
        "expired-before": person("Hết hạn trước", valid_to=SIGNED - DAY),
        "expired-after": person("Hết hạn sau", valid_to=SIGNED + DAY),
        "not-yet": person("Chưa hiệu lực", valid_from=SIGNED + DAY, valid_to=SIGNED + 90 * DAY),
        "encipher": person("Sai mục đích", usages=("key_encipherment",)),
        "server": person("Máy chủ", purposes=(ExtendedKeyUsageOID.SERVER_AUTH,)),
        "stranger": make_pki(SIGNED, domain="Người lạ").person,
        "self-signed": issue(replace(span, common_name="Tự ký")),
        "of-lost-ca": person("Của CA bị thu hồi", issuer=lost),
        "ocsp": person("Theo OCSP", ocsp_url="http://ocsp.invalid/"),
    }
    soon, next_at = LATER - DAY, LATER + 30 * DAY
    serial = {name: party.certificate.serial_number for name, party in people.items()}
    gone = {
        serial["revoked-before"]: SIGNED - DAY,
        serial["revoked-after"]: SIGNED + DAY,
    }
    trust = {
        "root.pem": pki.root.pem,
        "intermediate.pem": pki.intermediate.pem,
        "lost.pem": lost.pem,
        "root.crl": revocation_list(
            pki.root,
            {lost.certificate.serial_number: SIGNED - DAY},
            issued_at=soon,
            next_at=next_at,
        ),
        "intermediate.crl": revocation_list(
            pki.intermediate, gone, issued_at=soon, next_at=next_at
        ),
        "lost.crl": revocation_list(lost, {}, issued_at=soon, next_at=next_at),
    }
    return Country(pki=pki, people=people | {"lost-ca": lost}, trust=trust)


def signed_by(name: str, *, stamped: bool = False, **more: Any) -> bytes:  # noqa: ANN401 - fields of a pen
    """Return the plain page signed at `SIGNED` by the one with this fault."""
    land = country()
    party = land.people[name]
    chain = (land.pki.intermediate, land.people["lost-ca"])
    pen = Pen(party=party, at=SIGNED, chain=chain, stamps=land.pki.stamps if stamped else None)
    return sign_pdf(PLAIN, replace(pen, **more))


def good_ocsp(*, revoked_at: datetime | None = None) -> bytes:
    """Return the answer of the responder about the one with an OCSP address."""
    land = country()
    return ocsp_response(
        land.people["ocsp"],
        issuer=land.pki.intermediate,
        responder=land.pki.responder,
        issued_at=LATER - DAY,
        next_at=LATER + DAY,
        revoked_at=revoked_at,
    )


def lay(folder: Path, files: Mapping[str, bytes] | None = None) -> Path:
    """Write the trust folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in (country().trust if files is None else files).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def bench(
    folder: Path, *, at: datetime = LATER, policy: VerificationPolicy | None = None
) -> Bench:
    """Return what to judge with, given the trust *folder*."""
    chosen = policy or VerificationPolicy()
    return Bench(policy=chosen, paths=Paths(chosen), trust=load_trust([folder]), at=at)


def only(report: SignatureReport) -> Signature:
    """Return the one signature of *report*."""
    [signature] = report.signatures
    return signature


def verified(pdf: bytes, bench: Bench) -> Signature:
    """Return what is true about the one signature of *pdf*."""
    return only(verify_pdf(pdf, bench))


accelerate()
