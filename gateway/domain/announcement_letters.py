"""Mails about incidents and maintenance: Vietnamese first, English below, as an operator writes.

What is said is what the regulations ask for: what happened, since when, when work goes on, what to
do meanwhile, how documents are entered afterwards (S1 art. 11.1), and of maintenance when it is
done (S0 art. 11.2b).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo

from gateway.domain.announcements import Announcement, AnnouncementKind, Event, Severity, Telling

_INCIDENT, _MAINTENANCE = AnnouncementKind.INCIDENT, AnnouncementKind.MAINTENANCE
_LONGEST_SUBJECT = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class _Language:
    """The words of one language."""

    heads: dict[tuple[AnnouncementKind, Event], str]
    severities: dict[Severity, str]
    severity: str
    greeting: str
    called: str
    told: str
    text: str
    since: str
    begins: str
    expected: str
    unknown: str
    ends: str
    meanwhile: str
    afterwards: str
    ended: str
    cancelled: str
    note: str
    unacknowledged: str
    number: str
    automatic: str
    instant: str


_VI = _Language(
    heads={
        (_INCIDENT, Event.OPENED): "Thông báo sự cố",
        (_INCIDENT, Event.CHANGED): "Cập nhật thông báo sự cố",
        (_INCIDENT, Event.ESCALATED): "Sự cố chưa có người tiếp nhận",
        (_INCIDENT, Event.CLOSED): "Sự cố đã được khắc phục",
        (_MAINTENANCE, Event.PLANNED): "Thông báo lịch bảo trì",
        (_MAINTENANCE, Event.CHANGED): "Thay đổi lịch bảo trì",
        (_MAINTENANCE, Event.REMINDED): "Nhắc lịch bảo trì",
        (_MAINTENANCE, Event.CLOSED): "Bảo trì đã hoàn thành",
        (_MAINTENANCE, Event.CANCELLED): "Hủy lịch bảo trì",
    },
    severities={
        Severity.MINOR: "nhẹ",
        Severity.MAJOR: "nghiêm trọng",
        Severity.CRITICAL: "đặc biệt nghiêm trọng",
    },
    severity="Mức độ",
    greeting="Kính gửi: Các cơ quan, đơn vị và người sử dụng hệ thống liên thông văn bản",
    called="Kính gửi: Ông/Bà phụ trách xử lý sự cố hệ thống liên thông văn bản",
    told="{node} (mã {code}) trân trọng thông báo:",
    text="Nội dung",
    since="Xảy ra từ",
    begins="Bắt đầu",
    expected="Dự kiến hoạt động trở lại",
    unknown="chưa xác định, sẽ thông báo sau",
    ends="Dự kiến hoàn thành",
    meanwhile="Biện pháp tạm thời trong thời gian gián đoạn",
    afterwards="Việc nhập văn bản sau khi hoạt động trở lại",
    ended="Kết thúc lúc",
    cancelled="Hủy lúc",
    note="Ghi chú",
    unacknowledged="Sự cố này chưa được quản trị viên nào tiếp nhận. Đề nghị Ông/Bà chỉ đạo xử lý.",
    number="Thông báo số {id}.{told}",
    automatic="Thư do hệ thống tự động gửi, đề nghị không trả lời thư này.",
    instant="%H:%M ngày %d/%m/%Y",
)
_EN = _Language(
    heads={
        (_INCIDENT, Event.OPENED): "Incident",
        (_INCIDENT, Event.CHANGED): "Incident, update",
        (_INCIDENT, Event.ESCALATED): "Incident that nobody has acknowledged",
        (_INCIDENT, Event.CLOSED): "Incident resolved",
        (_MAINTENANCE, Event.PLANNED): "Planned maintenance",
        (_MAINTENANCE, Event.CHANGED): "Maintenance rescheduled",
        (_MAINTENANCE, Event.REMINDED): "Reminder of maintenance",
        (_MAINTENANCE, Event.CLOSED): "Maintenance completed",
        (_MAINTENANCE, Event.CANCELLED): "Maintenance cancelled",
    },
    severities={
        Severity.MINOR: "minor",
        Severity.MAJOR: "major",
        Severity.CRITICAL: "critical",
    },
    severity="Severity",
    greeting="To the agencies and users of the document interchange",
    called="To whoever answers for the document interchange",
    told="{node} (code {code}) announces:",
    text="What",
    since="Since",
    begins="From",
    expected="Service expected again",
    unknown="not known yet, will be announced",
    ends="Expected to be done",
    meanwhile="What to do meanwhile",
    afterwards="How documents are entered afterwards",
    ended="Ended at",
    cancelled="Cancelled at",
    note="Note",
    unacknowledged="No administrator has acknowledged this incident. Please see that it is dealt with.",
    number="Notice {id}.{told}",
    automatic="Sent by the system; please do not answer this mail.",
    instant="%H:%M on %d/%m/%Y",
)


def subject_of(telling: Telling, *, node: str) -> str:
    """Return the subject: node, what it is about, the beginning of the text; in both languages."""
    what = telling.announcement
    key = (what.kind, telling.event)
    grave = f" ({_VI.severities[what.severity]})" if what.is_incident else ""
    text = f"[{node}] {_VI.heads[key]}{grave}: {what.text}"
    if len(text) > _LONGEST_SUBJECT:
        text = text[: _LONGEST_SUBJECT - 1].rstrip() + "…"
    return f"{text} / {_EN.heads[key]}"


def body_of(telling: Telling, *, node: str, name: str, zone: tzinfo) -> str:
    """Return the text of the mail, lines without a limit of length."""
    vietnamese = _part(telling, _VI, node=node, name=name, zone=zone)
    english = _part(telling, _EN, node=node, name=name, zone=zone)
    return "\n".join([*vietnamese, "", "-" * 60, "", *english, ""])


def _part(
    telling: Telling, words: _Language, *, node: str, name: str, zone: tzinfo
) -> Iterator[str]:
    what = telling.announcement
    head = words.heads[what.kind, telling.event]
    yield words.called if telling.event is Event.ESCALATED else words.greeting
    yield ""
    yield words.told.format(node=name or node, code=node)
    yield ""
    yield head.upper()
    if what.is_incident:
        yield f"- {words.severity}: {words.severities[what.severity]}"
    yield f"- {words.text}: {_said(words, what.text, what.text_en)}"
    yield from _times(what, words, zone)
    if meanwhile := _said(words, what.meanwhile, what.meanwhile_en):
        yield f"- {words.meanwhile}: {meanwhile}"
    if afterwards := _said(words, what.afterwards, what.afterwards_en):
        yield f"- {words.afterwards}: {afterwards}"
    if what.note:
        yield f"- {words.note}: {what.note}"
    if telling.event is Event.ESCALATED:
        yield from ("", words.unacknowledged)
    yield ""
    yield words.number.format(id=what.id, told=what.told)
    yield words.automatic


def _said(words: _Language, vietnamese: str, english: str) -> str:
    """Return a text in one language; what was not written in English stays as it was written."""
    return english if words is _EN and english else vietnamese


def _times(what: Announcement, words: _Language, zone: tzinfo) -> Iterator[str]:
    def said(at: datetime) -> str:
        return at.astimezone(zone).strftime(words.instant)

    yield f"- {words.since if what.is_incident else words.begins}: {said(what.begins_at)}"
    if what.ended_at is not None:
        early = not what.is_incident and what.ended_at < what.begins_at
        yield f"- {words.cancelled if early else words.ended}: {said(what.ended_at)}"
    elif what.is_incident:
        yield f"- {words.expected}: {said(what.until) if what.until else words.unknown}"
    elif what.until is not None:
        yield f"- {words.ends}: {said(what.until)}"
