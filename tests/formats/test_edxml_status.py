"""Status messages as they occur."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from gateway.domain.document import StatusMessage
from gateway.formats.codelists import statuses
from tests.formats.samples import codes, read
from tests.samples.edxml_forms import (
    SDK,
    no_prefix,
    one_prefix,
    written,
)
from tests.samples.edxml_messages import (
    MESSAGE,
    READER,
    SENDER,
    status,
)

PLACE = "/" + "/".join(("edXML", *MESSAGE))
VIET_NAM = ZoneInfo("Asia/Ho_Chi_Minh")


@pytest.mark.parametrize("form", [SDK, no_prefix(""), one_prefix("edXML", "u:x")])
@pytest.mark.parametrize("code", statuses())
def test_every_status_is_read_in_every_namespace(code: str, form: object) -> None:
    """All codes of the list, with who must be told about which document."""
    text = statuses()[code].text

    reading = read(written(status(code, text), form))  # type: ignore[arg-type]

    found = reading.message
    assert isinstance(found, StatusMessage)
    assert (found.code, found.note, found.sender.code, found.to) == (code, text, READER, SENDER)
    assert (found.number_notation, found.promulgated_on, codes(reading)) == (
        "7816/SNV-TTĐT",
        date(2026, 11, 20),
        [],
    )


def test_a_status_without_optional_parts_is_read() -> None:
    """Staff, description, number and date may be missing."""
    bare = status("01", "").with_child(
        MESSAGE,
        lambda each: each.but(
            children=[
                each.at("From"),
                each.at("ResponseFor").but(children=[each.at("ResponseFor", "OrganId")]),
                each.at("StatusCode"),
            ]
        ),
    )

    reading = read(written(bare))

    assert isinstance(reading.message, StatusMessage)
    assert (reading.message.code, codes(reading)) == ("01", [])


@pytest.mark.parametrize("code", ["", "  "])
def test_a_status_without_its_code_is_refused(code: str) -> None:
    """It reports nothing."""
    reading = read(written(status(code, "ok")))

    assert (reading.message, [(each.code, each.pointer) for each in reading.findings]) == (
        None,
        [("edxml-status-code", f"{PLACE}/StatusCode")],
    )


@pytest.mark.parametrize("code", ["07", "14", "3", "103", "xx"])
def test_a_status_outside_the_list_is_refused_with_the_list(code: str) -> None:
    """Nobody knows what it would mean."""
    found = read(written(status(code, "ok"))).findings

    assert [(each.code, each.pointer) for each in found] == [
        ("edxml-schema", f"{PLACE}/StatusCode")
    ]
    assert "01, 02, 03, 04, 05, 06, 13, 15, 16" in found[0].message
