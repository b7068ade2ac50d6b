"""Marks on a document (dấu chỉ mức độ), where they stand as marks and not as words of a sentence.

The marks of secrecy and of urgency are stamped under the number or beside the subject. In data
that people type they stand on a line of their own, in brackets, or cut off by a dash or colon at
either end; “bảo mật”, “mật khẩu”, “mật ong” and “họp khẩn” are words.

Source: NĐ 30/2020/NĐ-CP Annex I III.2 (a) and (b).
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import islice

_SECRECY = "TUYỆT MẬT|TỐI MẬT|MẬT"
_URGENCY = "HỎA TỐC|HOẢ TỐC|THƯỢNG KHẨN|KHẨN"
#: The head of a document, in lines that are not blank: further down a mark is spoken of.
_HEAD_LINES = 60
_LONGEST_LINE = 200
#: A typed text is longer only in letters taken apart.
_LONGEST_TEXT = 2_000
_BLANKS = re.compile(r"[^\S\n]+")


def _patterns(marks: str) -> tuple[re.Pattern[str], ...]:
    words = marks.split("|")
    titled = "|".join(
        dict.fromkeys([each.capitalize() for each in words] + [each.title() for each in words])
    )
    either = f"(?:{marks}|{titled})"
    return (
        re.compile(rf"^[\W_]*({marks})[\W_]*$", re.MULTILINE | re.IGNORECASE),
        re.compile(rf"^\s*[\[(<{{]\s*{either}\s*[\])>}}]", re.MULTILINE),
        re.compile(rf"[\[(<{{]\s*{either}\s*[\])>}}]\s*\.?\s*$", re.MULTILINE),
        re.compile(rf"^\s*(?:{marks})\s*(?::|[-\u2013\u2014]\s)", re.MULTILINE),
        # at the end only where the mark stands out from small letters
        re.compile(rf"^.*[a-z].*\s[-\u2013\u2014:]\s*(?:{marks})\s*\.?$", re.MULTILINE),
    )


_SECRECY_AS_MARK = (
    *_patterns(_SECRECY),
    re.compile(rf"\b(?:độ|mức độ|dấu)\s+mật\s*[:=]\s*(?:{_SECRECY})\b(?!\s*[,;/])", re.IGNORECASE),
)
_URGENCY_AS_MARK = _patterns(_URGENCY)
_MARKED_LINE = re.compile(rf"^[\W_]*({_SECRECY})[\W_]*$")
_WORD = re.compile(r"[^\W\d_]+")


def bears_secrecy_mark(text: str) -> bool:
    """Whether *text*, a line or a few that people typed, bears a mark of secrecy as a mark."""
    return _bears(text, ("mật",), _SECRECY_AS_MARK)


def bears_urgency_mark(text: str) -> bool:
    """Whether *text* bears a mark of urgency as a mark."""
    return _bears(text, ("khẩn", "tốc"), _URGENCY_AS_MARK)


def name_is_secret(name: str) -> bool:
    """Whether the *name* of a file bears a mark of secrecy, as in ``[MẬT] Kế hoạch.pdf``.

    A name that is but the small word, as ``Mật.xlsx``, is that of honey.
    """
    stem = name.rpartition(".")[0].replace("_", " ") or name
    is_word = stem.strip().casefold() == "mật" and not stem.isupper()
    return not is_word and bears_secrecy_mark(stem)


def notation_is_secret(notation: str) -> bool:
    """Whether a number or notation bears ``MẬT``: in one no word does."""
    if notation.isascii():
        return False
    composed = unicodedata.normalize("NFC", notation[:_LONGEST_LINE]).upper()
    return "MẬT" in _WORD.findall(composed)


def head_is_marked_secret(lines: Iterable[str]) -> bool:
    """Whether a line of the head of a document is nothing but a mark of secrecy, in capitals.

    *lines* are those of the extracted text; only as many are read as a head has. Where several
    different marks stand, the document speaks of them (a form, a guideline) and bears none.
    """
    marks = {match[1] for line in islice(_full(lines), _HEAD_LINES) if (match := _mark(line))}
    return len(marks) == 1


def _full(lines: Iterable[str]) -> Iterator[str]:
    return (line for line in lines if line and not line.isspace())


def _mark(line: str) -> re.Match[str] | None:
    if len(line) > _LONGEST_LINE or line.isascii():
        return None
    return _MARKED_LINE.match(" ".join(unicodedata.normalize("NFC", line).split()))


def _bears(text: str, words: tuple[str, ...], patterns: tuple[re.Pattern[str], ...]) -> bool:
    if text.isascii():
        return False
    composed = unicodedata.normalize("NFC", text[:_LONGEST_TEXT])[: _LONGEST_TEXT // 2]
    folded = composed.casefold()
    if all(word not in folded for word in words):
        return False
    lines = _BLANKS.sub(" ", "\n".join(composed.splitlines()))
    return any(pattern.search(lines) for pattern in patterns)
