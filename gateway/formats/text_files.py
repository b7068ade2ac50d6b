"""Plain text and CSV: the encoding it seems to have, and cells that start commands."""

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

from gateway.domain.encodings import unmarked_utf16, utf16_of
from gateway.domain.inspection import Observation, Trait

_HEAD = 262_144
_CHUNK = 1_048_576
_OVERLAP = 512
#: A cell whose formula asks another program for its value: ``=cmd|'/C calc'!A0``.
_COMMAND = re.compile(
    r"(?:^|[\r\n,;\t\"'])[ ]*[=+@-][^\r\n]{0,100}?"
    r"(?<![\w.])(?:[A-Za-z][\w.]{0,29}\|(?:'[^'\r\n]{0,200}'|[^\s'!|,;]{1,100})![\w$']|DDE\()",
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
    rest = ""
    while chunk := file.read(_CHUNK):
        window = rest + decoder.decode(chunk)
        has_any = ("|" in window and "!" in window) or "dde(" in window.lower()
        if has_any and _COMMAND.search(window) is not None:
            return True
        rest = window[-_OVERLAP:]
    return False
