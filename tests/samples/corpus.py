"""The corpus: files that pass, silently or with a word; those that are refused are in ``hostile``.

Every file is made by the code of this folder; nothing here was taken from anybody.
"""

import lzma
import struct
import zipfile
from collections.abc import Callable, Mapping

from pikepdf import Dictionary, String

from tests.samples import compound as cfb
from tests.samples import files as make

Make = Callable[[], bytes]
ODT = b"application/vnd.oasis.opendocument.text"


def an_odt(**parts: bytes) -> bytes:
    """Return a text document; ``__`` in a name of *parts* stands for a slash."""
    members = {name.replace("__", "/") + ".xml": content for name, content in parts.items()}
    content = {"mimetype": ODT, "content.xml": b"<office:document-content/>", **members}
    return make.a_zip(content)


def declared(image: bytes, place: int, form: str, side: int) -> bytes:
    """Return an *image* that says in its head that each side has so many pixels."""
    sides = struct.pack(form, side, side)
    return image[:place] + sides + image[place + len(sides) :]


def jpeg_of(side: int) -> bytes:
    """Return a picture whose frame says that each side has so many pixels."""
    picture = make.an_image("jpeg")
    return declared(picture, picture.index(b"\xff\xc0") + 5, ">HH", side)


def a_huge_png() -> bytes:
    """Return a picture that says to be larger than anybody can open."""
    return declared(make.an_image("png"), 16, ">LL", 100_000)


