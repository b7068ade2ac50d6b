"""Reads edXML messages (QCVN 102:2016/BTTTT) as they come, in one pass, in flat memory.

The header is small and becomes a tree (``edxml_builder.py``), of which ``edxml_header.py`` makes a
Message; the content of an attachment is decoded on the way into a spooled file and is never held
as text (``edxml_parts.py``).

Reading judges nothing: what is mandatory, allowed or too large is for the rules.
"""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.domain.document import BusinessKind, Message, StatusMessage
from gateway.domain.findings import Finding, Severity
from gateway.formats import edxml_findings
from gateway.formats.edxml_builder import MOST_ATTACHMENTS, Builder
from gateway.formats.edxml_header import read_header
from gateway.formats.edxml_names import CONTENT
from gateway.formats.edxml_parts import Files, link
from gateway.formats.tree import Node
from gateway.formats.xml import SafeParser, XmlLimits
from gateway.ports import Spool

_MOST_FINDINGS = 100
#: Room for thousands of recipients with names, addresses and telephone numbers.
_LIMITS = XmlLimits(elements=100_000, text=4_194_304)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What came of the bytes; without a message there is an error among the findings."""

    message: Message | StatusMessage | None
    findings: tuple[Finding, ...] = ()
    is_signed: bool = False  #: an XML signature stands in it, as an element anywhere


class EdxmlReader:
    """Reads one message: ``feed`` its chunks, then ``close`` once."""

    def __init__(
        self, spool: Callable[[int], Spool], attachment_limit: int, *, local: bool = True
    ) -> None:
        """Prepare to read.

        Args:
            spool: opens a file by a number of its own: attachment *n* as it came has number n
                from 1; what was taken out of a wrapping has a number beyond those. The caller
                removes the files that the message does not name in the end.
            attachment_limit: decoded bytes; beyond them an attachment is counted, not written, so
                that the digest of a larger one is that of its beginning.
            local: sent by an office of this node; from an axis some findings weigh less.
        """
        self._builder = Builder(spool, attachment_limit)
        self._files = Files(
            lambda n: spool(MOST_ATTACHMENTS + n), attachment_limit=attachment_limit
        )
        self._local = local
        self._parser = SafeParser(self._builder, _LIMITS)

    def feed(self, chunk: bytes) -> None:
        """Read on; chunks may be cut anywhere.

        Raises:
            Unavailable: a file cannot be written; ``abandon`` the message then.
        """
        self._parser.feed(chunk)

    def close(self) -> Reading:
        """Finish and return what was read.

        Raises:
            Unavailable: a file cannot be written.
        """
        self._parser.close()
        if self._parser.finding is not None:
            self._builder.abandon()
            return Reading(message=None, findings=(self._parser.finding,))
        return self._reading(self._builder.root)

    def abandon(self) -> None:
        """Stop in the middle: close what is open. The caller removes the files."""
        self._builder.abandon()

    def _reading(self, root: Node) -> Reading:
        if root.name != "edXML":
            finding = edxml_findings.ROOT.finding(root.path, name=root.name)
            return Reading(message=None, findings=(finding,))
        linked = link(self._builder.parts, _references(root))
        attachments = tuple(self._files.of(part, reference) for part, reference in linked.parts)
        message, findings = read_header(root, attachments, local=self._local)
        return Reading(
            message=message,
            findings=_most_grave(
                (*findings, *self._part_findings(), *self._missing(message, linked.missing))
            ),
            is_signed=self._parser.is_signed,
        )

    def _part_findings(self) -> list[Finding]:
        findings: list[Finding] = []
        if self._builder.has_too_many_parts:
            findings.append(
                edxml_findings.ATTACHMENTS.finding("/attachments", limit=MOST_ATTACHMENTS)
            )
        for part in self._builder.parts:
            pointer = f"/attachments/{part.n}"
            if part.content.is_damaged:
                findings.append(edxml_findings.BASE64.finding(pointer, n=part.n))
            if part.contents > 1:
                findings.append(
                    edxml_findings.REPEATED.finding(pointer, name=CONTENT, count=part.contents)
                )
        return findings

    def _missing(
        self, message: Message | StatusMessage | None, references: tuple[Node, ...]
    ) -> list[Finding]:
        """Name the files that are listed and not there.

        A recall need not hold what it recalls; the SOAP family carries files beside the message,
        where they cannot be seen from within.
        """
        recalls = (
            isinstance(message, Message) and message.metadata.business.kind is BusinessKind.RECALL
        )
        if recalls or self._builder.has_too_many_parts:
            return []
        return [
            edxml_findings.MISSING_PART.finding(
                reference.path,
                local=self._local and not self._builder.is_soap,
                name=reference.value("AttachmentName") or reference.value("ContentId"),
            )
            for reference in references[:_MOST_FINDINGS]
        ]


def _references(root: Node) -> list[Node]:
    return [
        reference
        for envelope in root.all("edXMLEnvelope")
        for body in envelope.all("edXMLBody")
        for manifest in body.all("edXMLManifest")
        for reference in manifest.all("Reference")
    ]


def _most_grave(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Bound the findings of a hostile message; an error is never dropped for a warning."""
    if len(findings) <= _MOST_FINDINGS:
        return findings
    ordered = sorted(findings, key=lambda finding: finding.severity is not Severity.ERROR)
    return tuple(ordered[:_MOST_FINDINGS])
