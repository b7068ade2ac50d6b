"""Reading edXML: the SDK's form and its tolerated variants."""

import base64
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.document import BusinessKind, Priority, StatusMessage
from gateway.domain.findings import Severity
from tests.formats.samples import (
    Spools,
    a_bare_message,
    a_message,
    a_part,
    codes,
    document,
    read,
    status,
)

REPLACED = (
    "<BussinessDocType>3</BussinessDocType><ReplacementInfoList><ReplacementInfo>"
    "<DocumentId>B</DocumentId></ReplacementInfo></ReplacementInfoList>"
)


def test_the_sdk_form_reads_without_findings() -> None:
    """What we write in the SDK's form has nothing to complain of."""
    assert codes(read(a_message(contents=[b"%PDF-1.7"]))) == []


def test_order_and_prefixes_of_elements_do_not_matter() -> None:
    """Elements are matched by local name wherever they stand in their parent."""
    message = (
        b'<x:edXML xmlns:x="http://www.e-doc.vn/Schema/"><AttachmentEncoded/><x:edXMLEnvelope>'
        b"<edXMLHeader><x:MessageHeader><Subject>A</Subject><x:To><x:OrganId>G12</x:OrganId></x:To>"
        b"<From><OrganId>H13</OrganId></From></x:MessageHeader></edXMLHeader></x:edXMLEnvelope>"
        b"</x:edXML>"
    )

    found = document(message)

    assert (found.sender.code, found.metadata.to, found.metadata.subject) == ("H13", ("G12",), "A")


def test_missing_data_is_left_empty() -> None:
    """Mandatory data is a matter of rules, not of reading."""
    found = read(a_bare_message())

    assert (codes(found), document(a_bare_message()).metadata.subject) == ([], "")


def test_empty_elements_say_nothing() -> None:
    """An empty ResponseFor, DueDate or Priority occurs."""
    message = a_bare_message(
        "<ResponseFor/><DueDate/><OtherInfo><Priority/><PageAmount/></OtherInfo><SignerInfo/>"
        "<StaffInfo/><DocumentType><Type/><TypeDetail></TypeDetail></DocumentType>"
    )

    found = document(message)

    assert (found.metadata.reply_to, found.metadata.due_on, codes(read(message))) == (
        None,
        None,
        [],
    )


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026/11/20", date(2026, 11, 20)),
        ("2026-11-20", date(2026, 11, 20)),
        ("20/11/2026", date(2026, 11, 20)),
    ],
)
def test_three_forms_of_dates_are_read(written: str, expected: date) -> None:
    """The standard's form, ISO, and the form of older systems."""
    assert document(a_bare_message(f"<DueDate>{written}</DueDate>")).metadata.due_on == expected


def test_trace_times_are_wall_clock_of_viet_nam() -> None:
    """A time stamp has no zone of its own."""
    trace = (
        "<TraceHeaderList><TraceHeader><OrganId>H13</OrganId>"
        "<Timestamp>2026/11/20 08:30:00</Timestamp></TraceHeader><TraceHeader>"
        "<Timestamp>x</Timestamp></TraceHeader></TraceHeaderList>"
    )

    found = document(a_bare_message(trace=trace))

    assert found.trace == (("H13", datetime(2026, 11, 20, 1, 30, tzinfo=UTC)), ("", None))


def test_an_unreadable_time_stamp_only_warns() -> None:
    """The SDK takes it for none."""
    trace = (
        "<TraceHeaderList><TraceHeader><Timestamp>x</Timestamp></TraceHeader></TraceHeaderList>"
    )

    found = read(a_bare_message(trace=trace)).findings

    assert [(each.code, each.severity) for each in found] == [("edxml-date", Severity.WARNING)]


@pytest.mark.parametrize(
    ("type_name", "expected"),
    [("Công văn", "CV"), ("QUYẾT ĐỊNH", "QĐ"), ("Thông tư", "Thông tư")],
)
def test_the_type_follows_its_name(type_name: str, expected: str) -> None:
    """Numbers of types are used in three ways; a name that is in no list stays as it is."""
    message = a_bare_message(
        f"<DocumentType><Type>71</Type><TypeName>{type_name}</TypeName></DocumentType>"
    )

    assert document(message).metadata.type == expected


def test_priority_four_reads_as_express() -> None:
    """Hỏa tốc hẹn giờ."""
    message = a_bare_message("<OtherInfo><Priority>4</Priority></OtherInfo>")

    assert document(message).metadata.priority is Priority.EXPRESS


