"""Reads edXML messages (QCVN 102:2016/BTTTT) as they come, in one pass, in flat memory.

The header is small and becomes a tree (``edxml_header.py`` makes a Message of it); the content of
an attachment is decoded on the way into a spooled file and is never held as text. Elements are
matched by local name, in any order, so that prefixed, default and older namespaces read alike.
Signature is passed over: in this standard it never verifies, and the bytes are kept anyway.

Reading judges nothing: what is mandatory, allowed or too large is for the rules.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from gateway.domain.document import Message, SpooledFile, StatusMessage
from gateway.domain.findings import Finding, Severity
from gateway.formats import edxml_findings
from gateway.formats.base64_spool import Base64Spool
from gateway.formats.edxml_header import read_header
from gateway.formats.schema import Node
from gateway.formats.xml import SafeParser, XmlLimits
from gateway.ports import Spool

#: More than any office sends; the rule on their number has its own, lower limit.
_MOST_ATTACHMENTS = 200
_MOST_FINDINGS = 100
_LIMITS = XmlLimits(elements=100_000)
_CONTENT = "ContentTransferEncoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What came of the bytes; without a message there is an error among the findings."""

    message: Message | StatusMessage | None
    findings: tuple[Finding, ...] = ()


@dataclass(slots=True, kw_only=True)
class _Part:
    """One Attachment element while it is read."""

    n: int
    content: Base64Spool
    fields: dict[str, str] = field(default_factory=dict)
    contents: int = 0  #: how many ContentTransferEncoded it has


class EdxmlReader:
    """Reads one message: ``feed`` its chunks, then ``close`` once."""

    def __init__(
        self, spool: Callable[[int], Spool], attachment_limit: int, *, local: bool = True
    ) -> None:
        """Prepare to read.

        Args:
            spool: opens the file for attachment *n*, counted from 1; the caller removes the files
                when the message comes to nothing.
            attachment_limit: decoded bytes; beyond them an attachment is counted, not written, so
                that the digest of a larger one is that of its beginning.
            local: sent by an office of this node; from an axis some findings weigh less.
        """
        self._builder = _Builder(spool, attachment_limit)
        self._local = local
        self._parser = SafeParser(self._builder, _LIMITS)

    def feed(self, chunk: bytes) -> None:
        """Read on; chunks may be cut anywhere.

        Raises:
            Unavailable: a file cannot be written; ``abandon`` the message then.
        """
        self._parser.feed(chunk)

    def close(self) -> Reading:
        """Finish and return what was read."""
        self._parser.close()
        if self._parser.finding is not None:
            self._builder.abandon()
            return Reading(message=None, findings=(self._parser.finding,))
        return self._builder.reading(local=self._local)

    def abandon(self) -> None:
        """Stop in the middle: close what is open. The caller removes the files."""
        self._builder.abandon()


class _Builder:
    """Makes a tree of everything but Signature and Attachment."""

    def __init__(self, spool: Callable[[int], Spool], attachment_limit: int) -> None:
        self._spool = spool
        self._limit = attachment_limit
        self._top = Node(name="")
        self._open = [self._top]
        self._counts: list[dict[str, int]] = [{}]
        self._skipped = 0  #: depth inside a subtree that does not become nodes
        self._text: list[str] = []
        self._parts: list[_Part] = []
        self._part: _Part | None = None
        self._too_many = False
        self.in_bulk = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._text.clear()
        if self._skipped:
            self._skipped += 1
            self._start_in_part(name)
        elif name == "Signature" and self._open[-1].name == "edXMLHeader":
            self._skipped = 1
        elif name == "Attachment" and self._open[-1].name == "AttachmentEncoded":
            self._skipped = 1
            self._start_part()
        else:
            self._start_node(name)

    def _start_node(self, name: str) -> None:
        counts = self._counts[-1]
        nth = counts[name] = counts.get(name, 0) + 1
        parent = self._open[-1]
        path = f"{parent.path}/{name}" if nth == 1 else f"{parent.path}/{name}[{nth}]"
        node = Node(name=name, path=path)
        parent.children.append(node)
        self._open.append(node)
        self._counts.append({})

    def _start_part(self) -> None:
        n = len(self._parts) + 1
        if n > _MOST_ATTACHMENTS:
            self._too_many = True
            return
        self._part = _Part(n=n, content=Base64Spool(self._spool(n), self._limit))
        self._parts.append(self._part)

    def _start_in_part(self, name: str) -> None:
        if name == _CONTENT and self._skipped == 2:  # noqa: PLR2004 - a child of Attachment
            self.in_bulk = True
            if self._part is not None:
                self._part.contents += 1

    def data(self, text: str) -> None:
        if not self.in_bulk:
            self._text.append(text)
        elif self._part is not None and self._part.contents == 1:
            self._part.content.feed(text)

    def end(self, name: str) -> None:
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
        for part in self._parts:
            part.content.abandon()

    def reading(self, *, local: bool) -> Reading:
        root = self._top.children[0]
        if root.name != "edXML":
            finding = edxml_findings.ROOT.finding(root.path, name=root.name)
            return Reading(message=None, findings=(finding,))
        attachments = _link(self._parts, _references(root))
        message, findings = read_header(root, attachments, local=local)
        return Reading(message=message, findings=_most_grave((*findings, *self._findings())))

    def _findings(self) -> list[Finding]:
        findings: list[Finding] = []
        if self._too_many:
            findings.append(
                edxml_findings.ATTACHMENTS.finding("/attachments", limit=_MOST_ATTACHMENTS)
            )
        for part in self._parts:
            pointer = f"/attachments/{part.n}"
            if part.content.is_damaged:
                findings.append(edxml_findings.BASE64.finding(pointer, n=part.n))
            if part.contents > 1:
                findings.append(
                    edxml_findings.REPEATED.finding(pointer, name=_CONTENT, count=part.contents)
                )
        return findings


def _most_grave(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Bound the findings of a hostile message; an error is never dropped for a warning."""
    if len(findings) <= _MOST_FINDINGS:
        return findings
    ordered = sorted(findings, key=lambda finding: finding.severity is not Severity.ERROR)
    return tuple(ordered[:_MOST_FINDINGS])


def _references(root: Node) -> list[Node]:
    return [
        reference
        for envelope in root.all("edXMLEnvelope")
        for body in envelope.all("edXMLBody")
        for manifest in body.all("edXMLManifest")
        for reference in manifest.all("Reference")
    ]


def _content_id(text: str) -> str:
    """Return *text* without its leading ``cid:``s: the SDK writes ``cid:cid:`` at times."""
    while text[:4].lower() == "cid:":
        text = text[4:]
    return text.strip()


def _link(parts: Sequence[_Part], references: Sequence[Node]) -> tuple[SpooledFile, ...]:
    """Join every attachment to its Reference: by ContentId, else by position."""
    by_id: dict[str, Node] = {}
    for reference in references:
        by_id.setdefault(_content_id(reference.value("ContentId")), reference)
    nobody = Node(name="Reference")
    files: list[SpooledFile] = []
    for part, at_position in zip(
        parts, [*references, *([nobody] * len(parts))][: len(parts)], strict=True
    ):
        content_id = _content_id(part.fields.get("ContentId", ""))
        reference = by_id.get(content_id, at_position) if content_id else at_position
        announced = part.fields.get("ContentType") or reference.value("ContentType")
        files.append(
            SpooledFile(
                name=part.fields.get("AttachmentName") or reference.value("AttachmentName"),
                path=part.content.path,
                size=part.content.size,
                sha256=part.content.sha256,
                announced_type=announced or None,
            )
        )
    return tuple(files)
