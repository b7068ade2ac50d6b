"""Reading edXML that is wrong: each fault with its place, bounded, whatever comes."""

import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.document import Message
from gateway.domain.findings import Severity
from gateway.formats.edxml_names import PLACES, xml_place
from tests.formats.samples import (
    Spools,
    a_bare_message,
    a_part,
    codes,
    read,
)

HEADER = "/edXML/edXMLEnvelope/edXMLHeader"
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


@pytest.mark.parametrize("written", ["2026/02/30", "tomorrow", "2026/11/20 x", "0000/00/00"])
def test_a_date_that_does_not_exist_is_an_error_at_its_place(written: str) -> None:
    """The finding stands at the element, once."""
    found = read(a_bare_message(f"<DueDate>{written}</DueDate>")).findings

    assert [(each.code, each.pointer, each.severity) for each in found] == [
        ("edxml-date", f"{HEADER}/MessageHeader/DueDate", Severity.ERROR)
    ]


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
