"""Rules on attached files: each with what passes and what fails."""

import pytest

from gateway.domain.document import Business, BusinessKind
from gateway.domain.findings import Severity
from gateway.domain.rules import attachments, file_names
from gateway.domain.rules.attachments import extension_of
from gateway.domain.rules.mechanism import FileFacts, Limits
from gateway.domain.signatures import Reason
from tests.domain.rules.samples import (
    PERSON,
    a_candidate,
    a_file,
    a_reference,
    a_signature,
    files,
    judge,
    said,
    with_metadata,
)

RULES = (*attachments.RULES, *file_names.RULES)


def about(*parts: FileFacts, limits: Limits | None = None) -> list[tuple[str, str]]:
    reference = a_reference(limits=limits) if limits else a_reference()
    return said(RULES, a_candidate(files=parts), reference)


def test_an_ordinary_file_passes() -> None:
    """A small PDF named like one has no finding."""
    assert about(a_file()) == []


def test_a_new_document_must_carry_a_file() -> None:
    """Without a file there is nothing to exchange."""
    assert about() == [("file-missing", "/attachments")]


@pytest.mark.parametrize("kind", [BusinessKind.UPDATE, BusinessKind.RECALL])
def test_a_recall_or_an_update_needs_no_file(kind: BusinessKind) -> None:
    """They speak of a document sent before."""
    metadata = with_metadata(business=Business(kind=kind, of="H13.01/2026/1")).metadata

    assert said(RULES, a_candidate(metadata, files=())) == []


def test_as_many_files_as_allowed_pass() -> None:
    """The number is inclusive."""
    limits = Limits(attachments=2, extensions=frozenset({"pdf"}))

    assert about(*files("a.pdf", "b.pdf"), limits=limits) == []


def test_one_file_too_many_is_refused() -> None:
    """One more than the limit is too many."""
    limits = Limits(attachments=2, extensions=frozenset({"pdf"}))

    assert about(*files("a.pdf", "b.pdf", "c.pdf"), limits=limits) == [
        ("file-too-many", "/attachments")
    ]


def test_an_empty_file_is_refused() -> None:
    """Zero bytes say nothing, and nothing is said about their type."""
    assert about(a_file(size=0, media_type="inode/x-empty", carries=frozenset())) == [
        ("file-empty", "/attachments/1")
    ]


def test_an_empty_file_from_an_axis_is_a_warning() -> None:
    """It does no harm; the recipient decides."""
    findings = judge(RULES, a_candidate(files=(a_file(size=0),), local=False))

    assert [each.severity for each in findings] == [Severity.WARNING]


def test_exactly_25_mb_pass() -> None:
    """The limit is inclusive."""
    assert about(a_file(size=26_214_400)) == []


def test_one_byte_more_is_refused() -> None:
    """The finding tells both sizes."""
    (finding,) = judge(RULES, a_candidate(files=(a_file(size=26_214_401),)))

    assert (finding.code, finding.pointer) == ("file-too-large", "/attachments/1")
    assert "26.214.401" in finding.message
    assert "26,214,400" in finding.message_en


def test_files_together_may_reach_the_total() -> None:
    """The total is inclusive."""
    limits = Limits(total_bytes=200, extensions=frozenset({"pdf"}))

    assert about(*files("a.pdf", "b.pdf"), limits=limits) == []


def test_files_together_may_not_pass_the_total() -> None:
    """Small files add up."""
    limits = Limits(total_bytes=199, extensions=frozenset({"pdf"}))

    assert about(*files("a.pdf", "b.pdf"), limits=limits) == [
        ("file-total-too-large", "/attachments")
    ]


@pytest.mark.parametrize("name", ["a.exe", "a", "pdf", ".pdf.", "a.pdf.exe", "a."])
def test_an_extension_outside_the_list_is_refused(name: str) -> None:
    """Unknown extensions and none at all are refused."""
    assert ("file-extension", "/attachments/1") in about(a_file(name=name))


@pytest.mark.parametrize(
    ("name", "carries"),
    [
        ("A.PDF", "pdf"),
        ("a.jpg", "jpeg"),
        ("a.JPEG", "jpg"),
        ("a.tiff", "tiff"),
        ("a.b.pdf", "pdf"),
    ],
)
def test_case_and_aliases_of_extensions_do_not_matter(name: str, carries: str) -> None:
    """``jpg`` is ``jpeg``, ``tif`` is ``tiff``, in the list, the name and the facts."""
    assert about(a_file(name=name, carries=frozenset({carries}))) == []


@pytest.mark.parametrize("name", ["a.pdf.p7s", "a.p7s", "A.PDF.P7S", "a.pdf.p7m", "a.pdf.xml"])
def test_a_signature_passes_beside_what_it_signs(name: str) -> None:
    """It is named after another part, with or without that part's extension."""
    signature = a_file(n=2, name=name, carries=frozenset({"p7s", "p7m", "xml"}))

    assert about(a_file(), signature) == []


@pytest.mark.parametrize("name", ["b.pdf.p7s", "b.p7m"])
def test_a_signature_of_nothing_here_is_refused(name: str) -> None:
    """Without what they sign these extensions are not on the list."""
    signatures = (a_signature(PERSON, Reason.CONTENT_ABSENT),)
    carries = frozenset({"p7s", "p7m"})
    signature = a_file(n=2, name=name, carries=carries, signatures=signatures)

    assert about(a_file(), signature) == [("file-extension", "/attachments/2")]


