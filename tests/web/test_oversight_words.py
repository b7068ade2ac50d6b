"""The words of administrators' and auditors' pages that are put together, and what is gone."""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import pytest

import gateway.web as package
from gateway.domain import history
from gateway.domain.announcements import AnnouncementKind, AnnouncementState, Event, Severity
from gateway.domain.calendar_changes import ChangeKind
from gateway.domain.chain import ChainFault
from gateway.domain.directory import AgencyKind
from gateway.domain.lifecycle import DocumentState
from gateway.domain.public_figures import SHARES, TOTALS
from gateway.domain.signatures import Purpose
from gateway.pipeline.board import Health, Trouble
from gateway.pipeline.clients import PROGRAM_ROLES
from gateway.pipeline.naming import KINDS
from gateway.web.console.auditing import ACTIONS, OPERATIONS
from gateway.web.console.words import LOCALES, catalogue

WEB = Path(package.__file__).parent


def put_together() -> Iterator[str]:
    """Yield the keys that are made of a family and a value."""
    families: dict[str, list[StrEnum | str]] = {
        "trouble.": [*Trouble],
        "health.": [*Health],
        "calendar.kind_": [*ChangeKind],
        "banner.": [*AnnouncementKind],
        "notices.": [*AnnouncementKind],
        "notices.end_": [*AnnouncementKind],
        "notice_state.": [*AnnouncementState],
        "verify.": [*ChainFault],
        "kind.": [*AgencyKind],
        "purpose.": [*Purpose],
        "program.": [*PROGRAM_ROLES, *(f"{role}_may" for role in PROGRAM_ROLES)],
        "document_state.": [*DocumentState],
        "operation.": [*OPERATIONS],
        "thing.": ["client", *KINDS],
        "action.": [*ACTIONS, *sorted(history.EVENTS)],
        "queue.kind_": ["document", "receipt", "status", "announcement"],
        "lane.": ["pull", "webhook", "folder", "desk", "office", "axis"],
        "feed.": ["document", "recall", "reminder", "report", *AnnouncementKind],
        "told.": [*Event],
        "severity.": [*Severity],
        "contact.": ["name", "position", "email", "telephone"],
        "period.": ["week", "month", "quarter", "half", "year"],
        "public.": [*TOTALS[:1], *TOTALS[2:], *(part for part, _ in SHARES)],
        "short.": [f"weekday{n}" for n in range(7)],
        "result.": ["ok", "warning", "error"],
        "health.worst_": ["ok", "warning", "error"],
        "directory.state_": ["open", "closed", "all"],
        "credentials.state_": ["active", "revoked", "all"],
        "done.": ["retry", "drop", "try", "release", "refuse", "revoked", "added", "changed"],
    }
    for family, values in families.items():
        yield from (f"{family}{value}" for value in values)


@pytest.mark.parametrize("key", sorted({*put_together()}))
def test_every_word_that_is_put_together_is_there(key: str) -> None:
    """In both languages."""
    assert all(catalogue()[key][locale].strip() for locale in LOCALES)


def test_no_page_bears_a_style_or_a_script_of_its_own() -> None:
    """The policy of the pages forbids both."""
    pages = (WEB / "templates" / "console").glob("*.html")
    bad = [
        page.name
        for page in pages
        if " style=" in (text := page.read_text("utf-8"))
        or "<script>" in text
        or "onclick" in text
    ]

    assert bad == []
