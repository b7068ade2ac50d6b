"""What must not travel: state secrets, and kinds that the node bars."""

import pytest

from gateway.domain.findings import Severity, holds, refuses
from gateway.domain.profile import Decision, Kind, Profile
from gateway.domain.rules.barred import RULES
from tests.domain.rules.samples import a_candidate, a_reference, judge, said, with_metadata

COMPLAINT = Kind(
    name="complaint",
    vi="Đơn thư khiếu nại",
    en="complaint",
    source="điều 4.2",
    also=("khiếu nại",),
    decision=Decision.HOLD,
    subjects=("đơn khiếu nại của",),
)
ONE_STOP = Kind(
    name="one-stop",
    vi="Hồ sơ một cửa",
    en="one-stop file",
    source="điều 3.3",
    decision=Decision.REFUSE,
    types=frozenset({"BB"}),
)
SCREENED = a_reference(profile=Profile(name="local", kinds=(COMPLAINT, ONE_STOP)))


def test_an_ordinary_document_travels() -> None:
    """Nothing declared, nothing marked: no finding."""
    assert said(RULES, a_candidate(), SCREENED) == []


@pytest.mark.parametrize(
    "security", ["normal", "Normal ", "thường", "THƯỜNG", "thu\u031bo\u031b\u0300ng", ""]
)
def test_every_way_to_say_that_it_is_no_secret_passes(security: str) -> None:
    """The accepted spellings differ in case, accents and composition."""
    assert said(RULES, with_metadata(security=security)) == []


@pytest.mark.parametrize("security", ["mật", "Tối mật", "tuyệt mật", "secret", "1", "normal?"])
def test_any_other_security_is_refused(security: str) -> None:
    """What is not plainly no secret is not exchanged."""
    assert said(RULES, with_metadata(security=security)) == [
        ("barred-secret", "/metadata/security")
    ]


@pytest.mark.parametrize(
    "subject",
    [
        "MẬT",
        " Tối mật ",
        "Về việc bố trí\nTUYỆT MẬT",
        "M\u1eac\u0054".lower(),
        "TỐI   MẬT\r\nBáo cáo",
        "MA\u0323\u0302T",
    ],
)
def test_a_mark_on_a_line_of_its_own_is_refused(subject: str) -> None:
    """The three marks are found in any case, composition and spacing."""
    assert said(RULES, with_metadata(subject=subject)) == [("barred-secret", "/metadata/subject")]


@pytest.mark.parametrize(
    "subject",
    ["Về bảo mật thông tin", "Mật khẩu", "Phát triển nghề nuôi ong lấy mật", "Mật ong", "mật độ"],
)
def test_the_word_within_a_line_is_no_mark(subject: str) -> None:
    """Security, passwords, honey and density are harmless."""
    assert said(RULES, with_metadata(subject=subject)) == []


def test_the_finding_quotes_no_content() -> None:
    """Neither the subject nor the declared level is repeated."""
    findings = judge(RULES, with_metadata(subject="Kế hoạch X\nTUYỆT MẬT", security="tuyệt mật"))

    assert len(findings) == 2
    for finding in findings:
        told = f"{finding.message}{finding.message_en}{finding.remedy}{finding.remedy_en}"
        assert "Kế hoạch" not in told
        assert "tuyệt" not in told.lower()


def test_a_secret_is_refused_from_an_axis_too() -> None:
    """Where it comes from makes no difference."""
    assert refuses(judge(RULES, a_candidate(with_metadata(security="mật").metadata, local=False)))


def test_a_refused_kind_is_refused_and_not_held() -> None:
    """A kind in both lists is refused."""
    findings = judge(RULES, with_metadata(kind="One-Stop"), SCREENED)

    assert [each.code for each in findings] == ["barred-kind"]
    assert refuses(findings)


def test_a_held_kind_waits_for_a_decision() -> None:
    """It is a warning with the code that holds."""
    findings = judge(RULES, with_metadata(kind="complaint"), SCREENED)

    assert holds(findings)
    assert [each.severity for each in findings] == [Severity.WARNING]


def test_a_kind_in_no_list_travels() -> None:
    """Other declared kinds are only carried."""
    assert said(RULES, with_metadata(kind="report"), SCREENED) == []


@pytest.mark.parametrize(
    "changes", [{"kind": "Đơn khiếu nại của công dân"}, {"subject": "Đơn khiếu nại của ông A"}]
)
def test_a_configured_phrase_holds(changes: dict[str, object]) -> None:
    """The operator's rule looks at how the subject begins, not at what is declared otherwise."""
    held = said(RULES, with_metadata(**changes), SCREENED)

    assert held == ([("held", "/metadata/kind")] if "subject" in changes else [])


def test_a_configured_type_is_refused() -> None:
    """The operator's rule may name types."""
    assert said(RULES, with_metadata(type="BB"), SCREENED) == [("barred-kind", "/metadata/kind")]


def test_the_finding_names_the_article_that_bars() -> None:
    """The sender can look it up."""
    (finding,) = judge(RULES, with_metadata(kind="khiếu nại"), SCREENED)

    assert "điều 4.2" in finding.message
    assert "điều 4.2" in finding.message_en


@pytest.mark.parametrize("kind", ["mật", "Tuyệt mật", "state-secret", "Bí mật nhà nước"])
def test_a_secret_declared_as_a_kind_is_refused(kind: str) -> None:
    """However it is declared."""
    assert said(RULES, with_metadata(kind=kind)) == [("barred-secret", "/metadata/kind")]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"notation": "QĐ-UBND (MẬT)"}, "/metadata/notation"),
        ({"number": "12 MẬT"}, "/metadata/number"),
    ],
)
def test_a_mark_in_number_or_notation_is_refused(changes: dict[str, object], pointer: str) -> None:
    """Where it is stamped on paper, people type it too."""
    assert said(RULES, with_metadata(**changes)) == [("barred-secret", pointer)]
