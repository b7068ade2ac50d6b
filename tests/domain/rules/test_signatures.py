"""Rules on signatures: what is weighed, how much, and what a document is worth in the end."""

from dataclasses import replace

import pytest

from gateway.domain.exchange import LegalValue
from gateway.domain.findings import Finding, Severity
from gateway.domain.legal_value import Owner
from gateway.domain.profile import Decision, Profile, Signing
from gateway.domain.rules import barred, missing_signatures, signatures
from gateway.domain.rules.missing_signatures import legal_value
from gateway.domain.signatures import Change, Fault, Reason
from tests.domain.rules.samples import (
    AGENCY,
    PERSON,
    a_candidate,
    a_file,
    a_reference,
    a_signature,
    judge,
)

RULES = (*signatures.RULES, *missing_signatures.RULES, *barred.RULES)
BOTH = (a_signature(PERSON), a_signature(AGENCY))


def asking(**changes: object) -> Profile:
    """Return a profile that asks of signatures with *changes*."""
    signing = replace(Signing(), **changes)  # type: ignore[arg-type] # any field may change
    return Profile(name="ours", signing=signing)


def found(*files: object, profile: Profile | None = None) -> list[tuple[str, Severity, str]]:
    """Return code, severity and pointer of what is found about *files*."""
    candidate = a_candidate(files=files)
    said = judge(RULES, candidate, a_reference(profile=profile))
    return [(each.code, each.severity, each.pointer) for each in said]


def signed(*reasons: Reason) -> object:
    """Return a file whose signatures are as *reasons* say."""
    return a_file(signatures=tuple(a_signature(PERSON, reason) for reason in reasons))


BROKEN = [
    Reason.HASH,
    Reason.CRYPTO,
    Reason.FORMAT,
    Reason.BYTE_RANGE,
    Reason.MODIFIED,
    Reason.REMOVED,
    Reason.WRAPPED,
    Reason.NO_CERTIFICATE,
]


@pytest.mark.parametrize("reason", BROKEN)
def test_a_broken_signature_is_refused_whatever_the_profile_says(reason: Reason) -> None:
    """No profile can carry it, and no axis either."""
    carried = dict.fromkeys(
        ("untrusted", "expired", "revoked", "undecided", "unexamined"), Decision.CARRY
    )

    assert found(signed(reason), profile=asking(**carried)) == [
        ("sig-broken", Severity.ERROR, "/attachments/1")
    ]


def test_a_broken_signature_of_an_axis_is_refused_too() -> None:
    """It goes back to where it came from."""
    candidate = a_candidate(files=(signed(Reason.HASH),), local=False)
    said = judge(RULES, candidate)

    assert [(each.code, each.severity) for each in said] == [("sig-broken", Severity.ERROR)]


def test_a_broken_signature_is_told_with_revision_bytes_and_objects() -> None:
    """In both languages."""
    change = Change(revision=3, first_byte=100, end_byte=200, objects=(4, 7))
    broken = replace(a_signature(PERSON, Reason.MODIFIED), changes=(change,))
    said: Finding = judge(RULES, a_candidate(files=(a_file(signatures=(broken,)),)))[0]

    assert "revision 3, bytes 100-200, objects 4, 7" in said.message_en
    assert "phiên bản 3, byte 100-200, đối tượng 4, 7" in said.message


@pytest.mark.parametrize(
    ("reason", "code", "field"),
    [
        (Reason.NO_CHAIN, "sig-untrusted", "untrusted"),
        (Reason.WEAK, "sig-untrusted", "untrusted"),
        (Reason.EXPIRED, "sig-expired", "expired"),
        (Reason.NOT_YET_VALID, "sig-expired", "expired"),
        (Reason.REVOKED, "sig-revoked", "revoked"),
        (Reason.NO_REVOCATION_DATA, "sig-undecided", "undecided"),
        (Reason.REVOKED_UNPROVEN, "sig-undecided", "undecided"),
    ],
)
@pytest.mark.parametrize("decision", list(Decision))
def test_the_profile_decides(reason: Reason, code: str, field: str, decision: Decision) -> None:
    """Refuse is an error, carry a warning, hold a warning and a person's decision."""
    told = found(signed(reason), profile=asking(**{field: decision}))
    weight = Severity.ERROR if decision is Decision.REFUSE else Severity.WARNING

    assert told[0] == (code, weight, "/attachments/1")
    assert any(each[0] == "held" for each in told) is (decision is Decision.HOLD)


@pytest.mark.parametrize("reason", [Reason.UNSUPPORTED, Reason.NOT_VERIFIED])
def test_a_kind_that_is_not_verified_is_told(reason: Reason) -> None:
    """It is no refusal: the node knows nothing against it."""
    assert found(signed(reason)) == [("sig-unsupported", Severity.WARNING, "/attachments/1")]


