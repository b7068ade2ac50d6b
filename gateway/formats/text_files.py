"""Plain text and CSV: the encoding it seems to have, and cells that start commands."""

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

from gateway.domain.inspection import Observation, Trait

_HEAD = 262_144
_CHUNK = 1_048_576
_OVERLAP = 512
#: A cell whose formula asks another program for its value: ``=cmd|'/C calc'!A0``.
_COMMAND = re.compile(
    rb"(?:^|[\r\n,;\t\"'])[ ]*[=+@-][ ]*[\w.+-]{1,30}\|[^\r\n]{0,200}![\w$]", re.ASCII
)
#: Letters of TCVN 5712 (ABC) with marks and hooks that Western text hardly has inside a word.
_TCVN3 = re.compile(rb"[A-Za-z][\xa8\xa9\xaa\xab\xac\xad\xae\xb5-\xb9\xbb-\xbf\xc6-\xcb\xce-\xd9]")
#: Two letters of VNI: a vowel and the mark that stands on it.
_VNI = re.compile(rb"[AEIOUYaeiouy][\xd8\xd9\xdb\xd5\xcf\xf8\xf9\xfb\xf5\xef\xe0-\xe5\xe8-\xeb]")
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def look_into_text(file: BinaryIO) -> Iterator[Observation]:
    """Yield a legacy encoding and cells that start commands."""
    file.seek(0)
    head = file.read(_HEAD)
    if not head.startswith(_UTF16) and not _is_utf8(head):
        yield Observation(trait=Trait.LEGACY_TEXT, what=_encoding(head))
    if _starts_a_command(file):
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


def _starts_a_command(file: BinaryIO) -> bool:
    file.seek(0)
    rest = b""
    while chunk := file.read(_CHUNK):
        if b"|" in chunk and b"!" in chunk and _COMMAND.search(rest + chunk) is not None:
            return True
        rest = chunk[-_OVERLAP:]
    return False
