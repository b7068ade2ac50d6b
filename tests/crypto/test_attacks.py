"""Attacks of the literature are found out, told for what they are, and honest files pass."""

import pytest

from gateway.crypto.cms import Bench
from gateway.crypto.pdf import verify_pdf
from gateway.domain.signatures import Reason, Verdict
from tests.crypto import absurd, attacks, corpus
from tests.crypto.attacks import ATTACKS
from tests.crypto.honest import HONEST
from tests.crypto.raw_pdf import signed_often


@pytest.fixture(name="bench", scope="module")
def _bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return corpus.bench(corpus.lay(tmp_path_factory.mktemp("trust")))


def reasons(pdf: bytes, bench: Bench) -> set[Reason]:
    """Return why the signatures of *pdf* are what they are."""
    return {each.reason for each in verify_pdf(pdf, bench).signatures}


@pytest.mark.parametrize("name", sorted(ATTACKS))
def test_an_attack_is_invalid(bench: Bench, name: str) -> None:
    """Some signature of the file is broken, whatever else it holds: the document is refused."""
    report = verify_pdf(ATTACKS[name], bench)

    assert Verdict.INVALID in {each.verdict for each in report.signatures}


@pytest.mark.parametrize("name", sorted(dict(attacks.shadows())))
def test_a_shadow_attack_is_a_forbidden_change(bench: Bench, name: str) -> None:
    """The update is told with its revision and objects, not as a signature that is broken."""
    [signature] = verify_pdf(ATTACKS[name], bench).signatures

    assert signature.reason is Reason.MODIFIED
    assert all(each.objects and each.what for each in signature.changes)


@pytest.mark.parametrize(
    "name", ["saved", "saved-with-empty-table", "saved-without-table", "bytes-behind", "hybrid"]
)
def test_what_was_saved_behind_the_signature_is_told(bench: Bench, name: str) -> None:
    """The finding names the bytes that were added."""
    [signature] = verify_pdf(ATTACKS[name], bench).signatures

    assert signature.reason is Reason.MODIFIED
    assert all(each.end_byte > each.first_byte >= 6000 for each in signature.changes)


@pytest.mark.parametrize(
    "name", [name for name in ATTACKS if name.startswith(("range-wider", "range-s", "range-o"))]
)
def test_an_odd_range_never_covers(bench: Bench, name: str) -> None:
    """A range that is readable and does not leave out just the signature is named as the fault."""
    assert reasons(ATTACKS[name], bench) <= {Reason.BYTE_RANGE, Reason.FORMAT, Reason.HASH}


@pytest.mark.parametrize("name", ["no-range", "misspelt-range"])
def test_a_signature_without_range_is_broken(bench: Bench, name: str) -> None:
    """A universal forgery is no unsigned file: its field is filled."""
    assert reasons(ATTACKS[name], bench) == {Reason.FORMAT}


@pytest.mark.parametrize(
    "name", ["wrapped", "prev-skips-the-signed-revision", "signature-removed"]
)
def test_a_signature_that_no_field_holds_is_told(bench: Bench, name: str) -> None:
    """The file would pass for one that nobody ever signed."""
    assert reasons(ATTACKS[name], bench) == {Reason.REMOVED}


@pytest.mark.parametrize("name", sorted(HONEST))
def test_an_honest_file_is_valid(bench: Bench, name: str) -> None:
    """Every signature of it, however its program lays files out."""
    report = verify_pdf(HONEST[name], bench)

    assert report.fault is None
    assert {each.reason for each in report.signatures} == {Reason.HOLDS}


@pytest.mark.parametrize("name", sorted(absurd.GOOD))
def test_an_absurd_certificate_may_hold(bench: Bench, name: str) -> None:
    """Odd is not wrong."""
    assert reasons(absurd.GOOD[name], bench) == {Reason.HOLDS}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("unknown-critical-extension", Reason.CHAIN),
        ("negative-serial", Reason.FORMAT),
        ("unknown-signature", Reason.UNSUPPORTED),
        ("unknown-digest", Reason.UNSUPPORTED),
        ("no-attributes", Reason.CRYPTO),
        ("no-certificates", Reason.NO_CERTIFICATE),
        ("other-certificate", Reason.NO_CERTIFICATE),
        ("no-signer", Reason.FORMAT),
        ("own-content", Reason.FORMAT),
        ("no-signature", Reason.CRYPTO),
        ("attributes-twice", Reason.FORMAT),
        ("half-a-structure", Reason.FORMAT),
        ("no-structure", Reason.FORMAT),
        ("encrypted-structure", Reason.FORMAT),
    ],
)
def test_an_absurd_structure_is_told(bench: Bench, name: str, reason: Reason) -> None:
    """What is wrong with it, in the word of the standard; nothing is ever raised."""
    assert reasons(absurd.BAD[name], bench) == {reason}


def test_a_note_with_a_look_of_its_own_is_no_note(bench: Bench) -> None:
    """An appearance could show anything: it is a change, even where notes are permitted."""
    assert reasons(ATTACKS["evil-look-of-a-note"], bench) == {Reason.MODIFIED}


def test_a_note_needs_permission(bench: Bench) -> None:
    """Where the signer said nothing of annotations, or forbade them, a note is a change."""
    assert reasons(ATTACKS["note-without-permission"], bench) == {Reason.MODIFIED}
    assert reasons(ATTACKS["note-where-only-forms"], bench) == {Reason.MODIFIED}


def test_many_signatures_hold(bench: Bench) -> None:
    """A dozen offices may sign one after another."""
    pdf = signed_often(12)

    assert [each.reason for each in verify_pdf(pdf, bench).signatures] == [Reason.HOLDS] * 12
