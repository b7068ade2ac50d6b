"""Where in a PDF file something was changed: bytes and objects of its revisions."""

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from gateway.domain.signatures import Change

_MOST_OBJECTS = 50
_MOST_CHANGES = 20
_END = b"%%EOF"
_BLANK = b"\x00\t\n\x0c\r "


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
