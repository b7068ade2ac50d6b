"""The attacks of the literature on signatures in PDF files, each as a file made by code.

Sources: Mladenov, Mainka and others, "1 Trillion Dollar Refund" (2019): universal forgery,
incremental saving, wrapping; Mainka and others, "Shadow Attacks" (2021): hide, replace, both;
Rohlmann and others, "Breaking the Specification" (2021): certifications. Whoever attacks has no
key that is trusted, but may have drafted what was signed.
"""

from collections.abc import Iterator

from pyhanko.sign.fields import MDPPerm

from gateway.crypto.specimen import sign_pdf
from tests.crypto import forgeries
from tests.crypto.honest import with_note
from tests.crypto.raw_pdf import (
    FORGED,
    body,
    paper,
    pen,
    signed,
    start_of_table,
    stream,
    table,
    tabled,
    text,
    update,
)


def incremental_saving() -> Iterator[tuple[str, bytes]]:
    """Yield files to which content was appended after signing, more or less properly."""
    pdf = signed()
    at = paper(pdf)
    proper = update(pdf, {at.content: text(FORGED)})
    yield "saved", proper
    begin = len(pdf)
    tail = proper[begin:]
    yield "saved-without-table", pdf + tail[: tail.index(b"xref")]
    objects, rest = tail[: tail.index(b"xref")], tail[tail.index(b"trailer") :]
    yield "saved-without-table-but-trailer", pdf + objects + rest
    fake = b"xref\n0 1\n0000000000 65535 f \n"
    yield "saved-with-empty-table", pdf + objects + fake + rest
    yield "saved-with-broken-table", pdf + objects + b"xref\nnonsense\n" + rest
    yield "saved-without-end", proper[: proper.rindex(b"%%EOF")]
    value = body(pdf, at.value)
    sibling = at.size
    new_field = body(pdf, at.field).replace(b"/V %d 0 R" % at.value, b"/V %d 0 R" % sibling)
    clone = {at.content: text(FORGED), sibling: value, at.field: new_field}
    yield "sibling", update(pdf, clone)
    yield "sibling-over-itself", update(pdf, {at.content: text(FORGED), at.value: value})
    yield "sibling-without-table", pdf + b"\n%d 0 obj\n" % sibling + value + b"\nendobj\n"
    root = body(pdf, at.root)
    yield "other-pages", update(pdf, _other_pages(pdf, root))
    yield "new-root", _rooted_elsewhere(pdf)
    yield (
        "twice-the-same-object",
        update(pdf + b"", {at.page: body(pdf, at.page)})
        + (b"%d 0 obj\n" % at.content + text(FORGED) + b"\nendobj\n"),
    )


def _other_pages(pdf: bytes, root: bytes) -> dict[int, bytes]:
    at = paper(pdf)
    pages, page, content = at.size, at.size + 1, at.size + 2
    return {
        at.root: root.replace(b"/Pages 2 0 R", b"/Pages %d 0 R" % pages),
        pages: b"<</Type/Pages/Count 1/Kids[%d 0 R]>>" % page,
        page: b"<</Type/Page/MediaBox[0 0 595 842]/Contents %d 0 R/Parent %d 0 R>>"
        % (content, pages),
        content: text(FORGED),
    }


def _rooted_elsewhere(pdf: bytes) -> bytes:
    """Another catalogue under another number, named by the trailer alone."""
    at = paper(pdf)
    objects = _other_pages(pdf, body(pdf, at.root))
    root = at.size + 3
    objects[root] = objects.pop(at.root)
    changed = update(pdf, objects)
    end = len(pdf)
    return changed[:end] + changed[end:].replace(b"/Root %d 0 R" % at.root, b"/Root %d 0 R" % root)


def shadows() -> Iterator[tuple[str, bytes]]:
    """Yield files whose draft was prepared so that a small update shows something else."""
    yield "shadow-hide", _hidden()
    yield "shadow-hide-by-emptying", _hidden(by=stream(b" "))
    yield "shadow-replace-font", _other_font()
    yield "shadow-hide-and-replace", _hidden_twin()
    yield "shadow-hide-and-replace-by-free-list", _hidden_twin(is_freed=True)


