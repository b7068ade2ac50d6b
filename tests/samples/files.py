"""Ordinary and hostile files made by code, so that no file of anybody is needed.

Word, Excel and PowerPoint files come from python-docx, openpyxl and python-pptx, PDFs from
reportlab and pikepdf, images from Pillow, encrypted packages from msoffcrypto-tool.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from random import Random

import docx
import openpyxl
import pikepdf
import pptx
from msoffcrypto.format.ooxml import OOXMLFile
from pikepdf import Array, Dictionary, Name
from PIL import Image
from reportlab.pdfgen import canvas

TEXT = "Kính gửi: Ủy ban nhân dân tỉnh. Căn cứ Nghị định số 30/2020/NĐ-CP về công tác văn thư. "


def saved(save: Callable[[io.BytesIO], object]) -> bytes:
    """Return what *save* writes."""
    file = io.BytesIO()
    save(file)
    return file.getvalue()


@lru_cache
def a_docx() -> bytes:
    """Return a document as Word has it: headings, paragraphs, a table, a picture."""
    document = docx.Document()
    document.add_heading("QUYẾT ĐỊNH", 0)
    for _ in range(20):
        document.add_paragraph(TEXT * 3)
    document.add_table(3, 3)
    document.add_picture(io.BytesIO(an_image("png")))
    return saved(document.save)


def a_docx_of(*lines: str) -> bytes:
    """Return a document of these paragraphs."""
    document = docx.Document()
    for each in lines:
        document.add_paragraph(each)
    return saved(document.save)


@lru_cache
def an_xlsx() -> bytes:
    """Return a workbook with formulas."""
    book = openpyxl.Workbook()
    for row in range(200):
        book.active.append([row, "Nguyễn Văn A", row * 2.5, f"=A{row + 1}*2"])
    return saved(book.save)


@lru_cache
def a_pptx() -> bytes:
    """Return a presentation of one slide."""
    slides = pptx.Presentation()
    slides.slides.add_slide(slides.slide_layouts[0]).shapes.title.text = "Báo cáo"
    return saved(slides.save)


def locked_ooxml(content: bytes) -> bytes:
    """Return an office package under a password."""
    return saved(lambda file: OOXMLFile(io.BytesIO(content)).encrypt("matkhau", file))


@lru_cache
def a_pdf(pages: int = 3) -> bytes:
    """Return a PDF as a program prints it."""

    def draw(file: io.BytesIO) -> None:
        paper = canvas.Canvas(file)
        for page in range(pages):
            for line in range(40):
                paper.drawString(50, 800 - line * 18, f"{page} {line} van ban hanh chinh")
            paper.showPage()
        paper.save()

    return saved(draw)


def pdf_with(
    change: Callable[[pikepdf.Pdf], None] = lambda pdf: None,
    *,
    packed: bool = False,
    password: str | None = None,
) -> bytes:
    """Return the PDF after *change*; *packed* puts its objects into streams."""
    with pikepdf.open(io.BytesIO(a_pdf())) as pdf:
        change(pdf)
        mode = pikepdf.ObjectStreamMode.generate if packed else pikepdf.ObjectStreamMode.disable
        encryption = False if password is None else pikepdf.Encryption(owner="o", user=password)
        return saved(lambda file: pdf.save(file, object_stream_mode=mode, encryption=encryption))


def open_action(kind: str, **keys: str | pikepdf.Object) -> Callable[[pikepdf.Pdf], None]:
    """Return a change that lets a PDF do *kind* when it is opened."""

    def change(pdf: pikepdf.Pdf) -> None:
        pdf.Root.OpenAction = pdf.make_indirect(
            Dictionary({"/S": Name(f"/{kind}"), **{f"/{key}": each for key, each in keys.items()}})
        )

    return change


def embedding(name: str, content: bytes) -> Callable[[pikepdf.Pdf], None]:
    """Return a change that embeds a file."""

    def change(pdf: pikepdf.Pdf) -> None:
        pdf.attachments[name] = pikepdf.AttachedFileSpec(
            pdf,
            content,
            description="",
            filename=name,
            mime_type="",
            creation_date="",
            mod_date="",
        )

    return change


def linked(pdf: pikepdf.Pdf) -> None:
    """Put a web link and a form field on the first page, as ordinary PDFs have them."""
    link = Dictionary(
        Type=Name.Annot,
        Subtype=Name.Link,
        Rect=[0, 0, 9, 9],
        A=Dictionary(S=Name.URI, URI="https://example.gov.vn"),
    )
    pdf.pages[0].Annots = Array([pdf.make_indirect(link)])
    pdf.Root.AcroForm = pdf.make_indirect(Dictionary(Fields=Array([]), SigFlags=3))


def link(kind: str, **keys: str | int) -> Callable[[pikepdf.Pdf], None]:
    """Return a change that puts a link of *kind* on the first page, for people to click."""

    def change(pdf: pikepdf.Pdf) -> None:
        action = {"/S": Name(f"/{kind}"), **{f"/{key}": each for key, each in keys.items()}}
        annotation = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9])
        annotation.A = Dictionary(action)
        pdf.pages[0].Annots = Array([pdf.make_indirect(annotation)])

    return change


def picturing(side: int) -> Callable[[pikepdf.Pdf], None]:
    """Return a change that puts a picture into a PDF that says to be so large."""

    def change(pdf: pikepdf.Pdf) -> None:
        picture = pikepdf.Stream(pdf, zlib.compress(bytes(100)))
        picture.Subtype, picture.Width, picture.Height = Name.Image, side, side
        picture.Filter = Name.FlateDecode
        pdf.pages[0].Picture = pdf.make_indirect(picture)

    return change


def hexed(name: str, content: bytes) -> Callable[[pikepdf.Pdf], None]:
    """Return a change that embeds a file as hexadecimal digits."""

    def change(pdf: pikepdf.Pdf) -> None:
        stream = pikepdf.Stream(pdf, content.hex().encode() + b">")
        stream.Filter = Name.ASCIIHexDecode
        file = Dictionary(Type=Name.Filespec, UF=name, EF=Dictionary(UF=pdf.make_indirect(stream)))
        pdf.Root.AF = Array([pdf.make_indirect(file)])

    return change


def beside(source: bytes) -> Callable[[pikepdf.Pdf], None]:
    """Return a change that puts the *source* of a PDF beside it, as LibreOffice does."""

    def change(pdf: pikepdf.Pdf) -> None:
        kind = Name("/application#2Fvnd.oasis.opendocument.text")
        pdf.trailer.AdditionalStreams = Array([kind, pikepdf.Stream(pdf, source)])

    return change


def noise(size: int) -> bytes:
    """Return the same bytes each time, which no method makes smaller."""
    return Random(1).randbytes(size)  # noqa: S311 - no secret


def an_image(kind: str, **options: object) -> bytes:
    """Return a noisy picture in the format *kind* of Pillow."""
    picture = Image.frombytes("L", (120, 90), noise(120 * 90))
    return saved(lambda file: picture.save(file, kind, **options))


def a_zip(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return an archive of *members*."""

    def write(file: io.BytesIO) -> None:
        with zipfile.ZipFile(file, "w", method) as archive:
            for name, content in members.items():
                archive.writestr(name, content)

    return saved(write)


