"""The directory: which agencies exist, under which codes, from when to when, and who follows.

A directory is an immutable snapshot. Codes are never reused: a closed agency stays, so that old
documents resolve, and names its successor, so that new ones find their way. How the directory is
changed is told in ``directory_plan``; how it is read and written as CSV, in ``directory_csv``.

``valid_to`` is the last day of validity: an agency merged on 1 July 2025 has 30 June.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import get_close_matches
from enum import StrEnum

from gateway.domain.codes import from_legacy, level_one_of, next_free_group, to_legacy

#: How many codes are offered instead of an unknown one.
SUGGESTIONS = 3


class AgencyKind(StrEnum):
    """What a participant is; not every one is a state agency (S2 art. 2.3)."""

    STATE = "state"  #: cơ quan nhà nước, courts and assemblies included
    PARTY = "party"  #: cơ quan Đảng
    FRONT = "front"  #: Mặt trận Tổ quốc
    UNION = "union"  #: tổ chức công đoàn
    ORGANISATION = "organisation"  #: other political, social, professional organisations
    ENTERPRISE = "enterprise"  #: doanh nghiệp, hợp tác xã, hộ kinh doanh
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """An agency as listed. Its texts are clean: NFC, single spaces, none at the ends."""

    code: str
    name: str
    parent: str | None = None
    legacy_code: str | None = None  #: QCVN 102:2016 form
    legacy_provisional: bool = False  #: the legacy code is only the plain reversal
    short_name: str | None = None
    kind: AgencyKind = AgencyKind.STATE
    valid_from: date
    valid_to: date | None = None  #: last day; None: open
    successor: str | None = None
    contact: Mapping[str, str] | None = field(default=None, hash=False)  #: S0 art. 9.4
    decision: str | None = None  #: reference of the decision that the entry rests on
    source: str | None = None  #: where the entry was read; not part of the public form

    def is_open(self, on: date) -> bool:
        """Whether the agency exists on the day *on*."""
        return self.valid_from <= on and not self.is_closed(on)

    def is_closed(self, on: date) -> bool:
        """Whether the agency had ended before the day *on*."""
        return self.valid_to is not None and self.valid_to < on


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The code names an open agency."""

    agency: Agency
    given: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """The code names an agency that has ended; *successor* is the open one after it, if any."""

    agency: Agency
    given: str
    successor: Agency | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """The code names no agency, or one that does not exist yet (then the first of *nearest*)."""

    given: str
    nearest: tuple[Agency, ...] = ()


Resolution = Found | Closed | Unknown


