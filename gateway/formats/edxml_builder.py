"""Turns the events of an XML parser into the tree of a message and its spooled attachments.

Elements are matched by local name, in any order, so that prefixed, default and older namespaces
read alike; other spellings and the SOAP family get the names of the edXML form. Signature is
passed over: in this standard it never verifies, and the bytes are kept anyway.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from gateway.formats import xml_findings
from gateway.formats.base64_spool import Base64Spool
from gateway.formats.edxml_names import ALIASES, CONTENT
from gateway.formats.tree import Node
from gateway.formats.xml import local_name
from gateway.formats.xml_guard import Broken
from gateway.ports import Spool

#: More than any office sends; the rule on their number has its own, lower limit.
MOST_ATTACHMENTS = 200
#: More than the elements of a message allow for recipients.
_MOST_CHILDREN = 25_000
#: Where a Signature stands.
_SIGNED = frozenset({"edXMLHeader", "edXMLEnvelope", "edXML"})
_SOAP_ROOT = "Envelope"


@dataclass(slots=True, kw_only=True)
class Part:
    """One Attachment element."""

    n: int  #: from 1
    content: Base64Spool
    fields: dict[str, str] = field(default_factory=dict)
    contents: int = 0  #: how many ContentTransferEncoded it has


class Builder:
    """Makes a tree of everything but Signature and Attachment; see `xml.Handler`."""

    def __init__(self, spool: Callable[[int], Spool], attachment_limit: int) -> None:
        """Write the content of attachment n, at most *attachment_limit* bytes, to ``spool(n)``."""
        self.parts: list[Part] = []
        self.has_too_many_parts = False
        self.is_soap = False
        self.in_bulk = False
        self._spool = spool
        self._limit = attachment_limit
        self._top = Node("")
        self._open = [self._top]
        self._counts: list[dict[str, int]] = [{}]
        self._skipped = 0  #: depth inside a subtree that does not become nodes
        self._text: list[str] = []
        self._part: Part | None = None

    @property
    def root(self) -> Node:
        """The root element, once the message has ended."""
        return self._top.children[0]

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Begin an element."""
        self._text.clear()
        if self._skipped:
            self._skipped += 1
            self._start_in_part(name)
            return
        parent = self._open[-1].name
        if name in ALIASES:
            name = self._canonical(name, parent)
        if name == "Signature" and parent in _SIGNED:
            self._skipped = 1
        elif name == "Attachment" and parent == "AttachmentEncoded":
            self._skipped = 1
            self._start_part()
        else:
            self._start_node(name)
            if attributes and name == "Reference":
                self._refer(attributes)

    def _canonical(self, name: str, parent: str) -> str:
        """Return the name in the edXML form; a SOAP envelope stands one level higher there."""
        within, canonical = ALIASES[name]
        if parent != within:
            return name
        if name == _SOAP_ROOT:
            self.is_soap = True
            self._start_node("edXML")
        return canonical

    def _start_node(self, name: str) -> None:
        counts = self._counts[-1]
        nth = counts[name] = counts.get(name, 0) + 1
        parent = self._open[-1]
        if len(parent.children) >= _MOST_CHILDREN:
            raise Broken(xml_findings.SIBLINGS, limit=_MOST_CHILDREN)
        node = Node(name, (parent.place, name, nth))
        parent.children.append(node)
        self._open.append(node)
        self._counts.append({})

    def _refer(self, attributes: Mapping[str, str]) -> None:
        """Read ``href`` and ``xlink:href`` of a Reference as its ContentId."""
        for name, value in attributes.items():
            if local_name(name) == "href":
                reference = self._open[-1]
                place = (reference.place, "ContentId", 1)
                reference.children.append(Node("ContentId", place, value.strip()))

    def _start_part(self) -> None:
        n = len(self.parts) + 1
        if n > MOST_ATTACHMENTS:
            self.has_too_many_parts = True
            return
        self._part = Part(n=n, content=Base64Spool(self._spool(n), self._limit))
        self.parts.append(self._part)

    def _start_in_part(self, name: str) -> None:
        if name == CONTENT and self._skipped == 2:  # noqa: PLR2004 - a child of Attachment
            self.in_bulk = True
            if self._part is not None:
                self._part.contents += 1

    def take(self, run: bytes) -> bool:
        """Take a run of plain base64; see `xml.Handler`."""
        return self._part is not None and self._part.contents == 1 and self._part.content.take(run)

    def data(self, text: str) -> None:
        """Take a piece of text."""
        if not self.in_bulk:
            self._text.append(text)
        elif self._part is not None and self._part.contents == 1:
            self._part.content.feed(text)

    def end(self, name: str) -> None:
        """End an element."""
        text = "".join(self._text).strip(" \t\r\n")
        self._text.clear()
        if not self._skipped:
            node = self._open.pop()
            self._counts.pop()
            if not node.children:
                node.text = text
            return
        self._skipped -= 1
        self._end_in_part(name, text)

    def _end_in_part(self, name: str, text: str) -> None:
        if self._skipped == 0:
            if self._part is not None:
                self._part.content.finish()
            self._part = None
        elif self._skipped == 1:
            self.in_bulk = False
            if self._part is not None and text:
                self._part.fields.setdefault(name, text)

    def abandon(self) -> None:
        """Close what is open."""
        for part in self.parts:
            part.content.abandon()
