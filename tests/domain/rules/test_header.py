"""Rules on the header: each with what passes and what fails."""

from dataclasses import replace
from datetime import date

import pytest

from gateway.domain.document import Business, BusinessKind, Signer
from gateway.domain.findings import Severity
from gateway.domain.rules import dates, header, texts
from gateway.domain.rules.mechanism import Limits
from tests.domain.rules.samples import (
    TODAY,
    a_candidate,
    a_reference,
    judge,
    said,
    with_metadata,
)

RULES = (*header.RULES, *dates.RULES, *texts.RULES)


def test_a_good_header_has_no_findings() -> None:
    """Complete, ordinary metadata pass every rule."""
    assert said(RULES, a_candidate()) == []


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"to": ()}, "/metadata/to"),
        ({"to": ("H13.02", " ")}, "/metadata/to/1"),
        ({"type": ""}, "/metadata/type"),
        ({"subject": " \n"}, "/metadata/subject"),
        ({"notation": ""}, "/metadata/notation"),
        ({"promulgated_on": None}, "/metadata/promulgated_on"),
        ({"place": ""}, "/metadata/place"),
        ({"signer": Signer(position="Chủ tịch")}, "/metadata/signer/full_name"),
        ({"signer": Signer(full_name="Nguyễn Văn A")}, "/metadata/signer/position"),
        ({"business": Business(kind=BusinessKind.UPDATE)}, "/metadata/business/of"),
        ({"business": Business(kind=BusinessKind.REPLACE, of="")}, "/metadata/business/of"),
    ],
)
def test_a_missing_mandatory_datum_is_named(changes: dict[str, object], pointer: str) -> None:
    """Each mandatory datum that is absent or blank gives one finding at its own place."""
    assert said(RULES, with_metadata(**changes)) == [("meta-missing", pointer)]


@pytest.mark.parametrize("sender", ["", " \n"])
def test_a_missing_sender_is_named(sender: str) -> None:
    """A document without the code of its agency is nobody's."""
    candidate = replace(a_candidate(), sender=sender)

    assert said(RULES, candidate) == [("meta-missing", "/from")]


def test_a_missing_datum_of_an_axis_message_is_a_warning() -> None:
    """A message from an axis was issued already; a gap in it does not stop it here."""
    candidate = replace(with_metadata(place=""), local=False)

    assert [each.severity for each in judge(RULES, candidate)] == [Severity.WARNING]


def test_missing_recipients_are_shown_where_the_message_has_them() -> None:
    """The pointer of the recipients is that of what was sent."""
    candidate = replace(with_metadata(to=()), recipient_pointer="/edXML/To")

    assert said(RULES, candidate) == [("meta-missing", "/edXML/To")]


def test_what_the_reader_reported_is_not_called_missing() -> None:
    """A signer of the wrong type has one finding, not three."""
    candidate = with_metadata(signer=Signer())

    assert said(RULES, replace(candidate, reported=frozenset({"/metadata/signer"}))) == []


def test_a_report_on_one_recipient_hides_nothing_about_another() -> None:
    """Only the reported place and what lies below it is passed over."""
    candidate = replace(with_metadata(to=("", "")), reported=frozenset({"/metadata/to/1"}))

    assert said(RULES, candidate) == [("meta-missing", "/metadata/to/0")]


@pytest.mark.parametrize("kind", ["QĐ", "HD", "HĐ", "CTr", "CV"])
def test_official_types_pass(kind: str) -> None:
    """The abbreviations of Annex III pass as they are written."""
    assert said(RULES, with_metadata(type=kind)) == []


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("QD", ["QĐ"]),
        ("ctr", ["CTr"]),
        ("hđ", ["HĐ"]),
        ("Quyết định", ["QĐ"]),
        ("quyet dinh", ["QĐ"]),
        ("TTrr", ["TTr"]),
    ],
)
def test_an_unknown_type_is_refused_with_what_was_meant(given: str, meant: list[str]) -> None:
    """Case, Đ, look-alikes of Đ and the full name lead to a suggestion."""
    (finding,) = judge(RULES, with_metadata(type=given))

    assert (finding.code, finding.pointer) == ("meta-type-unknown", "/metadata/type")
    assert all(f"“{each}”" in finding.remedy for each in meant)


@pytest.mark.parametrize("given", ["Thông tư", "THÔNG TƯ LIÊN TỊCH", "Nghị định", "Luật"])
def test_a_normative_type_passes_under_its_name(given: str) -> None:
    """Ministries send circulars; the 29 administrative types do not name them."""
    (finding,) = judge(RULES, with_metadata(type=given))

    assert (finding.code, finding.severity) == ("meta-type-normative", Severity.INFO)


