"""A document and status messages in every form that was seen on axes and in office systems."""

import base64
import io
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace

from tests.samples.edxml_forms import (
    EDOC,
    SDK,
    SOAP,
    Element,
    Form,
    branch,
    leaf,
    written,
)

SENDER, READER = "H13.01", "H13.02"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
TEXT = "Xin chào, đây là tệp thử nghiệm.\r\n".encode()
XLINK = "http://www.w3.org/1999/xlink"
#: The block that the SDK's sample puts into every message, with values that fit nothing.
BOILERPLATE = (
    "<Signature><SignedInfo>"
    '<CanonicalizationMethod Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"/>'
    '<SignatureMethod Algorithm="http://www.w3.org/2000/09/xmldsig#rsa-sha1"/>'
    '<Reference URI=""><DigestMethod Algorithm="http://www.w3.org/2000/09/xmldsig#sha1"/>'
    "<DigestValue>AAAAAAAAAAAAAAAAAAAAAAAAAAA=</DigestValue></Reference></SignedInfo>"
    "<SignatureValue>AAAA</SignatureValue><KeyInfo><X509Data>"
    "<X509SubjectName>CN=Tỉnh Ví Dụ</X509SubjectName><X509Certificate>AAAA</X509Certificate>"
    "</X509Data></KeyInfo></Signature>"
)
Change = Callable[[Element], Element]

ENVELOPE = ("edXMLEnvelope",)
HEADER = (*ENVELOPE, "edXMLHeader")
MESSAGE = (*HEADER, "MessageHeader")
TRACE = (*HEADER, "TraceHeaderList")
MANIFEST = (*ENVELOPE, "edXMLBody", "edXMLManifest")
FILES = ("AttachmentEncoded",)


def encoded(content: bytes) -> str:
    """Return *content* in base64 on one line."""
    return base64.b64encode(content).decode()


def wrapped(
    content: bytes, *entries: str, method: int = zipfile.ZIP_DEFLATED, streamed: bool = True
) -> bytes:
    """Return a zip with *content* under each of the names; *streamed* as Java writes it."""

    class Pipe(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, chunk: object, /) -> int:
            return buffer.write(chunk)  # type: ignore[arg-type]

    buffer = io.BytesIO()
    with zipfile.ZipFile(Pipe() if streamed else buffer, "w", method) as archive:
        for entry in entries:
            archive.writestr(entry, content)
    return buffer.getvalue()


def organisation(name: str, code: str, full_name: str) -> Element:
    """Return From or To."""
    return branch(
        name,
        leaf("OrganId", code),
        leaf("OrganizationInCharge", full_name),
        leaf("OrganName", full_name),
        leaf("Email", f"vanthu@{code.lower()}.example.gov.vn"),
    )


def reference(n: int, name: str, kind: str) -> Element:
    """Return what the manifest says of file *n*."""
    return branch(
        "Reference",
        leaf("ContentId", f"cid:{n}"),
        leaf("ContentType", kind),
        leaf("Description", name),
        leaf("AttachmentName", name),
    )


def attachment(n: int, name: str, kind: str, content: bytes) -> Element:
    """Return file *n* itself."""
    return branch(
        "Attachment",
        leaf("ContentId", f"cid:{n}"),
        leaf("AttachmentName", name),
        leaf("Description", name),
        leaf("ContentType", kind),
        leaf("ContentTransferEncoded", encoded(content)),
    )


