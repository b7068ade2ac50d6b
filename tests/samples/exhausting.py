"""Files made to exhaust time or memory, and what inspection may say of each; empty: anything."""

import io
import resource
import struct
import time
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway.domain.inspection import Trait
from gateway.formats.inspection import Inspector
from tests.samples import compound as cfb
from tests.samples import files as make
from tests.samples.corpus import Make

MB = 1_048_576


def objects_of_a_bomb() -> bytes:
    """Return a PDF whose object stream unpacks to 500 MB."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b" " * MB) for _ in range(500)) + packer.flush()
    head = f"<</Type/ObjStm/N 1/First 9/Filter/FlateDecode/Length {len(packed)}>>\nstream\n"
    body = b"%PDF-1.5\n1 0 obj\n" + head.encode() + packed + b"\nendstream\nendobj\n"
    return body + b"xref\n0 1\n0000000000 65535 f \ntrailer\n<<>>\nstartxref\n9\n%%EOF\n"


def nested_arrays() -> bytes:
    """Return a PDF with a script and a hundred thousand brackets."""
    deep = b"[" * 100_000 + b"]" * 100_000
    return (
        b"%PDF-1.5\n1 0 obj\n<</JS(x)/A " + deep + b">>\nendobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    )


def pages_in_a_circle() -> bytes:
    """Return a PDF whose pages are their own parents, with a script."""
    return (
        b"%PDF-1.5\n1 0 obj\n<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(x)>>>>\nendobj\n"
        b"2 0 obj\n<</Type/Pages/Kids[2 0 R 2 0 R]/Count 9999999>>\nendobj\n"
        b"trailer\n<</Root 1 0 R/Size 3>>\nstartxref\n0\n%%EOF\n"
    )


def many_scripts() -> bytes:
    """Return 20 MB of small objects with scripts."""
    one = b"".join(b"%d 0 obj\n<</JS(x)/S/JavaScript>>\nendobj\n" % n for n in range(1, 400_000))
    return b"%PDF-1.5\n" + one + b"trailer\n<</Root 1 0 R>>\n%%EOF\n"


def quine_of_names() -> bytes:
    """Return a zip that claims sixty thousand members."""
    return make.a_zip({f"{n}.txt": b"" for n in range(60_000)})


def bomb_of_a_document() -> bytes:
    """Return a docx with 400 MB of spaces in its text."""

    def write(file: io.BytesIO) -> None:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("[Content_Types].xml", a_part(make.a_docx(), "[Content_Types].xml"))
            with archive.open("word/document.xml", "w") as part:
                for _ in range(400):
                    part.write(b" " * MB)

    return make.saved(write)


def a_part(package: bytes, name: str) -> bytes:
    """Return a part of an office package."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return archive.read(name)


def relations_without_end() -> bytes:
    """Return a docx whose relations are four million quotes."""
    return make.with_part(make.a_docx(), "word/_rels/a.xml.rels", b'<Relationship "' * 270_000)


def blocks_of_nothing() -> bytes:
    """Return a GIF of 20 MB in blocks of one byte."""
    return b"GIF89a\x01\0\x01\0\0\0\0!\xfe" + b"\x01a" * (10 * MB) + b"\0;"


def directories_in_a_circle() -> bytes:
    """Return a TIFF whose directory follows itself."""
    return b"II*\0\x08\0\0\0" + struct.pack("<HHHLLL", 1, 256, 4, 1, 9, 8)


def sectors_in_a_circle() -> bytes:
    """Return an old document whose sectors follow themselves."""
    content = bytearray(cfb.compound(cfb.a_word_document()))
    content[-512 : -512 + 32] = struct.pack("<8L", 0, 0, 0, 0, 0, 0, 0, 0)
    return bytes(content)


def pipes() -> bytes:
    """Return a table of 20 MB that nearly is a command in every cell."""
    return b",=a|" * (5 * MB)


def objects_in_rich_text() -> bytes:
    """Return 20 MB of objects."""
    return b"{\\rtf1" + b"{\\object\\objdata 0105}" * 900_000 + b"}"


def mostly_markers() -> bytes:
    """Return a JPEG of 20 MB of empty segments."""
    return b"\xff\xd8" + b"\xff\xe0\0\x02" * (5 * MB)


QUICK: Mapping[str, tuple[Make, set[Trait]]] = {
    "nested-arrays.pdf": (nested_arrays, {Trait.PDF_SCRIPT, Trait.DAMAGED}),
    "pages-in-a-circle.pdf": (pages_in_a_circle, {Trait.PDF_SCRIPT, Trait.DAMAGED}),
    "circle.tif": (directories_in_a_circle, {Trait.TRUNCATED}),
    "circle.doc": (sectors_in_a_circle, set()),
    "markers.jpg": (mostly_markers, {Trait.TRUNCATED}),
    "relations.docx": (relations_without_end, set()),
    "objects.rtf": (objects_in_rich_text, {Trait.EMBEDDED_PROGRAM}),
}
SLOW: Mapping[str, tuple[Make, set[Trait]]] = {
    "objects-of-a-bomb.pdf": (objects_of_a_bomb, {Trait.UNCHECKED, Trait.DAMAGED}),
    "many-scripts.pdf": (many_scripts, {Trait.PDF_SCRIPT, Trait.DAMAGED, Trait.UNCHECKED}),
    "names.zip": (quine_of_names, {Trait.TOO_MANY_MEMBERS}),
    "document.docx": (bomb_of_a_document, {Trait.BOMB}),
    "blocks.gif": (blocks_of_nothing, set()),
    "pipes.csv": (pipes, set()),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What an inspection took."""

    waited_s: float
    cpu_s: float  #: of this process
    grown_mb: float  #: of this process
    traits: frozenset[Trait]


def cost(inspector: Inspector, file: Path) -> Cost:
    """Inspect *file* and say what it took."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun, cpu = time.monotonic(), time.process_time()
    with file.open("rb") as opened:
        seen = inspector(opened)
    return Cost(
        waited_s=time.monotonic() - begun,
        cpu_s=time.process_time() - cpu,
        grown_mb=(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024,
        traits=frozenset(each.trait for each in seen.observations),
    )
