"""The tokens of the style sheet: every pair of text and ground can be read, in both themes."""

import re
from itertools import product

import pytest

from tests.web.test_console_words import WEB

CSS = (WEB / "static" / "console.css").read_text("utf-8")
_TOKEN = re.compile(r"--([\w-]+): (?:light-dark\((#\w{6}), (#\w{6})\)|(#\w{6}));")
TOKENS = {name: (light or both, dark or both) for name, light, dark, both in _TOKEN.findall(CSS)}
TEXT = [
    *product(("ink", "ink-2", "ink-3", "lam-ink", "son-ink"), ("surface", "bg")),
    *product(("ink", "ink-2", "ink-3"), ("sunk",)),
    *((f"{each}-ink", f"{each}-soft") for each in ("lam", "son", "nghe", "ngoc", "cham", "mut")),
    ("on-lam", "lam"),
    ("on-son", "son"),
    ("on-bar", "bar"),
    ("on-bar-2", "bar"),
]
CONTROLS = [("line-2", "surface"), ("line-2", "bg"), ("ses-l", "surface"), ("focus", "surface")]


def luminance(colour: str) -> float:
    """Return the relative luminance of `#rrggbb` (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT)
def test_text_can_be_read(text: str, ground: str, theme: int) -> None:
    """At least 4.5 to 1."""
    assert contrast(TOKENS[text][theme], TOKENS[ground][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("control", "ground"), CONTROLS)
def test_controls_can_be_seen(control: str, ground: str, theme: int) -> None:
    """At least 3 to 1."""
    assert contrast(TOKENS[control][theme], TOKENS[ground][theme]) >= 3


def test_every_token_stands_once() -> None:
    """A colour that stands twice is changed once."""
    names = re.findall(r"^  --([\w-]+):", CSS, re.MULTILINE)

    assert sorted(set(names)) == sorted(names)
