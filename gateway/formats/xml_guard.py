"""Looks at raw XML bytes before libxml2 does: encoding, document type, length of every tag.

Not a parser: what is malformed passes, and libxml2 says so.
"""

import re

from gateway.domain.rules.mechanism import Statement
from gateway.formats import xml_findings

_LONGEST_TAG = 65_536
_LONGEST_CDATA = 1_048_576  #: libxml2 holds a CDATA section whole
_LONGEST_MARKUP = 16 * 1_048_576  #: all tags of a message together
_MOST_REFERENCES = 2_097_152  #: libxml2 tells the letter of each one by one
_TAG = re.compile(rb"<[^<>\"']*+(?:(?:\"[^\"]*+\"|'[^']*+')[^<>\"']*+)*+>")
_START_TAG = re.compile(rb"<[^/!?]")
_DECLARATION = re.compile(rb"<\?xml\s[^>]{0,200}?encoding\s*=\s*[\"']([^\"']{1,60})[\"']")
_MULTIPART = re.compile(
    rb"\s*(?:--[^\r\n<>]{1,70}\r?\n|(?:mime-version|content-type):)", re.IGNORECASE
)
_UTF8 = frozenset({b"utf-8", b"utf8"})
_OTHER_ENCODINGS = (
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
    (b"<\x00", "UTF-16"),
    (b"\x00<", "UTF-16"),
    (b"\x00\x00\x00<", "UTF-32"),
    (b"\x4c\x6f\xa7\x94", "EBCDIC"),
)
_CLOSERS = {b"<!--": b"-->", b"<?": b"?>"}
_CDATA = b"<![CDATA["
_CDATA_END = b"]]>"


class Broken(Exception):
    """The message passes a limit; *place* is ``line:column`` where the raiser knows it."""

    def __init__(self, statement: Statement, place: str = "", **values: object) -> None:
        """Keep what will be said."""
        super().__init__(statement.code)
        self.statement = statement
        self.place = place
        self.values = values


