"""Old and new certificates of one owner lie side by side: both count, for every use."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gateway.crypto.keys import certificates_in
from gateway.crypto.pki import Party, Wish, issue, new_key, revocation_list, stamping
from gateway.crypto.specimen import Pen, sign_pdf
from gateway.domain.signatures import Reason, Signature
from tests.crypto import corpus
from tests.crypto.corpus import DAY, LATER, PLAIN, SIGNED, verified

YEAR = timedelta(days=365)
_ROOT = Wish(
    common_name="CA gốc",
    valid_from=SIGNED - 5 * YEAR,
    valid_to=SIGNED + 5 * YEAR,
    is_authority=True,
)
_CA = replace(_ROOT, common_name="CA cấp dưới", valid_from=SIGNED - YEAR)
_PERSON = Wish(common_name="An", valid_from=SIGNED - 30 * DAY, valid_to=SIGNED + 300 * DAY)


def listed(authority: Party, revoked: dict[int, datetime] | None = None) -> bytes:
    """Return the list of *authority* that is current at the validation."""
    return revocation_list(
        authority, revoked or {}, issued_at=LATER - DAY, next_at=LATER + 30 * DAY
    )


def judged(signer: Party, folder: Path, *chain: Party, stamps: Party | None = None) -> Signature:
    """Return what is true about the signature of *signer* by the trust *folder*."""
    pen = Pen(party=signer, at=SIGNED, chain=chain, stamps=stamps)
    return verified(sign_pdf(PLAIN, pen), corpus.bench(folder))


@pytest.fixture(name="root", scope="module")
def _root() -> Party:
    return issue(_ROOT)


@pytest.mark.parametrize("who", [0, 1])
def test_an_authority_with_a_new_key_under_its_old_name(
    root: Party, tmp_path: Path, who: int
) -> None:
    """Each signs a list of its own, both lists bear one name."""
    authorities = [issue(_CA, issuer=root), issue(replace(_CA, valid_from=SIGNED), issuer=root)]
    files = {"root.pem": root.pem, "root.crl": listed(root)}
    for n, each in enumerate(authorities):
        files |= {f"{n}.pem": each.pem, f"{n}.crl": listed(each)}
    signer = issue(_PERSON, issuer=authorities[who])

    assert judged(signer, corpus.lay(tmp_path, files)).reason is Reason.HOLDS


@pytest.mark.parametrize("who", [0, 1])
def test_what_one_of_two_keys_revoked_is_revoked(root: Party, tmp_path: Path, who: int) -> None:
    """The list of the other key, newer or older, takes nothing back."""
    authorities = [issue(_CA, issuer=root), issue(replace(_CA, valid_from=SIGNED), issuer=root)]
    signer = issue(_PERSON, issuer=authorities[who])
    revoked = {signer.certificate.serial_number: SIGNED - DAY}
    files = {"root.pem": root.pem, "root.crl": listed(root)}
    for n, each in enumerate(authorities):
        crl = listed(each, revoked if n == who else None)
        files |= {f"{n}.pem": each.pem, f"{n}.crl": crl}

    assert judged(signer, corpus.lay(tmp_path, files)).reason is Reason.REVOKED


@pytest.mark.parametrize("old_goes_first", [True, False])
def test_an_authority_with_a_longer_certificate_for_its_old_key(
    root: Party, tmp_path: Path, *, old_goes_first: bool
) -> None:
    """The old one has expired by now; the path goes through the new one."""
    old = issue(replace(_CA, valid_to=SIGNED + DAY), issuer=root)
    new = issue(_CA, issuer=root, key=old.key)
    names = ("a.pem", "b.pem") if old_goes_first else ("b.pem", "a.pem")
    files = dict(zip(names, (old.pem, new.pem), strict=True))
    files |= {"root.pem": root.pem, "root.crl": listed(root), "ca.crl": listed(new)}
    signer = issue(_PERSON, issuer=old)

    assert judged(signer, corpus.lay(tmp_path, files), old).reason is Reason.HOLDS


def test_a_root_with_a_longer_certificate_for_its_old_key(tmp_path: Path) -> None:
    """Two anchors of one name and key; one has expired by now."""
    old = issue(replace(_ROOT, valid_to=SIGNED + DAY))
    new = issue(_ROOT, key=old.key)
    authority = issue(_CA, issuer=old)
    files = {"old.pem": old.pem, "new.pem": new.pem, "ca.pem": authority.pem}
    files |= {"root.crl": listed(new), "ca.crl": listed(authority)}
    signer = issue(_PERSON, issuer=authority)

    assert judged(signer, corpus.lay(tmp_path, files)).reason is Reason.HOLDS


@pytest.mark.parametrize("who", [0, 1])
def test_stamps_of_the_old_and_of_the_new_service(root: Party, tmp_path: Path, who: int) -> None:
    """Both prove the time of signing."""
    wishes = [stamping(replace(_PERSON, common_name="TSA")) for _ in range(2)]
    roots = [issue(replace(_ROOT, common_name=f"TSA gốc {n}")) for n in range(2)]
    services = [
        issue(wish, issuer=above, key=new_key(rsa_bits=2048))
        for wish, above in zip(wishes, roots, strict=True)
    ]
    files = {f"timestamp/{n}.pem": each.pem for n, each in enumerate(roots)}
    files |= {"public/root.pem": root.pem, "root.crl": listed(root)}
    signer = issue(_PERSON, issuer=root)

    signature = judged(signer, corpus.lay(tmp_path, files), stamps=services[who])

    assert (signature.reason, signature.proven_at) == (Reason.HOLDS, SIGNED)


def test_receipts_of_the_old_and_of_the_new_key_of_a_peer(tmp_path: Path) -> None:
    """Whoever verifies has both certificates in one folder."""
    peers = [issue(replace(_PERSON, common_name="H26")) for _ in range(2)]
    files = {f"peers/{n}.pem": each.pem for n, each in enumerate(peers)}

    found = certificates_in([corpus.lay(tmp_path, files)])

    assert {each.serial_number for each in found} == {
        each.certificate.serial_number for each in peers
    }
