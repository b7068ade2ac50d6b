"""Rules on characters that were mended, and on texts of old encodings."""

import unicodedata
from dataclasses import replace

import pytest

from gateway.domain.document import Signer
from gateway.domain.findings import Severity
from gateway.domain.rules.catalogue import ALL_RULES
from gateway.domain.rules.texts import RULES
from tests.domain.rules.samples import a_candidate, judge, said, with_metadata

NFD = unicodedata.normalize("NFD", "Về việc ban hành quy chế")


def test_decomposed_letters_are_only_information() -> None:
    """NFD is right Vietnamese: the document is accepted without a warning."""
    (finding,) = judge(ALL_RULES, with_metadata(subject=NFD))

    assert (finding.code, finding.severity) == ("meta-decomposed", Severity.INFO)
    assert finding.pointer == "/metadata/subject"


def test_half_composed_letters_are_a_warning() -> None:
    """They were mended; the sender's software should be."""
    (finding,) = judge(ALL_RULES, with_metadata(place="Câ\u0300n Thơ"))

    assert (finding.code, finding.severity) == ("meta-half-composed", Severity.WARNING)


@pytest.mark.parametrize("letter", ["\u00d0", "\u0189"])
def test_a_look_alike_of_d_is_mended_and_told(letter: str) -> None:
    """The type is known, the notation agrees with it, and both places are named."""
    candidate = with_metadata(type=f"Q{letter}", notation=f"Q{letter}-UBND")

    assert said(ALL_RULES, candidate) == [
        ("meta-look-alike", "/metadata/type"),
        ("meta-look-alike", "/metadata/notation"),
    ]


@pytest.mark.parametrize(
    ("subject", "encoding"),
    [
        ("VÒ viÖc ban hµnh quy chÕ", "TCVN3 (ABC)"),
        ("Veà vieäc ban haønh quy cheá", "VNI"),
        ("Vê\u0300 viêòc ban haÌnh quy chêì", "Windows-1258"),
        ("Vá» viá»‡c ban hÃ nh quy cháº¿", "UTF-8"),
    ],
)
def test_an_old_encoding_is_refused_by_name(subject: str, encoding: str) -> None:
    """What cannot be read rightly is not stored as if it could."""
    findings = judge(RULES, with_metadata(subject=subject))

    (legacy,) = (each for each in findings if each.code == "meta-legacy")
    assert legacy.severity is Severity.ERROR
    assert encoding in legacy.message


def test_an_old_encoding_from_an_axis_is_a_warning() -> None:
    """The document was issued elsewhere and can still be delivered."""
    metadata = with_metadata(signer=Signer(position="Chñ tÞch", full_name="A")).metadata

    findings = judge(RULES, a_candidate(metadata, local=False))

    assert [(each.code, each.severity) for each in findings] == [("meta-legacy", Severity.WARNING)]


def test_nothing_hides_in_an_identifier() -> None:
    """It is kept as given, so that it must be what it looks like."""
    candidate = replace(a_candidate(), document_id="H13.01/\u200b2026/1")

    assert said(RULES, candidate) == [("meta-characters", "/document_id")]
