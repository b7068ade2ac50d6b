"""Messages and files for the tests of formats, made by code."""

import hashlib
import io
import struct
import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime

from gateway.domain.document import (
    Attachment,
    Message,
    Metadata,
    Organisation,
    Signer,
    StatusMessage,
)
from gateway.formats.edxml import EdxmlReader, Reading
from gateway.formats.edxml_writer import write_document
from gateway.formats.frame import Frame, render

LIMIT = 26_214_400


class MemorySpool:
    """A spool in memory."""

    def __init__(self, n: int) -> None:
        self._n = n
        self.content = bytearray()
        self.is_abandoned = False

    @property
    def key(self) -> str:
        return f"spool/{self._n}"

    @property
    def size(self) -> int:
        return len(self.content)

    def write(self, chunk: bytes) -> None:
        self.content += chunk

    def finish(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    def open(self) -> io.BytesIO:
        return io.BytesIO(self.content)

    def abandon(self) -> None:
        self.is_abandoned = True


class Spools:
    """Opens spools and remembers them by attachment."""

    def __init__(self) -> None:
        self.opened: dict[int, MemorySpool] = {}

    def __call__(self, n: int) -> MemorySpool:
        self.opened[n] = MemorySpool(n)
        return self.opened[n]


def read(
    message: bytes,
    *,
    step: int = 65_536,
    spools: Spools | None = None,
    limit: int = LIMIT,
    local: bool = True,
) -> Reading:
    """Read *message* in chunks of *step* bytes."""
    reader = EdxmlReader(Spools() if spools is None else spools, limit, local=local)
    for begin in range(0, len(message), step):
        reader.feed(message[begin : begin + step])
    return reader.close()


def codes(reading: Reading) -> list[str]:
    """Return the codes of all findings."""
    return [finding.code for finding in reading.findings]


def meaning(reading: Reading) -> tuple[object, ...]:
    """Return what a document says, whatever its form."""
    message = reading.message
    assert isinstance(message, Message), reading.findings
    files = [(each.name, each.size, each.sha256) for each in message.attachments]
    return (
        message.sender,
        message.recipients,
        message.document_id,
        message.metadata,
        message.trace,
        message.type_name,
        files,
    )


def a_metadata() -> Metadata:
    """Return the data of an ordinary decision."""
    return Metadata(
        to=("H13.01", "G12"),
        type="QĐ",
        subject="Về việc phê duyệt đề án <thí điểm> & “số hoá”",
        notation="QĐ-UBND",
        number="15",
        promulgated_on=date(2026, 11, 20),
        place="Hà Nội",
        signer=Signer(competence="TM.", position="Chủ tịch", full_name="Nguyễn Văn Đức"),
    )


def an_attachment(n: int, content: bytes, name: str = "a.pdf") -> Attachment:
    """Return an attachment for *content*."""
    return Attachment(
        n=n,
        name=name,
        size=len(content),
        media_type="application/pdf",
        sha256=hashlib.sha256(content).hexdigest(),
        blob=f"blob/{n}",
    )


def a_frame(metadata: Metadata | None = None, contents: Sequence[bytes] = ()) -> Frame:
    """Return the frame of a message with files of *contents*."""
    metadata = metadata or a_metadata()
    return write_document(
        document_id="H13/2026/9",
        sender=Organisation(code="H13", name="UBND tỉnh"),
        recipients=[Organisation(code=code) for code in metadata.to],
        metadata=metadata,
        attachments=[an_attachment(n, each) for n, each in enumerate(contents, start=1)],
        trace=[("H13", datetime(2026, 11, 20, 1, 30, tzinfo=UTC))],
    )


def a_message(metadata: Metadata | None = None, contents: Sequence[bytes] = ()) -> bytes:
    """Return an envelope with files of *contents*."""
    frame = a_frame(metadata, contents)
    return b"".join(render(frame, lambda n: io.BytesIO(contents[n - 1])))


def a_zip(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def an_ooxml(main: str) -> bytes:
    """Return an OOXML package whose main part has the content type *main*."""
    types = f'<Types><Override PartName="/x.xml" ContentType="{main}"/></Types>'
    return a_zip({"[Content_Types].xml": types.encode(), "x.xml": b"<x/>"})


def an_odf(media_type: str) -> bytes:
    """Return an ODF package."""
    return a_zip({"mimetype": media_type.encode(), "content.xml": b"<x/>"}, zipfile.ZIP_STORED)


def an_ole2(stream: str) -> bytes:
    """Return an OLE2 file with a root entry and one *stream*: header, FAT, directory."""
    header = struct.pack(
        "<8s16sHHHHH6xLLLLLLLLL",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"",
        0x3E,
        3,
        0xFFFE,
        9,
        6,
        0,
        1,
        1,
        0,
        4096,
        0xFFFFFFFE,
        0,
        0xFFFFFFFE,
        0,
    )
    fat_of_header = struct.pack("<109L", 0, *[0xFFFFFFFF] * 108)
    fat = struct.pack("<128L", 0xFFFFFFFD, 0xFFFFFFFE, *[0xFFFFFFFF] * 126)
    entries = b""
    for name in ("Root Entry", stream):
        encoded = name.encode("utf-16-le")
        entries += encoded.ljust(64, b"\0") + struct.pack("<H", len(encoded) + 2) + bytes(62)
    return (header + fat_of_header).ljust(512, b"\0") + fat + entries.ljust(512, b"\0")


def a_bare_message(
    header: str = "", trace: str = "", attachments: str = "", manifest: str = ""
) -> bytes:
    """Return a message without prefixes around the given parts."""
    return (
        "<edXML><edXMLEnvelope><edXMLHeader>"
        f"<MessageHeader><From><OrganId>H13</OrganId></From>{header}</MessageHeader>{trace}"
        "</edXMLHeader><edXMLBody><edXMLManifest>"
        f"{manifest}</edXMLManifest></edXMLBody></edXMLEnvelope>"
        f"<AttachmentEncoded>{attachments}</AttachmentEncoded></edXML>"
    ).encode()


def a_part(content: str, content_id: str = "", name: str = "") -> str:
    """Return an Attachment element."""
    return (
        f"<Attachment><ContentTransferEncoded>{content}</ContentTransferEncoded>"
        f"<ContentId>{content_id}</ContentId><AttachmentName>{name}</AttachmentName></Attachment>"
    )


def document(message: bytes) -> Message:
    """Read *message*, which is a document."""
    reading = read(message)
    assert isinstance(reading.message, Message), reading.findings
    return reading.message


def status(message: bytes) -> StatusMessage:
    """Read *message*, which is a status message."""
    reading = read(message)
    assert isinstance(reading.message, StatusMessage), reading.findings
    return reading.message
