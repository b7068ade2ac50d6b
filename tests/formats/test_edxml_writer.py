"""Writing edXML in the SDK's form, and reading back what was written."""

import io
import re
from datetime import UTC, date, datetime
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.document import (
    Business,
    BusinessKind,
    Message,
    Metadata,
    Organisation,
    Priority,
    Signer,
    StatusMessage,
)
from gateway.formats.codelists import document_types
from gateway.formats.edxml_writer import write_document
from gateway.formats.frame import Frame, decode_frame, encode_frame, frame_size, render
from gateway.formats.status import write_status
from tests.formats.samples import (
    Spools,
    a_frame,
    a_message,
    a_metadata,
    an_attachment,
    codes,
    read,
)

#: Anything that XML can hold, the Vietnamese and the awkward more often; trimmed as readers do.
texts = st.text(
    st.one_of(
        st.sampled_from("ĐđƯươÂâạảấầẩẫậ\u0301\u0323&<>\"'  ]/\t\n\r"),
        st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"),
    ),
    max_size=40,
).map(lambda text: text.strip(" \t\r\n"))
words = texts.filter(bool)
agency_codes = st.from_regex(r"[A-Z][0-9]{2}(\.[0-9]{2}){0,2}", fullmatch=True)
days = st.dates(date(2000, 1, 1), date(2099, 12, 31))
numbers = st.none() | st.integers(1, 999)
maybe = partial(st.one_of, st.none())


@st.composite
def businesses(draw: st.DrawFn) -> Business:
    """Any business; all but a new document name an earlier one."""
    kind = draw(st.sampled_from(BusinessKind))
    of = None if kind is BusinessKind.NEW else draw(words)
    return Business(kind=kind, of=of, reason=draw(maybe(words)))


metadatas = st.builds(
    Metadata,
    to=st.lists(agency_codes, min_size=1, max_size=4).map(tuple),
    type=st.sampled_from(list(document_types())),
    subject=texts,
    notation=st.text("ABCĐ-/", max_size=20),
    number=maybe(st.from_regex(r"[0-9]{1,5}[a-z]?", fullmatch=True)),
    promulgated_on=maybe(days),
    place=texts,
    signer=st.builds(Signer, competence=maybe(words), position=texts, full_name=texts),
    priority=st.sampled_from(Priority),
    due_on=maybe(days),
    reply_to=maybe(words),
    paper_copy=st.booleans(),
    pages=numbers,
    copies=numbers,
    business=businesses(),
)
organisations = st.builds(
    Organisation,
    code=agency_codes,
    name=maybe(words),
    in_charge=maybe(words),
    address=maybe(words),
    email=maybe(words),
    telephone=maybe(words),
    fax=maybe(words),
    website=maybe(words),
)
instants = st.datetimes(
    datetime(2000, 1, 1),  # noqa: DTZ001 - the zone is given beside
    datetime(2099, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
).map(lambda instant: instant.replace(microsecond=0))


@given(metadatas)
def test_metadata_survives_writing_and_reading(metadata: Metadata) -> None:
    """Reading what was written gives the same meaning."""
    message = read(a_message(metadata)).message

    assert isinstance(message, Message)
    assert message.metadata == metadata


@given(organisations, st.lists(organisations, max_size=3), st.lists(instants, max_size=3))
def test_organisations_and_trace_survive(
    sender: Organisation, recipients: list[Organisation], hops: list[datetime]
) -> None:
    """So do the parties and the hops."""
    trace = [("H13", hop) for hop in hops]
    frame = write_document(
        document_id="X",
        sender=sender,
        recipients=recipients,
        metadata=a_metadata(),
        attachments=[],
        trace=trace,
    )

    message = read(frame.pieces[0]).message

    assert isinstance(message, Message)
    assert (message.sender, message.recipients, message.trace) == (
        sender,
        tuple(recipients),
        tuple(trace),
    )


@given(st.lists(st.binary(max_size=100), max_size=4), st.integers(1, 3000))
def test_attachments_survive_byte_for_byte(contents: list[bytes], step: int) -> None:
    """The files come back as they were, with their names and types."""
    spools = Spools()

    message = read(a_message(contents=contents), step=step, spools=spools).message

    assert isinstance(message, Message)
    assert [bytes(spool.content) for spool in spools.opened.values()] == contents
    assert [(each.name, each.announced_type) for each in message.attachments] == [
        ("a.pdf", "application/pdf")
    ] * len(contents)


@given(
    st.builds(
        StatusMessage,
        sender=organisations,
        to=agency_codes,
        code=st.sampled_from(["01", "02", "03", "04", "05", "06", "13", "15", "16"]),
        document_id=maybe(words),
        number_notation=maybe(words),
        promulgated_on=maybe(days),
        note=maybe(words),
        at=maybe(instants),
        staff=st.dictionaries(
            st.sampled_from(
                ["department", "department_id", "staff", "staff_id", "email", "mobile"]
            ),
            words,
        ),
    )
)
def test_status_messages_survive(status: StatusMessage) -> None:
    """Status messages go the same way."""
    assert read(write_status(status)).message == status


@given(st.lists(st.binary(max_size=100), max_size=4))
def test_the_size_of_an_envelope_is_known_beforehand(contents: list[bytes]) -> None:
    """The frame and the sizes of the files are enough."""
    sizes = {n: len(each) for n, each in enumerate(contents, start=1)}

    assert frame_size(a_frame(contents=contents), sizes) == len(a_message(contents=contents))


@given(st.lists(st.binary(max_size=50), min_size=1, max_size=5), st.data())
def test_a_frame_survives_storage(pieces: list[bytes], data: st.DataObject) -> None:
    """Encoding and decoding are inverse."""
    slots = data.draw(
        st.lists(st.integers(1, 9), min_size=len(pieces) - 1, max_size=len(pieces) - 1)
    )
    frame = Frame(pieces=tuple(pieces), slots=tuple(slots))

    assert decode_frame(encode_frame(frame)) == frame


@given(st.integers(0, 400))
def test_a_cut_frame_is_refused(length: int) -> None:
    """A stored value that was damaged does not pass for a shorter message."""
    stored = encode_frame(a_frame(contents=[b"x"]))

    with pytest.raises(ValueError, match="frame"):
        decode_frame(stored[:length])


def test_a_file_that_gives_short_reads_is_encoded_alike() -> None:
    """A file may return less than it was asked for."""

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(size or 1, 7))

    content = bytes(range(100))
    frame = a_frame(contents=[content])

    assert b"".join(render(frame, lambda _: Slow(content))) == a_message(contents=[content])


