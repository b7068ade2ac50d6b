"""Universal forgeries, odd byte ranges and wrapped signatures: see ``attacks.py``."""

from collections.abc import Iterator

from gateway.crypto.specimen import sign_pdf
from tests.crypto.raw_pdf import (
    FORGED,
    TEXT,
    byte_range,
    paper,
    pen,
    signed,
    start_of_table,
    table,
    tabled,
    text,
    update,
    with_range,
)

#: What stands in the place of the byte range.
RANGES = {
    "no-range": b"",
    "range-null": b"null",
    "range-empty": b"[]",
    "range-zero": b"[0 0 0 0]",
    "range-negative": b"[0 -1 -1 -1]",
    "range-one-number": b"0",
    "range-of-names": b"[/A /B /C /D]",
    "range-reals": b"[0.0 1.5 2.5 3.5]",
    "range-of-three": b"[0 10 20]",
    "range-all": b"[0 9999]",
    "range-beyond": b"[0 10 20 99999999]",
}
#: What stands in the place of the signature.
CONTENTS = {
    "contents-null": b"null",
    "contents-empty": b"<>",
    "contents-zero": b"<00>",
    "contents-zeros": b"<" + b"00" * 900 + b">",
    "contents-number": b"0",
    "contents-text": b"(chu ky)",
    "contents-empty-sequence": b"<3000>",
    "contents-no-certificates": b"<3080060A2A864886F70D010702A080>",
}


def universal() -> Iterator[tuple[str, bytes]]:
    """Yield forgeries in which what a check reads to decide is not there, or nonsense."""
    pdf = signed().replace(TEXT, b"CHI 900 TY VND", 1)
    found = pdf.index(b"/ByteRange")
    end = pdf.index(b"]", found) + 1
    for name, numbers in RANGES.items():
        entry = b"/ByteRange " + numbers if numbers else b""
        yield name, pdf[:found] + entry.ljust(end - found) + pdf[end:]
    yield "misspelt-range", pdf.replace(b"/ByteRange", b"/ByteRangX")
    _, first, begin, _ = byte_range(pdf)
    space = begin - first
    for name, contents in CONTENTS.items():
        yield name, pdf[:first] + contents.ljust(space) + pdf[begin:]
    yield "contents-not-there", pdf[: first - 10] + b" ".ljust(space + 10) + pdf[begin:]


def ranges() -> Iterator[tuple[str, bytes]]:
    """Yield files whose byte range leaves out more, or something else, than the signature."""
    pdf = signed()
    _, first, begin, rest = byte_range(pdf)
    shorter = b"0 %d %d %d" % (first, begin, rest - 6)
    yield "range-shorter", with_range(pdf, shorter)
    yield "range-wider-gap", with_range(pdf, b"0 %d %d %d" % (first - 4, begin, rest))
    yield "range-wider-gap-behind", with_range(pdf, b"0 %d %d %d" % (first, begin + 4, rest - 4))
    yield "range-overlapping", with_range(pdf, b"0 %d %d %d" % (first, first - 50, rest))
    yield "range-starts-late", with_range(pdf, b"9 %d %d %d" % (first - 9, begin, rest))
    yield "range-six", with_range(pdf, b"0 %d %d %d 0 0" % (first, begin, rest))
    yield (
        "range-split",
        with_range(pdf, b"0 %d %d %d %d %d" % (first, begin, 10, begin + 10, rest - 10)),
    )
    yield "wrapped", _wrapped()
    yield "wrapped-in-padding", _in_padding()
    yield "two-signatures-swapped", _swapped()
    yield "signature-of-other-file", _transplanted()


def _wrapped() -> bytes:
    """What was signed is moved to the end, the forgery lies in a gap that was made wider."""
    pdf = signed()
    at = paper(pdf)
    _, first, begin, rest = byte_range(pdf)
    prefix, gap, suffix = pdf[:first], pdf[first:begin], pdf[begin:]
    old_table = start_of_table(pdf)
    contents = gap.rstrip(b">").rstrip(b"0") + b"000>"
    contents = contents if len(contents) % 2 == 0 else contents[:-1] + b"0>"
    forged = b"%d 0 obj\n" % at.content + text(FORGED) + b"\nendobj\n"
    moved = old_table + 4000
    inner = contents + b"/ByteRange[0 %d %d %d]" % (first, moved, rest)
    inner += b"/Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached>>\nendobj\n"
    place = first + len(inner)
    inner += forged
    inner = inner.ljust(old_table - first)
    inner += table({at.content: place})
    inner += b"trailer\n<</Size %d/Root %d 0 R/Prev %d>>\n" % (
        at.size,
        at.root,
        start_of_table(tabled()),
    )
    inner += b"startxref\n%d\n%%%%EOF\n" % old_table
    return prefix + inner.ljust(moved - first) + suffix


def _in_padding() -> bytes:
    """Objects in the zeros that were kept free for the signature; an update points there."""
    pdf = signed()
    at = paper(pdf)
    _, _, begin, _ = byte_range(pdf)
    forged = b">\n%d 0 obj\n" % at.content + text(FORGED) + b"\nendobj\n<"
    place = begin - 1 - len(forged)
    hidden = pdf[:place] + forged + pdf[place + len(forged) :]
    return update(hidden, {}, offsets={at.content: place + 2})


def _swapped() -> bytes:
    """Each of two signatures in the place of the other."""
    pdf = sign_pdf(signed(), pen("CoQuan", who="agency"))
    at = paper(signed())
    _, first, begin, _ = byte_range(signed())
    _, later, behind, _ = byte_range(pdf)
    one, two = pdf[first:begin], pdf[later:behind]
    if len(one) != len(two):
        one, two = one[: min(len(one), len(two))], two[: min(len(one), len(two))]
    swapped = bytearray(pdf)
    swapped[first : first + len(two)] = two
    swapped[later : later + len(one)] = one
    if at.value == 0:
        raise ValueError("there is no signature")
    return bytes(swapped)


def _transplanted() -> bytes:
    """The signature of one page on another that has the same length."""
    _, first, begin, _ = byte_range(signed())
    other = sign_pdf(tabled().replace(TEXT, b"CHI 900 TY VND"), pen())
    _, there, behind, _ = byte_range(other)
    taken = signed()[first:begin]
    return (
        other[:there]
        + taken[: behind - there - 1].ljust(behind - there - 1, b"0")
        + other[behind - 1 :]
    )