def cut(whole: Make) -> Make:
    """Return a maker of the first two thirds of a file."""
    return lambda: whole()[: len(whole()) * 2 // 3]


def joined(*parts: Make) -> Make:
    """Return a maker of files behind one another."""
    return lambda: b"".join(part() for part in parts)


def a_word(**streams: bytes) -> bytes:
    """Return a doc with *streams*; ``__`` in a name stands for a slash."""
    named = {name.replace("__", "/"): content for name, content in streams.items()}
    return cfb.compound({**cfb.a_word_document(), **named})


def packaged(name: str, content: Make) -> bytes:
    """Return a doc into which a file was packaged."""
    native = cfb.a_package(name, content())
    return cfb.compound({**cfb.a_word_document(), "ObjectPool/_1/\x01Ole10Native": native})


def instructed(instruction: str) -> bytes:
    """Return a docx with a field."""
    part = f"<w:p><w:r><w:instrText>{instruction}</w:instrText></w:r></w:p>"
    return make.with_part(make.a_docx(), "word/header9.xml", part.encode())


def zipped(**members: bytes) -> bytes:
    """Return an archive; ``__`` in a name of *members* stands for a dot."""
    return make.a_zip({name.replace("__", "."): each for name, each in members.items()})


PASSING: Mapping[str, Make] = {
    "word.docx": make.a_docx,
    "excel.xlsx": make.an_xlsx,
    "powerpoint.pptx": make.a_pptx,
    "guideline.docx": lambda: make.a_docx_of("Độ mật:", "MẬT", "TỐI MẬT", "TUYỆT MẬT"),
    "honey.docx": lambda: make.a_docx_of("MẬT ONG BẠC HÀ", "Mật", "Bảo mật"),
    "linked.docx": lambda: make.with_relation(make.a_docx(), "hyperlink", "https://chinhphu.vn"),
    "template.docx": lambda: make.with_relation(
        make.a_docx(), "attachedTemplate", "file:///C:\\Users\\vt\\Templates\\Normal.dotm"
    ),
    "chart.docx": lambda: make.with_part(
        make.a_docx(), "word/embeddings/Microsoft_Excel_Worksheet.xlsx", make.an_xlsx()
    ),
    "formula.docx": lambda: make.with_part(
        make.a_docx(),
        "word/embeddings/oleObject1.bin",
        cfb.compound({"Equation Native": bytes(40), "\x01Ole10Native": bytes(40)}),
    ),
    "writer.odt": an_odt,
    "basic.odt": lambda: an_odt(**{"Basic__Standard__script-lb": b"<library/>"}),
    "word97.doc": a_word,
    "excel97.xls": lambda: cfb.a_workbook(cfb.a_sheet(0)),
    "printed.pdf": make.a_pdf,
    "packed.pdf": lambda: make.pdf_with(make.linked, packed=True),
    "restricted.pdf": lambda: make.pdf_with(password=""),
    "mail.pdf": lambda: make.pdf_with(make.link("URI", URI="mailto:vt@x.gov.vn"), packed=True),
    "web.pdf": lambda: make.pdf_with(make.link("URI", URI="HTTPS://chinhphu.vn")),
    "wide.pdf": lambda: make.pdf_with(make.picturing(20_000)),
    "padded.pdf": lambda: make.a_pdf() + bytes(4096),
    "scan.jpg": lambda: make.an_image("jpeg"),
    "photo.JPEG": lambda: make.an_image("jpeg", progressive=True, dpi=(200, 200)),
    "motion.jpg": lambda: make.an_image("jpeg") + b"\0\0\0\x18ftypmp42" + bytes(500),
    "seal.png": lambda: make.an_image("png"),
    "stamp.gif": lambda: make.an_image("gif"),
    "fax.tif": lambda: make.an_image("tiff"),
    "lzw.tiff": lambda: make.an_image("tiff", compression="tiff_lzw"),
    "big.tif": make.a_big_tiff,
    "big-motorola.tif": lambda: make.a_big_tiff(order=">"),
    "letter.rtf": make.an_rtf,
    "note.txt": make.TEXT.encode,
    "utf16.txt": lambda: make.TEXT.encode("utf-16"),
    "pipes.csv": lambda: b"so|ky hieu\r\n=A1+B1|15\r\n",
    "pipes-and-minus.csv": lambda: b"-5|x!y\r\n- Hop|ngay mai!\r\n+84|a b!c\r\n",
    "dos.txt": lambda: b"Kinh gui cac don vi\r\n\x1a",
    "dde.txt": lambda: b"=cmd|'/C calc'!A0",
    "papers.zip": lambda: zipped(a__pdf=make.a_pdf(), b__docx=make.a_docx()),
    "folders.zip": lambda: make.a_zip({"2026/": b"", "2026/Công văn.pdf": make.a_pdf()}),
    "stored.zip": lambda: make.a_zip({"a.pdf": make.a_pdf()}, zipfile.ZIP_STORED),
    "stream.zip": make.a_zip64,
    "signed.zip": lambda: make.a_zip({"a.pdf": make.a_pdf(), "a.pdf.p7s": b"-----BEGIN PKCS7-----"}),
    "empty.zip": lambda: make.a_zip({}),
    "blank.zip": lambda: make.a_zip({"trang.tif": make.an_image("tiff"), "a.txt": bytes(0)}),
}  # fmt: skip


WARNED: Mapping[str, tuple[str, Make]] = {
    "no-pages.pdf": ("file-damaged", lambda: b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"),
    "script.pdf": (
        "file-pdf-script",
        lambda: make.pdf_with(make.open_action("JavaScript", JS=String("app.alert(1)"))),
    ),
    "script-packed.pdf": (
        "file-pdf-script",
        lambda: make.pdf_with(
            make.open_action("JavaScript", JS=String("app.alert(1)")), packed=True
        ),
    ),
    "form.pdf": (
        "file-pdf-script",
        lambda: make.pdf_with(
            lambda pdf: pdf.Root.__setattr__("AcroForm", Dictionary(XFA=String("x")))
        ),
    ),
    "data.pdf": (
        "file-embedded-file",
        lambda: make.pdf_with(make.embedding("hoadon.xml", b"<a/>")),
    ),
    "hybrid.pdf": ("file-embedded-file", lambda: make.pdf_with(make.beside(an_odt()))),
    "papers.pdf": (
        "file-embedded-file",
        lambda: make.pdf_with(make.embedding("a.zip", zipped(a__pdf=make.a_pdf()))),
    ),
    "annex.pdf": (
        "file-external-link",
        lambda: make.pdf_with(make.link("GoToR", F="phu-luc.pdf", D=0)),
    ),
    "annex-packed.pdf": (
        "file-external-link",
        lambda: make.pdf_with(make.link("GoToR", F="phu-luc.pdf", D=0), packed=True),
    ),
    "share.pdf": (
        "file-external-link",
        lambda: make.pdf_with(make.link("URI", URI="file://may-chu/chung/a.doc")),
    ),
    "share-unc.pdf": (
        "file-external-link",
        lambda: make.pdf_with(make.link("URI", URI="\\\\may-chu\\chung\\a.doc"), packed=True),
    ),
    "package.doc": ("file-embedded-file", lambda: packaged("a.pdf", make.a_pdf)),
    "zip-package.doc": (
        "file-embedded-file",
        lambda: packaged("a.zip", lambda: zipped(a__txt=make.TEXT.encode())),
    ),
    "formula.rtf": (
        "file-embedded-file",
        lambda: make.an_rtf(r"{\object\objemb{\*\objclass Equation.3}{\*\objdata 0105}}"),
    ),
    "address.pdf": (
        "file-pdf-script",
        lambda: make.pdf_with(make.link("URI", URI="javascript:alert(1)")),
    ),
    "field.docx": ("file-external-link", lambda: instructed('INCLUDETEXT "http://x.example/a"')),
    "sheet.docx": (
        "file-external-link",
        lambda: make.with_relation(make.a_docx(), "oleObject", "file:///C:/a.xlsx"),
    ),
    "data.xlsx": (
        "file-external-link",
        lambda: make.with_part(
            make.an_xlsx(),
            "xl/connections.xml",
            b'<connections><dbPr connection="x"/></connections>',
        ),
    ),
    "picture.docx": (
        "file-external-link",
        lambda: make.with_relation(make.a_docx(), "image", "https://x.example/a.png"),
    ),
    "picture.odt": (
        "file-external-link",
        lambda: an_odt(styles=b'<draw:image xlink:href="https://x.example/a.png"/>'),
    ),
    "control.docx": (
        "file-active-control",
        lambda: make.with_part(make.a_docx(), "word/activeX/activeX1.xml", b"<ax:ocx/>"),
    ),
    "rich-text.doc": ("file-type-kindred", make.an_rtf),
    "rich-text-inside.zip": ("file-type-kindred", lambda: zipped(a__doc=make.an_rtf())),
    "utf16-unmarked.txt": ("file-legacy-encoding", lambda: make.TEXT.encode("utf-16-le")),
    "utf16-motorola.csv": ("file-legacy-encoding", lambda: make.TEXT.encode("utf-16-be")),
    "lzma.zip": ("zip-method", lambda: make.a_zip({"a.pdf": make.a_pdf()}, zipfile.ZIP_LZMA)),
    "bzip2.zip": ("zip-method", lambda: make.a_zip({"a.pdf": make.a_pdf()}, zipfile.ZIP_BZIP2)),
    "xz.zip": ("zip-method", lambda: make.packed_as(95, lzma.compress(make.TEXT.encode()))),
    "doubles.zip": ("zip-duplicate-name", make.a_zip_of_doubles),
    "tcvn3.txt": (
        "file-legacy-encoding",
        lambda: "Céng hßa x· héi chñ nghÜa ViÖt Nam, QuyÕt ®Þnh".encode("latin-1"),
    ),
    "vni.csv": (
        "file-legacy-encoding",
        lambda: "Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam, Quyeát ñònh".encode("latin-1"),
    ),
}

#: What is told without a word of warning.
TOLD: Mapping[str, tuple[str, Make]] = {
    "windows.zip": (
        "zip-by-product",
        lambda: make.a_zip(
            {"a\\b.pdf": make.a_pdf(), "a\\Thumbs.db": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"}
        ),
    ),
    "mac.zip": (
        "zip-by-product",
        lambda: make.a_zip({"a.pdf": make.a_pdf(), "__MACOSX/._a.pdf": b"\0\5\x16\7"}),
    ),
    "finder.zip": (
        "zip-by-product",
        lambda: make.a_zip({"a.pdf": make.a_pdf(), "b/.DS_Store": b"\0\0\0\1Bud1" + bytes(60)}),
    ),
    "open-in-word.zip": (
        "zip-by-product",
        lambda: make.a_zip({"a.docx": make.a_docx(), "~$a.docx": b"\x02vt" + bytes(159)}),
    ),
}
