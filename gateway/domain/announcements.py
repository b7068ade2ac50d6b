"""Notices of outages and of maintenance: what every user is told, until it is over.

On a failure users are told at once what happened, how long it lasts, when work goes on, what to do
meanwhile and how documents are entered afterwards (S1 art. 11.1, S0 art. 8.1); maintenance is
announced before (S0 art. 11.2b).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.domain.errors import Refused
from gateway.domain.findings import Finding
from gateway.domain.rules.mechanism import Statement
from gateway.domain.text import clean

_LONGEST = 500


class AnnouncementKind(StrEnum):
    """What is announced."""

    INCIDENT = "incident"
    MAINTENANCE = "maintenance"


class AnnouncementState(StrEnum):
    """Where an announcement stands at an instant."""

    PLANNED = "planned"
    OPEN = "open"
    OVER = "over"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """One notice; texts are as its author wrote them."""

    id: int = 0
    kind: AnnouncementKind
    text: str
    text_en: str = ""
    begins_at: datetime
    until: datetime | None = None  #: when it is expected to be over; of maintenance, its end
    meanwhile: str = ""  #: what users do in the meantime
    afterwards: str = ""  #: how documents are entered when work goes on
    by: str
    at: datetime
    ended_at: datetime | None = None
    ended_by: str | None = None
    note: str = ""  #: how it ended, or why it was cancelled

    def state(self, now: datetime) -> AnnouncementState:
        """Return where it stands."""
        if self.ended_at is not None:
            early = self.kind is AnnouncementKind.MAINTENANCE and self.ended_at < self.begins_at
            return AnnouncementState.CANCELLED if early else AnnouncementState.OVER
        if self.kind is AnnouncementKind.MAINTENANCE:
            if self.until is not None and self.until <= now:
                return AnnouncementState.OVER
            if now < self.begins_at:
                return AnnouncementState.PLANNED
        return AnnouncementState.OPEN

    def is_shown(self, now: datetime) -> bool:
        """Whether everybody is told of it now."""
        return self.state(now) in {AnnouncementState.PLANNED, AnnouncementState.OPEN}


def announce(draft: Announcement) -> Announcement:
    """Return *draft* with clean texts; raise Refused when it cannot be told like this."""
    findings: list[Finding] = []
    text = clean(draft.text)[:_LONGEST]
    if not text:
        findings.append(TEXT_MISSING.finding("/text"))
    planned = draft.kind is AnnouncementKind.MAINTENANCE
    if planned and draft.until is None:
        findings.append(END_MISSING.finding("/until"))
    if draft.until is not None and draft.until <= draft.begins_at:
        findings.append(ENDS_BEFORE.finding("/until"))
    if planned and draft.until is not None and draft.until <= draft.at:
        findings.append(OVER_ALREADY.finding("/until"))
    if findings:
        raise Refused(findings[0].message_en, code=findings[0].code, findings=findings)
    return Announcement(
        kind=draft.kind,
        text=text,
        text_en=clean(draft.text_en)[:_LONGEST],
        begins_at=draft.begins_at,
        until=draft.until,
        meanwhile=clean(draft.meanwhile)[:_LONGEST],
        afterwards=clean(draft.afterwards)[:_LONGEST],
        by=draft.by,
        at=draft.at,
    )


_SOURCE = "S1 art. 11.1; S0 art. 8.1, 11.2b"
TEXT_MISSING = Statement(
    code="announcement-text",
    source=_SOURCE,
    vi="Thông báo chưa có nội dung.",
    en="The notice says nothing.",
    remedy="Ghi điều đã xảy ra hoặc việc sẽ làm.",
    remedy_en="Say what happened or what will be done.",
)
END_MISSING = Statement(
    code="announcement-end",
    source=_SOURCE,
    vi="Lịch bảo trì chưa có giờ kết thúc.",
    en="The maintenance has no end.",
    remedy="Ghi thời điểm dự kiến làm xong.",
    remedy_en="Give the time at which it will be done.",
)
ENDS_BEFORE = Statement(
    code="announcement-period",
    source=_SOURCE,
    vi="Giờ kết thúc không sau giờ bắt đầu.",
    en="The end does not come after the beginning.",
    remedy="Sửa một trong hai thời điểm.",
    remedy_en="Mend one of the two times.",
)
OVER_ALREADY = Statement(
    code="announcement-past",
    source=_SOURCE,
    vi="Đợt bảo trì đã qua.",
    en="The maintenance is over already.",
    remedy="Thông báo trước khi bảo trì.",
    remedy_en="Announce it before it begins.",
)
