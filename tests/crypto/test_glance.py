"""The quick look before a worker is asked: it may say no only where nothing can be."""

from io import BytesIO

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.papers import a_pdf
from gateway.crypto.cms import Bench
from gateway.crypto.glance import may_be_signed
from gateway.crypto.pdf import verify_pdf
from gateway.domain.inspection import Bounds
from gateway.domain.signatures import Fault, Reason, SignatureReport
from gateway.formats.inspection import look
from tests.crypto import corpus, raw_pdf

PDF = "application/pdf"
DSIG = "http://www.w3.org/2000/09/xmldsig#"
MARKS = [
    b"/ByteRange",
    b"/#42yteRange",
    b"/#42#79#74#65#52#61#6e#67#65",
    b"/SubFilter",
    b"/#4fbjStm",
    b"/XRef",
    b"/AcroForm",
]


@pytest.fixture(name="bench", scope="module")
def _bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return corpus.bench(corpus.lay(tmp_path_factory.mktemp("trust")))


@pytest.mark.parametrize("mark", MARKS)
@given(before=st.integers(0, 600_000), behind=st.integers(0, 600_000))
def test_a_mark_is_found_wherever_it_stands(mark: bytes, before: int, behind: int) -> None:
    """Also where two of the pieces meet that are read one after another."""
    file = BytesIO(bytes(before) + mark + bytes(behind))

    assert may_be_signed(file, PDF)


@given(st.integers(0, 1_200_000))
def test_a_file_without_mark_is_settled(size: int) -> None:
    """However long it is, none of its bytes is taken for a mark."""
    assert not may_be_signed(BytesIO(bytes(size)), PDF)


def test_an_open_file_may_stand_anywhere() -> None:
    """Whoever read of it before does not hide anything."""
    file = BytesIO(b"%PDF-1.7 /ByteRange")
    file.read()

    assert may_be_signed(file, PDF)


def packed(*, signed: bool) -> bytes:
    """Return a PDF all of whose objects are packed, with something for a signature if *signed*."""
    pdf, file = pikepdf.new(), BytesIO()
    pdf.add_blank_page()
    if signed:
        signature = pikepdf.Dictionary(
            Filter=pikepdf.Name("/Adobe.PPKLite"),
            SubFilter=pikepdf.Name("/adbe.pkcs7.detached"),
            Contents=pikepdf.String(b"0\x82\x01\x00" + bytes(40)),
            ByteRange=pikepdf.Array([0, 10, 60, 100]),
        )
        field = pdf.make_indirect(
            pikepdf.Dictionary(
                FT=pikepdf.Name("/Sig"), T=pikepdf.String("S1"), V=pdf.make_indirect(signature)
            )
        )
        pdf.Root.AcroForm = pdf.make_indirect(pikepdf.Dictionary(Fields=pikepdf.Array([field])))
    pdf.save(file, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return file.getvalue()


def test_a_signature_in_packed_objects_is_seen(bench: Bench) -> None:
    """None of its names stands in the file as it lies there."""
    content = packed(signed=True)

    assert may_be_signed(BytesIO(content), PDF)
    assert [each.reason for each in verify_pdf(content, bench).signatures] == [Reason.FORMAT]


def test_packed_objects_without_a_signature_have_none(bench: Bench) -> None:
    """They are read, and nothing is said."""
    assert verify_pdf(packed(signed=False), bench) == SignatureReport()


def test_an_unreadable_file_is_not_called_signed(bench: Bench) -> None:
    """Where no signature shows, only that the file was not read is true."""
    content = packed(signed=False).replace(b"/W [", b"/V [")

    assert verify_pdf(content, bench) == SignatureReport(fault=Fault.UNREADABLE)


def test_a_list_that_does_not_say_what_it_is_is_seen() -> None:
    """Where no plain table is, anything may be packed."""
    assert may_be_signed(BytesIO(b"%PDF-1.7 1 0 obj startxref 9 %%EOF"), PDF)


@given(st.integers(0, len(DSIG) - 1), st.sampled_from(["&#{};", "&#x{:x};", "&#000{};"]))
def test_a_letter_of_the_namespace_may_be_a_reference(at: int, form: str) -> None:
    """XML has the same value however each letter is written."""
    name = DSIG[:at] + form.format(ord(DSIG[at])) + DSIG[at + 1 :]
    file = BytesIO(f"<a xmlns:ds='{name}'><ds:Signature/></a>".encode())

    assert may_be_signed(file, "application/xml")


def test_references_elsewhere_are_no_mark() -> None:
    """Most XML has some, in its text and in its values."""
    file = BytesIO(b"<a b='x&amp;y' c='http://a.vn/?a&amp;b'>&#7855; &lt;</a>")

    assert not may_be_signed(file, "application/xml")


@pytest.mark.parametrize("mark", [b"", *MARKS, b"/XRefs", b"/AcroForms", b"/byteRange"])
@given(place=st.integers(600, 600_000))
def test_what_inspection_calls_unsigned_is_not_asked_about(mark: bytes, place: int) -> None:
    """It looks at the same bytes for other reasons, and may say no only where this look does."""
    content = bytearray(a_pdf(600_200))
    content[place : place + len(mark)] = mark

    inspected = look(BytesIO(content), Bounds())

    assert may_be_signed(BytesIO(content), PDF) <= inspected.may_be_signed


@pytest.mark.parametrize("name", ["plain", "signed"])
def test_inspection_sees_whether_a_pdf_is_signed(name: str) -> None:
    """A plain one is settled without another search."""
    content = {"plain": a_pdf(10_000), "signed": raw_pdf.signed()}[name]

    assert look(BytesIO(content), Bounds()).may_be_signed == (name == "signed")
