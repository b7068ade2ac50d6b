"""What files hold: the corpus through the inspection and the rules, and any bytes at all."""

import io
import time
from collections.abc import Callable
from functools import lru_cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.config import EXTENSIONS
from gateway.domain.findings import Finding, Severity
from gateway.domain.inspection import Bounds, Inspected, Trait
from gateway.domain.rules import (
    archive_names,
    archives,
    attachments,
    barred,
    contents,
    dangers,
    file_names,
)
from gateway.domain.rules.mechanism import FileFacts, Limits, Screening, examine
from gateway.formats.inspection import Inspector, look
from gateway.ports import CutOff
from tests.domain.rules.samples import a_candidate, a_reference
from tests.samples import files as make
from tests.samples.corpus import PASSING, TOLD, WARNED, Make, zipped
from tests.samples.hostile import REFUSED

RULES = (
    *attachments.RULES,
    *file_names.RULES,
    *contents.RULES,
    *dangers.RULES,
    *archives.RULES,
    *archive_names.RULES,
    *barred.RULES,
)
CORPUS = {**PASSING, **{name: made for name, (_, made) in [*REFUSED.items(), *WARNED.items()]}}


def facts(name: str, content: bytes, bounds: Bounds | None = None) -> FileFacts:
    """Return what the inspection finds out about a file."""
    seen = look(io.BytesIO(content), bounds or Bounds())
    return FileFacts(
        n=1,
        name=name,
        size=len(content),
        media_type=seen.media_type,
        carries=seen.extensions,
        observations=seen.observations,
        members=seen.members,
    )


def judge(
    name: str,
    content: bytes,
    *,
    bounds: Bounds | None = None,
    screening: Screening | None = None,
    local: bool = True,
) -> dict[str, Finding]:
    """Return the findings about one file by code."""
    limits = Limits(extensions=frozenset(EXTENSIONS), archive=bounds or Bounds())
    candidate = a_candidate(files=(facts(name, content, bounds),), local=local)
    found = examine(candidate, a_reference(limits=limits, screening=screening), RULES)
    return {each.code: each for each in found}


@pytest.mark.parametrize("name", PASSING)
def test_an_ordinary_file_passes(name: str) -> None:
    """Nothing is said of what Word, Excel, LibreOffice, scanners, phones and zip programs make."""
    assert judge(name, PASSING[name]()) == {}


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_or_broken_file_is_refused(name: str) -> None:
    """The code says why, and it points at the file."""
    code, made = REFUSED[name]

    finding = judge(name, made())[code]

    assert (finding.severity, finding.pointer) == (Severity.ERROR, "/attachments/1")


@pytest.mark.parametrize("name", WARNED)
def test_a_doubtful_file_passes_with_a_warning(name: str) -> None:
    """Only the warning is said."""
    code, made = WARNED[name]

    found = judge(name, made())

    assert {code: Severity.WARNING} == {each.code: each.severity for each in found.values()}


@pytest.mark.parametrize("name", TOLD)
def test_what_a_system_adds_to_an_archive_is_told(name: str) -> None:
    """It is no reason to warn, let alone to refuse."""
    code, made = TOLD[name]

    found = judge(name, made())

    assert {code: Severity.INFO} == {each.code: each.severity for each in found.values()}


def test_a_program_under_the_name_of_a_by_product_is_refused() -> None:
    """Whatever it is called."""
    found = judge("a.zip", make.a_zip({"Thumbs.db": make.a_program()}))

    assert set(found) == {"zip-program"}


def test_a_member_is_named_by_its_way() -> None:
    """What is wrong inside an archive says where."""
    found = judge("a.zip", REFUSED["macro-inside.zip"][1]())

    assert "“a.zip/b.doc”" in found["file-macro"].message


def test_an_embedded_program_is_named() -> None:
    """Whoever mends the file knows what to look for."""
    found = judge("a.pdf", REFUSED["program.pdf"][1]())

    assert "(a.exe)" in found["file-embedded-program"].message


def test_macros_may_be_a_warning_by_policy() -> None:
    """The node decides."""
    found = judge("a.doc", REFUSED["macro.doc"][1](), screening=Screening(refuses_macros=False))

    assert found["file-macro"].severity is Severity.WARNING


