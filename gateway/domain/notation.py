"""The notation of a document (ký hiệu), as each block writes it; kept as given, read for checks.

    state         ``QĐ-UBND``  ``UBND-VX``  ``BC-SNN&PTNT``       NĐ 30/2020 Annex I II.3
    normative     ``2014/QĐ-UBND``  ``2015/QH13``                 with the year of issue
    Party         ``CV/TU``  ``QĐ/TW``  ``TB/VPTU``               66-QĐ/TW of 2017
    union         ``QĐ-LĐLĐ``  ``TLĐ``                            QĐ 1014/QĐ-TLĐ: as the state's

Which block wrote one follows from its separators alone; what no block would write is None.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

#: A group: letters of any case with their marks, digits, and the signs that agencies use inside.
_GROUP = r"[^\W_][\w.&+()]*"
_GROUPS = rf"[^\W\d_][\w.&+()]*(?:[-\u2013]{_GROUP})*"
_NORMATIVE = re.compile(rf"([12][0-9]{{3}})/({_GROUPS})")
_STATE = re.compile(_GROUPS)
_PARTY = re.compile(rf"{_GROUPS}(?:/{_GROUP}(?:[-\u2013]{_GROUP})*){{1,3}}")
#: No field takes more (NĐ 30/2020/NĐ-CP Annex VI: 30 characters).
_LONGEST = 200
_FIRST = re.compile(r"[^\W\d_]+")


class Block(StrEnum):
    """Who writes notations so."""

    STATE = "state"  #: the administration, and unions
    NORMATIVE = "normative"  #: legal normative documents (văn bản quy phạm pháp luật)
    PARTY = "party"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notation:
    """A notation in its parts."""

    block: Block
    first: str  #: letters that begin it: the type, or the agency of an official letter
    year: int | None = None  #: of a normative document


def parse_notation(text: str) -> Notation | None:
    """Return *text* in its parts, None when it is none of the forms."""
    if len(text) > _LONGEST:
        return None
    normative = _NORMATIVE.fullmatch(text)
    if normative is not None:
        year, rest = int(normative[1]), normative[2]
        return Notation(block=Block.NORMATIVE, first=_first(rest), year=year)
    if _STATE.fullmatch(text):
        return Notation(block=Block.STATE, first=_first(text))
    if _PARTY.fullmatch(text):
        return Notation(block=Block.PARTY, first=_first(text))
    return None


def _first(text: str) -> str:
    found = _FIRST.match(text)
    return "" if found is None else found.group()