def packed_as(method: int, packed: bytes = b"?", content: bytes = TEXT.encode()) -> bytes:
    """Return an archive of one text that is said to be *packed* by *method*."""
    archive = bytearray(a_zip({"a.txt": packed}, zipfile.ZIP_STORED))
    for at in (8, archive.rfind(b"PK\x01\x02") + 10):
        archive[at : at + 2] = method.to_bytes(2, "little")
        archive[at + 6 : at + 10] = zlib.crc32(content).to_bytes(4, "little")
        archive[at + 14 : at + 18] = len(content).to_bytes(4, "little")
    return bytes(archive)


def a_big_tiff(*, order: str = "<", side: int = 100, strip: int | None = None) -> bytes:
    """Return a BigTIFF of one page in one strip, which is *strip* long by what the file says."""
    pixels = noise(100 * 100)
    mark = b"II+\0" if order == "<" else b"MM\0+"
    fields = ((256, side), (257, side), (273, 16), (279, strip or len(pixels)))
    entries = b"".join(struct.pack(f"{order}HHQQ", tag, 16, 1, value) for tag, value in fields)
    directory = struct.pack(f"{order}Q", len(fields)) + entries + bytes(8)
    head = mark + struct.pack(f"{order}HHQ", 8, 0, 16 + len(pixels))
    return head + pixels + directory


def with_part(package: bytes, name: str, content: bytes) -> bytes:
    """Return a zip or office package with a part added or replaced."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        members = {each: archive.read(each) for each in archive.namelist()}
    return a_zip({**members, name: content})


def with_relation(package: bytes, kind: str, target: str) -> bytes:
    """Return a docx whose document has one more external relation."""
    relation = (
        '<Relationship Id="rIdX" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        f'relationships/{kind}" Target="{target}" TargetMode="External"/></Relationships>'
    )
    part = "word/_rels/document.xml.rels"
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        known = archive.read(part).decode()
    return with_part(package, part, known.replace("</Relationships>", relation).encode())


def a_zip_of_doubles() -> bytes:
    """Return an archive of two files that Windows unpacks to one place."""
    return a_zip({"Công văn.txt": b"a", "CÔNG VĂN.txt": b"b"})


def a_link_in_a_zip() -> bytes:
    """Return an archive with a symbolic link, as Unix makes it."""

    def write(file: io.BytesIO) -> None:
        link = zipfile.ZipInfo("vanban.pdf")
        link.create_system = 3
        link.external_attr = 0o120777 << 16
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr(link, "/etc/passwd")

    return saved(write)


def a_locked_zip() -> bytes:
    """Return an archive whose member says that it is encrypted."""
    content = bytearray(a_zip({"a.pdf": a_pdf()}))
    content[6] |= 1
    content[content.rfind(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def an_overlapping_zip() -> bytes:
    """Return an archive of many names for the bytes of one member."""
    one = a_zip({"a.txt": b"a" * 5000})
    begin, end = one.rfind(b"PK\x01\x02"), one.rfind(b"PK\x05\x06")
    entry = one[begin:end]
    closing = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 50, 50, 50 * len(entry), begin, 0)
    return one[:begin] + entry * 50 + closing


def a_zip64() -> bytes:
    """Return an archive in the form for large files, as streaming writers make it."""

    def write(file: io.BytesIO) -> None:
        with (
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
            archive.open("a.pdf", "w", force_zip64=True) as member,
        ):
            member.write(a_pdf())

    return saved(write)


def a_program() -> bytes:
    """Return the beginning of a Windows program, which is enough to be one."""
    head = b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0".ljust(60, b"\0") + b"\x80\0\0\0"
    return head + bytes(64) + b"PE\0\0" + bytes(400)


def an_rtf(body: str = "") -> bytes:
    """Return a rich text with *body*."""
    return (
        r"{\rtf1\ansi\deff0{\fonttbl{\f0 Times New Roman;}}\pard Kinh gui " + body + "}"
    ).encode()


def scanned(size: int) -> Callable[[pikepdf.Pdf], None]:
    """Return a change that makes a PDF *size* bytes larger by a scanned page."""

    def change(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].Scan = pdf.make_indirect(pikepdf.Stream(pdf, noise(size)))

    return change