def test_the_prefixes_are_those_of_the_sdk() -> None:
    """Default namespace outside, prefix inside, prefix on the content alone."""
    tags = re.findall(r"<(?!/)[^>]*>", a_message(contents=[b"x"]).decode())
    namespace = "http://www.mic.gov.vn/TBT/QCVN_102_2016"

    assert [tags[1], tags[2], tags[3], *tags[-6:]] == [
        f'<edXML xmlns="{namespace}">',
        f'<edXML:edXMLEnvelope xmlns:edXML="{namespace}">',
        "<edXML:edXMLHeader>",
        "<AttachmentEncoded>",
        "<Attachment>",
        "<ContentId>",
        "<AttachmentName>",
        "<ContentType>",
        f'<edXML:ContentTransferEncoded xmlns:edXML="{namespace}">',
    ]


def test_the_order_of_a_full_header_is_that_of_the_sdk() -> None:
    """What is there comes in the order in which the SDK builds a message."""
    metadata = Metadata(
        to=("G12",),
        type="CV",
        subject="S",
        notation="N",
        number="1",
        promulgated_on=date(2026, 11, 20),
        place="P",
        signer=Signer(position="CT", full_name="A"),
        due_on=date(2026, 12, 1),
        reply_to="D",
    )
    header = a_message(metadata).decode().partition("</edXML:MessageHeader>")[0]

    assert re.findall(r"\n {8}<edXML:(\w+)", header) == [
        "From",
        "To",
        "DocumentId",
        "Code",
        "PromulgationInfo",
        "DocumentType",
        "Subject",
        "SignerInfo",
        "DueDate",
        "OtherInfo",
        "ResponseFor",
    ]


def test_lines_end_and_indent_as_the_sdk_writes_them() -> None:
    """Two spaces a level, CR LF, base64 on one line."""
    written = a_message(contents=[bytes(10_000)])

    assert all(line.endswith(b"\r") for line in written.split(b"\n")[:-1])


def test_a_new_document_says_so() -> None:
    """BussinessDocType 0 and Paper 0 are written too."""
    written = a_message()

    assert b"BussinessDocType>0<" in written
    assert b"Paper>0<" in written


def test_empty_values_are_left_out() -> None:
    """No empty element is written."""
    written = a_message(Metadata(to=("G12",), type="", subject="", notation="")).decode()

    assert re.findall(r"<(?:edXML:)?(\w+)></|<\w+/>", written) == []


@pytest.mark.parametrize("character", ["\0", "\x0b", "\x1f", "\ufffe", "\ud800"])
def test_a_character_that_xml_does_not_know_is_refused(character: str) -> None:
    """Nothing is stripped silently."""
    metadata = Metadata(to=("G12",), type="CV", subject=f"a{character}b", notation="N")

    with pytest.raises(ValueError, match=f"U\\+{ord(character):04X}"):
        a_frame(metadata)


def test_a_file_name_with_such_a_character_is_refused() -> None:
    """Names of files are text as well."""
    with pytest.raises(ValueError, match="U\\+0001"):
        write_document(
            document_id="X",
            sender=Organisation(code="H13"),
            recipients=[],
            metadata=a_metadata(),
            attachments=[an_attachment(1, b"", "\x01.pdf")],
            trace=[],
        )


def test_what_is_written_has_no_findings() -> None:
    """Our own messages pass our own schema."""
    business = Business(kind=BusinessKind.UPDATE, of="H13/2026/1", reason="sai")
    metadata = Metadata(to=("G12",), type="CV", subject="S", notation="N", business=business)

    assert codes(read(a_message(metadata, [b"x"]))) == []
