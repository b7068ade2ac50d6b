"""Remains of old Vietnamese encodings: legal Unicode that is wrong Vietnamese.

Text of TCVN3 (ABC), VNI and Windows-1258 that was read as Western text, and UTF-8 that was, leave
pairs of characters that no Vietnamese word has. They are counted against the letters that only
right Vietnamese has (``ạ``, ``ế``, ``ơ``, ``đ``…); a foreign word or two in a text is no remain.

Source: TCVN 6909:2001; QĐ 72/2002/QĐ-TTg. Nothing is converted here: a text may be signed.
"""

# ruff: noqa: RUF001 - letters that look like others are the subject

import re
from dataclasses import dataclass

#: Signs that stand for letters in TCVN3: between letters, as the first letter of a word (đ, Đ), or
#: as its last (à, á, ả, ã, ạ, ă); and the capitals that stand for its other letters after small ones.
_TCVN3 = re.compile(
    r"(?<=[A-Za-z])[¡-¿](?=[a-zà-ÿ])"
    r"|(?<![\w®§])[®§](?=[a-zÀ-ÿ¨©ª«¬µ¶·¸¹¾»¼½])"
    r"|(?<=[a-z])[µ¶·¸¹](?![\w®])"
    r"|(?<=[a-z])[ÆÇÈÉÊËÌÎÏÐÑÒÓÔÕÖ×ØÜÞß](?=[a-z]|\b)"
)
#: VNI: a vowel followed by the letter that stands for its mark; only pairs that no word has.
_VNI = re.compile(
    r"[aA][ùøûõïâêáàåãäéèúüëÙØÛÕÏÂÊÁÀÅÃÄÉÈÚÜË]"
    r"|[eE][ùøûõïâáàåãäÙØÛÕÏÂÁÀÅÃÄ]"
    r"|[oO][ùøûõïâåäÙØÛÕÏÂÅÄ]|[uUyY][ùøûõïÙØÛÕÏ]"
    r"|[öôÖÔ][ùøûõïÙØÛÕÏ]|(?<!\w)[ñÑ](?=[A-Za-zà-ÿÀ-ß])"
)
#: Windows-1258 read as Windows-1252: ì Ì ò Ò Þ where a tone followed its vowel, ð for đ.
_WINDOWS_1258 = re.compile(
    r"[aeiouyAEIOUYâêôãõýÂÊÔÃÕÝ][ÌÒÞ](?=[a-z]|\b)|[âêôãõýÂÊÔÃÕÝ][ìòÌÒÞ]|ð(?=[a-zà-ÿ])"
)
#: UTF-8 read as Windows-1252 or Latin-1.
_REST = "[\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
_UTF8 = re.compile(
    f"á[»º]{_REST}|Æ[°¡]|Ä[\u2018\u0192\u0090\u0091\u0083\u201a]|Ã{_REST}|â€{_REST}"
)
#: Any character that takes part in the above and in no right Vietnamese word, or a pair of those
#: that do. The first class alone is looked for at every place, so that clean text costs little.
_SUSPECT = re.compile(
    "[\u0080-\u00ff](?:(?<=[\u0080-\u009f¡-¬®-±µ-¿ÄÅÆÇËÎÏÐÑÖ×ØÛÜÞßäåæçëîïðñö÷øûüþÿ])"
    "|(?<=[aA][ùõâêáàãéèúÙÕÂÊÁÀÃÉÈÚ]|[eE][ùõâáàãÙÕÂÁÀÃ]|[oO][ùõâÙÕÂ]|[uUyY][ùõÙÕ]|[ôÔ][ùõÙÕ]"
    "|[âêôãõýÂÊÔÃÕÝ][ìòÌÒ]|[a-z][ÉÊÌÒÓÔÕ]))"
)
_CLEAN = re.compile("[\u1ea0-\u1ef9ăĂđĐĩĨũŨơƠưƯ]")
#: Signs of one encoding each that leave no doubt even once, in a text too short for two.
_PLAIN = re.compile(
    rf"[a-z][¨Þ¶¹®](?=[a-z])|®[à-ÿÞ]|á[»º]{_REST}|Æ[°¡][a-z]|[aA][ùøûõâêáàåãäèú]|[eE][ùøûõàåã]|[uy][øûõ]"
)
#: A single odd pair is a foreign name.
_FEWEST = 2
#: Texts are judged by their beginning.
_LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class OldEncoding:
    """An encoding whose remains stand in a text."""

    name: str  #: as people know it: ``TCVN3 (ABC)``, ``VNI``, …
    example: str  #: one word of the text that shows it


_ENCODINGS = (
    ("UTF-8", _UTF8),
    ("TCVN3 (ABC)", _TCVN3),
    ("VNI", _VNI),
    ("Windows-1258", _WINDOWS_1258),
)


def may_be_old(text: str) -> bool:
    """Whether *text* needs a closer look: quick, and true of few texts."""
    return not text.isascii() and _SUSPECT.search(text) is not None


def old_encoding(text: str) -> OldEncoding | None:
    """Return the encoding whose remains make up *text*, None when it reads as right Unicode.

    ``UTF-8`` means UTF-8 that was read as Western text. Two remains at least are needed, and more
    of them than right Vietnamese letters; one suffices when it leaves no doubt.
    """
    text = text[:_LONGEST]
    if not may_be_old(text):
        return None
    clean = len(_CLEAN.findall(text))
    name, pattern, hits = max(
        ((name, pattern, len(pattern.findall(text))) for name, pattern in _ENCODINGS),
        key=lambda each: each[2],
    )
    if hits <= clean or (hits < _FEWEST and _PLAIN.search(text) is None):
        return None
    found = pattern.search(text)
    return None if found is None else OldEncoding(name, _word_at(text, found.start()))


def _word_at(text: str, position: int) -> str:
    """Return the word around *position*, which is no blank."""
    before = text[max(position - 20, 0) : position].rsplit(" ", maxsplit=1)[-1]
    return (before + text[position : position + 20]).split()[0]
