"""Vietnamese text as people type it: cleaned for keeping, folded for searching."""

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")


def clean(text: str) -> str:
    """Return *text* in NFC with every run of white space made one space, none at the ends.

    Source: TCVN 6909:2001 asks for Unicode; NFC is the form in which names are compared.
    """
    return " ".join(unicodedata.normalize("NFC", text).split())


def fold(text: str) -> str:
    """Return the key under which *text* is searched: without accents, small, spaces collapsed.

    Where a tone mark is placed makes no difference (``hòa`` and ``hoà`` give ``hoa``), nor does
    the form in which the accents are coded (NFC, NFD), and ``đ`` is found as ``d``.
    """
    letters = unicodedata.normalize("NFKD", text)
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(bare.replace("đ", "d").replace("Đ", "d").casefold().split())


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of *text* by which it is searched: folded, letters and digits only."""
    return tuple(_WORD.findall(fold(text)))
