"""Characters that have no place in a name, a code or a line of text, and how to show them safely.

TCVN 6909:2001 is a subset of Unicode; what is refused here are the invisible and directing
characters that make a text mean something else than it shows, and those that XML 1.0 section 2.2
does not know. Vietnamese letters, composed or not, all pass.
"""

import re
from dataclasses import dataclass

#: Left-to-right and right-to-left marks, embeddings, overrides and isolates (UAX #9 section 2).
_DIRECTION = "\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069"
#: Soft hyphen, zero-width spaces and joiners, word joiner, byte order mark, tag characters.
_INVISIBLE = (
    "\\u00ad\\u180b-\\u180e\\u200b-\\u200d\\u2060-\\u2065\\u206a-\\u206f\\ufeff"
    "\\U000e0000-\\U000e0fff"
)
#: C0 without tab and line ends, DEL, C1, line and paragraph separators, annotation marks.
_CONTROL = "\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\u2028\\u2029\\ufff9-\\ufffb"
_LINE = "\\t\\n\\r"
_SURROGATE = "\\ud800-\\udfff"
#: The replacement of what could not be read, and the noncharacters (Unicode 15 section 23.7).
_LOST = "\\ufffc-\\uffff\\ufdd0-\\ufdef" + "".join(
    f"\\U{plane:04x}fffe\\U{plane:04x}ffff" for plane in range(1, 0x11)
)

_UNFIT_IN_PROSE = re.compile(f"[{_DIRECTION}{_INVISIBLE}{_CONTROL}{_SURROGATE}{_LOST}]")
_UNFIT_IN_LINE = re.compile(f"[{_DIRECTION}{_INVISIBLE}{_CONTROL}{_SURROGATE}{_LOST}{_LINE}]")
_KINDS = (
    (re.compile(f"[{_DIRECTION}]"), "ký tự điều khiển hướng viết", "a text direction control"),
    (re.compile(f"[{_INVISIBLE}]"), "ký tự ẩn, không nhìn thấy", "an invisible character"),
    (re.compile(f"[{_SURROGATE}]"), "nửa cặp thay thế lẻ", "a lone surrogate"),
    (re.compile(f"[{_LOST}]"), "ký tự hỏng", "a character lost in conversion"),
)
_ELLIPSIS = "…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfit:
    """The first character of a text that must not stand there."""

    position: int  #: in characters, from 1
    code_point: str  #: ``U+202E``
    kind: str  #: Vietnamese
    kind_en: str


def first_unfit(text: str, *, prose: bool = False) -> Unfit | None:
    """Return the first character of *text* that must not stand there, None when all may.

    Tabs and line ends are allowed in *prose* only.

    Source: TT 39/2017/TT-BTTTT item 2.7 and 3.14 (UTF-8, TCVN 6909:2001); XML 1.0 section 2.2.
    """
    found = (_UNFIT_IN_PROSE if prose else _UNFIT_IN_LINE).search(text)
    if found is None:
        return None
    character = found.group()
    kind, kind_en = next(
        ((vi, en) for pattern, vi, en in _KINDS if pattern.match(character)),
        ("ký tự điều khiển", "a control character"),
    )
    return Unfit(
        position=found.start() + 1,
        code_point=f"U+{ord(character):04X}",
        kind=kind,
        kind_en=kind_en,
    )


def legible(text: str, *, limit: int = 80) -> str:
    """Return *text* fit for a message: at most *limit* characters, hidden characters spelled out.

    What it returns can always be encoded as UTF-8 and written into XML and HTML.
    """
    shown = text if len(text) <= limit else text[: limit - 1] + _ELLIPSIS
    return _UNFIT_IN_LINE.sub(lambda found: f"<U+{ord(found.group()):04X}>", shown)
