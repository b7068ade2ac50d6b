"""What is mended, what is left alone, and that mending ends."""

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.document import Business, Signer
from gateway.domain.mending import (
    has_false_d,
    is_decomposed,
    is_half_composed,
    mend,
    mended_text,
)
from tests.domain.rules.samples import GOOD

NFD = unicodedata.normalize("NFD", "Về việc ban hành quy chế")
#: ê and an acute, as Windows-1258 writes ế.
HALF = "quy chê\u0301"


@pytest.mark.parametrize("text", [NFD, HALF, "chê\u0301", "Ve\u0302\u0300"])
def test_letters_are_composed(text: str) -> None:
    """All three spellings of a letter become one."""
    assert unicodedata.normalize("NFC", text) == mended_text(text)


@pytest.mark.parametrize(
    ("text", "half"),
    [(NFD, False), (HALF, True), ("quy chế", False), ("a\u0301", False), ("ơ\u0323", True)],
)
def test_half_composed_letters_are_told_from_decomposed_ones(text: str, *, half: bool) -> None:
    """NFD takes letters apart throughout, converters leave them half."""
    assert half == is_half_composed(text)


def test_composed_text_is_not_decomposed() -> None:
    """Ordinary text is NFC."""
    assert (is_decomposed("quy chế"), is_decomposed(NFD)) == (False, True)


@pytest.mark.parametrize("text", ["Q\u00d0-UBND", "Q\u0189", "\u00f0", "\u0256"])
def test_look_alikes_become_the_right_letter(text: str) -> None:
    """Eth and African D stand for Đ."""
    assert has_false_d(text)
    assert not has_false_d(mended_text(text))
    assert mended_text(text).casefold().count("đ") == 1


def test_every_text_of_the_metadata_is_mended() -> None:
    """No field is forgotten."""
    given = replace(
        GOOD,
        type="Q\u00d0",
        subject=NFD,
        notation="Q\u00d0-UBND",
        number="1\u00d0",
        place=HALF,
        security=NFD,
        kind=NFD,
        signer=Signer(competence=NFD, position=HALF, full_name=NFD),
        business=Business(reason=HALF),
    )

    mended = mend(given)

    assert not has_false_d(str(mended))
    assert not is_decomposed(str(mended))
    assert mended.to == given.to


def test_identifiers_of_other_documents_are_left_alone() -> None:
    """They are compared with what their senders gave."""
    given = replace(GOOD, subject=NFD, reply_to=NFD, business=Business(of=NFD))

    assert (mend(given).reply_to, mend(given).business.of) == (NFD, NFD)


def test_good_metadata_are_returned_as_they_are() -> None:
    """The same object: nothing was mended."""
    assert mend(GOOD) is GOOD


@given(st.text(max_size=60))
def test_mending_twice_is_mending_once(text: str) -> None:
    """What is kept has nothing left to mend."""
    mended = mended_text(text)

    assert mended == mended_text(mended)
    assert not is_decomposed(mended)


def test_endless_accents_are_left_alone() -> None:
    """A text too long for every field is refused for its length, not composed for minutes."""
    text = "a" + "\u0301\u0323" * 200_000

    assert mended_text(text) is text
