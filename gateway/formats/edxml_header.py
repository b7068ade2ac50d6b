"""From the tree of an edXML header to a Message or StatusMessage, with what could not be read.

Missing data is left empty: the rules say what is mandatory. What the model has no field for is
kept in ``Message.extra`` by its path below edXMLHeader.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime
from itertools import islice

from gateway.domain.document import (
    Business,
    BusinessKind,
    Message,
    Metadata,
    Organisation,
    Priority,
    Signer,
    SpooledFile,
    StatusMessage,
)
from gateway.domain.findings import Finding
from gateway.domain.rules.mechanism import Statement
from gateway.formats import edxml_findings
from gateway.formats.codelists import abbreviation_of, business_types, priorities
from gateway.formats.edxml_dates import read_date, read_time
from gateway.formats.edxml_names import CARRIED, ORGANISATION, SINGLE, STAFF
from gateway.formats.schema import load_schema
from gateway.formats.tree import Node

_NOBODY = Node("")
_INDEX = re.compile(r"\[\d+\]")
#: Elements that say what a message is.
_DECIDING = frozenset({"BussinessDocType", "StatusCode"})
#: What some gateways write for the code that they do not know.
_NULL = "null"
_MOST_WARNINGS = 100
#: ReceiverType of an update.
_REMOVED, _ADDED = "0", "1"
#: Documents that one replacement takes the place of.
_MOST_REPLACED = 100
#: Elements without a field of their own that are kept.
_MOST_EXTRA = 1_000
_NUMBER = re.compile(r"[0-9]{1,9}")


def read_header(
    root: Node, attachments: tuple[SpooledFile, ...], *, local: bool
) -> tuple[Message | StatusMessage | None, tuple[Finding, ...]]:
    """Return the message that the tree under edXML holds, and findings about the tree.

    Not *local*: it came by an axis, its sender cannot be asked to mend what does no harm.
    """
    envelope = root.child("edXMLEnvelope") or _NOBODY
    header = envelope.child("edXMLHeader") or _NOBODY
    message_header = header.child("MessageHeader")
    if message_header is None:
        return None, (edxml_findings.HEADER.finding(header.path or root.path),)
    if message_header.child("From") is None:
        return None, (edxml_findings.FROM.finding(message_header.path),)
    reader = _HeaderReader(header, message_header, local=local)
    message = reader.status() if _is_status(message_header) else reader.document(attachments)
    findings = (*_repeated(root), *reader.findings)
    said = {finding.pointer for finding in findings}
    return message, (
        *findings,
        *(
            each
            for each in _complaints(header, local=local)
            if _first_of(each.pointer) not in said
        ),
    )


def _is_status(message_header: Node) -> bool:
    """Whether this is a status message; some writers leave an empty StatusCode in documents."""
    code = message_header.child("StatusCode")
    return code is not None and (code.text != "" or message_header.child("To") is None)


def _repeated(node: Node) -> Iterator[Finding]:
    single = SINGLE.get(node.name, frozenset())
    counts: dict[str, int] = {}
    for child in node.children:
        if child.name in single:
            counts[child.name] = counts.get(child.name, 0) + 1
        if child.name in SINGLE:
            yield from _repeated(child)
    for name, count in counts.items():
        if count > 1:
            yield edxml_findings.REPEATED.finding(f"{node.path}/{name}", name=name, count=count)


def _first_of(path: str) -> str:
    """Return the path of the first sibling of one name: a repeated element is reported there."""
    return _INDEX.sub("", path) if path.endswith("]") else path


def _complaints(header: Node, *, local: bool) -> Iterator[Finding]:
    for each in load_schema("edxml", "2016", "edxml-header.xsd").complaints(header):
        name = each.path.rpartition("/")[2]
        decides = name in _DECIDING
        statement = edxml_findings.SCHEMA_OF_KIND if decides else edxml_findings.SCHEMA
        yield statement.finding(
            each.path,
            local=local,
            name=name,
            found=each.found,
            expected=each.expected.vi,
            expected_en=each.expected.en,
        )


class _HeaderReader:
    """Reads one header; ``findings`` collects what could not be read."""

    def __init__(self, header: Node, message_header: Node, *, local: bool) -> None:
        self._local = local
        self._header = header
        self._message = message_header
        self._trace = header.child("TraceHeaderList") or _NOBODY
        self._bussiness = self._trace.child("Bussiness") or _NOBODY
        self._sender = _organisation(message_header.child("From") or _NOBODY)
        self.findings: list[Finding] = []

    def document(self, attachments: tuple[SpooledFile, ...]) -> Message:
        """Read a document message."""
        recipients = tuple(_organisation(each) for each in self._message.all("To"))
        return Message(
            sender=self._sender,
            recipients=recipients,
            document_id=self._message.value("DocumentId") or None,
            metadata=self._metadata(tuple(each.code for each in recipients)),
            attachments=attachments,
            trace=tuple(self._hop(each) for each in self._trace.all("TraceHeader")),
            type_name=self._message.value("DocumentType", "TypeName") or None,
            extra=dict(islice(self._extra(), _MOST_EXTRA)),
        )

    def status(self) -> StatusMessage | None:
        """Read a status message; None when it does not say what it reports, and to whom."""
        message = self._message
        about = message.child("ResponseFor") or _NOBODY
        to = about.value("OrganId")
        if not to:
            pointer = about.path or message.path
            self.findings.append(edxml_findings.RESPONSE_FOR.finding(pointer))
        if not message.value("StatusCode"):
            pointer = (message.child("StatusCode") or message).path
            self.findings.append(edxml_findings.STATUS_CODE.finding(pointer))
        if self.findings:
            return None
        staff = message.child("StaffInfo") or _NOBODY
        return StatusMessage(
            sender=self._sender,
            to=to,
            code=message.value("StatusCode"),
            document_id=about.value("DocumentId") or None,
            number_notation=about.value("Code") or None,
            promulgated_on=self._date(
                about.child("PromulgationDate"), edxml_findings.DATE_WARNING
            ),
            note=message.value("Description") or None,
            at=self._time(message.child("Timestamp")),
            staff={key: staff.value(name) for name, key in STAFF if staff.value(name)},
        )

    def _metadata(self, to: tuple[str, ...]) -> Metadata:
        message = self._message
        type_name = message.value("DocumentType", "TypeName")
        promulgation = message.child("PromulgationInfo") or _NOBODY
        return Metadata(
            to=to,
            type=abbreviation_of(type_name) or type_name,
            subject=message.value("Subject"),
            number=message.value("Code", "CodeNumber") or None,
            notation=message.value("Code", "CodeNotation"),
            promulgated_on=self._date(promulgation.child("PromulgationDate")),
            place=promulgation.value("Place"),
            signer=Signer(
                competence=message.value("SignerInfo", "Competence") or None,
                position=message.value("SignerInfo", "Position"),
                full_name=message.value("SignerInfo", "FullName"),
            ),
            priority=_priority(message.value("OtherInfo", "Priority")),
            due_on=self._date(message.child("DueDate")),
            reply_to=self._reply_to(),
            paper_copy="1" in (self._bussiness.value("Paper"), self._trace.value("Paper")),
            pages=_count(message.value("OtherInfo", "PageAmount")),
            copies=_count(message.value("OtherInfo", "PromulgationAmount")),
            business=self._business(),
        )

    def _reply_to(self) -> str | None:
        for answered in self._message.all("ResponseFor"):
            identifier = answered.value("DocumentId") or answered.value("Code")
            if identifier:
                return identifier
        return None

    def _business(self) -> Business:
        value = _count(self._bussiness.value("BussinessDocType"), zero=0)
        known = business_types().get(value or 0)
        kind = BusinessKind.NEW if known is None else known.kind
        changed = kind is BusinessKind.UPDATE
        return Business(
            kind=kind,
            of=None if kind is BusinessKind.NEW else self._earlier(kind),
            reason=self._bussiness.value("BussinessDocReason") or None,
            also=self._replaced()[1:] if kind is BusinessKind.REPLACE else (),
            added=self._receivers(_ADDED) if changed else (),
            removed=self._receivers(_REMOVED) if changed else (),
        )

    def _replaced(self) -> tuple[str, ...]:
        """Return the documents that a replacement takes the place of, in order."""
        listed = self._bussiness.child("ReplacementInfoList") or _NOBODY
        named = (each.value("DocumentId") for each in listed.all("ReplacementInfo"))
        return tuple(islice((each for each in named if each), _MOST_REPLACED))

    def _receivers(self, kind: str) -> tuple[str, ...]:
        """Return the agencies that an update adds or removes, as *kind* says."""
        return tuple(
            each.value("OrganId")
            for changed in self._bussiness.all("BussinessDocumentInfo")
            for listed in changed.all("ReceiverList")
            for each in listed.all("Receiver")
            if each.value("ReceiverType") == kind and each.value("OrganId")
        )

    def _earlier(self, kind: BusinessKind) -> str | None:
        """Find the document that this one recalls, updates or replaces.

        A recall and an update bear the identifier of the original when they name no other.
        """
        named = self._bussiness.value("DocumentId")
        replaced = self._bussiness.value("ReplacementInfoList", "ReplacementInfo", "DocumentId")
        if kind is BusinessKind.REPLACE:
            return replaced or named or None
        return named or replaced or self._message.value("DocumentId") or None

    def _hop(self, trace: Node) -> tuple[str, datetime | None]:
        code = trace.value("OrganId")
        return "" if code == _NULL else code, self._time(trace.child("Timestamp"))

    def _date(self, node: Node | None, statement: Statement = edxml_findings.DATE) -> date | None:
        if node is None or not node.text:
            return None
        day = read_date(node.text)
        if day is None:
            self.findings.append(
                statement.finding(node.path, local=self._local, found=node.text, name=node.name)
            )
        return day

    def _time(self, node: Node | None) -> datetime | None:
        """Read a time stamp; the SDK takes an unreadable one for none, so it only warns."""
        if node is None or not node.text:
            return None
        instant = read_time(node.text)
        if instant is None and len(self.findings) < _MOST_WARNINGS:
            self.findings.append(
                edxml_findings.DATE_WARNING.finding(node.path, found=node.text, name=node.name)
            )
        return instant

    def _extra(self) -> Iterator[tuple[str, str]]:
        above = len(self._header.path) + 1
        return ((node.path[above:], node.text) for node in _not_carried(self._header, ""))


def _not_carried(node: Node, path: str) -> Iterator[Node]:
    """Yield the leaves with text below *node* that have no field; *path* leads to its children."""
    for child in node.children:
        if child.children:
            yield from _not_carried(child, f"{path}{child.name}/")
        elif child.text and path + child.name not in CARRIED:
            yield child


def _organisation(node: Node) -> Organisation:
    values = {each.name: each.text for each in reversed(node.children)}
    fields = {field: values.get(name) or None for name, field in ORGANISATION if name != "OrganId"}
    return Organisation(code=values.get("OrganId", ""), **fields)


def _count(text: str, *, zero: int | None = None) -> int | None:
    """Return a number above nought; senders write 0 for *unknown*."""
    return (int(text) or zero) if _NUMBER.fullmatch(text) else None


def _priority(text: str) -> Priority:
    known = priorities().get(_count(text) or 0)
    return Priority.NORMAL if known is None else known.priority
