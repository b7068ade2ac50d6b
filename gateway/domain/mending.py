"""Metadata as the house keeps them: composed letters, and the right Đ.

A sender is not turned away for what can be mended without doubt; what was mended is reported by
the rules, which compare what was given with what is kept. The bytes of a message stay as posted.

Source: TCVN 6909:2001, which knows both composed and combining letters; NĐ 30/2020/NĐ-CP
Annex III, where Đ carries meaning.
"""

import re
import unicodedata
from dataclasses import replace

from gateway.domain.document import Business, Metadata, Signer

#: Ð ð (eth) and Ɖ ɖ (African D) look like Đ đ.
_LIKE_D = {0xD0: "Đ", 0x189: "Đ", 0xF0: "đ", 0x256: "đ"}
_LOOKS_LIKE_D = re.compile("[ÐðƉɖ]")
#: A mark on a letter that has one already, as Windows-1258 writes ``ê`` and an acute.
_HALF = re.compile("[À-ỹ][\u0300-\u036f]")
#: Longer texts are too long for every field in any form, and NFC could take very long.
_LONGEST = 2_048


def has_false_d(text: str) -> bool:
    """Whether *text* has a letter that only looks like Đ or đ."""
    return not text.isascii() and _LOOKS_LIKE_D.search(text) is not None


def is_decomposed(text: str) -> bool:
    """Whether letters of *text* are put together from a letter and marks (NFC changes it)."""
    return not unicodedata.is_normalized("NFC", text[:_LONGEST])


def is_half_composed(text: str) -> bool:
    """Whether letters of *text* are composed only half, neither NFC nor NFD."""
    found = _HALF.finditer(text[:_LONGEST])
    return any(is_decomposed(each.group()) for each in found)


def mended_text(text: str) -> str:
    """Return *text* in NFC with the right Đ; the same object when nothing is to mend."""
    if text.isascii() or len(text) > _LONGEST:
        return text
    return unicodedata.normalize("NFC", text).translate(_LIKE_D)


def mend(metadata: Metadata) -> Metadata:
    """Return *metadata* as they are kept; the same object when nothing is to mend.

    Agency codes and the identifiers of other documents are left alone: they are compared as given.
    """
    signer, business = metadata.signer, metadata.business
    together = "\n".join(
        each
        for each in (
            metadata.type,
            metadata.subject,
            metadata.notation,
            metadata.number,
            metadata.place,
            metadata.security,
            metadata.kind,
            signer.competence,
            signer.position,
            signer.full_name,
            business.reason,
        )
        if each and len(each) <= _LONGEST
    )
    if together.isascii() or not (
        _LOOKS_LIKE_D.search(together) or not unicodedata.is_normalized("NFC", together)
    ):
        return metadata
    return _mended(metadata)


def _mended(metadata: Metadata) -> Metadata:
    signer, business = metadata.signer, metadata.business
    return replace(
        metadata,
        type=mended_text(metadata.type),
        subject=mended_text(metadata.subject),
        notation=mended_text(metadata.notation),
        number=_maybe(metadata.number),
        place=mended_text(metadata.place),
        security=mended_text(metadata.security),
        kind=_maybe(metadata.kind),
        signer=Signer(
            competence=_maybe(signer.competence),
            position=mended_text(signer.position),
            full_name=mended_text(signer.full_name),
        ),
        business=Business(kind=business.kind, of=business.of, reason=_maybe(business.reason)),
    )


def _maybe(text: str | None) -> str | None:
    return None if text is None else mended_text(text)
