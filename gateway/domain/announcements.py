"""Notices of outages and of maintenance: what every user is told, until it is over.

On a failure users are told at once what happened, how long it lasts, when work goes on, what to do
meanwhile and how documents are entered afterwards (S1 art. 11.1, S0 art. 8.1); maintenance is
announced before (S0 art. 11.2b). How grave an incident is decides who is called when no
administrator takes it on (S1 art. 12.2c).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from gateway.domain.errors import Refused
from gateway.domain.findings import Finding
from gateway.domain.rules.mechanism import Statement
from gateway.domain.text import clean

_LONGEST = 500
#: An incident may begin so much after it is opened: clocks differ.
AHEAD = timedelta(minutes=5)
#: Times further off are slips, or a way to say that nobody knows; not all can be told in every zone.
_FAR = timedelta(days=36_525)


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


class Severity(StrEnum):
    """How grave an incident is, the least first."""

    MINOR = "minor"  #: documents go on as usual
    MAJOR = "major"  #: some documents are late, or cannot be sent
    CRITICAL = "critical"  #: the node stands still, or documents are in danger


GRAVITY = tuple(Severity)


class Event(StrEnum):
    """What is told of a notice."""

    OPENED = "opened"
    PLANNED = "planned"
    CHANGED = "changed"
    REMINDED = "reminded"  #: maintenance begins soon
    ESCALATED = "escalated"  #: nobody has acknowledged: the next contact is written to
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"
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
    meanwhile_en: str = ""
    afterwards_en: str = ""
    by: str
    at: datetime
    ended_at: datetime | None = None
    ended_by: str | None = None
    note: str = ""  #: how it ended, or why it was cancelled
    severity: Severity = Severity.MAJOR  #: of an incident
    cause: str = ""  #: what the node saw when it opened the incident by itself, ``axis:name``
    changed_at: datetime | None = None
    acknowledged_at: datetime | None = None  #: when an administrator took it on
    acknowledged_by: str | None = None
    told: int = 0  #: how often something was told of it
    escalated: int = 0  #: how many contacts were written to, since nobody took it on
    escalated_at: datetime | None = None  #: when the last of them was
    reminded_h: float | None = None  #: the least lead time of which was reminded, hours

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

    @property
    def is_incident(self) -> bool:
        """Whether it is an outage, and no maintenance."""
        return self.kind is AnnouncementKind.INCIDENT

    def is_shown(self, now: datetime) -> bool:
        """Whether everybody is told of it now."""
        return self.state(now) in {AnnouncementState.PLANNED, AnnouncementState.OPEN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One thing that was told of a notice, with the notice as it then was."""

    announcement: Announcement
    event: Event
    at: datetime

    @property
    def id(self) -> str:
        """Return the same name wherever it is told: number of the notice, and of the telling."""
        return f"{self.announcement.id}.{self.announcement.told}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What of a notice is to change; None leaves it as it is."""

    text: str | None = None
    text_en: str | None = None
    begins_at: datetime | None = None
    until: datetime | None = None
    until_unknown: bool = False  #: nobody knows any more when it is over
    meanwhile: str | None = None
    afterwards: str | None = None
    meanwhile_en: str | None = None
    afterwards_en: str | None = None
    severity: Severity | None = None


def announce(draft: Announcement) -> Announcement:
    """Return *draft* with clean texts; raise Refused when it cannot be told like this."""
    told = replace(
        draft,
        text=clean(draft.text)[:_LONGEST],
        text_en=clean(draft.text_en)[:_LONGEST],
        meanwhile=clean(draft.meanwhile)[:_LONGEST],
        afterwards=clean(draft.afterwards)[:_LONGEST],
        meanwhile_en=clean(draft.meanwhile_en)[:_LONGEST],
        afterwards_en=clean(draft.afterwards_en)[:_LONGEST],
    )
    findings = _faults(told)
    if told.kind is AnnouncementKind.INCIDENT and told.begins_at > told.at + AHEAD:
        findings.append(NOT_YET.finding("/begins_at"))
    if findings:
        raise Refused(findings[0].message_en, code=findings[0].code, findings=findings)
    return told