def test_a_type_like_no_other_is_refused_without_a_suggestion() -> None:
    """Nothing is suggested where nothing is near."""
    (finding,) = judge(RULES, with_metadata(type="zzzz"))

    assert "Is it" not in finding.remedy_en


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"number": "1" * 12}, "/metadata/number"),
        ({"notation": "a" * 31}, "/metadata/notation"),
        ({"subject": "a" * 501}, "/metadata/subject"),
        ({"subject": "a" * 1_000_000}, "/metadata/subject"),
        ({"place": "a" * 101}, "/metadata/place"),
        ({"signer": Signer(position="a" * 101, full_name="b")}, "/metadata/signer/position"),
        ({"signer": Signer(position="a", full_name="b" * 51)}, "/metadata/signer/full_name"),
        ({"to": ("H" * 101,)}, "/metadata/to/0"),
    ],
)
def test_a_text_too_long_for_its_field_is_refused(
    changes: dict[str, object], pointer: str
) -> None:
    """One character more than Annex VI allows is too long."""
    assert said(RULES, with_metadata(**changes)) == [("meta-length", pointer)]


@pytest.mark.parametrize(
    "changes",
    [
        {"number": "1" * 11},
        {"notation": "Đ" * 30},
        {"subject": "ế" * 500},
        {"subject": "e\u0302\u0301" * 500},
    ],
)
def test_lengths_are_counted_in_characters_after_nfc(changes: dict[str, object]) -> None:
    """Exactly the length of Annex VI passes, in bytes or code points though it be more."""
    assert said(header.RULES, with_metadata(**changes)) == []


def test_promulgation_tomorrow_is_refused() -> None:
    """A document is not sent before it is issued."""
    candidate = with_metadata(promulgated_on=date(2026, 11, 22))

    assert said(RULES, candidate) == [("meta-date-future", "/metadata/promulgated_on")]


def test_promulgation_today_passes() -> None:
    """Documents are sent on the day of signing."""
    assert said(RULES, with_metadata(promulgated_on=TODAY)) == []


def test_a_reply_due_before_promulgation_is_a_warning() -> None:
    """The dates contradict each other, but the document can be exchanged."""
    (finding,) = judge(RULES, with_metadata(due_on=date(2026, 11, 19)))

    assert (finding.code, finding.severity) == ("meta-due-before", Severity.WARNING)


def test_a_reply_due_on_the_day_of_promulgation_passes() -> None:
    """Urgent matters are answered the same day."""
    candidate = with_metadata(promulgated_on=TODAY, due_on=TODAY, reply_requested=True)

    assert said(RULES, candidate) == []


def test_a_requested_reply_without_a_due_date_is_only_information() -> None:
    """There may be no deadline."""
    (finding,) = judge(RULES, with_metadata(reply_requested=True))

    assert (finding.code, finding.severity) == ("meta-reply-undated", Severity.INFO)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"subject": "Quy\x00chế"}, "/metadata/subject"),
        ({"subject": "Quy chế\ufffd"}, "/metadata/subject"),
        ({"subject": "Quy\u200bchế"}, "/metadata/subject"),
        ({"subject": "n\u00adớc"}, "/metadata/subject"),
        ({"subject": "a\ud800"}, "/metadata/subject"),
        ({"subject": "a\uffff"}, "/metadata/subject"),
        ({"subject": "a\ufdd0"}, "/metadata/subject"),
        ({"subject": "a\U0002fffe"}, "/metadata/subject"),
        ({"notation": "QĐ-\u202eUBND"}, "/metadata/notation"),
        ({"number": "1\n"}, "/metadata/number"),
        ({"place": "Cần\x85Thơ"}, "/metadata/place"),
        ({"to": ("H13.02\u2066",)}, "/metadata/to/0"),
        ({"kind": "\ufeffreport"}, "/metadata/kind"),
    ],
)
def test_characters_that_are_no_text_are_refused(changes: dict[str, object], pointer: str) -> None:
    """Control, invisible, direction, broken and non-XML characters are named where they stand."""
    assert said(RULES, with_metadata(**changes)) == [("meta-characters", pointer)]


def test_the_character_is_named_by_its_code_point() -> None:
    """What cannot be seen is spelled out."""
    (finding,) = judge(RULES, with_metadata(subject="Quy\u200bchế"))

    assert "U+200B" in finding.message
    assert "4" in finding.message_en


@pytest.mark.parametrize(
    "subject",
    [
        "Về việc\nban hành\tquy chế",
        "15 °C — “Đặc khu” ½ €",
        "ß",
    ],
)
def test_ordinary_text_passes(subject: str) -> None:
    """Line ends in a subject, decomposed letters and typographic signs are text."""
    assert said(RULES, with_metadata(subject=subject)) == []


def test_recipients_beyond_the_limit_are_not_judged_one_by_one() -> None:
    """A flood of bad codes does not make a flood of findings."""
    reference = a_reference(limits=Limits(recipients=2))

    assert said(RULES, with_metadata(to=("", "\x00", "")), reference) == []
