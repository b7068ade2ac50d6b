"""edXML as it occurs: every form that was seen reads as the same document, or is refused."""

from dataclasses import replace
from datetime import date, datetime
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.document import Message
from gateway.domain.findings import Severity
from tests.formats.samples import codes, meaning, read
from tests.samples.edxml_corpus import AGENCY_CODES, DOCUMENTS, IDENTIFIERS, REFUSED
from tests.samples.edxml_forms import (
    QCVN,
    SDK,
    Element,
    Form,
    leaf,
    no_prefix,
    one_prefix,
    written,
)
from tests.samples.edxml_messages import (
    MESSAGE,
    SENDER,
    SOAP_FORM,
    TRACE,
    added,
    changed,
    plain,
    set_text,
    soap,
)

PLACE = "/" + "/".join(("edXML", *MESSAGE))
VIET_NAM = ZoneInfo("Asia/Ho_Chi_Minh")


def document(message: bytes) -> Message:
    """Read *message*, which is a document."""
    found = read(message).message
    assert isinstance(found, Message)
    return found


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_form_reads_as_the_same_document(name: str) -> None:
    """Namespaces, order, spelling, links, wrappings and dates change nothing, and nothing is said."""
    reading = read(DOCUMENTS[name])

    assert (meaning(reading), codes(reading)) == (
        meaning(read(DOCUMENTS["as the SDK writes"])),
        [],
    )


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("step", [1, 7, 1000])
def test_the_cut_of_chunks_changes_no_form(name: str, step: int) -> None:
    """However a message is cut on its way, it reads the same."""
    assert meaning(read(DOCUMENTS[name], step=step)) == meaning(read(DOCUMENTS[name]))


TEXTS = st.text(
    st.one_of(
        st.sampled_from("ĐđƯươÂâạảấ\u0301&<>\"'  ]/:{}"),
        st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"),
    ),
    min_size=1,
    max_size=60,
)
FORMS = (
    SDK,
    no_prefix(""),
    no_prefix(f' xmlns="{QCVN}"'),
    one_prefix("ns0", QCVN),
    replace(SDK, line_end="\n", indent="\t"),
    replace(SDK, line_end="", indent=""),
)


@given(TEXTS, st.sampled_from(FORMS), st.integers(1, 2000))
def test_any_text_reads_alike_in_every_form(text: str, form: Form, step: int) -> None:
    """Letters, marks and signs of XML come through, however the message is written and cut."""
    message = changed((*MESSAGE, "Subject"), lambda each: each.but(text=text), form)

    found = read(message, step=step).message

    assert isinstance(found, Message)
    assert found.metadata.subject == text.strip(" \t\r\n")


@given(st.randoms(use_true_random=False))
def test_any_order_of_elements_reads_alike(random: Random) -> None:
    """Only elements of one name keep their order among themselves."""

    def shuffled(each: Element) -> Element:
        names = sorted({child.name for child in each.children})
        random.shuffle(names)
        children = [child for name in names for child in each.children if child.name == name]
        return each.but(children=children)

    message = written(plain().everywhere(shuffled))

    assert meaning(read(message)) == meaning(read(written(plain())))


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_such_message_is_refused_where_it_fails(name: str) -> None:
    """There is one finding, with its code and its place, and it says what to do."""
    message, code, pointer = REFUSED[name]

    found = read(message).findings

    assert [(each.code, each.severity) for each in found] == [(code, Severity.ERROR)]
    assert pointer in {None, found[0].pointer}
    assert all((found[0].message, found[0].message_en, found[0].remedy, found[0].remedy_en))


@pytest.mark.parametrize(
    "name", [name for name, (_, code, _) in REFUSED.items() if "xml-" in code]
)
def test_unreadable_xml_names_line_and_column(name: str) -> None:
    """The pointer is ``line:column``, in the text as well."""
    message, code, _ = REFUSED[name]
    if code.startswith("edxml-"):
        return

    found = read(message).findings[0]
    line, _, column = found.pointer.partition(":")

    assert int(line) > 0
    assert int(column) > 0


@pytest.mark.parametrize("identifier", IDENTIFIERS)
def test_identifiers_of_documents_are_kept_as_given(identifier: str) -> None:
    """Whatever their form, they are the sender's."""
    reading = read(set_text("DocumentId", text=identifier))

    assert isinstance(reading.message, Message)
    assert (reading.message.document_id, codes(reading)) == (identifier, [])


def test_a_message_without_an_identifier_is_read() -> None:
    """Careless senders leave it out."""
    reading = read(
        changed(
            MESSAGE,
            lambda each: each.but(
                children=[child for child in each.children if child.name != "DocumentId"]
            ),
        )
    )

    assert isinstance(reading.message, Message)
    assert (reading.message.document_id, codes(reading)) == (None, [])


