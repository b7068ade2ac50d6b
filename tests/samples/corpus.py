"""The corpus: files that pass, files that are refused, files that are warned of, and by which code.

Every file is made by the code of this folder; nothing here was taken from anybody.
"""

import lzma
import struct
import zipfile
from collections.abc import Callable, Mapping

import pikepdf
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

REFUSED: Mapping[str, tuple[str, Make]] = {
    "cut.pdf": ("file-truncated", cut(make.a_pdf)),
    "half-saved.pdf": ("file-truncated", lambda: make.a_pdf() + b"\n9 0 obj\n<</A 1>>\nendobj\n"),
    "cut.docx": ("file-truncated", cut(make.a_docx)),
    "cut.doc": ("file-truncated", cut(a_word)),
    "cut.zip": ("file-truncated", cut(lambda: zipped(a__pdf=make.a_pdf()))),
    "cut.jpg": ("file-truncated", cut(lambda: make.an_image("jpeg"))),
    "cut.png": ("file-truncated", cut(lambda: make.an_image("png"))),
    "cut.gif": ("file-truncated", cut(lambda: make.an_image("gif"))),
    "cut.tif": ("file-truncated", cut(lambda: make.an_image("tiff"))),
    "cut.rtf": ("file-truncated", cut(make.an_rtf)),
    "broken.docx": (
        "file-unreadable",
        lambda: make.a_docx()[:3000] + bytes(400) + make.a_docx()[3400:],
    ),
    "locked.docx": ("file-encrypted", lambda: make.locked_ooxml(make.a_docx())),
    "locked.xlsx": ("file-encrypted", lambda: make.locked_ooxml(make.an_xlsx())),
    "locked.doc": (
        "file-encrypted",
        lambda: cfb.compound(cfb.a_word_document(flags=0x0100)),
    ),
    "locked.xls": ("file-encrypted", lambda: cfb.a_workbook(cfb.record(0x2F, bytes(6)))),
    "locked.odt": (
        "file-encrypted",
        lambda: an_odt(**{"META-INF__manifest": b"<manifest:encryption-data/>"}),
    ),
    "locked.pdf": ("file-encrypted", lambda: make.pdf_with(password="matkhau")),
    "macro.doc": ("file-macro", lambda: a_word(Macros__VBA__dir=b"x")),
    "macro.xls": ("file-macro", lambda: a_word(_VBA_PROJECT_CUR__VBA__dir=b"x")),
    "sheet4.xls": ("file-macro", lambda: cfb.a_workbook(cfb.a_sheet(1))),
    "macro.docx": (
        "file-macro",
        lambda: make.with_part(make.a_docx(), "word/vbaProject.bin", b"\xd0\xcf\x11\xe0"),
    ),
    "renamed.docx": (
        "file-macro",
        lambda: make.with_part(
            make.a_docx(),
            "[Content_Types].xml",
            b'<Override ContentType="application/vnd.ms-office.vbaProject"/>',
        ),
    ),
    "embedded-macro.docx": (
        "file-macro",
        lambda: make.with_part(
            make.a_docx(),
            "word/embeddings/Microsoft_Excel_Worksheet.xlsm",
            make.with_part(make.an_xlsx(), "xl/vbaProject.bin", b"x"),
        ),
    ),
    "macro.odt": ("file-macro", lambda: an_odt(Basic__Standard__Module1=b"<module/>")),
    "dde.docx": ("file-command", lambda: instructed(r"DDEAUTO c:\\windows\\cmd.exe")),
    "dde.csv": ("file-command", lambda: b"a,b\r\n=cmd|'/C calc'!A0,1\r\n"),
    "dde.rtf": ("file-command", lambda: make.an_rtf(r"{\field{\*\fldinst DDEAUTO cmd}}")),
    "remote.docx": (
        "file-remote-template",
        lambda: make.with_relation(make.a_docx(), "attachedTemplate", "https://x.example/t.dotm"),
    ),
    "share.docx": (
        "file-remote-template",
        lambda: make.with_relation(make.a_docx(), "oleObject", r"file:///\\10.0.0.1\s\a.dotm"),
    ),
    "server.docx": (
        "file-remote-template",
        lambda: make.with_relation(make.a_docx(), "attachedTemplate", "file://server/t/a.dotm"),
    ),
    "remote.rtf": (
        "file-remote-template",
        lambda: make.an_rtf(r"{\*\template http://x.example/t}"),
    ),
    "package.doc": ("file-embedded-program", lambda: packaged("a.exe", make.a_program)),
    "renamed-package.doc": ("file-embedded-program", lambda: packaged("a.pdf", make.a_program)),
    "package.docx": (
        "file-embedded-program",
        lambda: make.with_part(
            make.a_docx(),
            "word/embeddings/oleObject1.bin",
            cfb.compound({"\x01Ole10Native": cfb.a_package("thu.js", make.TEXT.encode())}),
        ),
    ),
    "bare-program.docx": (
        "file-embedded-program",
        lambda: make.with_part(make.a_docx(), "word/embeddings/a.exe", b"MZ" + bytes(200)),
    ),
    "renamed-program.docx": (
        "file-embedded-program",
        lambda: make.with_part(make.a_docx(), "word/media/image9.png", make.a_program()),
    ),
    "package.rtf": (
        "file-embedded-program",
        lambda: make.an_rtf(r"{\object\objemb{\*\objclass Package}{\*\objdata 0105}}"),
    ),
    "hidden.rtf": ("file-embedded-program", lambda: make.an_rtf(r"{\object{\*\objdata 0105}}")),
    "program.pdf": (
        "file-embedded-program",
        lambda: make.pdf_with(make.embedding("a.exe", make.a_program()), packed=True),
    ),
    "macro.pdf": ("file-macro", lambda: make.pdf_with(make.embedding("a.docm", b"PK\3\4"))),
    "program-in-zip.pdf": (
        "file-embedded-program",
        lambda: make.pdf_with(make.embedding("a.zip", zipped(setup__exe=make.a_program()))),
    ),
    "macro-in-zip.pdf": (
        "file-macro",
        lambda: make.pdf_with(
            make.embedding("a.zip", zipped(b__doc=a_word(Macros__VBA__dir=b"x")))
        ),
    ),
    "macro-inside.pdf": (
        "file-macro",
        lambda: make.pdf_with(make.embedding("a.doc", a_word(Macros__VBA__dir=b"x"))),
    ),
    "launch-inside.pdf": (
        "file-pdf-launch",
        lambda: make.pdf_with(
            make.embedding("b.pdf", make.pdf_with(make.open_action("Launch", F="cmd")))
        ),
    ),
    "locked-zip.pdf": (
        "file-encrypted",
        lambda: make.pdf_with(make.embedding("a.zip", make.a_locked_zip())),
    ),
    "nested-zip.pdf": (
        "zip-nested",
        lambda: make.pdf_with(make.embedding("a.zip", zipped(b__zip=zipped(a__pdf=b"")))),
    ),
    "bomb-inside.pdf": (
        "file-bomb",
        lambda: make.pdf_with(make.embedding("a.txt", b" " * 20_000_000)),
    ),
    "program-as-digits.pdf": (
        "file-embedded-program",
        lambda: make.pdf_with(make.hexed("a.pdf", make.a_program())),
    ),
    "program-in-package.docx": (
        "file-embedded-program",
        lambda: make.with_part(
            make.a_docx(),
            "word/embeddings/oleObject1.bin",
            cfb.compound(
                {"\x01Ole10Native": cfb.a_package("a.zip", zipped(setup__exe=make.a_program()))}
            ),
        ),
    ),
    "huge-picture.pdf": ("file-bomb", lambda: make.pdf_with(make.picturing(100_000))),
    "huge-picture-packed.pdf": (
        "file-bomb",
        lambda: make.pdf_with(make.picturing(100_000), packed=True),
    ),
    "huge-picture.docx": (
        "file-bomb",
        lambda: make.with_part(make.a_docx(), "word/media/image9.jpeg", jpeg_of(65_535)),
    ),
    "huge-picture.odt": (
        "file-bomb",
        lambda: make.with_part(an_odt(), "Pictures/1.png", a_huge_png()),
    ),
    "huge-picture.doc": ("file-bomb", lambda: a_word(Data=bytes(5000) + a_huge_png())),
    "huge-picture.rtf": (
        "file-bomb",
        lambda: make.an_rtf(r"{\pict\pngblip " + a_huge_png().hex("\n", 64) + "}"),
    ),
    "share-opened.pdf": (
        "file-remote-template",
        lambda: make.pdf_with(make.open_action("GoToR", F="\\\\10.0.0.1\\s\\a.pdf")),
    ),
    "share-opened-packed.pdf": (
        "file-remote-template",
        lambda: make.pdf_with(make.open_action("URI", URI="file://10.0.0.1/s"), packed=True),
    ),
    "page-elsewhere.pdf": (
        "file-remote-template",
        lambda: make.pdf_with(
            lambda pdf: pdf.pages[0].__setattr__(
                "Part", pikepdf.Stream(pdf, b"", {"/F": String("\\\\10.0.0.1\\s\\a")})
            )
        ),
    ),
    "launch.pdf": ("file-pdf-launch", lambda: make.pdf_with(make.open_action("Launch", F="cmd"))),
    "launch-packed.pdf": (
        "file-pdf-launch",
        lambda: make.pdf_with(make.open_action("Launch", F="cmd"), packed=True),
    ),
    "launch-escaped.pdf": (
        "file-pdf-launch",
        lambda: make.pdf_with(make.open_action("Launch", F="cmd")).replace(
            b"/Launch", b"/L#61unch"
        ),
    ),
    "launch-locked.pdf": (
        "file-pdf-launch",
        lambda: make.pdf_with(make.open_action("Launch", F="cmd"), packed=True, password=""),
    ),
    "submit.pdf": (
        "file-pdf-submit",
        lambda: make.pdf_with(make.open_action("SubmitForm", F="http://x.example"), packed=True),
    ),
    "import.pdf": (
        "file-pdf-submit",
        lambda: make.pdf_with(make.open_action("ImportData", F="a")),
    ),
    "zip-behind.pdf": ("file-polyglot", joined(make.a_pdf, lambda: zipped(a__txt=b"a"))),
    "zip-behind.gif": (
        "file-polyglot",
        joined(lambda: make.an_image("gif"), lambda: zipped(a__txt=b"a")),
    ),
    "program-behind.jpg": ("file-polyglot", joined(lambda: make.an_image("jpeg"), make.a_program)),
    "text-before.zip": (
        "file-type-mismatch",
        joined(lambda: b"PK is what I say\n", lambda: zipped(a__txt=b"a")),
    ),
    "pdf-behind.zip": ("file-polyglot", joined(lambda: zipped(a__txt=b"a"), make.a_pdf)),
    "bomb.xlsx": (
        "file-bomb",
        lambda: make.with_part(make.an_xlsx(), "xl/media/a.bmp", bytes(60_000_000)),
    ),
    "bomb.png": ("file-bomb", a_huge_png),
    "bomb.gif": ("file-bomb", lambda: declared(make.an_image("gif"), 6, "<HH", 65_535)),
    "bomb.jpg": ("file-bomb", lambda: jpeg_of(65_535)),
    "bomb.tif": ("file-bomb", lambda: make.a_big_tiff(side=100_000)),
    "cut-big.tif": ("file-truncated", lambda: make.a_big_tiff(strip=100_000)),
    "dde-utf16.csv": ("file-command", lambda: "a,b\r\n=cmd|'/C calc'!A0,1\r\n".encode("utf-16")),
    "dde-marked.csv": ("file-command", lambda: b"\xef\xbb\xbf=cmd|'/C calc'!A0,1\r\n"),
    "sum-dde.csv": ("file-command", lambda: b"1,@SUM(1)+cmd|' /C calc'!A0\r\n"),
    "excel-dde.csv": ("file-command", lambda: b"=MSEXCEL|'\\..\\cmd.exe /c calc'!''\r\n"),
    "calc-dde.csv": ("file-command", lambda: b'1,=DDE("cmd";"/C calc";"a")\r\n'),
    "macro-beside.pdf": (
        "file-macro",
        lambda: make.pdf_with(make.beside(an_odt(Basic__Standard__Module1=b"<module/>"))),
    ),
    "page-behind.pdf": ("file-polyglot", joined(make.a_pdf, lambda: b"<html><script>x</script>")),
    "program-behind.docx": ("file-polyglot", joined(make.a_docx, make.a_program)),
    "zip-before.docx": ("file-polyglot", joined(lambda: b"PK\3\4" + bytes(30), make.a_docx)),
    "turned-name.zip": ("zip-name", lambda: make.a_zip({"a\u202efdp.txt": b"a"})),
    "secret.docx": ("barred-secret", lambda: make.a_docx_of("UBND TỈNH", "TỐI MẬT", "Số: 1/KH")),
    "secret.odt": (
        "barred-secret",
        lambda: an_odt(content=b"<text:p>UBND</text:p><text:p>M&#x1EAC;T</text:p>"),
    ),
    "secret-inside.zip": (
        "barred-secret",
        lambda: make.a_zip({"a/[MẬT] Kế hoạch.pdf": make.a_pdf()}),
    ),
    "secret-text-inside.zip": ("barred-secret", lambda: zipped(a__docx=make.a_docx_of("MẬT"))),
    "zstd.zip": ("zip-method", lambda: make.packed_as(93)),
    "unknown-method.zip": ("zip-method", lambda: make.packed_as(77)),
    "broken-lzma.zip": ("zip-unreadable", lambda: make.packed_as(14)),
    "bomb-lzma.zip": (
        "zip-bomb",
        lambda: make.a_zip({"a.txt": b" " * 20_000_000}, zipfile.ZIP_LZMA),
    ),
    "program-lzma.zip": (
        "zip-program",
        lambda: make.a_zip({"a.pdf": make.a_program()}, zipfile.ZIP_LZMA),
    ),
    "page.doc": ("file-type-mismatch", lambda: b"<html><body>Ban in tu web</body></html>"),
    "archive.doc": ("file-type-mismatch", lambda: b"MIME-Version: 1.0\r\n\r\n<html></html>"),
    "object-in-rtf.doc": (
        "file-embedded-program",
        lambda: make.an_rtf(r"{\object{\*\objdata 0105}}"),
    ),
    "bomb.zip": ("zip-bomb", lambda: make.a_zip({"a.txt": b" " * 20_000_000})),
    "many.zip": ("zip-entries", lambda: make.a_zip({f"{n}.txt": b"a" for n in range(1001)})),
    "overlap.zip": ("zip-overlap", make.an_overlapping_zip),
    "renamed-inside.zip": (
        "zip-overlap",
        lambda: make.a_zip({"vanban.txt": b"a"}).replace(b"vanban.txt", b"vanban.exe", 1),
    ),
    "climbing.zip": ("zip-path", lambda: make.a_zip({"../../a.pdf": make.a_pdf()})),
    "climbing-windows.zip": ("zip-path", lambda: make.a_zip({"..\\..\\a.pdf": make.a_pdf()})),
    "absolute.zip": ("zip-path", lambda: make.a_zip({"/etc/a.pdf": make.a_pdf()})),
    "drive.zip": ("zip-path", lambda: make.a_zip({"C:/a.pdf": make.a_pdf()})),
    "device.zip": ("zip-device", lambda: make.a_zip({"a/con.txt": b"a"})),
    "link.zip": ("zip-link", make.a_link_in_a_zip),
    "locked.zip": ("zip-encrypted", make.a_locked_zip),
    "nested.zip": ("zip-nested", lambda: zipped(b__zip=zipped(a__pdf=make.a_pdf()))),
    "broken.zip": (
        "zip-unreadable",
        lambda: make.a_zip({"a.txt": b"abc"}, zipfile.ZIP_STORED).replace(b"abc", b"abd"),
    ),
    "program.zip": ("zip-program", lambda: make.a_zip({"setup.exe": make.a_program()})),
    "renamed-program.zip": ("zip-program", lambda: make.a_zip({"a.pdf": make.a_program()})),
    "shortcut.zip": ("zip-program", lambda: make.a_zip({"Công văn.pdf.lnk": b"L\0\0\0"})),
    "film.zip": ("zip-extension", lambda: make.a_zip({"a.mp4": b"\0\0\0\x18ftypmp42"})),
    "mismatch.zip": ("zip-type-mismatch", lambda: make.a_zip({"a.pdf": make.TEXT.encode()})),
    "macro-inside.zip": ("file-macro", lambda: zipped(b__doc=a_word(Macros__VBA__dir=b"x"))),
    "launch-inside.zip": (
        "file-pdf-launch",
        lambda: zipped(a__pdf=make.pdf_with(make.open_action("Launch", F="cmd"))),
    ),
    "program.pdf.exe": ("file-extension", make.a_program),
    "program.doc": ("file-type-mismatch", make.a_program),
    "page.pdf": ("file-type-mismatch", lambda: b"<html><script>x</script></html>"),
}

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
