"""Plain text and CSV: the encoding it seems to have, and cells that start commands."""

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

from gateway.domain.encodings import unmarked_utf16, utf16_of
from gateway.domain.inspection import Observation, Trait

_HEAD = 262_144
_CHUNK = 65_536
_OVERLAP = 512
#: Letters between the sign that begins a formula and the command in it.
_FARTHEST = 100
#: Where a formula may begin, where a line ends, and a value that is asked of another program:
#: ``cmd|'/C calc'!A0``. No letter is looked at more than a few times, whatever the text.
_MARK = re.compile(
    r"(?P<formula>[\r\n,;\t\"'][ ]*+[=+@-])|[\r\n]"
    r"|(?P<command>(?<![\w.])(?:"
    r"[A-Za-z][\w.]{0,29}+\|(?=(?:'[^'\r\n]{0,200}+'|[^\s'!|,;]{1,100}+)![\w$'])|DDE\())",
    re.ASCII | re.IGNORECASE,
)
#: Letters of TCVN 5712 (ABC) with marks and hooks that Western text hardly has inside a word.
_TCVN3 = re.compile(rb"[A-Za-z][\xa8\xa9\xaa\xab\xac\xad\xae\xb5-\xb9\xbb-\xbf\xc6-\xcb\xce-\xd9]")
#: Two letters of VNI: a vowel and the mark that stands on it.
_VNI = re.compile(rb"[AEIOUYaeiouy][\xd8\xd9\xdb\xd5\xcf\xf8\xf9\xfb\xf5\xef\xe0-\xe5\xe8-\xeb]")


def look_into_text(file: BinaryIO) -> Iterator[Observation]:
    """Yield a legacy encoding and cells that start commands."""
    file.seek(0)
    head = file.read(_HEAD)
    codec = utf16_of(head)
    if unmarked_utf16(head) is not None:
        yield Observation(
            trait=Trait.LEGACY_TEXT, what="UTF-16, không có BOM / no byte order mark"
        )
    elif codec is None and not _is_utf8(head):
        yield Observation(trait=Trait.LEGACY_TEXT, what=_encoding(head))
    if _starts_a_command(file, codec or "utf-8-sig"):
        yield Observation(trait=Trait.COMMAND_FIELD)


def _is_utf8(head: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True


def _encoding(head: bytes) -> str:
    """Guess which of the old Vietnamese encodings *head* is in; a message for people."""
    tcvn3, vni = len(_TCVN3.findall(head)), len(_VNI.findall(head))
    if max(tcvn3, vni) < 3:  # noqa: PLR2004 - too little to guess by
        return "8-bit"
    return "TCVN3" if tcvn3 > vni else "VNI"


def _starts_a_command(file: BinaryIO, codec: str) -> bool:
    """Search the whole text; letters beyond ASCII take no part in a command."""
    file.seek(0)
    decoder = codecs.getincrementaldecoder(codec)("replace")
    rest = "\n"
    while chunk := file.read(_CHUNK):
        window = rest + decoder.decode(chunk)
        has_any = ("|" in window and "!" in window) or "dde(" in window.lower()
        if has_any and _has_command(window):
            return True
        rest = window[-_OVERLAP:]
    return False


def _has_command(text: str) -> bool:
    """Whether a cell of *text* is a formula that soon asks another program for a value."""
    begun: int | None = None  # where the formula nearest before goes on, on the same line
    for found in _MARK.finditer(text):
        if found["command"] is None:
            begun = None if found["formula"] is None else found.end()
        elif begun is not None and found.start() - begun <= _FARTHEST:
            return True
    return False