@pytest.mark.parametrize("fault", [Fault.TIME, Fault.MEMORY, Fault.CRASH])
def test_a_verification_that_was_cut_off_is_held(fault: Fault) -> None:
    """Neither passed silently nor refused: a person looks."""
    told = found(a_file(signatures=(), fault=fault))

    assert [each[0] for each in told] == ["sig-unexamined", "held"]


def test_a_message_signature_is_weighed_like_one_of_a_file() -> None:
    """The finding points to the message."""
    candidate = a_candidate(message_signatures=(a_signature(AGENCY, Reason.WRAPPED),))
    said = judge(RULES, candidate)

    assert [(each.code, each.pointer) for each in said] == [("sig-broken", "/edXML")]


def test_signed_by_person_and_agency_is_an_original() -> None:
    """Nothing is found, either."""
    assert found(a_file(signatures=BOTH)) == []
    assert legal_value(a_candidate(), a_reference()) is LegalValue.ORIGINAL


@pytest.mark.parametrize("name", [PERSON, AGENCY])
def test_one_signature_of_two_makes_a_reference(name: str) -> None:
    """And it is told who is missing, as information."""
    file = a_file(signatures=(a_signature(name),))

    assert found(file) == [("sig-partly", Severity.INFO, "/attachments/1")]
    assert legal_value(a_candidate(files=(file,)), a_reference()) is LegalValue.REFERENCE


def test_a_signature_beside_the_file_counts_for_it() -> None:
    """The detached signature is no annex that would need one."""
    main = a_file(signatures=())
    beside = a_file(n=2, name="a.pdf.p7s", signatures=BOTH, signs=1)

    assert found(main, beside) == []
    assert legal_value(a_candidate(files=(main, beside)), a_reference()) is LegalValue.ORIGINAL


def test_an_annex_needs_the_agency_alone() -> None:
    """Each in a file of its own."""
    annex = a_file(n=2, name="b.pdf", signatures=(a_signature(AGENCY),))
    bare = a_file(n=3, name="c.pdf", signatures=())

    assert found(a_file(), annex, bare) == [("sig-partly", Severity.INFO, "/attachments/3")]


def test_an_undecided_signature_makes_no_original() -> None:
    """Only what is valid counts."""
    file = a_file(signatures=(a_signature(PERSON), a_signature(AGENCY, Reason.NO_REVOCATION_DATA)))

    assert legal_value(a_candidate(files=(file,)), a_reference()) is LegalValue.REFERENCE


@pytest.mark.parametrize(
    ("decision", "severity"),
    [
        (Decision.CARRY, Severity.INFO),
        (Decision.HOLD, Severity.WARNING),
        (Decision.REFUSE, Severity.ERROR),
    ],
)
def test_the_profile_decides_about_what_is_not_signed(
    decision: Decision, severity: Severity
) -> None:
    """Not at all, or not by all."""
    bare = found(a_file(signatures=()), profile=asking(unsigned=decision))
    partly = found(a_file(signatures=BOTH[:1]), profile=asking(partly=decision))

    assert bare[0] == ("sig-none", severity, "/attachments/1")
    assert partly[0] == ("sig-partly", severity, "/attachments/1")
    assert (len(bare), len(partly)) == ((2, 2) if decision is Decision.HOLD else (1, 1))


def test_signed_files_are_pdf_where_the_profile_says_so() -> None:
    """An office file with a signature is refused then."""
    word = a_file(media_type="application/msword", signatures=BOTH)

    assert found(word, profile=asking(pdf_only="art. 4")) == [
        ("sig-not-pdf", Severity.ERROR, "/attachments/1")
    ]
    assert found(word) == []


def test_a_profile_may_ask_for_less() -> None:
    """The agency alone, and nothing of annexes."""
    profile = asking(original=frozenset({Owner.AGENCY}), annex=frozenset())
    files = (a_file(signatures=BOTH[1:]), a_file(n=2, name="b.pdf", signatures=()))
    candidate = a_candidate(files=files)

    assert legal_value(candidate, a_reference(profile=profile)) is LegalValue.ORIGINAL


def test_an_unsigned_document_is_told_why_it_is_refused() -> None:
    """Where the profile asks for a signature, nothing is said of reference."""
    candidate = a_candidate(files=(a_file(signatures=()),))
    profile = asking(unsigned=Decision.REFUSE)

    finding = judge(missing_signatures.RULES, candidate, a_reference(profile=profile))[0]

    assert (finding.code, finding.severity) == ("sig-none", Severity.ERROR)
    assert "phải được ký số" in finding.message