def _drafted(objects: dict[int, bytes]) -> bytes:
    """The plain page as a draft with *objects* changed, then signed."""
    draft = tabled()
    output, places = bytearray(draft) + b"\n", {}
    for number, content in objects.items():
        places[number] = len(output)
        output += b"%d 0 obj\n" % number + content + b"\nendobj\n"
    start = len(output)
    size = max(6, *(number + 1 for number in places))
    output += table(places)
    before = start_of_table(draft)
    output += b"trailer\n<</Size %d/Root 1 0 R/Prev %d>>\n" % (size, before)
    output += b"startxref\n%d\n%%%%EOF\n" % start
    return sign_pdf(bytes(output), pen())


def _hidden(by: bytes | None = None) -> bytes:
    """What is to be read lies under an overlay of its own, which the update takes away."""
    overlay = stream(
        b"1 g 0 0 595 842 re f BT /F1 20 Tf 72 400 Td (CHI 9 DONG) Tj ET",
        b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]",
    )
    page = (
        b"<</Type/Page/MediaBox[0 0 595 842]/Parent 2 0 R/Contents 4 0 R"
        b"/Resources<</XObject<</O 6 0 R>>>>>>"
    )
    content = stream(b"BT /F1 20 Tf 72 400 Td (CHI 900 TY DONG) Tj ET /O Do")
    pdf = _drafted({3: page, 4: content, 6: overlay})
    return update(pdf, {}, freed=(6,)) if by is None else update(pdf, {6: by})


def _other_font() -> bytes:
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
    page = (
        b"<</Type/Page/MediaBox[0 0 595 842]/Parent 2 0 R/Contents 4 0 R"
        b"/Resources<</Font<</F1 6 0 R>>>>>>"
    )
    pdf = _drafted({3: page, 6: font})
    differences = b"/Encoding<</Type/Encoding/Differences[48/nine/eight/seven]>>>>"
    return update(pdf, {6: font.removesuffix(b">>") + differences})


def _hidden_twin(*, is_freed: bool = False) -> bytes:
    """The draft holds a second content under the number of the first: only the table is new."""
    number = 4
    shadow = b"%d 0 obj\n" % number + text(FORGED) + b"\nendobj\n"
    draft = tabled()
    pdf = sign_pdf(
        draft.replace(b"xref\n0 6", shadow + b"xref\n0 6", 1).replace(
            b"startxref\n%d" % start_of_table(draft),
            b"startxref\n%d" % (start_of_table(draft) + len(shadow)),
        ),
        pen(),
    )
    place = pdf.index(shadow)
    freed = (5,) if is_freed else ()
    return update(pdf, {}, offsets={number: place}, freed=freed)


def certifications() -> Iterator[tuple[str, bytes]]:
    """Yield certified files to which somebody added what covers the page."""
    for name, permitted in (
        ("none", MDPPerm.NO_CHANGES),
        ("forms", MDPPerm.FILL_FORMS),
        ("notes", MDPPerm.ANNOTATE),
    ):
        pdf = signed(certify=permitted)
        yield f"evil-annotation-{name}", update(pdf, _annotation(pdf, b"FreeText"))
        yield f"evil-stamp-{name}", update(pdf, _annotation(pdf, b"Stamp"))
        yield f"evil-page-{name}", update(pdf, {paper(pdf).content: text(FORGED)})
    look = _annotation(signed(certify=MDPPerm.ANNOTATE), b"Text", b"500 800 520 820")
    yield "evil-look-of-a-note", update(signed(certify=MDPPerm.ANNOTATE), look)
    yield "note-without-permission", with_note(signed())
    yield "note-where-only-forms", with_note(signed(certify=MDPPerm.FILL_FORMS))
    yield "evil-signature", _visible(signed(certify=MDPPerm.NO_CHANGES), is_signed=True)
    yield "evil-visible-signature", _visible(signed(certify=MDPPerm.FILL_FORMS), is_signed=True)
    yield "evil-visible-field", _visible(signed(certify=MDPPerm.FILL_FORMS))


