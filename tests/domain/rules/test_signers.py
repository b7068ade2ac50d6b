"""Rules on who signed: names of certificates against the sender and the named signer."""

from dataclasses import replace

import pytest

from gateway.domain.document import Signer
from gateway.domain.exchange import LegalValue
from gateway.domain.findings import Severity
from gateway.domain.legal_value import Owners
from gateway.domain.profile import Decision, Profile, Signing
from gateway.domain.rules import barred, signers
from gateway.domain.rules.mechanism import Candidate, Reference
from gateway.domain.rules.missing_signatures import legal_value
from gateway.domain.signatures import Reason, Signature
from tests.domain.rules.samples import (
    AGENCY,
    GOOD,
    PERSON,
    a_candidate,
    a_file,
    a_reference,
    a_signature,
    judge,
)

RULES = (*signers.RULES, *barred.RULES)


def of(name: str, organisation: str, **subject: str) -> Signature:
    """Return a valid signature with this subject."""
    names = {"common_name": name, "organization_name": organisation, **subject}
    return replace(a_signature(name), subject=names)


def found(
    *signatures: Signature, reference: Reference | None = None, **changes: object
) -> list[tuple[str, Severity]]:
    """Return code and severity of what is found about a file with *signatures*."""
    candidate = replace(a_candidate(files=(a_file(signatures=signatures),)), **changes)  # type: ignore[arg-type] # any field may change
    return [(each.code, each.severity) for each in judge(RULES, candidate, reference)]


def profile(**changes: object) -> Reference:
    """Return a reference whose profile decides as *changes* say."""
    signing = replace(Signing(), **changes)  # type: ignore[arg-type] # any field may change
    return a_reference(profile=Profile(name="ours", signing=signing))


AGENCY_ELSEWHERE = ("sig-other-agency", Severity.WARNING)
PERSON_ELSEWHERE = ("sig-other-person", Severity.WARNING)


def test_signed_by_the_sender_and_the_named_person_nothing_is_said() -> None:
    """The ordinary document."""
    assert found(a_signature(PERSON), a_signature(AGENCY)) == []


def test_another_agency_is_a_warning() -> None:
    """It names who signed and who sends."""
    candidate = a_candidate(files=(a_file(signatures=(of("Sở Y tế", "Sở Y tế"),)),))
    (said,) = judge(RULES, candidate)

    assert (said.code, said.severity, said.pointer) == (*AGENCY_ELSEWHERE, "/attachments/1")
    assert "“Sở Y tế”" in said.message
    assert "“Văn phòng”" in said.message


def test_another_person_is_a_warning() -> None:
    """Of the main file alone."""
    assert found(of("Lê Thị B", AGENCY)) == [PERSON_ELSEWHERE]


def test_of_several_that_signed_one_is_enough() -> None:
    """A joint document bears the seals of others, too, and initials of drafters."""
    others = (of("Sở Y tế", "Sở Y tế"), of("Lê Thị B", AGENCY))

    assert found(*others, a_signature(PERSON), a_signature(AGENCY)) == []


def test_a_body_issues_under_the_seal_of_the_one_above_it() -> None:
    """Its name is then the certificate's own."""
    assert found(of("Thành phố Cần Thơ", "Thành phố Cần Thơ")) == []


def test_belonging_to_the_same_body_above_makes_no_sender() -> None:
    """Two departments of one province have its name in both certificates."""
    reference = replace(a_reference(), owners=Owners(agency_words=("sở",)))

    assert found(of("Sở Y tế", "Thành phố Cần Thơ"), reference=reference) == [AGENCY_ELSEWHERE]


@pytest.mark.parametrize("code", ["H13.02", "000.00.77.H13", "MDD:H13.02"])
def test_a_code_in_the_certificate_counts_before_names(code: str) -> None:
    """In either layout, in the attribute that the operator names."""
    owners = Owners(agency_words=("cơ quan",), agency_codes=("organization_identifier:MDD",))
    owners = replace(owners, agency_codes=(*owners.agency_codes, "organization_identifier"))
    reference = replace(a_reference(), owners=owners)
    signature = of("Cơ quan đổi tên", "Tên cũ", organization_identifier=code)

    assert found(signature, sender="H13.02", reference=reference) == []


def test_an_unknown_sender_is_known_by_the_name_in_its_message() -> None:
    """As from an axis, or where no directory is at hand."""
    signature = of("Sở Y tế", "Sở Y tế")

    assert found(signature, sender="H99.01", sender_name="Sở Y tế tỉnh X") == []
    assert found(signature, sender="H99.01", sender_name="Sở Nội vụ") == [AGENCY_ELSEWHERE]
    assert found(signature, sender="H99.01") == []


def test_without_a_named_signer_nobody_is_compared() -> None:
    """A file that is checked alone."""
    metadata = replace(GOOD, signer=Signer())
    candidate = a_candidate(metadata, files=(a_file(signatures=(of("Lê Thị B", AGENCY),)),))

    assert judge(RULES, candidate) == ()


@pytest.mark.parametrize("reason", [Reason.HASH, Reason.NO_CHAIN, Reason.NO_REVOCATION_DATA])
def test_signatures_that_do_not_hold_are_not_compared(reason: Reason) -> None:
    """What they say proves nothing; they are weighed elsewhere."""
    assert found(replace(of("Sở Y tế", "Sở Y tế"), reason=reason)) == []


@pytest.mark.parametrize(
    ("field", "name", "code"),
    [
        ("other_agency", "Sở Y tế", "sig-other-agency"),
        ("other_person", "Lê Thị B", "sig-other-person"),
    ],
)
@pytest.mark.parametrize("decision", list(Decision))
def test_the_profile_decides(field: str, name: str, code: str, decision: Decision) -> None:
    """Refuse is an error, carry a warning, hold a warning and a person's decision."""
    organisation = name if name.startswith("Sở") else AGENCY
    told = found(of(name, organisation), reference=profile(**{field: decision}))
    weight = Severity.ERROR if decision is Decision.REFUSE else Severity.WARNING

    assert told[0] == (code, weight)
    assert any(each[0] == "held" for each in told) is (decision is Decision.HOLD)


def test_names_change_nothing_about_the_worth() -> None:
    """Who compares spellings takes no document its value."""
    signed = a_file(signatures=(of("Lê Thị B", "Sở Y tế"), of("Sở Y tế", "Sở Y tế")))
    candidate = a_candidate(files=(signed,))

    assert legal_value(candidate, a_reference()) is LegalValue.ORIGINAL


def test_a_valid_signature_of_the_message_is_told() -> None:
    """As information, with signer and issuer; it is none of the files'."""
    signature = replace(a_signature(AGENCY), issuer="CA")
    candidate = Candidate(metadata=GOOD, sender="H13.01", message_signatures=(signature,))
    (said,) = judge(signers.RULES, candidate)

    assert (said.code, said.severity, said.pointer) == ("sig-message", Severity.INFO, "/edXML")
    assert "“Văn phòng”" in said.message_en


def test_the_message_of_another_agency_is_told() -> None:
    """Its signature is compared like those of files."""
    candidate = a_candidate(message_signatures=(of("Sở Y tế", "Sở Y tế"),))

    assert [each.code for each in judge(signers.RULES, candidate)] == [
        "sig-message",
        "sig-other-agency",
    ]
