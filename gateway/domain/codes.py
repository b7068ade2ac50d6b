"""Codes: of agencies (mã định danh cơ quan) and of documents (mã định danh văn bản).

An agency's code has the form of QĐ 20/2020/QĐ-TTg, most general group first (``H13.20.01``); the
form of QCVN 102:2016/BTTTT has the most specific group first (``000.01.20.H13``). Everything else
that travels as an OrganId is opaque: twelve digits of an enterprise, names of test systems.
A code says what it looks like; whether an agency stands behind it is for the directory.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum
from itertools import count

#: Longest code of QĐ 20/2020/QĐ-TTg, in characters.
QD20_LENGTH = 35
#: What the code of a node's sandbox ends with: opaque, so that no rule takes it for an agency's.
_SANDBOX = "-SANDBOX"

_QD20 = re.compile(r"[A-Y][0-9]{2}(?:\.[0-9A-Z]+)*")
_STRICT = re.compile(r"([0-9]{3})\.([0-9]{2})\.([0-9]{2})\.([A-Z][0-9]{2})")
_LOOSE = re.compile(r"(?:[0-9]{2,3}\.){1,3}[A-Z]{1,2}[0-9]{1,2}")
_REVERSIBLE = re.compile(r"([A-Y][0-9]{2})(?:\.([0-9]{2})(?:\.([0-9]{2})(?:\.([0-9]{2,3}))?)?)?")
_ANY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,49}")
_ALMOST_QD20 = re.compile(r"[A-Za-z][0-9]{1,3}(?:\..*)?")
_LEVEL_ONE = re.compile(r"[A-Y][0-9]{2}")
_DOCUMENT = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]{0,49})/([1-9][0-9]{3})/([1-9][0-9]{0,17})")


class CodeForm(StrEnum):
    """Which rule an agency code follows."""

    QD20 = "qd20"  #: QĐ 20/2020/QĐ-TTg, level 1 at the left
    QCVN102 = "qcvn102"  #: QCVN 102:2016/BTTTT, level 1 at the right
    OPAQUE = "opaque"  #: no inner structure that we may rely on


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyCode:
    """An agency code whose form is known."""

    text: str
    form: CodeForm

    def __str__(self) -> str:
        """Return the code as it is written."""
        return self.text

    @property
    def is_foreign(self) -> bool:
        """Whether others may use it and we never give it out: all but QĐ 20/2020."""
        return self.form is not CodeForm.QD20


def parse_agency_code(text: str) -> AgencyCode:
    """Return *text* as an agency code.

    Raises:
        ValueError: it cannot be a code of any block; the message is one sentence for a person.

    Source: QĐ 20/2020/QĐ-TTg (structure, at most 35 characters); QCVN 102:2016/BTTTT, and the
    shorter forms of two and three parts that its users send.
    """
    if _QD20.fullmatch(text):
        if len(text) > QD20_LENGTH:
            raise ValueError(f"{text!r} has {len(text)} characters, at most {QD20_LENGTH} may be")
        return AgencyCode(text=text, form=CodeForm.QD20)
    if _LOOSE.fullmatch(text):
        return AgencyCode(text=text, form=CodeForm.QCVN102)
    if _ANY.fullmatch(text):
        return AgencyCode(text=text, form=CodeForm.OPAQUE)
    raise ValueError(
        f"{text[:60]!r} is no agency code: 1 to 50 letters without accents, digits, '.', '_' "
        "and '-' are expected, beginning with a letter or digit"
    )


def code_meant(text: str) -> str:
    """Return what a person types for a code as nodes write it: in capitals, without spaces."""
    return "".join(text.split()).upper()


def is_dotted(code: str) -> bool:
    """Whether *code* has the form of QĐ 20/2020, which says where its agency stands."""
    return len(code) <= QD20_LENGTH and _QD20.fullmatch(code) is not None


def sandbox_of(node: str) -> str:
    """Return the code of the sandbox of *node*: no agency, a partner to try an office system on."""
    return f"{node}{_SANDBOX}"


def is_sandbox(code: str) -> bool:
    """Whether *code* is that of a sandbox, which counts nowhere and is told to nobody."""
    return code.endswith(_SANDBOX)


def is_mistyped(text: str) -> bool:
    """Whether *text* was probably meant as a code of QĐ 20/2020 and is none.

    ``h42``, ``Z01``, ``H4``, ``H42.`` and ``H42..1`` are; ``vxp.saas.03`` and the twelve digits
    of an enterprise are not. Such codes are let pass when others send them, never given out.
    """
    return not _QD20.fullmatch(text) and _ALMOST_QD20.fullmatch(text) is not None


def parent_of(code: str) -> str | None:
    """Return the code one level up in the same form; None at level 1 and for opaque codes."""
    if _QD20.fullmatch(code):
        return code.rpartition(".")[0] or None
    modern = from_legacy(code)
    parent = parent_of(modern) if modern else None
    return to_legacy(parent) if parent else None


def level(code: str) -> int:
    """Return the level of *code*, from 1; 0 when its form tells none."""
    if _QD20.fullmatch(code):
        return code.count(".") + 1
    modern = from_legacy(code)
    return level(modern) if modern else 0


def level_one_of(code: str) -> str | None:
    """Return the level-1 group (``H13``) that *code* names in either form, None if it has none."""
    group = code.partition(".")[0] if _QD20.fullmatch(code) else code.rpartition(".")[2]
    known = _QD20.fullmatch(code) or _LOOSE.fullmatch(code)
    return group if known and _LEVEL_ONE.fullmatch(group) else None


def to_legacy(code: str) -> str | None:
    """Return the plain reversal of a QĐ 20/2020 code, ``H13.20.01`` as ``000.01.20.H13``.

    None when the older layout cannot hold it: more than four levels, letters or zeros alone in a
    group, other than two digits at levels 2 and 3, other than two or three at level 4. The
    reversal is provisional: agencies were renumbered, only a stored pair is certain.

    Source: QCVN 102:2016/BTTTT, layout ``V1V2V3.Z1Z2.Y1Y2.MX1X2``.
    """
    match = _REVERSIBLE.fullmatch(code)
    if match is None:
        return None
    first, *groups = match.groups(default="0")
    if not all(map(int, code.split(".")[1:])):
        return None
    second, third, fourth = groups
    return f"{fourth:0>3}.{third:0>2}.{second:0>2}.{first}"


def from_legacy(code: str) -> str | None:
    """Return the plain reversal of a QCVN 102 code, ``000.01.20.H13`` as ``H13.20.01``.

    None when it is not of the strict layout, or has a unit below a level of zeros. The same
    reservation holds as for :func:`to_legacy`. A level 4 keeps its three digits.
    """
    match = _STRICT.fullmatch(code)
    if match is None or not _LEVEL_ONE.fullmatch(match[4]):
        return None
    groups = [match[3], match[2], match[1]]
    while groups and not int(groups[-1]):
        groups.pop()
    if not all(int(group) for group in groups):
        return None
    return ".".join([match[4], *groups])


def next_free_group(used: Iterable[str]) -> str:
    """Return the lowest group of 01…99, then 100…, whose number is not among *used*.

    Give the groups of closed agencies too: a closed code is never assigned again.
    """
    taken = {int(group) for group in used if group.isascii() and group.isdecimal()}
    return next(f"{number:02d}" for number in count(1) if number not in taken)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentCode:
    """The identifier of a document: the agency, the year, the running number in that year.

    Source: QĐ 28/2018/QĐ-TTg, art. 10.2b names the parts.
    """

    agency: str
    year: int
    sequence: int

    def __str__(self) -> str:
        """Return ``agency/year/sequence``, plain decimals without leading zeros."""
        return f"{self.agency}/{self.year}/{self.sequence}"


def parse_document_code(text: str) -> DocumentCode:
    """Return *text* as a document code.

    Raises:
        ValueError: it is not ``agency/year/sequence``; other identifiers are kept as given.
    """
    match = _DOCUMENT.fullmatch(text)
    if match is None:
        raise ValueError(f"{text[:80]!r} is no document code: agency/year/sequence is expected")
    return DocumentCode(agency=match[1], year=int(match[2]), sequence=int(match[3]))


def office_year(instant: datetime, tz: tzinfo) -> int:
    """Return the year whose numbers an *instant* takes: the civil year of the node's zone.

    Raises:
        ValueError: *instant* has no offset, so its year is not known.
    """
    if instant.tzinfo is None:
        raise ValueError("an instant without an offset has no certain year")
    return instant.astimezone(tz).year