def _annotation(pdf: bytes, kind: bytes, rect: bytes = b"0 0 595 842") -> dict[int, bytes]:
    """An annotation over the whole page with an appearance of its own."""
    at = paper(pdf)
    note, look = at.size, at.size + 1
    annotations = b"/Annots [ %d 0 R %d 0 R ]" % (at.field, note)
    page = body(pdf, at.page).replace(b"/Annots [ %d 0 R ]" % at.field, annotations)
    appearance = stream(
        b"1 g 0 0 595 842 re f BT /F1 40 Tf 72 400 Td (" + FORGED + b") Tj ET",
        b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]",
    )
    dictionary = b"<</Type/Annot/Subtype/%s/Rect[%s]/F 4/AP<</N %d 0 R>>/Contents(x)>>"
    return {at.page: page, note: dictionary % (kind, rect, look), look: appearance}


def _visible(pdf: bytes, *, is_signed: bool = False) -> bytes:
    """A field for a signature that shows something; if *is_signed*, with a copy of the first."""
    at = paper(pdf)
    objects = _annotation(pdf, b"Widget")
    number, value = at.size, at.size + 2
    entries = b"/FT/Sig/T(Them)/P %d 0 R" % at.page
    if is_signed:
        objects[value] = body(pdf, at.value)
        entries += b"/V %d 0 R" % value
    objects[number] = objects[number].replace(b"/Contents(x)", entries)
    form = body(pdf, at.form)
    objects[at.form] = form.replace(
        b"/Fields [ %d 0 R ]" % at.field, b"/Fields [ %d 0 R %d 0 R ]" % (at.field, number)
    )
    return update(pdf, objects)


def structures() -> Iterator[tuple[str, bytes]]:
    """Yield files that programs read differently, or that lie about their own history."""
    pdf = signed()
    at = paper(pdf)
    new = {at.content: text(FORGED)}
    yield "prev-skips-the-signed-revision", update(pdf, new, prev=start_of_table(tabled()))
    yield "prev-to-itself", _prev_loop(pdf)
    yield "prev-nowhere", update(pdf, new, prev=1)
    yield "prev-beyond", update(pdf, new, prev=99_999_999)
    yield "hybrid", _hybrid(pdf)
    yield "signature-removed", update(pdf, {at.form: b"<</Fields[]>>"})
    yield (
        "signature-field-without-value",
        update(pdf, {at.field: body(pdf, at.field).replace(b"/V %d 0 R" % at.value, b"")}),
    )
    yield "size-too-small", update(pdf, new).replace(b"/Size %d/" % at.size, b"/Size 2/")
    yield "prefix-before-header", b"#!/bin/sh\nexit 0\n" + pdf
    yield "bytes-behind", pdf + b"\n4 0 obj\n" + text(FORGED) + b"\nendobj\n"
    yield "two-ends", pdf + b"startxref\n0\n%%EOF\n"


def _prev_loop(pdf: bytes) -> bytes:
    changed = update(pdf, {paper(pdf).content: text(FORGED)})
    before = b"/Prev %d" % start_of_table(pdf)
    own = b"/Prev %d" % start_of_table(changed)
    return changed[: len(pdf)] + changed[len(pdf) :].replace(before, own)


def _hybrid(pdf: bytes) -> bytes:
    """An update whose table shows nothing, and whose hidden stream another content."""
    at = paper(pdf)
    output = bytearray(pdf)
    place = len(output)
    output += b"%d 0 obj\n" % at.content + text(FORGED) + b"\nendobj\n"
    start = len(output)
    row = b"\x01" + place.to_bytes(4, "big") + b"\x00"
    entries = b"/Type/XRef/W[1 4 1]/Index[%d 1]/Size %d/Root %d 0 R" % (
        at.content,
        at.size + 1,
        at.root,
    )
    output += b"%d 0 obj\n" % at.size + stream(row, entries) + b"\nendobj\n"
    return update(bytes(output), {}, prev=start_of_table(pdf), entries=b"/XRefStm %d" % start)


ATTACKS = dict(
    [
        *incremental_saving(),
        *shadows(),
        *forgeries.universal(),
        *forgeries.ranges(),
        *certifications(),
        *structures(),
    ]
)
