"""PDF files made to hurt the reader: a result in bounded time, never an exception, never valid."""

import time
import zlib
from collections.abc import Iterator
from contextlib import closing
from io import BytesIO

import pytest

from gateway.crypto.policy import VerificationPolicy
from gateway.crypto.workers import Setup, Verification
from gateway.domain.signatures import SignatureReport, Verdict
from gateway.formats.screening import screen_xml
from gateway.processes import Processes
from tests.crypto import corpus, raw_pdf
from tests.crypto.corpus import LATER, signed_by

TIME_S = 2.0


def a_file(*objects: bytes, trailer: bytes = b"/Root 1 0 R") -> bytes:
    """Return a PDF of *objects* with a right cross-reference table."""
    output, offsets = bytearray(b"%PDF-1.7\n"), []
    for number, each in enumerate(objects, start=1):
        offsets.append(len(output))
        output += b"%d 0 obj\n" % number + each + b"\nendobj\n"
    start = len(output)
    output += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for offset in offsets:
        output += b"%010d 00000 n \n" % offset
    size = len(objects) + 1
    output += b"trailer\n<</Size %d %s>>\nstartxref\n%d\n%%%%EOF\n" % (size, trailer, start)
    return bytes(output)


CATALOGUE = b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]/SigFlags 3>>>>"
PAGES = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"
FIELD = b"<</FT/Sig/T(a)/V 5 0 R/Kids[4 0 R]>>"


def signature(contents: bytes, byte_range: bytes = b"[0 10 20 30]") -> bytes:
    """Return a signature dictionary."""
    return (
        b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange "
        + byte_range
        + b"/Contents <"
        + contents
        + b">>>"
    )


def stream(content: bytes, entries: bytes = b"") -> bytes:
    """Return a stream object."""
    packed = zlib.compress(content)
    head = b"<</Length %d/Filter/FlateDecode %s>>" % (len(packed), entries)
    return head + b"\nstream\n" + packed + b"\nendstream"


def odd_signatures() -> Iterator[tuple[str, bytes]]:
    """Yield files whose signature is no such thing."""
    field = b"<</FT/Sig/T(a)/V 5 0 R>>"
    base = (CATALOGUE, PAGES, PAGE)
    yield "field-in-itself", a_file(*base, FIELD, signature(b"00"))
    yield "no-cms", a_file(*base, field, signature(b"00" * 100))
    yield "odd-digits", a_file(*base, field, signature(b"0"))
    yield "endless-contents", a_file(*base, field, signature(b"30" * 3_000_000))
    yield "negative-range", a_file(*base, field, signature(b"30", b"[0 -1 -2 -3]"))
    yield "huge-range", a_file(*base, field, signature(b"30", b"[0 99999999999 99999999999 9]"))
    yield "names-for-range", a_file(*base, field, signature(b"30", b"[/A /B /C /D]"))
    yield "range-of-many", a_file(*base, field, signature(b"30", b"[" + b"0 1 " * 90_000 + b"]"))
    yield "no-range", a_file(*base, field, b"<</Type/Sig/ByteRange null/Contents<30>>>")
    yield "deep-array", a_file(*base, field, b"[" * 50_000 + b"]" * 50_000, signature(b"30"))
    yield "deep-asn1", a_file(*base, field, signature(b"3080" * 60_000))
    yield "value-in-itself", a_file(*base, field, b"5 0 R", b"/ByteRange")