@pytest.mark.parametrize(
    ("business", "kind", "of"),
    [
        ("", BusinessKind.NEW, None),
        ("<BussinessDocType>0</BussinessDocType><DocumentId>A</DocumentId>", "new", None),
        ("<BussinessDocType>1</BussinessDocType>", "recall", "ORIGINAL"),
        ("<BussinessDocType>2</BussinessDocType><DocumentId>A</DocumentId>", "update", "A"),
        (
            REPLACED,
            "replace",
            "B",
        ),
    ],
)
def test_business_names_the_earlier_document(
    business: str, kind: BusinessKind, of: str | None
) -> None:
    """By its own element, or by the identifier that a recall and an update share with it."""
    trace = f"<TraceHeaderList><Bussiness>{business}</Bussiness></TraceHeaderList>"

    found = document(a_bare_message("<DocumentId>ORIGINAL</DocumentId>", trace)).metadata.business

    assert (found.kind, found.of) == (kind, of)


@pytest.mark.parametrize(
    ("answered", "expected"),
    [("<DocumentId>D</DocumentId><Code>1/X</Code>", "D"), ("<Code>1/X</Code>", "1/X")],
)
def test_reply_to_prefers_the_identifier(answered: str, expected: str) -> None:
    """ResponseFor names a document by DocumentId or by Code."""
    message = a_bare_message(f"<ResponseFor/><ResponseFor>{answered}</ResponseFor>")

    assert document(message).metadata.reply_to == expected


def test_what_the_model_does_not_carry_is_kept_by_path() -> None:
    """Unknown and unused elements are there for whoever needs them."""
    found = document(
        a_bare_message("<Content>C</Content><ToPlaces><Place>A</Place><Place>B</Place></ToPlaces>")
    )

    assert found.extra == {
        "MessageHeader/Content": "C",
        "MessageHeader/ToPlaces/Place": "A",
        "MessageHeader/ToPlaces/Place[2]": "B",
    }


def test_a_signature_is_passed_over() -> None:
    """It never verifies; its elements are nobody's header."""
    message = a_bare_message(
        trace="<Signature><MessageHeader><From/></MessageHeader>"
        "<SignedInfo><Reference/></SignedInfo></Signature>"
    )

    assert (codes(read(message)), document(message).extra) == ([], {})


@pytest.mark.parametrize(
    ("content_id", "name"), [("209", "b.pdf"), ("cid:cid:209", "b.pdf"), ("", "a.pdf")]
)
def test_reference_and_attachment_are_joined(content_id: str, name: str) -> None:
    """By ContentId whatever its cid:, else by position."""
    manifest = "".join(
        f"<Reference><ContentId>cid:{n}</ContentId><AttachmentName>{name}</AttachmentName>"
        "<ContentType>application/pdf</ContentType></Reference>"
        for n, name in ((208, "a.pdf"), (209, "b.pdf"))
    )

    found = document(
        a_bare_message(manifest=manifest, attachments=a_part("QQ==", content_id))
    ).attachments

    assert [(each.name, each.announced_type) for each in found] == [(name, "application/pdf")]


@given(st.binary(max_size=300), st.integers(1, 40), st.integers(1, 30))
def test_base64_may_be_broken_and_cut_anywhere(content: bytes, step: int, width: int) -> None:
    """Line breaks, blanks and the borders of chunks make no difference."""
    encoded = base64.b64encode(content).decode()
    lines = "\r\n\t ".join(encoded[at : at + width] for at in range(0, len(encoded), width))
    spools = Spools()

    reading = read(a_bare_message(attachments=a_part(lines)), step=step, spools=spools)

    assert (bytes(spools.opened[1].content), codes(reading)) == (content, [])


def test_a_status_message_is_read() -> None:
    """From reports to ResponseFor/OrganId."""
    found = status(
        a_bare_message(
            "<ResponseFor><OrganId>G12</OrganId><Code>7816/VPCP-TTĐT</Code><DocumentId>D</DocumentId>"
            "<PromulgationDate>2015/09/30</PromulgationDate></ResponseFor><StatusCode>03</StatusCode>"
            "<StaffInfo><Department>Văn thư</Department><Mobile>09</Mobile></StaffInfo>"
            "<Description>ok</Description><Timestamp>2015/10/01 08:00:00</Timestamp>"
        )
    )

    assert found == StatusMessage(
        sender=found.sender,
        to="G12",
        code="03",
        document_id="D",
        number_notation="7816/VPCP-TTĐT",
        promulgated_on=date(2015, 9, 30),
        note="ok",
        at=datetime(2015, 10, 1, 1, 0, tzinfo=UTC),
        staff={"department": "Văn thư", "mobile": "09"},
    )
