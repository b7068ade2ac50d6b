"""The trust folders: what lies there, what it is for, and when it is read again."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.crypto.pki import revocation_list
from gateway.crypto.trust import TrustRoom, load_trust
from gateway.domain.signatures import Purpose, Reason, days_left, is_expiring, warning_stage
from tests.crypto import corpus
from tests.crypto.corpus import DAY, LATER, SIGNED, country, signed_by, verified


def test_a_certificate_with_its_issuer_there_is_an_intermediate(tmp_path: Path) -> None:
    """So its revocation counts; only what stands on its own is an anchor."""
    trust = load_trust([corpus.lay(tmp_path)])

    assert {Path(each.file).name: each.is_anchor for each in trust.listing()} == {
        "root.pem": True,
        "intermediate.pem": False,
        "lost.pem": False,
    }


def test_an_intermediate_alone_is_an_anchor(tmp_path: Path) -> None:
    """An operator may trust an authority without the one above it."""
    files = {name: country().trust[name] for name in ("intermediate.pem", "intermediate.crl")}

    assert verified(signed_by("good"), corpus.bench(corpus.lay(tmp_path, files))).reason is (
        Reason.HOLDS
    )


@pytest.mark.parametrize(
    ("folder", "reason"),
    [
        ("official-duty", Reason.HOLDS),
        ("public", Reason.HOLDS),
        ("timestamp", Reason.NO_CHAIN),
        ("peers", Reason.NO_CHAIN),
    ],
)
def test_an_anchor_is_trusted_for_its_purpose(tmp_path: Path, folder: str, reason: Reason) -> None:
    """Who may stamp times, or is another node, signs no documents."""
    corpus.lay(tmp_path / folder)

    assert verified(signed_by("good"), corpus.bench(tmp_path)).reason is reason


def test_the_listing_says_the_purpose(tmp_path: Path) -> None:
    """As the folder is named."""
    corpus.lay(tmp_path / "official-duty")

    assert {each.purpose for each in load_trust([tmp_path]).listing()} == {Purpose.OFFICIAL_DUTY}


def test_der_pem_and_bundles_are_read(tmp_path: Path) -> None:
    """Whatever the name of the file is."""
    land = country()
    bundle = land.pki.root.pem + land.pki.intermediate.pem
    files = {"a.cer": land.people["lost-ca"].der, "b.txt": bundle}

    assert len(load_trust([corpus.lay(tmp_path, files)]).held) == 3


def test_lists_beside_a_named_certificate_are_used(tmp_path: Path) -> None:
    """As `--trust root.pem` in a folder with CRLs; other certificates there are not trusted."""
    folder = corpus.lay(tmp_path)
    (folder / "paper.pdf").write_bytes(b"%PDF")
    trust = load_trust([folder / "root.pem"])

    assert (len(trust.held), len(trust.crls), trust.faults) == (1, 3, ())


def test_a_strange_file_is_told(tmp_path: Path) -> None:
    """It is passed over, not swallowed."""
    trust = load_trust([corpus.lay(tmp_path, {"holiday.jpg": b"\xff\xd8\xff\xe0"})])

    assert "holiday.jpg" in trust.faults[0]


def test_a_new_file_is_seen_without_a_restart(tmp_path: Path) -> None:
    """The folders are looked at again after a while."""
    room = TrustRoom([tmp_path], look_every_s=1.0)
    before = len(room.current(0.0).held)
    corpus.lay(tmp_path)

    assert (before, len(room.current(0.5).held), len(room.current(1.5).held)) == (0, 0, 3)


def test_a_new_epoch_forgets_what_held(tmp_path: Path) -> None:
    """A list that revokes counts at once, also for a path that was found valid before."""
    folder = corpus.lay(tmp_path)
    bench = corpus.bench(folder)
    before = verified(signed_by("good"), bench).reason
    pki = country().pki
    gone = {pki.person.certificate.serial_number: SIGNED - DAY}
    crl = revocation_list(
        pki.intermediate, gone, issued_at=LATER - timedelta(hours=1), next_at=LATER + DAY
    )
    (folder / "newer.crl").write_bytes(crl)
    after = replace(bench, trust=load_trust([folder]))

    assert (before, verified(signed_by("good"), after).reason) == (Reason.HOLDS, Reason.REVOKED)


def test_warnings_come_in_four_stages(tmp_path: Path) -> None:
    """60, 30, 14 and 7 days ahead."""
    entry = load_trust([corpus.lay(tmp_path)]).listing()[0]
    days = (61, 60, 31, 30, 14, 7, -1)
    stages = [
        warning_stage(entry, entry.valid_to - timedelta(days=left, seconds=1)) for left in days
    ]

    assert stages == [None, 60, 60, 30, 14, 7, 7]


def test_an_expired_anchor_is_expiring(tmp_path: Path) -> None:
    """Negative days are days, too."""
    entry = load_trust([corpus.lay(tmp_path)]).listing()[0]
    now = entry.valid_to + 3 * DAY

    assert (is_expiring(entry, now), days_left(entry, now)) == (True, -3)
