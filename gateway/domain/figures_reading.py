"""Figures for people: agencies by code and name, and words in the place of codes.

What programs read keeps the codes of the public contract; a file that a person opens says who and
what is meant, in the person's language.
"""

from collections.abc import Mapping, Sequence

from gateway.domain.directory import Directory
from gateway.domain.figures import COUNTS, HEADINGS, MEASURES, Question, Value

VIETNAMESE = "vi"
_AGENCIES = ("agency", "counterpart")
#: Values of groups: Vietnamese and English.
_WORDS: Mapping[str, Mapping[Value, tuple[str, str]]] = {
    "direction": {"out": ("Gửi đi", "Sent"), "in": ("Nhận về", "Received")},
    "legal_value": {
        "original": ("Thay bản giấy", "In place of paper"),
        "reference": ("Để biết, tham khảo", "For reference"),
    },
    "paper": {True: ("Có", "Yes"), False: ("Không", "No")},
    "priority": {
        "normal": ("Thường", "Normal"),
        "urgent": ("Khẩn", "Urgent"),
        "very-urgent": ("Thượng khẩn", "Very urgent"),
        "express": ("Hỏa tốc", "Express"),
    },
}
#: Headings that are more than the name of their column.
_ENGLISH = {
    "sent": "Documents sent",
    "original": "In place of paper",
    "reference": "For reference",
    "accepted_same_day": "Accepted the same day",
    "sent_next_morning": "Sent in time",
    "turned_away": "Not let go out",
    "arrived_median_s": "Sent → arrived, median (s)",
    "arrived_p95_s": "Sent → arrived, 95% (s)",
    "accepted_median_s": "Arrived → accepted, median (s)",
    "accepted_p95_s": "Arrived → accepted, 95% (s)",
    "done_median_s": "Accepted → finished, median (s)",
    "done_p95_s": "Accepted → finished, 95% (s)",
}


def headings(question: Question, locale: str) -> list[tuple[str, str]]:
    """Return the columns of an answer, groups first, each with its heading in *locale*."""
    columns = (*question.group, *COUNTS, *MEASURES)
    if locale == VIETNAMESE:
        return [(name, HEADINGS[name]) for name in columns]
    return [(name, _ENGLISH.get(name, name.replace("_", " ").capitalize())) for name in columns]


def in_words(
    rows: Sequence[Mapping[str, Value]], directory: Directory, locale: str
) -> list[dict[str, Value]]:
    """Return the *rows* of an answer as people read them; figures stay as they are."""
    return [
        {name: _word(name, value, directory, locale) for name, value in row.items()}
        for row in rows
    ]


def _word(name: str, value: Value, directory: Directory, locale: str) -> Value:
    if name in _AGENCIES and isinstance(value, str):
        found = directory.find(value)
        return value if found is None else f"{value} {found.name}"
    if name in _WORDS and value in _WORDS[name]:
        return _WORDS[name][value][0 if locale == VIETNAMESE else 1]
    return value
