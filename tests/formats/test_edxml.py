"""Reading edXML: the SDK's form, its tolerated variants, and what is wrong with the rest."""

import base64
import json
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.document import BusinessKind, Message, Priority, StatusMessage
from gateway.domain.findings import Severity
from gateway.formats.edxml_names import PLACES, xml_place
from tests.formats.samples import Spools, a_message, codes, read

HEADER = "/edXML/edXMLEnvelope/edXMLHeader"
REPLACED = (
    "<BussinessDocType>3</BussinessDocType><ReplacementInfoList><ReplacementInfo>"
    "<DocumentId>B</DocumentId></ReplacementInfo></ReplacementInfoList>"
)
NOBODY = (
    b"<edXML><edXMLEnvelope><edXMLHeader><MessageHeader/></edXMLHeader></edXMLEnvelope></edXML>"
)
NAMES = [
    "To",
    "OrganId",
    "StatusCode",
    "ResponseFor",
    "DueDate",
    "Code",
    "OtherInfo",
    "Priority",
    "PromulgationInfo",
    "PromulgationDate",
    "StaffInfo",
    "From",
    "Bussiness",
    "TraceHeader",
]


def a_bare_message(
    header: str = "", trace: str = "", attachments: str = "", manifest: str = ""
) -> bytes:
    """Return a message without prefixes around the given parts."""
    return (
        "<edXML><edXMLEnvelope><edXMLHeader>"
        f"<MessageHeader><From><OrganId>H13</OrganId></From>{header}</MessageHeader>{trace}"
        "</edXMLHeader><edXMLBody><edXMLManifest>"
        f"{manifest}</edXMLManifest></edXMLBody></edXMLEnvelope>"
        f"<AttachmentEncoded>{attachments}</AttachmentEncoded></edXML>"
    ).encode()


def a_part(content: str, content_id: str = "", name: str = "") -> str:
    """Return an Attachment element."""
    return (
        f"<Attachment><ContentTransferEncoded>{content}</ContentTransferEncoded>"
        f"<ContentId>{content_id}</ContentId><AttachmentName>{name}</AttachmentName></Attachment>"
    )


def document(message: bytes) -> Message:
    """Read *message*, which is a document."""
    reading = read(message)
    assert isinstance(reading.message, Message), reading.findings
    return reading.message


def status(message: bytes) -> StatusMessage:
    """Read *message*, which is a status message."""
    reading = read(message)
    assert isinstance(reading.message, StatusMessage), reading.findings
    return reading.message


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


@pytest.mark.parametrize("written", ["2026/02/30", "tomorrow", "2026/11/20 x", "0000/00/00"])
def test_a_date_that_does_not_exist_is_an_error_at_its_place(written: str) -> None:
    """The finding stands at the element, once."""
    found = read(a_bare_message(f"<DueDate>{written}</DueDate>")).findings

    assert [(each.code, each.pointer, each.severity) for each in found] == [
        ("edxml-date", f"{HEADER}/MessageHeader/DueDate", Severity.ERROR)
    ]


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


@pytest.mark.parametrize(
    "content", ["QQ", "QQ=", "Q", "QQ==QQ==", "====", "Q*==", "QUJéQ", "QQ==="]
)
def test_damaged_base64_is_a_finding_at_the_attachment(content: str) -> None:
    """Padding in the middle, foreign characters, a cut end."""
    found = read(a_bare_message(attachments=a_part("QQ==") + a_part(content))).findings

    assert [(each.code, each.pointer) for each in found] == [("edxml-base64", "/attachments/2")]


def test_a_large_attachment_is_counted_but_not_written() -> None:
    """Beyond the limit the true size is known and the disk is spared."""
    spools = Spools()
    encoded = base64.b64encode(bytes(300_000)).decode()

    message = read(a_bare_message(attachments=a_part(encoded)), spools=spools, limit=1000).message

    assert isinstance(message, Message)
    assert (message.attachments[0].size, spools.opened[1].size) == (300_000, 1000)


def test_attachments_beyond_the_limit_open_no_files() -> None:
    """A message with thousands of empty attachments is refused without thousands of files."""
    spools = Spools()

    reading = read(a_bare_message(attachments=a_part("") * 3000), spools=spools)

    assert (codes(reading), len(spools.opened)) == (["edxml-attachments"], 200)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (b"<a/>", ["edxml-root"]),
        (b"<edXML/>", ["edxml-header"]),
        (b"<edXML><edXMLEnvelope><edXMLHeader/></edXMLEnvelope></edXML>", ["edxml-header"]),
        (
            NOBODY,
            ["edxml-from"],
        ),
        (a_bare_message("<StatusCode>03</StatusCode>"), ["edxml-response-for"]),
        (b"<edXML>", ["xml-malformed"]),
    ],
)
def test_a_broken_structure_is_named(message: bytes, expected: list[str]) -> None:
    """There is no message then, and one error."""
    reading = read(message)

    assert (reading.message, codes(reading)) == (None, expected)


@pytest.mark.parametrize(
    ("header", "place"),
    [
        ("<OtherInfo><Priority>9</Priority></OtherInfo>", "OtherInfo/Priority"),
        ("<OtherInfo><Direction>maybe</Direction></OtherInfo>", "OtherInfo/Direction"),
        ("<OtherInfo><PageAmount>ten</PageAmount></OtherInfo>", "OtherInfo/PageAmount"),
        ("<To/><To><OrganId>" + "1" * 51 + "</OrganId></To>", "To[2]/OrganId"),
        ("<DocumentId>" + "1" * 201 + "</DocumentId>", "DocumentId"),
        ("<SteeringType>x</SteeringType>", "SteeringType"),
        (
            "<StatusCode>07</StatusCode><ResponseFor><OrganId>G12</OrganId></ResponseFor>",
            "StatusCode",
        ),
    ],
)
def test_a_value_outside_its_list_is_a_schema_finding(header: str, place: str) -> None:
    """Code lists, numbers and the lengths of codes are strict."""
    found = read(a_bare_message(header)).findings

    assert [(each.code, each.pointer) for each in found] == [
        ("edxml-schema", f"{HEADER}/MessageHeader/{place}")
    ]


