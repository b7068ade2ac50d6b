"""The quick look over a PDF: names under which it acts are found wherever they stand."""

import mmap
import struct
import time
import zlib
from io import BytesIO
from pathlib import Path

import pytest

from bench.papers import a_pdf
from gateway.domain.inspection import Bounds, Trait
from gateway.formats.inspection import look
from gateway.formats.pdf_glance import glance

#: The look goes from window to window of so many bytes.
WINDOW = 1 << 18
NAMES = (b"/JS ", b"/#4aavaScript ", b"/#45#6d#62#65#64#64#65#64#46#69#6c#65#73 ")


@pytest.fixture(scope="module")
def quiet() -> bytes:
    """Return a PDF of several windows that does nothing, nor has a name among its random bytes."""
    head, begin, rest = a_pdf(3 * WINDOW).partition(b"stream\n")
    stream, end, tail = rest.rpartition(b"\nendstream")
    return head + begin + stream.replace(b"/", b"-") + end + tail


def written_over(content: bytes, place: int, name: bytes) -> memoryview:
    """Return *content* with *name* at *place*."""
    changed = bytearray(content)
    changed[place : place + len(name)] = name
    return memoryview(changed)


def test_a_quiet_pdf_needs_no_further_look(quiet: bytes) -> None:
    """Whatever its size."""
    assert glance(memoryview(quiet)).is_quiet


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("place", [1000, *range(WINDOW - 45, WINDOW + 2, 4), 2 * WINDOW - 3])
def test_a_name_across_two_windows_is_found(quiet: bytes, name: bytes, place: int) -> None:
    """No letter of it is lost between them."""
    assert not glance(written_over(quiet, place, name)).is_quiet


def test_a_longer_name_that_begins_alike_is_another(quiet: bytes) -> None:
    """Also where a window ends within it."""
    for place in range(WINDOW - 8, WINDOW + 1):
        assert glance(written_over(quiet, place, b"/JSx")).is_quiet


def test_a_file_on_disk_is_read_as_one_in_memory(quiet: bytes, tmp_path: Path) -> None:
    """What is behind the look need not stay in memory."""
    file = tmp_path / "a.pdf"
    file.write_bytes(written_over(quiet, 2 * WINDOW - 3, b"/Launch "))
    with (
        file.open("rb") as opened,
        mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as mapped,
    ):
        assert not glance(mapped).is_quiet


#: Objects that others hide: as the standard has it; behind another stream's bytes in a string;
#: without its type.
HIDING = {
    "plain": b"<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>",
    "decoy": b"<</Filter/FlateDecode/Type/ObjStm/X(stream\n"
    + zlib.compress(b"7 0 null", 0)
    + b")/N 1/First 4/Length %d>>",
    "untyped": b"<</N 1/First 4/Filter/FlateDecode/Length %d>>",
}
ACTION = b"5 0 <</S/JavaScript/JS(app.alert\\(1\\))>>"
#: The kind of the stream that lists the places; some readers do not ask for it.
LISTING = b"/Type/XRef"


def hiding(dictionary: bytes, listing: bytes = LISTING) -> bytes:
    """Return a PDF whose script lies in a stream of *dictionary*, listed by one of *listing*."""
    packed = zlib.compress(ACTION)
    objects = (
        b"<</Type/Catalog/Pages 2 0 R/OpenAction 5 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]>>",
        dictionary % len(packed) + b"\nstream\n" + packed + b"\nendstream",
    )
    body, rows = b"%PDF-1.7\n", struct.pack(">BIH", 0, 0, 65535)
    for n, each in enumerate(objects, start=1):
        rows += struct.pack(">BIH", 1, len(body), 0)
        body += b"%d 0 obj\n%s\nendobj\n" % (n, each)
    rows += struct.pack(">BIH", 2, 4, 0) + struct.pack(">BIH", 1, len(body), 0)
    return body + (
        b"6 0 obj\n<<%s/Size 7/W[1 4 2]/Root 1 0 R/Length %d>>\nstream\n%s\nendstream\nendobj\n"
        b"startxref\n%d\n%%%%EOF\n" % (listing, len(rows), rows, len(body))
    )


