"""Figures for people: titles, headings, agencies by code and name, and words in the place of codes.

What programs read keeps the codes of the public contract; a file that a person opens says who and
what is meant, in the person's language.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from gateway.domain.directory import Directory
from gateway.domain.figures import (
    BOTH,
    COUNTS,
    GROUPS,
    HEADINGS,
    HIERARCHY,
    LEGAL,
    MEASURES,
    PERIODS,
    SUCCESSORS,
    Question,
    Value,
)

VIETNAMESE = "vi"
TITLE = "THỐNG KÊ GỬI, NHẬN VĂN BẢN ĐIỆN TỬ"
TITLES = {VIETNAMESE: TITLE, "en": "ELECTRONIC DOCUMENTS SENT AND RECEIVED"}
SHEETS = {VIETNAMESE: "Thống kê", "en": "Statistics"}
_AGENCIES = ("agency", "counterpart")
#: Values as readers of reports call them, by their group: Vietnamese and English.
_WORDS: Mapping[str, Mapping[Value, tuple[str, str]]] = {
    "direction": {"out": ("Gửi đi", "Sent"), "in": ("Nhận về", "Received")},
    "priority": {
        "normal": ("Thường", "Normal"),
        "urgent": ("Khẩn", "Urgent"),
        "very-urgent": ("Thượng khẩn", "Very urgent"),
        "express": ("Hỏa tốc", "Express"),
    },
    "business": {
        "new": ("Văn bản mới", "New"),
        "recall": ("Thu hồi", "Recall"),
        "update": ("Cập nhật", "Update"),
        "replace": ("Thay thế", "Replacement"),
    },
    "legal_value": {
        "original": ("Thay bản giấy", "In place of paper"),
        "reference": ("Để biết, tham khảo", "For reference"),
    },
    "paper": {True: ("Có bản giấy", "With paper"), False: ("Chỉ bản điện tử", "Electronic only")},
    "signed": {
        "valid": ("Chữ ký hợp lệ", "Valid signatures"),
        "invalid": ("Chữ ký không hợp lệ", "Invalid signatures"),
        "none": ("Không ký số", "Not signed"),
    },
    "way": {
        "inside": ("Trong nút", "Within the node"),
        "several": ("Nhiều đường", "Several ways"),
    },
    "state": {
        "waiting": ("Chờ gửi", "Waiting"),
        "sending": ("Đang gửi", "Sending"),
        "handed-over": ("Đã chuyển", "Handed over"),
        "arrived": ("Đã đến", "Arrived"),
        "refused": ("Từ chối tiếp nhận", "Refused"),
        "accepted": ("Đã tiếp nhận", "Accepted"),
        "assigned": ("Phân công", "Assigned"),
        "in-progress": ("Đang xử lý", "In progress"),
        "done": ("Hoàn thành", "Done"),
        "failed": ("Gửi lỗi", "Failed"),
        "cancelled": ("Đã bỏ", "Dropped"),
        "recalled": ("Đã thu hồi", "Recalled"),
    },
    "reason": {
        "integrity": ("Không toàn vẹn", "Not intact"),
        "authenticity": ("Không xác thực được", "Not authentic"),
        "wrong-addressee": ("Gửi nhầm nơi nhận", "Wrong addressee"),
        "size": ("Quá dung lượng", "Too large"),
        "barred": ("Nội dung không được gửi", "Barred content"),
        "format": ("Sai định dạng", "Wrong format"),
        "other": ("Lý do khác", "Other reason"),
    },
}
#: What the row of an agency counts, too, when figures are rolled up.
_ROLLED = {
    HIERARCHY: (
        "mỗi cơ quan gồm cả các cơ quan cấp dưới",
        "agencies include those below them",
    ),
    SUCCESSORS: (
        "mỗi cơ quan gồm cả các cơ quan đã nhập vào",
        "agencies include those they succeeded",
    ),
    BOTH: (
        "mỗi cơ quan gồm cả các cơ quan cấp dưới và đã nhập vào",
        "agencies include those below them and those they succeeded",
    ),
}
_HALVES = {"H1": "6 tháng đầu năm", "H2": "6 tháng cuối năm"}
#: Headings that are more than the name of their column.
_ENGLISH = {
    "sent": "Documents sent",
    "original": "In place of paper",
    "reference": "For reference",
    "accepted_same_day": "Accepted the same day",
    "sent_next_morning": "Sent in time",
    "turned_away": "Not let go out",
    "unaccepted": "Not accepted after its day",
    "arrived_median_s": "Sent → arrived, median (h:min:s)",
    "arrived_p95_s": "Sent → arrived, 95% (h:min:s)",
    "accepted_median_s": "Arrived → accepted, median (h:min:s)",
    "accepted_p95_s": "Arrived → accepted, 95% (h:min:s)",
    "done_median_s": "Accepted → finished, median (h:min:s)",
    "done_p95_s": "Accepted → finished, 95% (h:min:s)",
}
#: Intervals are seconds for programs, and a time of the clock for people.
_IN_SECONDS, _ON_THE_CLOCK = "(giây)", "(giờ:phút:giây)"
#: A group of what has no value there.
_NONE = ("(không có)", "(none)")


def period_line(question: Question, locale: str = VIETNAMESE) -> str:
    """Return the line under the title: which days, by which dates, and what is rolled up."""
    first, last = f"{question.first:%d/%m/%Y}", f"{question.last:%d/%m/%Y}"
    if locale != VIETNAMESE:
        return f"From {first} to {last} included, by {question.by} dates{_rolled(question, 1)}"
    dates = "ngày pháp lý" if question.by == LEGAL else "ngày thực tế"
    return f"Từ ngày {first} đến hết ngày {last}, tính theo {dates}{_rolled(question, 0)}"


def _rolled(question: Question, language: int) -> str:
    """Return what else the rows of agencies count; nothing where no row is of an agency."""
    if question.roll_up is None or not (question.agency or "agency" in question.group):
        return ""
    return f"; {_ROLLED[question.roll_up][language]}"


def is_interval(column: str) -> bool:
    """Whether a *column* tells how long something took."""
    return column in MEASURES and column.endswith("_s")


def on_the_clock(seconds: int) -> str:
    """Return an interval in hours, minutes and seconds."""
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def told_apart(question: Question) -> Question:
    """Return *question* so that no row adds what an agency sent to what it received."""
    if "agency" not in question.group or "direction" in question.group:
        return question
    place = question.group.index("agency") + 1
    group = (*question.group[:place], "direction", *question.group[place:])
    return replace(question, group=group)


def headings(question: Question, locale: str) -> list[tuple[str, str]]:
    """Return the columns of an answer, groups first, each with its heading in *locale*."""
    columns = (*question.group, *COUNTS, *MEASURES)
    if locale == VIETNAMESE:
        return [(name, HEADINGS[name].replace(_IN_SECONDS, _ON_THE_CLOCK)) for name in columns]
    return [(name, _ENGLISH.get(name, name.replace("_", " ").capitalize())) for name in columns]


def in_words(
    rows: Sequence[Mapping[str, Value]], directory: Directory, locale: str
) -> list[dict[str, Value]]:
    """Return the *rows* of an answer as people read them; figures stay as they are."""
    return [
        {name: _word(name, value, directory, locale) for name, value in row.items()}
        for row in rows
    ]


def words_of(group: str, value: Value) -> str:
    """Return the Vietnamese label of a *value* of a *group*; what has no word stands as it is."""
    if value is None:
        return _NONE[0]
    text = str(value)
    text = text.removeprefix("axis:") if group == "way" else text
    if group in PERIODS:
        return _time(group, text)
    return _WORDS.get(group, {}).get(value, (text, text))[0]


def _word(name: str, value: Value, directory: Directory, locale: str) -> Value:
    if name in GROUPS and value is None:
        return _NONE[0 if locale == VIETNAMESE else 1]
    if name in _AGENCIES and isinstance(value, str):
        found = directory.find(value)
        return value if found is None else f"{value} {found.name}"
    if name in _WORDS and value in _WORDS[name]:
        return _WORDS[name][value][0 if locale == VIETNAMESE else 1]
    return value


def _time(group: str, text: str) -> str:
    if group == "day":
        return f"{date.fromisoformat(text):%d/%m/%Y}"
    year, _, part = text.partition("-")
    forms = {
        "hour": f"{text} giờ",
        "month": f"{part}/{year}",
        "quarter": f"Quý {part[1:]}/{year}",
        "half": f"{_HALVES.get(part)} {year}",
    }
    return forms.get(group, text)
