"""Mails about incidents and maintenance: both languages, whole, of everything that can happen."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain import promises
from gateway.domain.announcement_letters import body_of, subject_of
from gateway.domain.announcements import Announcement, AnnouncementKind, Event, Severity, Telling
from gateway.domain.trouble import Health, Observation

VIETNAM = timezone(timedelta(hours=7))
AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
_ACCENTED = re.compile(r"[^\x00-\x7f]")
INCIDENT = {Event.OPENED, Event.CHANGED, Event.ESCALATED, Event.CLOSED}
MAINTENANCE = {Event.PLANNED, Event.CHANGED, Event.REMINDED, Event.CLOSED, Event.CANCELLED}
TOLD = [(AnnouncementKind.INCIDENT, each) for each in sorted(INCIDENT)] + [
    (AnnouncementKind.MAINTENANCE, each) for each in sorted(MAINTENANCE)
]
SEEN = [
    promises.disk(machine="may-1", free_bytes=100 << 20, least_bytes=256 << 20),
    promises.disk(machine="may-1", free_bytes=300 << 20, least_bytes=256 << 20),
    promises.axis(name="truc-tinh", is_away=True, patience=timedelta()),
    promises.clock(machine="may-1", health=Health.ILL, ahead_s=-75.0),
    promises.chain(broken_at="main:7"),
    promises.guard(lost=["audit_record_is_not_changed"]),
    promises.backup(age=timedelta(hours=60), every=timedelta(hours=24)),
    promises.trust(expired=["CRL Root CA"]),
    promises.certificate(expired=["CN=H13 (receipts)"]),
]


def a_telling(kind: AnnouncementKind, event: Event, **changes: object) -> Telling:
    """Return what is told of a notice."""
    fields: dict[str, object] = {
        "id": 12,
        "told": 3,
        "kind": kind,
        "text": "Mất kết nối",
        "begins_at": AT,
        "until": AT + timedelta(hours=2),
        "by": "cli",
        "at": AT,
    }
    return Telling(announcement=Announcement(**fields | changes), event=event, at=AT)  # type: ignore[arg-type]


def parts(telling: Telling) -> tuple[str, str]:
    """Return the Vietnamese and the English part of the mail."""
    body = body_of(telling, node="H13", name="", zone=VIETNAM)
    vietnamese, line, english = body.partition("-" * 60)
    assert line
    return vietnamese, english


@pytest.mark.parametrize(("kind", "event"), TOLD)
def test_everything_that_happens_has_its_head_in_both_languages(
    kind: AnnouncementKind, event: Event
) -> None:
    """In the subject and over each part."""
    telling = a_telling(kind, event)
    subject = subject_of(telling, node="H13")
    vietnamese, english = parts(telling)

    head, _, english_head = subject.rpartition(" / ")
    assert head.startswith("[H13] ")
    assert english_head.upper() in english
    assert head.removeprefix("[H13] ").partition(" (")[0].partition(":")[0].upper() in vietnamese


@pytest.mark.parametrize("seen", SEEN, ids=lambda each: each.cause)
def test_what_the_node_finds_is_told_whole_in_english(seen: Observation) -> None:
    """No sentence is left in the other language."""
    telling = a_telling(
        AnnouncementKind.INCIDENT,
        Event.OPENED,
        text=seen.vi.text,
        text_en=seen.en.text,
        meanwhile=seen.vi.meanwhile,
        meanwhile_en=seen.en.meanwhile,
        afterwards=seen.vi.afterwards,
        afterwards_en=seen.en.afterwards,
        severity=seen.severity,
    )

    vietnamese, english = parts(telling)
    assert _ACCENTED.search(english) is None
    assert seen.vi.text in vietnamese
    assert bool(seen.vi.afterwards) == bool(seen.en.afterwards)


def test_an_end_that_nobody_knows_is_said_to_be_unknown() -> None:
    """Rather than left out (S1 art. 11.1)."""
    vietnamese, english = parts(a_telling(AnnouncementKind.INCIDENT, Event.OPENED, until=None))

    assert "Dự kiến hoạt động trở lại: chưa xác định" in vietnamese
    assert "Service expected again: not known yet" in english


@given(st.text(max_size=600), st.sampled_from(Severity))
def test_a_subject_is_never_long(text: str, severity: Severity) -> None:
    """However long the text is that somebody wrote."""
    telling = a_telling(AnnouncementKind.INCIDENT, Event.OPENED, text=text, severity=severity)

    assert len(subject_of(telling, node="H13")) <= 180


def test_who_is_called_for_help_is_not_addressed_as_all_agencies() -> None:
    """The letter goes to one person, who is to act."""
    vietnamese, english = parts(a_telling(AnnouncementKind.INCIDENT, Event.ESCALATED))

    assert vietnamese.startswith("Kính gửi: Ông/Bà phụ trách")
    assert "To whoever answers" in english
