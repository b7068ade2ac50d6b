"""Characters that are no text, and how they are shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.characters import first_unfit, legible


@pytest.mark.parametrize(
    ("text", "code_point", "kind"),
    [
        ("a\x1b", "U+001B", "a control character"),
        ("a\t", "U+0009", "a control character"),
        ("a\u202e", "U+202E", "a text direction control"),
        ("a\u00ad", "U+00AD", "an invisible character"),
        ("a\U000e0041", "U+E0041", "an invisible character"),
        ("a\udc00", "U+DC00", "a lone surrogate"),
        ("a\ufffd", "U+FFFD", "a character lost in conversion"),
    ],
)
def test_an_unfit_character_is_named(text: str, code_point: str, kind: str) -> None:
    """Position, code point and kind are told."""
    unfit = first_unfit(text)

    assert unfit is not None
    assert (unfit.position, unfit.code_point, unfit.kind_en) == (2, code_point, kind)


def test_line_ends_are_text_in_prose() -> None:
    """A subject may have several lines."""
    assert first_unfit("a\r\n\tb", prose=True) is None


@given(st.text(st.characters(codec="utf-8", categories=("L", "M", "N", "P", "S", "Zs"))))
def test_letters_marks_digits_and_signs_are_text(text: str) -> None:
    """Nothing visible is refused, but for the two signs that stand for what was lost."""
    unfit = first_unfit(text)

    assert (
        unfit is None or unfit.code_point in {"U+FFFC", "U+FFFD"} or "invisible" in unfit.kind_en
    )


@given(st.text(st.characters()), st.integers(1, 50))
def test_what_is_shown_is_short_and_harmless(text: str, limit: int) -> None:
    """It can be encoded, and holds no character that does not show."""
    shown = legible(text, limit=limit)

    assert shown.encode().decode() == shown
    assert first_unfit(shown) is None
    assert len(shown) <= limit * len("<U+10FFFF>")