def header() -> Element:
    """Return the header of the document."""
    message = branch(
        "MessageHeader",
        organisation("From", SENDER, "Sở Nội vụ tỉnh Ví Dụ"),
        organisation("To", READER, "Sở Tài chính tỉnh Ví Dụ"),
        organisation("To", "000.00.12.G22", "Văn phòng Bộ Thí Dụ"),
        leaf("DocumentId", f"{SENDER},2026/11/20,7816/SNV-TTĐT"),
        branch("Code", leaf("CodeNumber", "7816"), leaf("CodeNotation", "SNV-TTĐT")),
        branch("PromulgationInfo", leaf("Place", "Ví Dụ"), leaf("PromulgationDate", "2026/11/20")),
        branch(
            "DocumentType",
            leaf("Type", "2"),
            leaf("TypeDetail", "18"),
            leaf("TypeName", "Công văn"),
        ),
        leaf("Subject", "V/v thử nghiệm liên thông văn bản"),
        leaf("Content", "V/v thử nghiệm liên thông văn bản"),
        branch(
            "SignerInfo",
            leaf("Competence", "KT. GIÁM ĐỐC"),
            leaf("Position", "Phó Giám đốc"),
            leaf("FullName", "Nguyễn Văn Ví Dụ"),
        ),
        leaf("DueDate", "2026/12/01"),
        branch(
            "OtherInfo",
            leaf("Priority", "1"),
            leaf("PromulgationAmount", "3"),
            leaf("PageAmount", "2"),
            leaf("Direction", "false"),
        ),
        leaf("SteeringType", "1"),
        branch("ToPlaces", leaf("Place", "Như trên"), leaf("Place", "Lưu: VT")),
    )
    trace = branch(
        "TraceHeaderList",
        branch("Bussiness", leaf("BussinessDocType", "0"), leaf("Paper", "0")),
        branch("TraceHeader", leaf("OrganId", SENDER), leaf("Timestamp", "2026/11/20 08:30:00")),
        attributes=' id="1a2b3c4d" version="1.0"',
    )
    return branch("edXMLHeader", message, trace)


def plain() -> Element:
    """Return the document: two files, two recipients with codes of either kind."""
    manifest = branch(
        "edXMLManifest",
        reference(209, "7816.pdf", "application/pdf"),
        reference(210, "ghi-chu.txt", "text/plain"),
        attributes=' version="1.0"',
    )
    return branch(
        "edXML",
        branch("edXMLEnvelope", header(), branch("edXMLBody", manifest)),
        branch(
            "AttachmentEncoded",
            attachment(209, "7816.pdf", "application/pdf", PDF),
            attachment(210, "ghi-chu.txt", "text/plain", TEXT),
        ),
    )


def changed(path: Sequence[str], change: Change, form: Form = SDK) -> bytes:
    """Return the document with the element at *path* changed."""
    return written(plain().with_child(path, change), form)


def set_text(*path: str, text: str) -> bytes:
    """Return the document with another *text* at *path* in its MessageHeader."""
    return changed((*MESSAGE, *path), lambda each: each.but(text=text))


def added(path: Sequence[str], *more: Element) -> bytes:
    """Return the document with *more* elements at the end of the one at *path*."""
    return changed(path, lambda each: each.but(children=(*each.children, *more)))


def everywhere(change: Change, form: Form = SDK) -> bytes:
    """Return the document with every element changed."""
    return written(plain().everywhere(change), form)


def renamed(names: dict[str, str]) -> bytes:
    """Return the document with other names for some elements."""
    return everywhere(lambda each: each.but(name=names.get(each.name, each.name)))


def sorted_by(key: Callable[[Element], str], *, reverse: bool = False) -> bytes:
    """Return the document with the elements of every parent in another order."""
    return everywhere(
        lambda each: each.but(children=sorted(each.children, key=key, reverse=reverse))
    )


def ids(of_reference: str, of_attachment: str) -> bytes:
    """Return the document with ContentIds in another form; ``{}`` is the number of the file."""

    def change(each: Element) -> Element:
        if each.name not in {"Reference", "Attachment"}:
            return each
        form = of_reference if each.name == "Reference" else of_attachment
        number = each.at("ContentId").text.removeprefix("cid:")
        rest = [child for child in each.children if child.name != "ContentId"]
        content_id = [leaf("ContentId", form.format(number))] if form else []
        return each.but(children=[*content_id, *rest])

    return everywhere(change)


