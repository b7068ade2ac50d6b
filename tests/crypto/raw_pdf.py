"""PDF files written and read object by object, as no honest program would leave one a say.

`Paper` knows the numbers of the objects of a signed page; `update` appends a revision with
whatever table, trailer and objects it is told to.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Any

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer
from pyhanko.sign.fields import MDPPerm

from gateway.crypto.specimen import Pen, sign_pdf
from tests.crypto.corpus import PLAIN, SIGNED, country

#: Stands in the signed page, so that something can be put in its place.
TEXT = b"V/v thu nghiem"
FORGED = b"CHI 900 TY DONG"
_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]")


@cache
def tabled() -> bytes:
    """Return the plain page with tables of cross-references in clear."""
    copy = copy_into_new_writer(PdfFileReader(BytesIO(PLAIN)))
    copy.stream_xrefs = False
    output = BytesIO()
    copy.write(output)
    return output.getvalue()


def pen(
    field: str = "NguoiKy",
    *,
    who: str = "person",
    certify: MDPPerm | None = None,
    **more: Any,  # noqa: ANN401 - fields of a pen
) -> Pen:
    """Return the pen of somebody of the infrastructure."""
    pki = country().pki
    party = getattr(pki, who)
    chain = (pki.intermediate,)
    return Pen(party=party, at=SIGNED, field=field, chain=chain, certify=certify, **more)


@cache
def signed(*, certify: MDPPerm | None = None) -> bytes:
    """Return the page signed by the person, perhaps as a certification."""
    return sign_pdf(tabled(), pen(certify=certify))


def signed_often(count: int) -> bytes:
    """Return the page signed by *count* people, one after another."""
    pdf = tabled()
    for number in range(count):
        pdf = sign_pdf(pdf, pen(f"Nguoi{number}"))
    return pdf


def byte_range(pdf: bytes) -> tuple[int, int, int, int]:
    """Return the numbers of the last byte range in *pdf*."""
    first, length, begin, rest = map(int, _RANGE.findall(pdf)[-1])
    return first, length, begin, rest


def body(pdf: bytes, number: int) -> bytes:
    """Return object *number* of *pdf* as its last revision has it, without its frame."""
    begin = pdf.rindex(b"\n%d 0 obj" % number) + len(b"\n%d 0 obj" % number)
    return pdf[begin : pdf.index(b"endobj", begin)].strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """The numbers of what a signed page consists of."""

    root: int
    page: int
    content: int
    form: int
    field: int
    value: int
    size: int  #: the first number that is free


def paper(pdf: bytes) -> Paper:
    """Return the numbers of *pdf*, signed once or more; field and value are those of the first."""
    reader = PdfFileReader(BytesIO(pdf))
    root, trailer = reader.root, reader.trailer
    page = root["/Pages"].raw_get("/Kids")[0].get_object()
    form = root["/AcroForm"]["/Fields"]
    fields = [form.raw_get(place) for place in range(len(form))]
    field = next(each for each in fields if "/V" in each.get_object())
    return Paper(
        root=trailer.raw_get("/Root").idnum,
        page=root["/Pages"]["/Kids"].raw_get(0).idnum,
        content=page.raw_get("/Contents").idnum,
        form=root.raw_get("/AcroForm").idnum,
        field=field.idnum,
        value=field.get_object().raw_get("/V").idnum,
        size=int(trailer["/Size"]),
    )


def start_of_table(pdf: bytes) -> int:
    """Return where the last table of *pdf* begins, as it says itself."""
    return int(pdf[pdf.rindex(b"startxref") + 9 :].split()[0])


def update(
    pdf: bytes,
    objects: Mapping[int, bytes],
    *,
    offsets: Mapping[int, int] | None = None,
    freed: tuple[int, ...] = (),
    prev: int | None = None,
    entries: bytes = b"",
) -> bytes:
    """Return *pdf* with one more revision.

    Args:
        pdf: the file so far.
        objects: new bodies by number.
        offsets: places of objects by number that are written nowhere: the table alone says so.
        freed: numbers that the table takes away.
        prev: where the table before is said to be, when not where it is.
        entries: more of the trailer.
    """
    numbers = paper(pdf)
    output, places = bytearray(pdf), dict(offsets or {})
    if not output.endswith(b"\n"):
        output += b"\n"
    for number, content in objects.items():
        places[number] = len(output)
        output += b"%d 0 obj\n" % number + content + b"\nendobj\n"
    start = len(output)
    output += table(places, freed)
    size = max(numbers.size, *(number + 1 for number in (0, *places)))
    before = start_of_table(pdf) if prev is None else prev
    trailer = b"<</Size %d/Root %d 0 R/Prev %d" % (size, numbers.root, before)
    output += b"trailer\n" + trailer + entries + b">>\nstartxref\n%d\n%%%%EOF\n" % start
    return bytes(output)


def table(places: Mapping[int, int], freed: tuple[int, ...] = ()) -> bytes:
    """Return a table of cross-references with these places."""
    lines = [b"xref\n0 1\n0000000000 65535 f \n"]
    lines += [b"%d 1\n%010d 00000 n \n" % each for each in sorted(places.items())]
    lines += [b"%d 1\n0000000000 00001 f \n" % number for number in freed]
    return b"".join(lines)


def stream(content: bytes, entries: bytes = b"") -> bytes:
    """Return the body of a stream."""
    return b"<</Length %d%s>>\nstream\n" % (len(content), entries) + content + b"\nendstream"


def text(words: bytes) -> bytes:
    """Return the content of a page that shows *words*."""
    return stream(b"BT /F1 40 Tf 72 400 Td (" + words + b") Tj ET")


def with_range(pdf: bytes, numbers: bytes) -> bytes:
    """Return *pdf* with other *numbers* in its last byte range, nothing moved."""
    found = list(_RANGE.finditer(pdf))[-1]
    old = found[0]
    new = (b"/ByteRange [" + numbers + b"]").ljust(len(old))
    padding = pdf[found.end() : found.end() + len(new) - len(old)]
    if padding.strip():
        raise ValueError("the numbers do not fit")
    return pdf[: found.start()] + new + pdf[found.start() + len(new) :]