def test_a_password_may_be_a_warning_by_policy() -> None:
    """The node decides."""
    lenient = Screening(refuses_encrypted=False)

    found = judge("a.docx", REFUSED["locked.docx"][1](), screening=lenient)

    assert found["file-encrypted"].severity is Severity.WARNING


def test_an_archive_in_an_archive_may_be_opened_by_policy() -> None:
    """With a depth of two its members are judged like all others."""
    inner = zipped(a__pdf=make.a_program())

    found = judge("a.zip", zipped(b__zip=inner), bounds=Bounds(depth=2))

    assert "b.zip/a.pdf" in found["zip-program"].message


def test_a_cut_file_from_an_axis_is_the_recipients_to_refuse() -> None:
    """It was issued elsewhere and cannot be mended here."""
    found = judge("a.pdf", REFUSED["cut.pdf"][1](), local=False)

    assert found["file-truncated"].severity is Severity.WARNING


@pytest.mark.parametrize(
    ("announced", "codes"),
    [
        ("application/pdf", []),
        ("application/octet-stream", []),
        (None, []),
        ("image/png", ["file-announced-type"]),
        ("application/vnd.ms-excel; charset=x", ["file-announced-type"]),
    ],
)
def test_the_announced_type_is_compared(announced: str | None, codes: list[str]) -> None:
    """A general type says nothing; a wrong one is a warning."""
    file = FileFacts(
        n=1,
        name="a.pdf",
        size=9,
        media_type="application/pdf",
        carries=frozenset({"pdf"}),
        announced_type=announced,
    )

    found = examine(a_candidate(files=(file,)), a_reference(), contents.RULES)

    assert codes == [each.code for each in found]


class Elsewhere:
    """An isolation that says what it was asked for, and is cut off."""

    def __init__(self) -> None:
        self.asked: list[object] = []

    def __call__(self, work: Callable[..., object], *args: object, **kwargs: object) -> CutOff:
        """Run nothing."""
        self.asked.append(args[0])
        return CutOff(reason="time")


@pytest.mark.parametrize("name", ["printed.pdf", "scan.jpg", "note.txt"])
def test_an_ordinary_file_needs_no_process(name: str) -> None:
    """A plain PDF, a picture and a text are settled in the thread."""
    elsewhere = Elsewhere()

    Inspector(elsewhere, Bounds(), patience_s=10.0)(io.BytesIO(PASSING[name]()))

    assert elsewhere.asked == []


@pytest.mark.parametrize(
    "name",
    [
        "packed.pdf",
        "script-packed.pdf",
        "launch-escaped.pdf",
        "launch-locked.pdf",
        "word.docx",
        "papers.zip",
    ],
)
def test_what_is_risky_goes_to_a_process(name: str) -> None:
    """Whatever acts, however it is hidden, is not settled at a glance."""
    elsewhere = Elsewhere()

    Inspector(elsewhere, Bounds(), patience_s=10.0)(io.BytesIO(CORPUS[name]()))

    assert len(elsewhere.asked) == 1


def test_when_the_time_of_a_submission_is_over_nothing_risky_is_read() -> None:
    """Fifty files that each take their time together take no more than two of them."""
    elsewhere = Elsewhere()
    inspector = Inspector(elsewhere, Bounds(), patience_s=10.0)

    seen = inspector(io.BytesIO(make.a_docx()), spent_s=10.0)

    assert (elsewhere.asked, [each.trait for each in seen.observations]) == ([], ["unchecked"])


def test_an_inspection_that_was_cut_off_refuses_the_file() -> None:
    """What could not be checked is not passed on."""
    seen = Inspector(Elsewhere(), Bounds(), patience_s=10.0)(io.BytesIO(make.a_docx()))
    file = FileFacts(
        n=1,
        name="a.docx",
        size=9,
        media_type=seen.media_type,
        carries=seen.extensions,
        observations=seen.observations,
    )

    found = examine(a_candidate(files=(file,)), a_reference(), contents.RULES)

    assert [each.code for each in found] == ["file-unchecked"]