def test_a_schema_finding_says_what_was_expected() -> None:
    """The list stands in the message."""
    found = read(a_bare_message("<OtherInfo><Priority>9</Priority></OtherInfo>")).findings

    assert "expected: 0, 1, 2, 3, 4" in found[0].message_en


@pytest.mark.parametrize(
    ("header", "severity"),
    [
        ("<SteeringType>x</SteeringType>", Severity.WARNING),
        ("<DueDate>2026/02/30</DueDate>", Severity.WARNING),
        (
            "<StatusCode>07</StatusCode><ResponseFor><OrganId>G12</OrganId></ResponseFor>",
            Severity.ERROR,
        ),
        ("<Subject>A</Subject><Subject>B</Subject>", Severity.ERROR),
    ],
)
def test_from_an_axis_only_what_cannot_be_understood_is_an_error(
    header: str, severity: Severity
) -> None:
    """Its sender has issued the document and cannot mend it here."""
    found = read(a_bare_message(header), local=False).findings

    assert [each.severity for each in found] == [severity]


def test_files_of_a_message_that_breaks_off_are_let_go() -> None:
    """What was being written is abandoned, what was complete is not."""
    spools = Spools()
    message = a_bare_message(attachments=a_part("QQ==") + a_part("QQ=="))

    read(message[: message.rindex(b"</Attachment>")], spools=spools)

    assert [each.is_abandoned for each in spools.opened.values()] == [False, True]


def test_two_subjects_are_refused() -> None:
    """Two readers must not see two documents."""
    found = read(a_bare_message("<Subject>A</Subject><Subject>B</Subject>")).findings

    assert [(each.code, each.pointer) for each in found] == [
        ("edxml-repeated", f"{HEADER}/MessageHeader/Subject")
    ]


def test_two_contents_of_one_attachment_are_refused() -> None:
    """Only the first is decoded."""
    twice = a_part("QQ==").replace(
        "<ContentId>",
        "<ContentTransferEncoded>Qg==</ContentTransferEncoded><ContentId>",
    )

    assert codes(read(a_bare_message(attachments=twice))) == ["edxml-repeated"]


def test_findings_about_one_message_are_bounded() -> None:
    """A hostile message does not make a hostile answer."""
    recipient = "<To><OrganId>" + "1" * 51 + "</OrganId></To>"

    assert len(read(a_bare_message(recipient * 1000)).findings) <= 50


def test_many_warnings_do_not_hide_an_error() -> None:
    """The grave ones come first when there are too many."""
    hop = "<TraceHeader><Timestamp>x</Timestamp></TraceHeader>"
    trace = f"<TraceHeaderList>{hop * 500}</TraceHeaderList>"

    found = read(a_bare_message("<OtherInfo><Priority>9</Priority></OtherInfo>", trace)).findings

    assert (len(found), found[0].code) == (100, "edxml-schema")


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


@pytest.mark.parametrize(
    ("pointer", "expected"),
    [
        ("/metadata/to/0", f"{HEADER}/MessageHeader/To/OrganId"),
        ("/metadata/to/2", f"{HEADER}/MessageHeader/To[3]/OrganId"),
        ("/metadata/subject", PLACES["/metadata/subject"]),
        ("/from", f"{HEADER}/MessageHeader/From/OrganId"),
        ("/attachments/1", "/attachments/1"),
    ],
)
def test_a_pointer_has_its_place_in_the_message(pointer: str, expected: str) -> None:
    """Findings of rules can name the element."""
    assert xml_place(pointer) == expected


@given(
    st.recursive(
        st.sampled_from(["", "x", "2026/11/20", "1"]),
        lambda inner: st.lists(
            st.tuples(
                st.sampled_from(NAMES),
                inner,
            ),
            max_size=4,
        ).map(lambda pairs: "".join(f"<{name}>{text}</{name}>" for name, text in pairs)),
        max_leaves=15,
    ),
    st.integers(1, 60),
)
def test_any_header_is_read_or_refused(header: str, step: int) -> None:
    """Whatever stands in the header, the reader never raises."""
    read(a_bare_message(header, trace=f"<TraceHeaderList>{header}</TraceHeaderList>"), step=step)


@pytest.mark.parametrize("width", [0, 76])
def test_a_message_of_33_megabytes_is_read_in_a_few(width: int, tmp_path: Path) -> None:
    """The peak of a fresh process grows by less than 8 MB over an attachment of 25 MB."""
    path = tmp_path / "message.edxml"
    line = base64.b64encode(bytes(range(57)) * 1).decode() + ("\r\n" if width else "")
    with path.open("wb") as file:
        begin, _, end = a_bare_message(attachments=a_part("HERE")).partition(b"HERE")
        file.write(begin)
        for _ in range(459):
            file.write(line.encode() * 1002)
        file.write(end)

    done = subprocess.run(  # noqa: S603 - our own interpreter on our own file
        [sys.executable, str(Path(__file__).parent / "read_in_a_process.py"), str(path)],
        capture_output=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )

    grown_kb, size, findings = json.loads(done.stdout)
    assert (grown_kb < 8192, size, findings) == (True, 57 * 1002 * 459, 0)