def by_href(attribute: str, declared: str) -> bytes:
    """Return the document whose references name their files in an attribute."""

    def change(each: Element) -> Element:
        if each.name != "Reference":
            return each
        attributes = f' {attribute}="{each.at("ContentId").text}"'
        rest = [child for child in each.children if child.name != "ContentId"]
        return each.but(children=rest, attributes=attributes)

    return everywhere(change, replace(SDK, declared=SDK.declared + declared))


def second_file(content: bytes, *, kind: str, said: str = "") -> bytes:
    """Return the document whose second file has another *content* and *kind*."""

    def files(each: Element) -> Element:
        return each.but(children=[each.children[0], attachment(210, "ghi-chu.txt", kind, content)])

    tree = plain().with_child(FILES, files)
    if said:
        tree = tree.with_child(
            MANIFEST,
            lambda each: each.but(
                children=[each.children[0], reference(210, "ghi-chu.txt", said)]
            ),
        )
    return written(tree)


def dated(form: str) -> bytes:
    """Return the document with its dates in another *form* (of ``datetime.strftime``)."""

    def change(each: Element) -> Element:
        if each.name not in {"PromulgationDate", "DueDate"}:
            return each
        year, month, day = each.text.split("/")
        return each.but(text=form.format(y=year, m=month, d=day, n=int(day)))

    return everywhere(change)


def without_files_in_names() -> bytes:
    """Return the document whose attachments leave their names to the manifest."""

    def change(each: Element) -> Element:
        if each.name != "Attachment":
            return each
        kept = [
            child
            for child in each.children
            if child.name in {"ContentId", "ContentTransferEncoded"}
        ]
        return each.but(children=kept)

    return everywhere(change)


def broken_lines(form: Form = SDK) -> bytes:
    """Return the document with base64 in lines of 76 characters."""

    def change(each: Element) -> Element:
        if each.name != "ContentTransferEncoded":
            return each
        return each.but(text="\r\n" + "\r\n".join(re.findall(".{1,76}", each.text)) + "\r\n")

    return everywhere(change, form)


def with_empty_elements() -> bytes:
    """Return the document with every optional element that it has not, empty."""
    names = [
        "ResponseFor",
        "ResponseForTask",
        "ApplicationType",
        "StatusCode",
        "Description",
        "StaffInfo",
    ]
    return added(MESSAGE, *(Element(name=name) for name in names))


def status(code: str, text: str) -> Element:
    """Return a status message with *code* about the document."""
    message = branch(
        "MessageHeader",
        organisation("From", READER, "Sở Tài chính tỉnh Ví Dụ"),
        branch(
            "ResponseFor",
            leaf("OrganId", SENDER),
            leaf("Code", "7816/SNV-TTĐT"),
            leaf("DocumentId", f"{SENDER},2026/11/20,7816/SNV-TTĐT"),
            leaf("PromulgationDate", "2026/11/20"),
        ),
        branch(
            "StaffInfo",
            leaf("Department", "Văn phòng"),
            leaf("Staff", "Trần Thị Ví Dụ"),
            leaf("Email", "ttvd@example.gov.vn"),
            leaf("Mobile", "0900000000"),
        ),
        leaf("StatusCode", code),
        leaf("Description", text),
        leaf("Timestamp", "2026/11/20 09:15:00"),
    )
    return branch("edXML", branch("edXMLEnvelope", branch("edXMLHeader", message)))


def soap(*, references: bool = True) -> Element:
    """Return the document in the SOAP family, whose files travel beside the XML."""
    parts = header().everywhere(lambda each: each)
    manifest = branch(
        "Manifest",
        *(
            Element(name="Reference", attributes=f' href="cid:{n}"')
            for n in ((209, 210) if references else ())
        ),
    )
    return branch("Envelope", branch("Header", *parts.children), branch("Body", manifest))


def _soap_prefix(name: str, parent: str) -> str:
    return "soap:" if name in {"Envelope", "Header", "Body"} else "edoc:"


SOAP_FORM = Form(
    prefix=_soap_prefix, declared=f' xmlns:soap="{SOAP}" xmlns:edoc="{EDOC}"', line_end="\n"
)