def odd_structures() -> Iterator[tuple[str, bytes]]:
    """Yield files that are made to keep their reader busy."""
    field = b"<</FT/Sig/T(a)/V 5 0 R>>"
    base = (CATALOGUE, PAGES, PAGE)
    nested = stream(b"5 0 6 20 " + b"<</A 6 0 R>>" * 40, b"/Type/ObjStm/N 2/First 9/Extends 5 0 R")
    yield "stream-in-itself", a_file(*base, field, nested, b"/ByteRange")
    bomb = stream(bytes(200 << 20), b"/Type/ObjStm/N 1/First 4")
    yield "packed-zeros", a_file(CATALOGUE, PAGES, PAGE, field, bomb, b"/ByteRange")
    table = b"xref\n0 99999999\n" + b"0000000009 00000 n \n" * 50
    yield "huge-table", b"%PDF-1.7\n/ByteRange\n" + table + b"trailer<<>>\nstartxref\n20\n%%EOF"
    loop = (
        b"xref\n0 1\n0000000000 65535 f \ntrailer\n<</Root 1 0 R/Prev 20>>\nstartxref\n20\n%%EOF"
    )
    yield "table-in-a-circle", b"%PDF-1.7\n/ByteRange\n" + loop
    updates = b"".join(
        b"\n1 0 obj\n<<>>\nendobj\nxref\n0 0\ntrailer\n<</Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF"
        % (20, 30)
        for _ in range(5000)
    )
    yield "thousands-of-updates", signed_by("good") + updates
    yield "comments", signed_by("good")[:-6] + b"%" + b"a" * 3_000_000
    yield "only-the-mark", b"%PDF-1.7\n" + b"/ByteRange" * 100_000


def odd_tables() -> Iterator[tuple[str, bytes]]:
    """Yield signed files with one more table, a stream that makes its reader count for ever."""
    zeros = zlib.compress(bytes(50 << 20))
    packed = b"/Filter/FlateDecode"
    yield "index-of-a-billion", with_table(b"/W[0 0 0]/Index[0 999999999]/Size 1000000000")
    yield "index-filled", with_table(b"/W[1 2 1]/Index[0 13107200]/Size 99999999" + packed, zeros)
    yield "wide-filled", with_table(b"/W[1 40000000 1]/Index[0 1]/Size 12" + packed, zeros)
    yield "width-of-names", with_table(b"/W[/A /B /C]/Index[0 1]/Size 12", bytes(50))
    yield "half-an-index", with_table(b"/W[1 2 1]/Index[0]/Size 12", bytes(50))
    columns = packed + b"/DecodeParms<</Predictor 12/Columns 999999999>>"
    yield (
        "wide-predictor",
        with_table(b"/W[1 2 1]/Index[0 1]/Size 12" + columns, zlib.compress(bytes(50))),
    )


def with_table(entries: bytes, content: bytes = b"") -> bytes:
    """Return a signed file with a stream of cross-references appended."""
    pdf = raw_pdf.signed()
    at = raw_pdf.paper(pdf)
    head = b"/Type/XRef/Root %d 0 R/Prev %d" % (at.root, raw_pdf.start_of_table(pdf))
    table = b"%d 0 obj\n" % at.size + raw_pdf.stream(content, head + entries) + b"\nendobj\n"
    return pdf + table + b"startxref\n%d\n%%%%EOF\n" % len(pdf)


FILES = dict([*odd_signatures(), *odd_structures(), *odd_tables()])


@pytest.fixture(name="verify", scope="module")
def _verify(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Verification]:
    trust = corpus.lay(tmp_path_factory.mktemp("trust"))
    setup = Setup(trust=(trust,), policy=VerificationPolicy(), screen=screen_xml)
    modules = ("gateway.crypto.workers",)
    with closing(
        Processes(count=1, timeout_s=TIME_S, memory_mb=512, modules=modules)
    ) as processes:
        verify = Verification(processes, setup, patience_s=TIME_S)
        verify(BytesIO(signed_by("good")), "application/pdf", at=LATER)  # the worker is there
        yield verify


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_hostile_file_is_a_result(verify: Verification, name: str) -> None:
    """Within the time that one file has, whatever it holds; and the room lives on."""
    begun = time.monotonic()
    report = verify(BytesIO(FILES[name]), "application/pdf", at=LATER)

    assert isinstance(report, SignatureReport)
    assert all(each.verdict is not Verdict.VALID for each in report.signatures)
    assert time.monotonic() - begun < 3 * TIME_S  # a busy machine starts the next worker slowly
