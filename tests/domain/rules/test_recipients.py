"""Rules on sender and recipients: each with what passes and what fails."""

from dataclasses import replace

import pytest

from gateway.domain.findings import Severity
from gateway.domain.rules.mechanism import Candidate, Limits
from gateway.domain.rules.recipients import RULES
from tests.domain.rules.samples import a_candidate, a_reference, judge, said, with_metadata


def to(*codes: str, local: bool = True) -> Candidate:
    return replace(with_metadata(to=codes), local=local)


@pytest.mark.parametrize("code", ["H13.02", "000.00.77.H13", "H26", "H26.99.01"])
def test_known_and_reachable_recipients_pass(code: str) -> None:
    """Ours by new or old code, and whatever an axis serves."""
    assert said(RULES, to(code)) == []


@pytest.mark.parametrize(
    "code", ["H13.99", "H13.05", "H30", "h26", "vxp.saas.02", "H13.02 x", "H26 x"]
)
def test_an_unknown_recipient_is_refused(code: str) -> None:
    """Of ours but not listed or not yet existing; or served by nobody."""
    assert said(RULES, to("H13.02", code)) == [("agency-unknown", "/metadata/to/1")]


def test_a_misspelt_code_is_told_what_may_be_meant() -> None:
    """The directory's nearest codes stand in the remedy."""
    (finding,) = judge(RULES, to("h13.02"))

    assert "H13.02" in finding.remedy


def test_unknown_recipients_stand_where_the_message_has_them() -> None:
    """The pointer of the recipients is that of what was sent."""
    candidate = replace(to("H13.99"), recipient_pointer="/edXML/To")

    assert said(RULES, candidate) == [("agency-unknown", "/edXML/To/0")]


@pytest.mark.parametrize(("code", "successor"), [("H13.03", "H13.02"), ("H25", "H26")])
def test_a_closed_recipient_is_refused_and_its_successor_named(code: str, successor: str) -> None:
    """The successor stands in message and remedy, in both languages."""
    findings = [each for each in judge(RULES, to(code)) if each.code == "agency-closed"]

    (finding,) = findings
    texts = (finding.message, finding.message_en, finding.remedy, finding.remedy_en)
    assert all(successor in text for text in texts)


def test_a_closed_recipient_without_successor_is_refused() -> None:
    """There is nobody to name."""
    assert said(RULES, to("H13.04")) == [("agency-closed", "/metadata/to/0")]


@pytest.mark.parametrize("second", ["H13.02", "000.00.77.H13"])
def test_a_recipient_named_twice_is_refused(second: str) -> None:
    """Literally, or under its old code."""
    assert said(RULES, to("H13.02", second)) == [("agency-duplicate", "/metadata/to/1")]


def test_a_recipient_named_twice_by_an_axis_message_is_a_warning() -> None:
    """It can be delivered once all the same."""
    findings = judge(RULES, to("H13.02", "H13.02", local=False))

    assert [each.severity for each in findings] == [Severity.WARNING]


def test_sending_to_oneself_is_only_information() -> None:
    """It may be meant."""
    (finding,) = judge(RULES, to("H13.01"))

    assert (finding.code, finding.severity) == ("agency-self", Severity.INFO)


def test_exactly_as_many_recipients_as_allowed_pass() -> None:
    """The number is inclusive."""
    assert said(RULES, to("H13.02", "H26"), a_reference(limits=Limits(recipients=2))) == []


def test_too_many_recipients_are_one_finding() -> None:
    """They are not judged one by one."""
    reference = a_reference(limits=Limits(recipients=2))

    assert said(RULES, to("a", "b", "c"), reference) == [("agency-too-many", "/metadata/to")]


def test_blank_and_over_long_codes_are_left_to_other_rules() -> None:
    """They are missing, or too long; nothing is looked up for them."""
    assert said(RULES, to("", " ", "H." * 500_000)) == []


def test_recipients_of_other_nodes_in_an_axis_message_are_not_judged() -> None:
    """Only ours are for us to know."""
    assert said(RULES, to("H13.02", "H30", "H25", local=False)) == []


def test_an_unknown_recipient_of_ours_in_an_axis_message_is_refused() -> None:
    """It cannot be delivered."""
    assert said(RULES, to("H13.99", local=False)) == [("agency-unknown", "/metadata/to/0")]


@pytest.mark.parametrize("codes", [(), ("H30",), ("H30", "H31")])
def test_an_axis_message_for_nobody_here_is_refused(codes: tuple[str, ...]) -> None:
    """This node can do nothing for it."""
    assert said(RULES, to(*codes, local=False)) == [("agency-none", "/metadata/to")]


def test_an_unknown_local_sender_is_refused() -> None:
    """An office of this node is listed."""
    assert said(RULES, a_candidate(sender="H13.99")) == [("agency-sender-unknown", "/from")]


def test_a_senders_code_that_is_none_is_told_once() -> None:
    """No directory can have it, so that it is unknown is not said as well."""
    assert said(RULES, a_candidate(sender="H13 99")) == [("agency-sender-form", "/from")]


def test_a_sender_from_elsewhere_need_not_be_listed() -> None:
    """It is worth knowing, no more."""
    (finding,) = judge(RULES, a_candidate(sender="H30.01", local=False))

    assert (finding.code, finding.severity) == ("agency-sender-unknown", Severity.INFO)


def test_a_closed_sender_is_refused() -> None:
    """A closed agency sends nothing new."""
    assert said(RULES, a_candidate(sender="H13.03")) == [("agency-sender-closed", "/from")]


def test_a_closed_sender_of_an_axis_message_is_a_warning() -> None:
    """Late documents of merged agencies still arrive."""
    (finding,) = judge(RULES, a_candidate(sender="H25", local=False))

    assert (finding.code, finding.severity) == ("agency-sender-closed", Severity.WARNING)


def test_an_unlisted_agency_is_not_named_under_both_codes() -> None:
    """The plain reversal is the mapping where no pair is stored."""
    candidate = with_metadata(to=("H26.77", "000.00.77.H26"))
    reference = replace(a_reference(), is_reachable=lambda code: "H26" in code)

    assert said(RULES, candidate, reference) == [("agency-duplicate", "/metadata/to/1")]
