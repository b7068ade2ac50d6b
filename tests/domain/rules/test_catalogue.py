"""What holds for every rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.characters import first_unfit
from gateway.domain.document import Business, BusinessKind, Metadata, Signer
from gateway.domain.findings import Severity
from gateway.domain.profile import Decision, Kind, Profile
from gateway.domain.rules.catalogue import ALL_RULES
from gateway.domain.rules.mechanism import (
    Candidate,
    FileFacts,
    Limits,
    Place,
    Reference,
    Rule,
    at,
    examine,
    rule,
)
from gateway.formats.json_fields import STATEMENTS
from tests.domain.rules.samples import a_candidate, a_reference, judge

texts = st.text(st.characters(), max_size=12) | st.sampled_from(
    ["H13.02", "H13.03", "QD", "MẬT", "\ud800", "a" * 2_000, "{name}", "{0.__class__}", "%s"]
)
maybe = st.none() | texts
metadata = st.builds(
    Metadata,
    to=st.lists(texts, max_size=4).map(tuple),
    type=texts,
    subject=texts,
    notation=texts,
    number=maybe,
    promulgated_on=st.none() | st.dates(),
    place=texts,
    signer=st.builds(Signer, competence=maybe, position=texts, full_name=texts),
    reply_requested=st.booleans(),
    due_on=st.none() | st.dates(),
    reply_to=maybe,
    security=texts,
    kind=maybe,
    business=st.builds(Business, kind=st.sampled_from(BusinessKind), of=maybe, reason=maybe),
)
facts = st.builds(
    FileFacts,
    n=st.integers(1, 4),
    name=texts,
    size=st.integers(0, 10**9),
    media_type=texts,
    carries=st.frozensets(texts, max_size=2),
)
candidates = st.builds(
    Candidate,
    metadata=metadata,
    sender=texts,
    files=st.lists(facts, max_size=3).map(tuple),
    local=st.booleans(),
)
limits = st.builds(
    Limits,
    attachment_bytes=st.integers(0, 10**9),
    attachments=st.integers(0, 3),
    recipients=st.integers(0, 4),
    extensions=st.frozensets(texts, max_size=3),
)
kinds = st.builds(
    Kind,
    name=texts,
    vi=texts,
    en=texts,
    source=texts,
    types=st.frozensets(texts, max_size=2),
    subjects=st.lists(texts, max_size=2).map(tuple),
    decision=st.sampled_from(Decision),
    paper=st.booleans(),
)
profiles = st.builds(
    Profile,
    name=texts,
    kinds=st.lists(kinds, max_size=2).map(tuple),
    paper_unless_kind=st.booleans(),
    extensions=st.none() | st.frozensets(texts, max_size=3),
    unsigned_source=texts,
)


@given(candidates, limits, profiles)
def test_rules_never_raise_and_findings_can_be_encoded(
    candidate: Candidate, limits: Limits, profile: Profile
) -> None:
    """Whatever was sent, every rule answers with texts that JSON, XML and terminals can carry."""
    reference = a_reference(limits=limits, profile=profile)

    for finding in examine(candidate, reference, ALL_RULES):
        for text in (finding.message, finding.message_en, finding.remedy, finding.remedy_en):
            assert text.encode()
            assert first_unfit(text) is None


@given(candidates, limits, profiles)
def test_a_rule_about_a_matter_is_silent_where_there_is_none(
    candidate: Candidate, limits: Limits, profile: Profile
) -> None:
    """Nothing inspected, scanned, signed or mended: what is about that has nothing to say."""
    reference = a_reference(limits=limits, profile=profile)

    for each in ALL_RULES:
        assert each.about is None or not list(each.body(candidate, reference))


def test_a_good_document_has_no_findings() -> None:
    """An ordinary submission passes every rule."""
    assert judge(ALL_RULES, a_candidate()) == ()


def test_codes_are_unique() -> None:
    """One code, one statement, over rules and reader."""
    codes = [each.code for each in ALL_RULES] + [each.code for each in STATEMENTS]

    assert sorted(set(codes)) == sorted(codes)


@pytest.mark.parametrize("each", ALL_RULES, ids=lambda each: each.code)
def test_every_rule_has_its_source_and_its_words(each: Rule) -> None:
    """Code, source, four texts and a docstring are there."""
    statement = each.statement

    assert each.body.__doc__
    assert statement.source
    assert all((statement.vi, statement.en, statement.remedy, statement.remedy_en))


@pytest.mark.parametrize("each", ALL_RULES, ids=lambda each: each.code)
def test_every_code_belongs_to_a_family_of_the_contract(each: Rule) -> None:
    """Codes begin with the family that the contract names."""
    families = ("meta-", "agency-", "file-", "zip-", "sig-", "barred-")

    assert each.code.startswith(families) or each.code == "held"


@rule("meta-x", source="s", vi="v {a}", en="e {a}", remedy="r", remedy_en="re")
def _always(candidate: Candidate, reference: Reference) -> list[Place]:
    return [at("/a", a="one"), at("/b", a="two\u202e")]


def test_a_rule_is_stamped_with_code_source_and_texts() -> None:
    """The decorator adds all but the place."""
    first, second = judge((_always,), a_candidate())

    assert (first.code, first.source, first.pointer) == ("meta-x", "s", "/a")
    assert (first.message, first.message_en, first.remedy) == ("v one", "e one", "r")
    assert second.message == "v two<U+202E>"


def test_a_rule_weighs_the_same_everywhere_unless_it_says_otherwise() -> None:
    """Without a weight of its own, an axis message is judged like a local one."""
    findings = judge((_always,), a_candidate(local=False))

    assert {each.severity for each in findings} == {Severity.ERROR}
