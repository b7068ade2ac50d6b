"""Attachments: joined to the manifest, and taken out of what wraps them."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.document import Message, SpooledFile
from gateway.domain.findings import Severity
from tests.formats.samples import Spools, codes, read
from tests.samples.edxml_forms import Element, written
from tests.samples.edxml_messages import (
    FILES,
    MANIFEST,
    PDF,
    TEXT,
    TRACE,
    added,
    attachment,
    changed,
    plain,
    reference,
    second_file,
    wrapped,
)


def document(message: bytes) -> Message:
    """Read *message*, which is a document."""
    found = read(message).message
    assert isinstance(found, Message)
    return found


@pytest.mark.parametrize(
    ("local", "severity"), [(True, Severity.ERROR), (False, Severity.WARNING)]
)
def test_a_listed_file_that_is_not_there_is_reported(local: bool, severity: Severity) -> None:  # noqa: FBT001
    """A message is complete, or it says that it is not."""
    message = changed(FILES, lambda each: each.but(children=each.children[:1]))

    found = read(message, local=local).findings

    assert [(each.code, each.severity) for each in found] == [
        ("edxml-attachment-missing", severity)
    ]
    assert "ghi-chu.txt" in found[0].message


def test_a_recall_need_not_hold_the_files() -> None:
    """It takes a document back; its manifest may still list them."""
    tree = plain().with_child(FILES, lambda each: each.but(children=()))
    recall = tree.with_child(
        (*TRACE, "Bussiness", "BussinessDocType"), lambda each: each.but(text="1")
    )

    assert codes(read(written(recall))) == []


def test_an_empty_reference_lists_nothing() -> None:
    """Some writers leave an empty element."""
    assert codes(read(added(MANIFEST, Element(name="Reference")))) == []


def test_more_files_than_references_are_all_there() -> None:
    """The manifest may be behind; the files bring their own names."""
    found = document(added(FILES, attachment(211, "phu-luc.pdf", "application/pdf", PDF)))

    assert [each.name for each in found.attachments] == ["7816.pdf", "ghi-chu.txt", "phu-luc.pdf"]


def test_a_file_is_joined_by_identifier_before_position() -> None:
    """The order of the manifest is not that of the files."""
    message = changed(
        MANIFEST,
        lambda each: each.but(
            children=[
                reference(210, "hai.txt", "text/plain"),
                reference(209, "mot.pdf", "application/pdf"),
            ]
        ),
    )
    bare = written(
        plain()
        .with_child(
            MANIFEST,
            lambda each: each.but(
                children=[
                    reference(210, "hai.txt", "text/plain"),
                    reference(209, "mot.pdf", "application/pdf"),
                ]
            ),
        )
        .everywhere(
            lambda each: (
                each.but(
                    children=[child for child in each.children if child.name != "AttachmentName"]
                )
                if each.name == "Attachment"
                else each
            )
        )
    )

    assert codes(read(message)) == []
    assert [each.name for each in document(bare).attachments] == ["mot.pdf", "hai.txt"]


def file_of(message: bytes, spools: Spools | None = None) -> SpooledFile:
    """Return the second file of a document."""
    reading = read(message, spools=spools)
    assert isinstance(reading.message, Message)
    return reading.message.attachments[1]


def content_of(message: bytes) -> bytes:
    """Return the bytes of the second file of a document."""
    spools = Spools()
    path = file_of(message, spools).path
    return next(bytes(each.content) for each in spools.opened.values() if each.key == path)


def test_the_file_inside_a_wrapping_is_the_attachment() -> None:
    """Under its own name; the wrapping's type is nobody's."""
    message = second_file(
        wrapped(TEXT, "0f8e.txt"), kind="application/zip", said="application/zip"
    )

    assert (content_of(message), file_of(message).announced_type) == (TEXT, None)


@pytest.mark.parametrize(
    "content",
    [
        wrapped(TEXT, "a.txt", "b.txt"),
        wrapped(TEXT, "a.pdf"),
        wrapped(TEXT, "a"),
        wrapped(TEXT, "a.txt/"),
        wrapped(TEXT, "a.txt")[:-5],
        wrapped(TEXT, "a.txt").replace(TEXT[:0] + b"PK\x01\x02", b"PK\x01\x03"),
        wrapped(TEXT, "a.txt", method=12),
    ],
    ids=["two", "other extension", "no extension", "folder", "cut", "damaged", "bzip2"],
)
def test_what_is_no_plain_wrapping_stays_as_it_came(content: bytes) -> None:
    """The rules on files judge it."""
    assert content_of(second_file(content, kind="application/zip")) == content


def test_a_zip_by_name_stays_a_zip() -> None:
    """Whoever sends an archive gets an archive."""
    content = wrapped(TEXT, "a.zip")
    message = second_file(content, kind="application/zip").replace(b"ghi-chu.txt", b"ghi-chu.zip")

    assert (content_of(message), file_of(message).announced_type) == (content, "application/zip")


def test_a_file_inside_that_is_too_large_is_counted_but_not_written() -> None:
    """Its true size is known and the disk is spared."""
    content = wrapped(bytes(3_000_000), "a.txt")
    spools = Spools()

    message = read(second_file(content, kind="application/zip"), spools=spools, limit=10_000)

    assert isinstance(message.message, Message)
    assert message.message.attachments[1].size == 3_000_000
    assert max(each.size for each in spools.opened.values()) <= 10_000


def test_a_file_that_just_fits_may_be_wrapped() -> None:
    """The wrapping of what cannot be compressed is larger than the file itself."""
    inner = Random(1).randbytes(99_999)  # noqa: S311 - no secret
    message = second_file(wrapped(inner, "a.txt"), kind="application/zip")

    found = read(message, limit=100_000).message

    assert isinstance(found, Message)
    assert found.attachments[1].size == 99_999


def test_wrappings_have_a_limit_together() -> None:
    """Many small zips do not become many large files."""
    bomb = wrapped(bytes(9_000), "a.txt")
    many = [attachment(300 + n, f"{n}.txt", "application/zip", bomb) for n in range(100)]
    spools = Spools()

    read(added(FILES, *many), spools=spools, limit=10_000)

    assert sum(each.size for each in spools.opened.values()) < 8 * 10_000 + 100 * len(bomb) + 1_000


def test_wrappings_that_come_to_nothing_count_as_well() -> None:
    """A zip whose check sum is wrong is found out only after it was written."""
    bomb = bytearray(wrapped(bytes(9_000), "a.txt", streamed=False))
    directory = bomb.index(b"PK\x01\x02")
    bomb[14:18] = bomb[directory + 16 : directory + 20] = b"1234"
    many = [attachment(300 + n, f"{n}.txt", "application/zip", bytes(bomb)) for n in range(100)]
    spools = Spools()

    read(added(FILES, *many), spools=spools, limit=10_000)

    assert sum(each.size for each in spools.opened.values()) < 8 * 10_000 + 100 * len(bomb) + 1_000


@given(st.binary(max_size=40), st.integers(0, 200), st.integers(0, 40))
def test_a_mangled_wrapping_is_never_half_read(patch: bytes, at: int, cut: int) -> None:
    """Either the file inside comes out whole, or the zip stays what it is."""
    whole = bytearray(wrapped(TEXT, "a.txt"))
    whole[at : at + len(patch)] = patch
    content = bytes(whole[: len(whole) - cut])

    assert content_of(second_file(content, kind="application/zip")) in {TEXT, content}


def test_two_first_entries_do_not_make_two_documents() -> None:
    """A reader from the beginning and a reader by the directory must see one file."""
    hidden = wrapped(b"other", "a.txt", streamed=False)
    local = hidden[: hidden.index(b"PK\x01\x02")]
    shown = wrapped(TEXT, "a.txt", streamed=False)
    entry = shown[: shown.index(b"PK\x01\x02")]
    directory = bytearray(shown[len(entry) :])
    directory[42:46] = len(local).to_bytes(4, "little")
    end = directory.index(b"PK\x05\x06")
    directory[end + 16 : end + 20] = len(local + entry).to_bytes(4, "little")
    content = local + entry + bytes(directory)

    assert content_of(second_file(content, kind="application/zip")) == content