def revised(content: bytes, key: bytes) -> bytes:
    """Return *content* with a revision of plain tables that leads back by *key*."""
    before, place = content.rfind(b"6 0 obj"), len(content)
    trailer = b"<</Size 7/Root 1 0 R%s>>" % key.replace(b"?", b"%d" % before)
    return content + b"xref\n0 0\ntrailer\n%s\nstartxref\n%d\n%%%%EOF\n" % (trailer, place)


@pytest.mark.parametrize("way", HIDING)
def test_a_script_in_an_object_stream_is_found(way: str) -> None:
    """However the stream is written, the file is not settled at a glance but read."""
    content = hiding(HIDING[way])

    found = look(BytesIO(content), Bounds()).observations

    assert not glance(memoryview(content)).is_quiet
    assert Trait.PDF_SCRIPT in {each.trait for each in found}


def test_a_list_without_its_kind_is_not_passed_over() -> None:
    """What begins the last revision is no plain table."""
    assert not glance(memoryview(hiding(HIDING["untyped"], b""))).is_quiet


def listed(*revisions: bytes) -> bytes:
    """Return a PDF that lists its objects by streams of places; *revisions* have an object each."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]>>",
    ]
    content, number, before = b"%PDF-1.7\n", 1, b""
    for written in (objects, *([each] for each in revisions)):
        first, rows = number, b""
        for each in written:
            rows += struct.pack(">BIH", 1, len(content), 0)
            content += b"%d 0 obj\n%s\nendobj\n" % (number, each)
            number += 1
        place, packed = len(content), zlib.compress(rows + struct.pack(">BIH", 1, len(content), 0))
        index = b"/Index[%d %d]" % (first, number - first + 1)
        listing = LISTING + index + b"/Size %d/W[1 4 2]/Root 1 0 R" % (number + 1)
        listing += before + b"/Filter/FlateDecode/Length %d" % len(packed)
        content += b"%d 0 obj\n<<%s>>\nstream\n%s\nendstream\nendobj\n" % (
            number,
            listing,
            packed,
        )
        content += b"startxref\n%d\n%%%%EOF\n" % place
        number, before = number + 1, b"/Prev %d" % place
    return content


def test_streams_of_places_need_no_further_look() -> None:
    """When every object lies in the clear: so write many programs that sign."""
    assert glance(memoryview(listed(b"<</Title(a)>>", b"<</Title(b)>>"))).is_quiet


@pytest.mark.parametrize("action", [b"<</S/JavaScript/JS(a)>>", b"<</S/#4aavaScript>>"])
def test_a_script_beside_streams_of_places_is_found(action: bytes) -> None:
    """In whatever revision."""
    assert not glance(memoryview(listed(action, b"<</Title(b)>>"))).is_quiet


def test_a_list_that_no_revision_leads_to_is_not_passed_over() -> None:
    """A reader that repairs the file might take it for the last one."""
    assert not glance(memoryview(listed(b"<</Type/XRef/W[1 1 1]>>"))).is_quiet


def test_a_list_with_an_unusual_entry_is_not_passed_over() -> None:
    """Another reader might make something else of it."""
    content = listed().replace(b"/Root 1 0 R", b"/Root 1 0 R/X 0")

    assert not glance(memoryview(content)).is_quiet


@pytest.mark.parametrize(
    "key",
    [b"/Prev ?", b"/#50rev ?", b"/Prev%\n?", b"/Prev ? 0 R", b"/XRefStm ?", b"/Prev         ?"],
)
def test_a_list_of_an_earlier_revision_is_not_passed_over(key: bytes) -> None:
    """Also where only a lenient reader follows the way to it."""
    content = revised(hiding(HIDING["untyped"], b""), key)

    assert not glance(memoryview(content)).is_quiet


def test_objects_in_a_stream_that_does_not_say_so_are_damage() -> None:
    """Our reader passes over such a stream, others might not: nobody knows what it holds."""
    found = look(BytesIO(hiding(HIDING["untyped"], b"")), Bounds()).observations

    assert Trait.DAMAGED in {each.trait for each in found}


def test_revisions_in_the_clear_need_no_further_look(quiet: bytes) -> None:
    """Each with its plain table, and chapters that lead to one another."""
    before, place = quiet.rfind(b"xref\n0"), len(quiet)
    content = quiet + (
        b"5 0 obj\n<</Title(a)/Prev 100000 0 R>>\nendobj\nxref\n5 1\n%010d 00000 n \n"
        b"trailer\n<</Size 6/Root 1 0 R/Prev %d>>\nstartxref\n%010d\n%%%%EOF\n"
        % (place, before, quiet.find(b"xref", place - 200))
    )
    assert glance(memoryview(content)).is_quiet


def test_places_are_trusted_only_from_the_begin_of_the_file(quiet: bytes) -> None:
    """With bytes before the head some readers count from there, some from the first byte."""
    assert not glance(memoryview(b"\n" + quiet)).is_quiet


#: What makes another file of a file specification, and a name of a stream that lies elsewhere.
EMBEDDING = (
    b"/F(a.exe)/EF<</F 5 0 R>>",
    b"/#46(a.exe)/#45F<</#46 5 0 R>>",
    b"/UF(a.exe)/#45#46         <</UF 5 0 R>>",
    b"/UF(a.exe)/EF%\n<</UF 5 0 R>>",
)
ELSEWHERE = (
    b"/F(http://a.example/x)",
    b"/#46(http://a.example/x)",
    b"/F(\\\nhttp://a.example/x)",
    b"/F(\xfe\xff\0h\0t\0t\0p\0:\0/\0/\0a)",
    b"/F<</UF(http://a.example/x)>>",
    b"/F           (http://a.example/x)",
    b"/F%\n(http://a.example/x)",
    b"/F 5%\n0 R",
    b"/F 00000000000000000000000005 0 R",
    b"/F 5           0 R",
)


def written(*objects: bytes) -> bytes:
    """Return a PDF with a plain table of an empty page and *objects*, numbered from 4."""
    body, places = b"%PDF-1.7\n", b""
    base = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]/Annots[4 0 R]>>",
    )
    for number, each in enumerate((*base, *objects), start=1):
        places += b"%010d 00000 n \n" % len(body)
        body += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    size = len(objects) + len(base) + 1
    table = b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R>>\n"
    return body + table % (size, places, size) + b"startxref\n%d\n%%%%EOF\n" % len(body)


@pytest.mark.parametrize("entries", EMBEDDING)
def test_an_embedded_file_is_found(entries: bytes) -> None:
    """However the names are spelled and parted from what they name."""
    annotation = b"<</Subtype/FileAttachment/FS<</Type/Filespec%s>>>>" % entries
    content = written(annotation, b"<</Length 2>>\nstream\nMZ\nendstream")

    found = {each.trait for each in look(BytesIO(content), Bounds()).observations}

    assert not glance(memoryview(content)).is_quiet
    assert Trait.EMBEDDED_FILE in found


@pytest.mark.parametrize("entries", ELSEWHERE)
def test_a_stream_that_lies_elsewhere_is_found(entries: bytes) -> None:
    """Whatever its name is written in."""
    stream = b"<<%s/Length 0>>\nstream\n\nendstream" % entries
    content = written(stream, b"(http://a.example/x)")

    found = {each.trait for each in look(BytesIO(content), Bounds()).observations}

    assert not glance(memoryview(content)).is_quiet
    assert Trait.REMOTE_TEMPLATE in found


@pytest.mark.parametrize("entries", [b"/F 4/P 3 0 R", b"/F 132 ", b"/F/Flate", b"/F1 5 0 R"])
def test_flags_filters_and_fonts_need_no_further_look(entries: bytes) -> None:
    """Their names are the same, or begin alike."""
    assert glance(memoryview(written(b"<<%s>>" % entries, b"null"))).is_quiet


def test_a_file_of_nothing_but_slashes_is_left_to_a_worker() -> None:
    """There it can be cut off."""
    content = bytearray(a_pdf(48 * WINDOW))
    content[1000 : 1000 + 47 * WINDOW] = b"/E" * (47 * WINDOW // 2)
    begun = time.thread_time()
    found = glance(memoryview(content))

    assert not found.is_quiet
    assert time.thread_time() - begun < 3
