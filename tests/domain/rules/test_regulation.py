"""What the profile of the sender adds: paper, unsigned files, narrower files."""

from dataclasses import replace
from datetime import date

import pytest

from gateway.domain.document import Signer
from gateway.domain.profile import Assignment, Kind, Profile, Profiles
from gateway.domain.rules.catalogue import ALL_RULES
from gateway.domain.rules.regulation import RULES
from tests.domain.rules.samples import (
    GOOD,
    a_candidate,
    a_file,
    a_reference,
    said,
    with_metadata,
)

PERMANENT = Kind(name="permanent", vi="lưu vĩnh viễn", en="permanent", source="điều 4", paper=True)
OPINION = Kind(name="opinion", vi="góp ý", en="opinion", source="điều 6.1b")
WITH_PAPER = a_reference(profile=Profile(name="a", kinds=(PERMANENT,)))
HYBRID = a_reference(
    profile=Profile(name="b", kinds=(OPINION,), paper_unless_kind=True, paper_source="điều 6.2")
)
PDF_ONLY = a_reference(profile=Profile(name="c", unsigned_source="điều 3.3"))
WORD = a_file(name="a.docx", media_type="application/msword", carries=frozenset({"docx"}))


def test_a_kind_that_needs_paper_is_marked() -> None:
    """The sender is told that paper goes along."""
    candidate = with_metadata(kind="permanent")

    assert said(RULES, candidate, WITH_PAPER) == [("meta-paper", "/metadata/paper_copy")]


def test_declared_paper_needs_no_mark() -> None:
    """It follows already."""
    assert said(RULES, with_metadata(kind="permanent", paper_copy=True), WITH_PAPER) == []


@pytest.mark.parametrize(("kind", "marked"), [(None, True), ("opinion", False), ("x", True)])
def test_all_but_the_listed_kinds_may_need_paper(kind: str | None, *, marked: bool) -> None:
    """Where the regulation lists what is purely electronic, the rest is hybrid."""
    assert bool(said(RULES, with_metadata(kind=kind), HYBRID)) == marked


def test_unsigned_only_pdf_passes() -> None:
    """Another format has to be signed."""
    candidate = a_candidate(files=(a_file(), replace(WORD, n=2)))

    assert said(RULES, candidate, PDF_ONLY) == [("file-unsigned", "/attachments/2")]


def test_a_signed_file_passes_in_any_format() -> None:
    """The signature is what counts."""
    assert said(RULES, a_candidate(files=(replace(WORD, signed=True),)), PDF_ONLY) == []


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"signer": Signer(position="Chủ tịch")}, "/metadata/signer/full_name"),
        ({"signer": Signer(full_name="Nguyễn Văn A")}, "/metadata/signer/position"),
        ({"promulgated_on": None}, "/metadata/promulgated_on"),
    ],
)
def test_an_unsigned_pdf_says_who_and_when(changes: dict[str, object], pointer: str) -> None:
    """Name, position and date stand in its metadata."""
    assert said(RULES, with_metadata(**changes), PDF_ONLY) == [("meta-unsigned", pointer)]


def test_an_unsigned_pdf_without_a_number_passes() -> None:
    """The sequence of the code is its number."""
    assert GOOD.number is None
    assert said(RULES, a_candidate(), PDF_ONLY) == []


def test_a_profile_narrows_the_files() -> None:
    """What the node takes from others it does not take from this sender."""
    narrow = Profile(name="narrow", extensions=frozenset({"docx"}), attachment_bytes=50)

    found = said(ALL_RULES, a_candidate(), a_reference(profile=narrow))

    assert {code for code, _ in found} == {"file-extension", "file-too-large"}


def test_a_profile_never_widens_the_files() -> None:
    """The limits of the node hold for everybody."""
    wide = Profile(name="wide", extensions=frozenset({"exe", "pdf"}), attachment_bytes=10**9)
    program = a_file(name="a.exe", media_type="application/x-dosexec", carries=frozenset({"exe"}))

    found = said(ALL_RULES, a_candidate(files=(program,)), a_reference(profile=wide))

    assert ("file-extension", "/attachments/1") in found


BELOW_H13 = replace(
    a_reference(),
    profiles=Profiles(
        default=Profile(name="node"),
        assignments=(
            Assignment(
                agency="H13",
                profile=Profile(name="local", kinds=(PERMANENT,)),
                since=date(2026, 1, 1),
            ),
        ),
    ),
)


def test_the_profile_is_that_of_the_sender() -> None:
    """H13.01 lies below H13, whose profile holds for it."""
    assert said(RULES, with_metadata(kind="permanent"), BELOW_H13) != []


def test_a_profile_may_be_given_by_the_older_code() -> None:
    """Operators write the code they know."""
    older = Assignment(agency="000.00.77.H13", profile=WITH_PAPER.profiles.default)
    reference = replace(
        a_reference(), profiles=Profiles(default=Profile(name="node"), assignments=(older,))
    )
    candidate = replace(with_metadata(kind="permanent"), sender="H13.02")

    assert said(RULES, candidate, reference) != []


def test_what_comes_by_an_axis_is_judged_by_the_nodes_own_profile() -> None:
    """The regulation of a foreign sender is not ours to apply."""
    candidate = replace(with_metadata(kind="permanent"), local=False)

    assert said(RULES, candidate, BELOW_H13) == []
