"""`gateway check` of messages: what is one, what is found in it, without a node."""

from datetime import UTC, datetime

import pytest

from gateway.domain.document import Organisation, StatusMessage
from gateway.formats.status import write_status
from tests.cli.checks import codes, file, objects
from tests.pipeline.rooms import a_message

pytestmark = pytest.mark.usefixtures("elsewhere")


@pytest.mark.parametrize("code", ["H13 01", "HĐ13", "H13;--", ".H13", "../H13"])
def test_without_a_node_the_form_of_the_senders_code_is_judged(code: str) -> None:
    """No directory is needed to see that it is none."""
    (checked,) = objects(file("m.edxml", a_message(sender=code)))

    assert codes(checked) == ["agency-sender-form"]


@pytest.mark.parametrize("code", ["000.00.01.H88", "28.22.H17", "020100107370", "vxp.saas.03"])
def test_without_a_node_every_form_of_a_code_passes(code: str) -> None:
    """Of both layouts, of an enterprise, of a test system."""
    assert objects(file("m.edxml", a_message(sender=code)))[0]["verdict"] == "accept"


def a_status(code: str, note: str | None = None) -> bytes:
    """Return a status message with *code*."""
    return write_status(
        StatusMessage(
            sender=Organisation(code="H13.02"),
            to="H13.01",
            code=code,
            document_id="TD-1",
            note=note,
            at=datetime(2026, 11, 20, 2, 0, tzinfo=UTC),
        )
    )


@pytest.mark.parametrize("name", ["m.edxml", "M.EDXML", "m.xml", "m", "m.txt"])
def test_a_message_is_known_by_its_name_or_its_root(name: str) -> None:
    """Nothing is found in a good one."""
    assert objects(file(name, a_message()))[0]["verdict"] == "accept"


@pytest.mark.parametrize(
    "before", [b"\xef\xbb\xbf", b"<!-- a > <b> -->", b"<?xml-stylesheet a?>\r\n", b"\n"]
)
def test_what_may_stand_before_a_root_hides_no_message(before: bytes) -> None:
    """A mark, comments, instructions, blank lines; not all of it is well-formed."""
    (checked,) = objects(file("m", before + a_message()))

    assert not any(code.startswith("file-") for code in codes(checked))


@pytest.mark.parametrize(
    "content",
    [
        b"rubbish " + a_message(),
        a_message()[:-30],
        a_message().decode().encode("utf-16"),
        b"<!DOCTYPE edXML [<!ENTITY a 'b'>]>" + a_message(),
        b"<edXML>" * 100_000,
    ],
)
def test_a_damaged_message_is_told_as_xml(content: bytes) -> None:
    """Not as a file that may not be attached."""
    (checked,) = objects(file("m.xml", content))

    assert [code.partition("-")[0] for code in codes(checked)] == ["xml"]


def test_a_soap_envelope_that_holds_the_header_is_a_message() -> None:
    """As the older family of edXML has it."""
    soap = (
        b'<?xml version="1.0"?><S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/">'
        b'<S:Header><e:MessageHeader xmlns:e="http://www.e-doc.vn/Schema/"/></S:Header>'
        b"<S:Body/></S:Envelope>"
    )

    (checked,) = objects(file("m.xml", soap))

    assert {code.partition("-")[0] for code in codes(checked)} <= {"edxml", "meta"}


def test_an_empty_message_is_told() -> None:
    """Its name says what it was to be."""
    assert codes(objects(file("m.edxml", b""))[0]) == ["xml-empty"]


def test_another_xml_file_is_an_attachment() -> None:
    """A SOAP envelope without the header of edXML, too."""
    soap = (
        b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/></s:Envelope>'
    )

    assert codes(objects(file("a.xml", soap))[0]) == ["file-extension"]


def test_every_fault_of_a_message_is_found_at_once() -> None:
    """With its place in the message."""
    (checked,) = objects(file("m.edxml", a_message(subject="", place="", content=b"")))

    assert {("Subject", "meta-missing"), ("Place", "meta-missing")} <= {
        (each["pointer"].rpartition("/")[2], each["code"]) for each in checked["findings"]
    }


def test_a_warning_leaves_a_message_accepted() -> None:
    """The verdict says that somebody should look."""
    (checked,) = objects(
        file("m.edxml", a_message(due_on=datetime(2020, 1, 1, tzinfo=UTC).date()))
    )

    assert checked["verdict"] == "accept-with-warning"


def test_without_a_node_recipients_are_not_judged() -> None:
    """Nobody knows them here."""
    (checked,) = objects(file("m.edxml", a_message("H77.99", sender="H88.01")))

    assert checked["verdict"] == "accept"


@pytest.mark.parametrize("code", ["01", "03", "06", "13", "15", "16"])
def test_a_status_message_is_checked_as_such(code: str) -> None:
    """It has no subject and no attachment; 13 is the sender's own request."""
    assert objects(file("s.edxml", a_status(code)))[0]["verdict"] == "accept"


def test_a_refusal_without_its_reason_is_told() -> None:
    """The node would record it without effect."""
    (checked,) = objects(file("s.edxml", a_status("02")))

    assert [(each["code"], each["pointer"]) for each in checked["findings"]] == [
        ("status-wrong", "/edXML/edXMLEnvelope/edXMLHeader/MessageHeader/Description")
    ]