@pytest.mark.parametrize("code", AGENCY_CODES)
def test_codes_of_either_kind_are_kept_as_given(code: str) -> None:
    """Old and new ones, of enterprises, of centres and systems stand side by side."""
    message = added(MESSAGE, Element(name="To", children=(leaf("OrganId", code),)))

    reading = read(message)

    assert isinstance(reading.message, Message)
    assert (reading.message.metadata.to, codes(reading)) == (
        ("H13.02", "000.00.12.G22", code),
        [],
    )


def test_one_recipient_under_both_codes_is_read_twice() -> None:
    """That they are the same is for the rules to say."""
    message = added(
        MESSAGE,
        *(
            Element(name="To", children=(leaf("OrganId", code),))
            for code in ("G12", "000.00.00.G12")
        ),
    )

    assert document(message).metadata.to[2:] == ("G12", "000.00.00.G12")


def test_a_hop_may_have_no_code() -> None:
    """An axis leaves its code out, or writes ``null``."""
    hops = [
        Element(name="TraceHeader", children=(leaf("Timestamp", "2026/11/20 08:31:00"),)),
        Element(
            name="TraceHeader",
            children=(leaf("OrganId", "null"), leaf("Timestamp", "2026/11/20 08:32:00")),
        ),
    ]

    found = document(added(TRACE, *hops)).trace

    assert [code for code, _ in found] == [SENDER, "", ""]


@pytest.mark.parametrize(
    ("written_time", "expected"),
    [
        ("2026/11/20 08:30:00", (8, 30)),
        ("2026/11/20 8:30", (8, 30)),
        ("20/11/2026 08:30:00", (8, 30)),
        ("2026-11-20 08:30:00.123", (8, 30)),
        ("2026-11-20T08:30:00", (8, 30)),
        ("2026-11-20T08:30:00+07:00", (8, 30)),
        ("2026-11-20T01:30:00Z", (8, 30)),
        ("2026-11-20T03:30:00.000+0200", (8, 30)),
        ("2026/11/20", (0, 0)),
    ],
)
def test_times_are_read_in_every_form(written_time: str, expected: tuple[int, int]) -> None:
    """A wall clock of Việt Nam, unless the time says another zone."""
    stamp = changed(
        TRACE,
        lambda each: each.with_child(
            ("TraceHeader", "Timestamp"), lambda time: time.but(text=written_time)
        ),
    )

    found = document(stamp).trace[0][1]

    assert found == datetime(2026, 11, 20, *expected, tzinfo=VIET_NAM)


@pytest.mark.parametrize(
    "day",
    ["2026/02/30", "2026/13/01", "0000/01/01", "20/13/2026", "2026/11/20 25:00:00", "hôm nay"],
)
def test_a_day_that_does_not_exist_is_no_other_day(day: str) -> None:
    """A lenient reader would move it into the next month; here it is said."""
    reading = read(set_text("PromulgationInfo", "PromulgationDate", text=day))

    assert [(each.code, each.pointer) for each in reading.findings] == [
        ("edxml-date", f"{PLACE}/PromulgationInfo/PromulgationDate")
    ]


@given(st.dates(date(1, 1, 1), date(9999, 12, 31)), st.sampled_from(["/", "-"]))
def test_any_day_reads_back(day: date, dash: str) -> None:
    """Year first, whatever the dash."""
    text = f"{day.year:04}{dash}{day.month:02}{dash}{day.day:02}"

    assert document(set_text("DueDate", text=text)).metadata.due_on == day


@given(st.text(max_size=40))
def test_any_text_for_a_day_is_read_or_reported(text: str) -> None:
    """Nothing that stands for a date makes the reader fail."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    message = set_text("DueDate", text="".join(each for each in text if each.isprintable()))

    assert set(codes(read(message))) <= {"edxml-date"}


def test_the_soap_family_is_read_by_its_header() -> None:
    """The header means the same; the files travel beside the XML."""
    soap_reading = read(written(soap(references=False), SOAP_FORM))

    without_files = meaning(soap_reading)[:-1]

    assert (without_files, codes(soap_reading)) == (meaning(read(written(plain())))[:-1], [])


def test_files_beside_a_soap_envelope_are_missed_aloud() -> None:
    """From within the XML nobody can see whether they came: a warning for each."""
    found = read(written(soap(), SOAP_FORM)).findings

    assert [(each.code, each.severity, each.pointer) for each in found] == [
        (
            "edxml-attachment-missing",
            Severity.WARNING,
            "/edXML/edXMLEnvelope/edXMLBody/edXMLManifest/Reference" + n,
        )
        for n in ("", "[2]")
    ]


def test_a_signature_of_any_content_is_none() -> None:
    """Neither its references nor its texts are the document's."""
    found = document(DOCUMENTS["boilerplate signature"])

    assert (len(found.attachments), [key for key in found.extra if "Signature" in key]) == (2, [])
