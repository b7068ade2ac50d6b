"""Rules on dates beyond those of every header."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from gateway.domain.findings import Severity
from gateway.domain.rules.dates import RULES
from tests.domain.rules.samples import TODAY, a_reference, judge, said, with_metadata


def test_a_clock_a_little_ahead_is_tolerated() -> None:
    """Shortly before midnight a sender may already write the next day."""
    tomorrow = TODAY + timedelta(days=1)
    reference = replace(a_reference(), latest_day=tomorrow)

    assert said(RULES, with_metadata(promulgated_on=tomorrow), reference) == []


def test_the_tolerance_has_an_end() -> None:
    """The day after is in the future by any clock."""
    reference = replace(a_reference(), latest_day=TODAY + timedelta(days=1))
    candidate = with_metadata(promulgated_on=TODAY + timedelta(days=2))

    assert said(RULES, candidate, reference) == [("meta-date-future", "/metadata/promulgated_on")]


@pytest.mark.parametrize("day", [date(1, 1, 1), date(1900, 1, 1), date(1945, 9, 1)])
def test_a_date_before_the_state_is_refused(day: date) -> None:
    """Such dates are slips or empty fields."""
    candidate = with_metadata(promulgated_on=day)

    assert said(RULES, candidate) == [("meta-date-early", "/metadata/promulgated_on")]


@pytest.mark.parametrize("day", [date(1945, 9, 2), date(1999, 9, 17), date(2014, 5, 22)])
def test_an_old_document_passes(day: date) -> None:
    """Old documents are sent again for the record."""
    assert said(RULES, with_metadata(promulgated_on=day)) == []


def test_a_type_before_its_decree_is_a_warning() -> None:
    """A notice slip came with NĐ 30/2020/NĐ-CP."""
    (finding,) = judge(RULES, with_metadata(type="PB", promulgated_on=date(2020, 3, 4)))

    assert (finding.code, finding.severity) == ("meta-date-type", Severity.WARNING)


def test_a_type_since_its_decree_passes() -> None:
    """From its first day on."""
    assert said(RULES, with_metadata(type="PB", promulgated_on=date(2020, 3, 5))) == []


def test_a_reply_that_was_due_is_a_warning() -> None:
    """Nobody can answer yesterday."""
    candidate = with_metadata(
        promulgated_on=TODAY - timedelta(days=9), due_on=TODAY - timedelta(days=1)
    )

    assert said(RULES, candidate) == [("meta-due-past", "/metadata/due_on")]


def test_a_reply_due_before_promulgation_is_said_once() -> None:
    """The contradiction is the finding, not that it is past too."""
    candidate = with_metadata(promulgated_on=TODAY, due_on=TODAY - timedelta(days=1))

    assert said(RULES, candidate) == [("meta-due-before", "/metadata/due_on")]