@pytest.mark.parametrize("name", ["b.p7m", "data.xml"])
def test_what_is_signed_within_itself_passes_beside_another_part(name: str) -> None:
    """A CMS file around its content, a signed XML file: with any other part, whatever its name."""
    signature = a_file(n=2, name=name, carries=frozenset({"p7m", "xml"}))

    assert about(a_file(), signature) == []


@pytest.mark.parametrize("name", ["a.pdf.xml", "data.xml"])
def test_xml_without_a_signature_is_refused(name: str) -> None:
    """Only a signed one travels."""
    plain = a_file(n=2, name=name, carries=frozenset({"xml"}), signatures=())

    assert about(a_file(), plain) == [("file-extension", "/attachments/2")]


@pytest.mark.parametrize("name", ["b.p7m", "data.xml"])
def test_what_is_signed_within_itself_is_refused_alone(name: str) -> None:
    """A document needs another part."""
    assert about(a_file(name=name, carries=frozenset({"p7m", "xml"}))) == [
        ("file-extension", "/attachments/1")
    ]


@pytest.mark.parametrize("name", ["b.p7m", "data.xml"])
def test_a_part_alone_is_not_refused_for_what_may_stand_beside_it(name: str) -> None:
    """Who looks at one file of a document is told what it needs."""
    part = a_file(name=name, carries=frozenset({"p7m", "xml"}))

    assert said(RULES, a_candidate(files=(part,), is_part=True)) == [
        ("file-beside", "/attachments/1")
    ]


def test_a_signature_of_a_signature_is_refused() -> None:
    """Two signatures do not vouch for each other."""
    parts = files("a.p7s", "a.p7m")

    assert [code for code, _ in about(*parts)] == ["file-extension", "file-extension"]


def test_bytes_of_another_type_are_refused_and_named() -> None:
    """The finding says what the bytes really are and which extension would fit."""
    image = a_file(media_type="image/jpeg", carries=frozenset({"jpeg"}))

    (finding,) = judge(RULES, a_candidate(files=(image,)))

    assert finding.code == "file-type-mismatch"
    assert "image/jpeg" in finding.message
    assert "jpeg" in finding.remedy


def test_unrecognised_bytes_are_refused() -> None:
    """Bytes that nothing accounts for are not what the extension says."""
    assert about(a_file(media_type="", carries=frozenset())) == [
        ("file-type-mismatch", "/attachments/1")
    ]


@pytest.mark.parametrize(
    "name",
    [
        "../a.pdf",
        "c:\\a.pdf",
        "a\x00.pdf",
        "a\n.pdf",
        "fdp\u202e.pdf",
        "a\u200b.pdf",
        "CON.pdf",
        "com1.pdf",
        "nul.a.pdf",
        ".a.pdf",
        " a.pdf",
        "a.pdf ",
        "a.pdf\u00a0",
        "a" * 197 + ".pdf",
        "ế" * 84 + ".pdf",
        "\ud800.pdf",
    ],
)
def test_a_name_that_cannot_be_stored_everywhere_is_refused(name: str) -> None:
    """Paths, hidden characters, device names, edges and over-long names."""
    assert set(about(a_file(name=name))) == {("file-name", "/attachments/1")}


@pytest.mark.parametrize("name", ["Về việc: quy chế.pdf", "a?.pdf", "a*b.pdf", 'a"b.pdf'])
def test_a_name_that_windows_cannot_store_is_a_warning(name: str) -> None:
    """Other systems write such names; the recipient's may not."""
    assert about(a_file(name=name)) == [("file-name-windows", "/attachments/1")]


def test_a_blank_name_is_refused() -> None:
    """There must be a name."""
    assert ("file-name", "/attachments/1") in about(a_file(name=" "))


@pytest.mark.parametrize(
    "name",
    [
        "Quyết định số 15.pdf",
        "va\u0306n ba\u0309n.pdf",
        "a..b.pdf",
        "console.pdf",
        "a" * 196 + ".pdf",
    ],
)
def test_ordinary_names_pass(name: str) -> None:
    """Spaces, diacritics in any composition and words that contain device names are fine."""
    assert about(a_file(name=name)) == []


def test_a_hostile_name_is_shown_spelled_out() -> None:
    """A message never carries the direction mark itself."""
    (finding,) = judge(RULES, a_candidate(files=(a_file(name="fdp\u202e.pdf"),)))

    assert "\u202e" not in finding.message
    assert "<U+202E>" in finding.message


@pytest.mark.parametrize("second", ["a.pdf", "A.pdf"])
def test_two_files_of_one_name_are_a_warning(second: str) -> None:
    """The second one is pointed at."""
    (finding,) = judge(RULES, a_candidate(files=files("a.pdf", second)))

    assert (finding.code, finding.severity) == ("file-duplicate-name", Severity.WARNING)
    assert finding.pointer == "/attachments/2"


@pytest.mark.parametrize(
    ("name", "extension"), [("a.JPG", "jpeg"), ("a.tar.zip", "zip"), ("zip", ""), (".zip", "")]
)
def test_the_extension_is_what_follows_the_last_dot(name: str, extension: str) -> None:
    """A name that is nothing but an extension has none."""
    assert extension_of(name) == extension
