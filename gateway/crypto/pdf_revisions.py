"""Where in a PDF file something was changed: bytes and objects of its revisions."""

import re
from collections.abc import Iterator

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.xref import XRefSectionType, read_object_header
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from gateway.crypto.pdf_reading import FATAL
from gateway.domain.signatures import Change

_MOST_OBJECTS = 50
_MOST_CHANGES = 20
_END = b"%%EOF"
_BLANK = b"\x00\t\n\x0c\r "
#: What may stand between the objects of a revision: nothing that a program would show.
_FILLER = re.compile(
    rb"(?:[\x00\t\n\x0c\r ]|endobj|xref|startxref\s+\d+|%(?![^\r\n]*obj)[^\r\n]*)*+", re.ASCII
)


def signed_change(embedded: EmbeddedPdfSignature, intact_until: int) -> Change:
    """Return where a signature whose digest does not fit must have been violated.

    What an earlier, intact signature covers cannot have been: *intact_until* is its end.
    """
    end = int(embedded.byte_range[2]) + int(embedded.byte_range[3])
    return Change(
        revision=int(embedded.signed_revision) + 1,
        first_byte=min(intact_until, end),
        end_byte=end,
        what="bytes that the signature covers",
    )


def has_hybrid_update(embedded: EmbeddedPdfSignature, reader: PdfFileReader) -> bool:
    """Whether a revision after the signed one has a table and a stream of cross-references.

    Old and new programs read different objects there. In what is signed that is the signer's
    affair: some word processors write such files.
    """
    later = range(int(embedded.signed_revision) + 1, reader.total_revisions)
    return any(reader.xrefs.get_xref_data(each).hybrid is not None for each in later)


def later_changes(
    embedded: EmbeddedPdfSignature, reader: PdfFileReader, size: int
) -> tuple[Change, ...]:
    """Return what each revision after the signed one wrote."""
    changes: list[Change] = []
    first_byte = int(embedded.byte_range[2]) + int(embedded.byte_range[3])
    signed = int(embedded.signed_revision)
    for revision in range(signed + 1, min(reader.total_revisions, signed + 1 + _MOST_CHANGES)):
        is_last = revision == reader.total_revisions - 1
        ends = (
            size if is_last else int(reader.xrefs.get_xref_container_info(revision).end_location)
        )
        objects = sorted(
            int(ref.idnum) for ref in reader.xrefs.explicit_refs_in_revision(revision)
        )
        changes.append(
            Change(
                revision=revision + 1,
                first_byte=first_byte,
                end_byte=max(ends, first_byte),
                objects=tuple(objects[:_MOST_OBJECTS]),
            )
        )
        first_byte = max(ends, first_byte)
    return tuple(changes)


def stray_bytes(data: bytes, reader: PdfFileReader) -> Change | None:
    """Return what follows the last revision but is none, None for white space alone.

    A reader that repairs files would show what stands there, and no signature covers it.
    """
    last = reader.total_revisions - 1
    behind_table = int(reader.xrefs.get_xref_container_info(last).end_location)
    end = data.find(_END, behind_table)
    end = behind_table if end < 0 else end + len(_END)
    if not data[end:].strip(_BLANK):
        return None
    return Change(
        revision=last + 1,
        first_byte=end,
        end_byte=len(data),
        what="bytes behind the last revision",
    )


def unlisted_bytes(data: bytes, reader: PdfFileReader, first: int) -> tuple[Change, ...]:
    """Return what the revisions from *first* on wrote without listing it in their tables.

    Programs that repair files find such objects by themselves and show them; pyHanko does not
    look at them (incremental saving attack with an empty table).
    """
    found: list[Change] = []
    begin = _end_of_revision(data, reader, first - 1)
    for revision in range(first, reader.total_revisions):
        end = _end_of_revision(data, reader, revision)
        for start, stop in (*sorted(_spans(reader, revision, begin)), (end, end)):
            filler = _FILLER.match(data, begin, max(begin, start))
            if filler is None or filler.end() < start:
                what = "bytes that no table of the file lists"
                found.append(
                    Change(revision=revision + 1, first_byte=begin, end_byte=start, what=what)
                )
            begin = max(begin, stop)
    return tuple(found)


def _end_of_revision(data: bytes, reader: PdfFileReader, revision: int) -> int:
    end = data.find(_END, int(reader.xrefs.get_xref_container_info(revision).end_location))
    return len(data) if end < 0 else end + len(_END)


def _spans(reader: PdfFileReader, revision: int, begin: int) -> Iterator[tuple[int, int]]:
    """Yield where the table of *revision*, its trailer and the objects from *begin* on lie."""
    section = reader.xrefs.get_xref_data(revision)
    info = reader.xrefs.get_xref_container_info(revision)
    stop = int(info.end_location)
    if info.xref_section_type is not XRefSectionType.STREAM:
        reader.stream.seek(stop)
        trailer = generic.TrailerReference(reader)
        generic.DictionaryObject.read_from_stream(reader.stream, trailer)
        stop = reader.stream.tell()
    yield int(info.start_location), stop
    for _, place in section.standard_xrefs.values():
        if place >= begin:
            yield place, _end_of_object(reader, place)


def _end_of_object(reader: PdfFileReader, place: int) -> int:
    """Return where the object at *place* ends; one that cannot be read has no length."""
    try:
        reader.stream.seek(place)
        number, generation = read_object_header(reader.stream, strict=False)
        generic.read_object(reader.stream, generic.Reference(number, generation, reader))
    except FATAL:
        raise
    except Exception:  # noqa: BLE001 - whatever the parser stumbles over is told as stray
        return place
    return int(reader.stream.tell())
