"""The only builder of XML parsers: bytes of strangers become events, or one finding.

Three guards stand in a row. ``RawGuard`` reads the bytes before libxml2 does, because libxml2
holds a whole tag, comment or document type before it tells anybody. libxml2 itself loads nothing
and expands nothing. ``_Bounded`` counts what comes out: depth, elements, attributes, text. Time
and memory are bounded for any input, whatever the size of the message.

File content is base64, most of a large message, and need not go through libxml2: see ``_pass_over``.

Only UTF-8 is read (TT 39/2017/TT-BTTTT item 2.7). XML schemas are built in ``schema.py``; nothing
here knows a standard.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from lxml import etree

from gateway.domain.findings import Finding
from gateway.domain.rules.mechanism import Statement
from gateway.formats import xml_findings
from gateway.formats.xml_guard import Broken, RawGuard

#: Bytes handed to libxml2 at a time: small enough for flat memory, large enough for speed.
_PIECE = 65_536
#: Smaller chunks are collected first, so that no tag is looked at more than a few times.
_SMALLEST_PIECE = 16_384
#: Bytes of file content handed on at a time, past libxml2.
_RUN = 262_144
_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"
_XINCLUDE = "{http://www.w3.org/2001/XInclude}"
_NAMESPACES = etree.ErrorDomains.NAMESPACE


@dataclass(frozen=True, slots=True, kw_only=True)
class XmlLimits:
    """What a message may hold; text in characters, without white space between elements."""

    depth: int = 64
    elements: int = 200_000
    name: int = 1_024  #: characters of an element's name together with its namespace
    attributes_of_element: int = 256
    attributes: int = 20_000
    text: int = 1_048_576  #: outside of bulk elements
    blanks: int = 16_777_216  #: between elements


class Handler(Protocol):
    """Receives the events; names are local names, namespaces are not looked at.

    It may raise Broken where a message passes a limit that only the handler knows.
    """

    @property
    def in_bulk(self) -> bool:
        """Whether the text that comes now is file content, which has limits of its own."""

    def take(self, run: bytes) -> bool:
        """Take a *run* of file content that is letters and blanks of base64 and nothing else.

        Whole or not at all: what is not taken comes as ``data``.
        """

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def data(self, text: str) -> None:
        """A piece of text; one text may come in many pieces."""


def local_name(tag: str) -> str:
    """Return *tag* without namespace and prefix."""
    return tag.rpartition("}")[2].rpartition(":")[2]


class _Bounded:
    """Counts the events of libxml2 and hands them on until a limit is passed."""

    def __init__(self, handler: Handler, limits: XmlLimits) -> None:
        self._handler = handler
        self._limits = limits
        self._depth = 0
        self._attributes = 0
        self._text = 0
        self._blanks = 0
        self.elements = 0
        self.is_signed = False

    def start(
        self, tag: str, attributes: Mapping[str, str], nsmap: Mapping[str, str] | None = None
    ) -> None:
        limits = self._limits
        self._depth += 1
        self.elements += 1
        if self._depth > limits.depth:
            raise Broken(xml_findings.DEPTH, limit=limits.depth)
        if self.elements > limits.elements:
            raise Broken(xml_findings.ELEMENTS, limit=limits.elements)
        if tag.startswith(_XINCLUDE):
            raise Broken(xml_findings.INCLUDE)
        if tag == _SIGNATURE:
            self.is_signed = True
        if len(tag) > limits.name:
            raise Broken(xml_findings.NAME, limit=limits.name)
        if attributes or nsmap:
            self._count_attributes(len(attributes) + len(nsmap or ()))
        self._handler.start(local_name(tag), attributes)

    def _count_attributes(self, count: int) -> None:
        self._attributes += count
        if (
            count > self._limits.attributes_of_element
            or self._attributes > self._limits.attributes
        ):
            raise Broken(xml_findings.ATTRIBUTES, limit=self._limits.attributes_of_element)

    def end(self, tag: str) -> None:
        self._depth -= 1
        self._handler.end(local_name(tag))

    def data(self, text: str) -> None:
        if self._handler.in_bulk:
            pass
        elif text.isspace():
            self._blanks += len(text)
            if self._blanks > self._limits.blanks:
                raise Broken(xml_findings.BLANKS, limit=self._limits.blanks)
        else:
            self._text += len(text)
            if self._text > self._limits.text:
                raise Broken(xml_findings.TEXT, limit=self._limits.text)
        self._handler.data(text)

    def doctype(self, *_parts: object) -> None:
        raise Broken(xml_findings.DOCTYPE)

    def comment(self, _text: str) -> None:
        """Comments mean nothing here."""

    def pi(self, _target: str, _data: str | None = None) -> None:
        """Nor do processing instructions."""

    def close(self) -> None:
        """End of the document; libxml2 asks for it."""


class SafeParser:
    """Feeds one message to *handler*; ``finding`` says why it stopped, None while all is well."""

    def __init__(self, handler: Handler, limits: XmlLimits | None = None) -> None:
        """Build a parser for one message."""
        self.finding: Finding | None = None
        self._bounded = _Bounded(handler, limits or XmlLimits())
        self._guard = RawGuard()
        self._held = bytearray()
        self._started = False
        self._handler = handler
        #: Whether file content comes next and libxml2 has told all that was before it.
        self._at_content = False
        #: Columns of a line that libxml2 did not see.
        self._passed = (0, 0)
        self._parser = etree.XMLParser(
            target=self._bounded,  # type: ignore[arg-type]  # the stub knows bytes as well
            encoding="utf-8",  # an encoding declared otherwise was refused by the guard
            resolve_entities=False,
            load_dtd=False,
            dtd_validation=False,
            no_network=True,
            huge_tree=True,  # texts above 10 MB are files; everything else has our own limits
            collect_ids=False,
        )

    @property
    def is_signed(self) -> bool:
        """Whether an XML signature stands in what was read, wherever."""
        return self._bounded.is_signed

    def feed(self, chunk: bytes) -> None:
        """Read on; does nothing once there is a finding."""
        if self.finding is not None:
            return
        passed = 0 if self._held else self._pass_over(chunk, 0)
        if passed == len(chunk):
            return
        self._held += memoryview(chunk)[passed:]
        if len(self._held) >= _SMALLEST_PIECE:
            self._drain()

    def close(self) -> None:
        """End the message."""
        if self.finding is None and self._held:
            self._drain()
        if self.finding is None and not self._started:
            self._break(xml_findings.EMPTY, "1:1", {})
        if self.finding is None:
            try:
                self._parser.close()
            except etree.XMLSyntaxError as error:
                self._malformed(error, at_end=True)

    def _drain(self) -> None:
        held, at = bytes(self._held), 0
        self._held.clear()
        self._started = True
        while at < len(held) and self.finding is None:
            at = self._pass_over(held, at)
            # What follows the last tag may be file content, before which nothing may be pending.
            end = held.rfind(b">", at, at + _PIECE) + 1 or at + _PIECE
            self._parse(held[at:end])
            at = end

    def _pass_over(self, data: bytes, at: int) -> int:
        """Hand file content in *data* from *at* on straight to the handler; return where it ends.

        libxml2 would tell the same letters, at a multiple of the cost. It sees the line breaks
        alone, which mean nothing in base64 and keep its count of lines right.
        """
        while self._at_content and at < len(data):
            end = data.find(b"<", at, at + _RUN)
            run = data[at : at + _RUN if end < 0 else end]
            if not run:
                break
            self._at_content = self._handler.take(run)
            if self._at_content:
                self._count(run)
                at += len(run)
        return at

    def _count(self, run: bytes) -> None:
        lines, columns = self._guard.pass_over(run)
        line, before = self._passed
        if lines:
            self._parser.feed(b"\n" * lines)
        elif line == self._guard.line:
            columns += before
        self._passed = (self._guard.line, columns)

    def _parse(self, piece: bytes) -> None:
        elements_before = self._bounded.elements
        try:
            self._guard.scan(piece)
            self._parser.feed(piece)
            self._check_namespaces()
            self._at_content = (
                self._handler.in_bulk
                and self._guard.is_behind_start_tag
                and self._guard.elements == self._bounded.elements
            )
        except Broken as broken:
            place = broken.place or self._guard.place_of_element(
                self._bounded.elements - elements_before
            )
            self._break(broken.statement, place, broken.values)
        except etree.XMLSyntaxError as error:
            self._malformed(error)

    def _check_namespaces(self) -> None:
        """Stop at what libxml2 mends by itself: prefixes without a namespace, and the like."""
        for entry in self._parser.feed_error_log:
            if entry.domain == _NAMESPACES and entry.level >= etree.ErrorLevels.ERROR:
                raise Broken(
                    xml_findings.NAMESPACE,
                    self._place(entry.line, entry.column),
                    reason=entry.message,
                    explained=xml_findings.explain_namespace(entry.message),
                )

    def _malformed(self, error: etree.XMLSyntaxError, *, at_end: bool = False) -> None:
        reason = (error.msg or "").split(", line ")[0].strip()
        number: int = error.code  # type: ignore[attr-defined]  # the stub forgot it
        explained = xml_findings.explain_malformed(number, reason, at_end=at_end)
        values = {"reason": reason, "explained": explained}
        self._break(xml_findings.MALFORMED, self._place(*error.position), values)

    def _break(self, statement: Statement, place: str, values: Mapping[str, object]) -> None:
        self._held.clear()
        self.finding = statement.finding(place, local=True, place=place, **values)

    def _place(self, line: int, column: int) -> str:
        passed_line, passed = self._passed
        return f"{max(line, 1)}:{max(column, 1) + (passed if line == passed_line else 0)}"