def change(known: Announcement, changes: Changes, *, at: datetime) -> Announcement:
    """Return *known* with *changes* as of *at*; the same when they change nothing.

    Raises:
        Refused: it cannot be told like this.
    """
    changed = replace(
        known,
        text=_text(changes.text, known.text),
        text_en=_text(changes.text_en, known.text_en),
        meanwhile=_text(changes.meanwhile, known.meanwhile),
        afterwards=_text(changes.afterwards, known.afterwards),
        meanwhile_en=_text(changes.meanwhile_en, known.meanwhile_en),
        afterwards_en=_text(changes.afterwards_en, known.afterwards_en),
        begins_at=changes.begins_at or known.begins_at,
        until=None if changes.until_unknown else changes.until or known.until,
        severity=changes.severity or known.severity,
    )
    if changed == known:
        return known
    findings = _faults(replace(changed, at=at))
    if findings:
        raise Refused(findings[0].message_en, code=findings[0].code, findings=findings)
    return replace(changed, changed_at=at)


def record(
    announcement: Announcement, *, zone: tzinfo, now: datetime, names: bool
) -> Mapping[str, object]:
    """Return *announcement* as commands, the API and webhooks show it.

    *names*: who did what is told, too; offices do not learn the accounts of others.
    """

    def said(at: datetime | None) -> str | None:
        return None if at is None else at.astimezone(zone).isoformat()

    return {
        "id": announcement.id,
        "kind": announcement.kind.value,
        "state": announcement.state(now).value,
        "severity": announcement.severity.value if announcement.is_incident else None,
        "text": announcement.text,
        "text_en": announcement.text_en,
        "begins_at": said(announcement.begins_at),
        "until": said(announcement.until),
        "meanwhile": announcement.meanwhile,
        "afterwards": announcement.afterwards,
        "meanwhile_en": announcement.meanwhile_en,
        "afterwards_en": announcement.afterwards_en,
        "by": announcement.by if names else None,
        "at": said(announcement.at),
        "cause": announcement.cause or None,
        "changed_at": said(announcement.changed_at),
        "acknowledged_at": said(announcement.acknowledged_at),
        "acknowledged_by": announcement.acknowledged_by if names else None,
        "ended_at": said(announcement.ended_at),
        "ended_by": announcement.ended_by if names else None,
        "note": announcement.note,
    }


def _text(given: str | None, known: str) -> str:
    return known if given is None else clean(given)[:_LONGEST]


def _faults(draft: Announcement) -> list[Finding]:
    """Return why *draft* cannot be told, as of its own time."""
    findings: list[Finding] = []
    planned = draft.kind is AnnouncementKind.MAINTENANCE
    times = {"begins_at": draft.begins_at, "until": draft.until}
    for name, each in times.items():
        if each is not None and abs(each - draft.at) > _FAR:
            findings.append(TOO_FAR.finding(f"/{name}"))
    if not draft.text:
        findings.append(TEXT_MISSING.finding("/text"))
    if planned and draft.until is None:
        findings.append(END_MISSING.finding("/until"))
    if draft.until is not None and draft.until <= draft.begins_at:
        findings.append(ENDS_BEFORE.finding("/until"))
    if planned and draft.until is not None and draft.until <= draft.at:
        findings.append(OVER_ALREADY.finding("/until"))
    return findings


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
TOO_FAR = Statement(
    code="announcement-far",
    source=_SOURCE,
    vi="Thời điểm cách hiện tại hơn một trăm năm.",
    en="The time is more than a hundred years away.",
    remedy="Sửa thời điểm; nếu chưa biết giờ kết thúc của sự cố thì để trống.",
    remedy_en="Mend it; when nobody knows yet when an incident ends, leave that out.",
)
OVER_ALREADY = Statement(
    code="announcement-past",
    source=_SOURCE,
    vi="Đợt bảo trì đã qua.",
    en="The maintenance is over already.",
    remedy="Thông báo trước khi bảo trì.",
    remedy_en="Announce it before it begins.",
)
NOT_YET = Statement(
    code="announcement-ahead",
    source=_SOURCE,
    vi="Sự cố không thể bắt đầu trong tương lai.",
    en="An incident cannot begin in the future.",
    remedy="Ghi thời điểm sự cố đã bắt đầu, hoặc lên lịch bảo trì.",
    remedy_en="Give the time at which it began, or plan maintenance.",
)