def test_a_plain_pdf_of_100_kb_costs_less_than_a_third_of_a_millisecond() -> None:
    """The best of many looks stays within the budget of the thread."""
    content = make.pdf_with(make.scanned(100_000))
    inspector = Inspector(Elsewhere(), Bounds(), patience_s=10.0)
    times = []

    for _ in range(30):
        begun = time.thread_time()
        inspector(io.BytesIO(content))
        times.append(time.thread_time() - begun)

    assert min(times) < 0.0003


def inspected(content: bytes) -> Inspected:
    return look(io.BytesIO(content), Bounds(unpacked_bytes=20_000_000))


SEEDS: dict[str, Make] = {
    name: CORPUS[name]
    for name in (
        "word.docx", "writer.odt", "word97.doc", "excel97.xls", "script-packed.pdf", "launch.pdf",
        "program.pdf", "restricted.pdf", "scan.jpg", "seal.png", "stamp.gif", "lzw.tiff",
        "formula.rtf", "papers.zip", "stream.zip", "package.docx", "nested.zip", "tcvn3.txt",
    )
}  # fmt: skip


@lru_cache
def seed(name: str) -> bytes:
    """Return the same bytes each time: some makers put dates and random identifiers in."""
    return SEEDS[name]()


@pytest.mark.parametrize("name", SEEDS)
@settings(max_examples=40, deadline=20_000, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_mutated_file_never_raises(name: str, data: st.DataObject) -> None:
    """Bytes overwritten, cut out, put in or doubled are looked at calmly."""
    content = bytearray(seed(name))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content)))
        length = data.draw(st.integers(0, 64))
        content[at : at + length] = data.draw(st.binary(max_size=64))

    inspected(bytes(content))


@given(st.binary(max_size=600))
def test_any_bytes_are_looked_at_calmly(content: bytes) -> None:
    """With the beginning of any format in front, too."""
    for head in (
        b"",
        b"%PDF-1.7\n",
        b"PK\x03\x04",
        b"II*\0",
        b"GIF89a",
        b"\xff\xd8\xff",
        b"{\\rtf1",
    ):
        inspected(head + content)


@given(st.text("aăâbcdđeêghiklmnoôơpqrstuưvxyàảãáạ ,.;|=+-@!\n", max_size=300))
def test_what_people_write_is_plain_text(text: str) -> None:
    """Vietnamese text in Unicode has no legacy encoding, is no polyglot and is whole."""
    found = {each.trait for each in inspected(text.encode()).observations}

    assert found <= {Trait.COMMAND_FIELD}


@pytest.mark.parametrize("teased", [b"=,", b"a|a!", b"a|'", b"|'", b" ", b"\n", b"a"])
def test_a_text_made_to_tease_costs_little(teased: bytes) -> None:
    """A million bytes that nearly are commands, over and over, are read in well under a second."""
    content = (b"x|!" + teased * (1000 // len(teased))) * 1000
    begun = time.thread_time()

    inspected(content)

    assert time.thread_time() - begun < 1.0


def test_a_long_text_is_not_read_in_the_calling_thread() -> None:
    """The thread shares the interpreter's lock with the event loop."""
    elsewhere = Elsewhere()

    Inspector(elsewhere, Bounds(), patience_s=10.0)(io.BytesIO(b"so,ky hieu\r\n" * 20_000))

    assert len(elsewhere.asked) == 1


@pytest.mark.parametrize(
    "cells",
    [
        b"a;= cmd|'/C calc'!A0",
        b"1\t\"@msexcel|'x'!A0\"",
        b"=a|',=x'!cmd|b!c",
        b"+DDE(1)",
        b"\xef\xbb\xbf=cmd|x!A",
        b"a,b\r\n" * 13_105 + b"-cmd|x!A",
    ],
)
def test_a_cell_that_starts_a_command_is_found(cells: bytes) -> None:
    """At the begin of a file, of a line or of a cell, quoted or not, also where two reads meet."""
    assert Trait.COMMAND_FIELD in {each.trait for each in inspected(cells).observations}


@pytest.mark.parametrize(
    "cells",
    [b"cmd|x!A", b"=A1\r\ncmd|x!A", b"a=cmd|x!A", b"=1" + b"+1" * 60 + b" cmd|x!A", b"=x.DDE(1)"],
)
def test_what_is_no_formula_starts_nothing(cells: bytes) -> None:
    """Without a sign at the begin of its cell, on its line and near, a bar is a bar."""
    assert not inspected(cells).observations