class RawGuard:
    """Sees all bytes of one message in order, in pieces of a few kilobytes or more."""

    def __init__(self) -> None:
        """Start before the first byte."""
        self.elements = 0  #: start tags that were seen whole
        self._behind_start_tag = -1  #: where in ``_data`` the last one ends
        self._data = b""  #: what is looked at: an unfinished tag and the newest piece
        self._line = 1  #: of the first byte of ``_data``
        self._column = 1
        self._open = 0  #: where in ``_data`` the unfinished markup begins
        self._in_cdata = False
        self._cdata = 0  #: bytes seen of the open CDATA section
        self._markup = 0
        self._references = 0
        self._first = True

    def scan(self, piece: bytes) -> None:
        """Look at the next *piece*; raise Broken when it must not reach the parser."""
        if self._first:
            self._first = False
            _check_encoding(piece)
            if _MULTIPART.match(piece):
                raise Broken(xml_findings.MULTIPART, "1:1")
        self._count_references(piece)
        self._move_to(self._open)
        self._data += piece
        self._open = self._walk()
        if len(self._data) - self._open > _LONGEST_TAG and not self._in_cdata:
            raise Broken(xml_findings.TAG, self._place(self._open), limit=_LONGEST_TAG)

    @property
    def is_behind_start_tag(self) -> bool:
        """Whether what was seen last is a start tag, whole."""
        return self._behind_start_tag == len(self._data) and not self._in_cdata

    def pass_over(self, text: bytes) -> tuple[int, int]:
        """Count *text* without markup, right behind a start tag; return its line breaks.

        And the columns after the last of them.
        """
        self._move_to(len(self._data))
        self._open = self._behind_start_tag = 0
        lines = text.count(b"\n")
        columns = len(text) - 1 - text.rfind(b"\n") if lines else len(text)
        self._line += lines
        self._column = columns + 1 if lines else self._column + columns
        return lines, columns

    @property
    def line(self) -> int:
        """The line, from 1, of what comes behind the text that was passed over."""
        return self._line

    def place_of_element(self, count: int) -> str:
        """Return ``line:column`` of the start tag number *count* (from 1) of the last piece."""
        offset = 0
        for n, found in enumerate(_START_TAG.finditer(self._data), start=1):
            offset = found.start()
            if n >= count:
                break
        return self._place(offset)

    def _walk(self) -> int:
        """Step over all complete markup; return where the unfinished one begins."""
        data, at = self._data, 0
        while True:
            if self._in_cdata:
                end = data.find(_CDATA_END, at)
                stop = end if end >= 0 else max(at, len(data) - len(_CDATA_END) + 1)
                self._count_cdata(at, stop)
                if end < 0:
                    return stop
                self._in_cdata, at = False, end + len(_CDATA_END)
            begin = data.find(b"<", at)
            if begin < 0:
                return len(data)
            end = self._end_of_markup(begin)
            if end < 0:
                return begin
            self._count(begin, end)
            at = end

    def _end_of_markup(self, begin: int) -> int:
        """Return the offset behind the markup at *begin*, -1 when it is not complete."""
        data = self._data
        head = data[begin : begin + len(_CDATA)]
        if head == _CDATA:
            self._in_cdata, self._cdata = True, 0
            return begin + len(_CDATA)
        for opener, closer in _CLOSERS.items():
            if head.startswith(opener):
                end = data.find(closer, begin + len(opener))
                return -1 if end < 0 else end + len(closer)
        if head.startswith(b"<!"):
            if _CDATA.startswith(head) or b"<!--".startswith(head):
                return -1
            raise Broken(xml_findings.DOCTYPE, self._place(begin))
        found = _TAG.match(data, begin)
        if found is None:
            return -1
        if not head.startswith(b"</"):
            self.elements += 1
            self._behind_start_tag = found.end()
        return found.end()

    def _count(self, begin: int, end: int) -> None:
        self._markup += end - begin
        if end - begin > _LONGEST_TAG:
            raise Broken(xml_findings.TAG, self._place(begin), limit=_LONGEST_TAG)
        if self._markup > _LONGEST_MARKUP:
            raise Broken(xml_findings.MARKUP, self._place(begin), limit=_LONGEST_MARKUP)

    def _count_references(self, piece: bytes) -> None:
        if b"&" not in piece:
            return
        self._references += piece.count(b"&")
        if self._references > _MOST_REFERENCES:
            raise Broken(xml_findings.REFERENCES, self._place(self._open), limit=_MOST_REFERENCES)

    def _count_cdata(self, begin: int, end: int) -> None:
        self._cdata += end - begin
        if self._cdata > _LONGEST_CDATA:
            raise Broken(xml_findings.CDATA, self._place(begin), limit=_LONGEST_CDATA)

    def _position(self, offset: int) -> tuple[int, int]:
        if self._data.find(b"\n", 0, offset) < 0:  # much quicker than to count; base64 has none
            return self._line, self._column + offset
        lines = self._data.count(b"\n", 0, offset)
        return self._line + lines, offset - self._data.rfind(b"\n", 0, offset)

    def _place(self, offset: int) -> str:
        line, column = self._position(offset)
        return f"{line}:{column}"

    def _move_to(self, offset: int) -> None:
        self._line, self._column = self._position(offset)
        self._data = self._data[offset:]
        self._behind_start_tag -= offset


def _check_encoding(head: bytes) -> None:
    for signature, name in _OTHER_ENCODINGS:
        if head.startswith(signature):
            raise Broken(xml_findings.ENCODING, "1:1", encoding=name)
    declared = _DECLARATION.match(head.removeprefix(b"\xef\xbb\xbf"))
    if declared is not None and declared.group(1).strip().lower() not in _UTF8:
        shown = declared.group(1).decode("ascii", "replace")
        raise Broken(xml_findings.ENCODING, "1:1", encoding=shown)
