"""Are two names those of the same agency, or of the same person, as far as a machine can tell?

Certificates, directories and documents spell one name in many ways: letters coded differently, the
tone mark on another vowel (``Uỷ ban``, ``Ủy ban``), capitals, abbreviations, with or without the
province behind, without any accents in old certificates. Whoever compares letters finds strangers
everywhere; so names agree when the words of one stand together in the other.
"""

import re
import unicodedata
from collections.abc import Iterable

#: Words that are written in full before names are compared.
_ABBREVIATIONS = {
    "ubnd": "ủy ban nhân dân",
    "hđnd": "hội đồng nhân dân",
    "hdnd": "hội đồng nhân dân",
    "ubmttq": "ủy ban mặt trận tổ quốc",
    "tp": "thành phố",
    "vp": "văn phòng",
}
_WORD = re.compile(r"[^\W_]+")
#: Grave, acute, hook, tilde, dot below: the marks that stand on one vowel or the next.
_TONES = frozenset("\u0300\u0301\u0309\u0303\u0323")
_LONGEST = 300
#: A name of fewer words says too little to be found within another.
_LEAST_WITHIN = 2


def agree(one: str, other: str) -> bool:
    """Whether *one* and *other* name the same; an empty name names nobody.

    Accents count where both names have any.
    """
    ours, theirs = _words(one), _words(other)
    if not ours or not theirs:
        return False
    if _is_bare(ours) or _is_bare(theirs):
        ours, theirs = _bare(ours), _bare(theirs)
    short, long = sorted((ours, theirs), key=len)
    if len(short) < _LEAST_WITHIN:
        return short == long
    places = range(len(long) - len(short) + 1)
    return any(long[place : place + len(short)] == short for place in places)


def agree_with_any(names: Iterable[str], others: Iterable[str]) -> bool:
    """Whether one of *names* names the same as one of *others*."""
    known = list(others)
    return any(agree(name, other) for name in names for other in known)


def _words(name: str) -> list[str]:
    text = unicodedata.normalize("NFC", name[:_LONGEST]).casefold()
    written = (_ABBREVIATIONS.get(word, word) for word in _WORD.findall(text))
    return [_tone_last(word) for words in written for word in words.split()]


def _tone_last(word: str) -> str:
    """Return *word* with its tone behind it: on which vowel it stands makes no other word."""
    letters = unicodedata.normalize("NFD", word)
    tones = "".join(letter for letter in letters if letter in _TONES)
    return "".join(letter for letter in letters if letter not in _TONES) + tones


def _is_bare(words: list[str]) -> bool:
    return all(word.isascii() for word in words)


def _bare(words: list[str]) -> list[str]:
    return [
        "".join(letter for letter in word if not unicodedata.combining(letter)).replace("đ", "d")
        for word in words
    ]