class Directory:
    """An immutable snapshot of all agencies, fast for a hundred thousand of them."""

    __slots__ = ("_by_code", "_by_legacy", "_children")

    def __init__(self, agencies: Iterable[Agency] = ()) -> None:
        """Index *agencies*; of two with one code the later stays, of two legacy codes the open."""
        self._by_code = {agency.code: agency for agency in agencies}
        self._by_legacy: dict[str, str] = {}
        self._children: dict[str, list[str]] = {}
        for agency in self._by_code.values():
            if agency.parent is not None:
                self._children.setdefault(agency.parent, []).append(agency.code)
            if agency.legacy_code is not None and not agency.legacy_provisional:
                other = self._by_legacy.get(agency.legacy_code)
                if other is None or agency.valid_to is None:
                    self._by_legacy[agency.legacy_code] = agency.code

    def __len__(self) -> int:
        """Return how many agencies are listed, closed ones included."""
        return len(self._by_code)

    def __iter__(self) -> Iterator[Agency]:
        """Go through all agencies in the order of their codes."""
        return (self._by_code[code] for code in sorted(self._by_code, key=code_order))

    def __contains__(self, code: object) -> bool:
        """Whether *code* itself is listed, open or closed."""
        return code in self._by_code

    def changed(self, agencies: Iterable[Agency]) -> "Directory":
        """Return the snapshot after *agencies* were added or put in the place of their codes."""
        return Directory([*self._by_code.values(), *agencies])

    def find(self, code: str) -> Agency | None:
        """Return the agency of *code* in either form, open or closed; None for a foreign code.

        The code itself comes first, then a stored pair, then the plain reversal (provisional).
        """
        known = self._by_code.get(code) or self._by_code.get(self._by_legacy.get(code, ""))
        if known is not None:
            return known
        for reversal in _reversals(code):
            agency = self._by_code.get(reversal)
            # A stored pair of its own says that the reversal is not this agency's code.
            if agency is not None and (agency.legacy_code is None or agency.legacy_provisional):
                return agency
        return None

    def resolve(self, given: str, on: date) -> Resolution:
        """Say which agency the code *given* names on the day *on*."""
        agency = self.find(given)
        if agency is None:
            return Unknown(given=given, nearest=self._nearest(given, on))
        if agency.is_closed(on):
            return Closed(agency=agency, given=given, successor=self.successor_of(agency, on))
        if not agency.is_open(on):
            return Unknown(given=given, nearest=(agency,))
        return Found(agency=agency, given=given)

    def successor_of(self, agency: Agency, on: date) -> Agency | None:
        """Return the first agency after *agency* that is open *on*; None when the chain ends."""
        seen = {agency.code}
        following = agency.successor
        while following is not None and following not in seen:
            seen.add(following)
            successor = self._by_code.get(following)
            if successor is None or successor.is_open(on):
                return successor
            following = successor.successor
        return None

    def children(self, code: str) -> tuple[Agency, ...]:
        """Return the agencies directly below *code*, closed ones included, in order."""
        codes = sorted(self._children.get(code, ()), key=code_order)
        return tuple(self._by_code[child] for child in codes)

    def descendants(self, code: str) -> Iterator[Agency]:
        """Go through all agencies below *code*, each before those below it."""
        waiting = list(reversed(self.children(code)))
        seen = {code}
        while waiting:
            agency = waiting.pop()
            if agency.code not in seen:
                seen.add(agency.code)
                yield agency
                waiting.extend(reversed(self.children(agency.code)))

    def ancestors(self, code: str) -> Iterator[Agency]:
        """Go through the agencies above *code*, the nearest first."""
        seen = {code}
        agency = self._by_code.get(code)
        while agency is not None and agency.parent is not None and agency.parent not in seen:
            seen.add(agency.parent)
            agency = self._by_code.get(agency.parent)
            if agency is not None:
                yield agency

    def is_below(self, code: str, ancestor: str) -> bool:
        """Whether *code* lies somewhere below *ancestor*; an agency is not below itself."""
        return any(agency.code == ancestor for agency in self.ancestors(code))

    def level_one_of(self, code: str) -> str | None:
        """Return the level-1 code to which *code* belongs, through the agencies above it.

        A foreign code is judged by its form; None when that tells nothing.
        """
        agency = self.find(code)
        if agency is None:
            return level_one_of(code)
        top = agency.code
        for above in self.ancestors(agency.code):
            top = above.code
        return level_one_of(top)

    def used_groups(self, parent: str) -> set[str]:
        """Return the groups that follow *parent* in any code, open or closed."""
        prefix = f"{parent}."
        return {
            code[len(prefix) :].partition(".")[0]
            for code in self._by_code
            if code.startswith(prefix)
        }

    def next_code(self, parent: str) -> str:
        """Return the next code below *parent*: 01…99, 100…, none that was ever used."""
        return f"{parent}.{next_free_group(self.used_groups(parent))}"

    def _nearest(self, given: str, on: date) -> tuple[Agency, ...]:
        """Return open agencies that may have been meant: by spelling, then by neighbourhood."""
        code = "".join(given.split()).upper().rstrip(".")
        respelt = self.find(code)
        found = [respelt] if respelt is not None else []
        modern = from_legacy(code) or code
        above = modern
        while above and above not in self._by_code:
            above = above.rpartition(".")[0]
        if above:
            siblings = self._children.get(above, ())
            near = get_close_matches(modern, siblings, n=SUGGESTIONS, cutoff=0.8)
            found += [self._by_code[sibling] for sibling in near] + [self._by_code[above]]
        unique = {agency.code: agency for agency in found if agency.is_open(on)}
        return tuple(unique.values())[:SUGGESTIONS]


def code_order(code: str) -> tuple[tuple[int, str], ...]:
    """Return the key that sorts codes as people count: 02 before 99 before 100."""
    return tuple((len(group), group) for group in code.split("."))


def default_kind(code: str) -> AgencyKind:
    """Return the kind that a code suggests.

    Source: level-1 letters of QĐ 20/2020/QĐ-TTg; enterprises use their registration number.
    """
    top = level_one_of(code)
    if top is None:
        return AgencyKind.ENTERPRISE if code.isdecimal() else AgencyKind.OTHER
    if top in _KINDS:
        return _KINDS[top]
    return _KINDS.get(top[0], AgencyKind.STATE)


def with_legacy(agency: Agency) -> Agency:
    """Return *agency* with a legacy code: its own, else the reversal marked provisional."""
    if agency.legacy_code is not None:
        return agency
    reversal = to_legacy(agency.code)
    return replace(agency, legacy_code=reversal, legacy_provisional=reversal is not None)


_KINDS = {
    "A": AgencyKind.PARTY,
    "I": AgencyKind.ORGANISATION,
    "I01": AgencyKind.FRONT,
    "I02": AgencyKind.UNION,
    "J": AgencyKind.ORGANISATION,
}


def _reversals(legacy: str) -> Iterator[str]:
    """Go through the codes whose plain reversal is *legacy*."""
    code = from_legacy(legacy)
    if code is not None:
        yield code
        head, _, last = code.rpartition(".")
        # A level 4 of two digits fills its third place with a zero.
        if len(last) == len("000") and last.startswith("0"):
            yield f"{head}.{last[1:]}"
