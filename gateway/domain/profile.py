"""Policy profiles: what the regulation of a territory lets travel, and how, as data.

A profile is one file of ``config/profiles``. Which one holds for an agency on a day is said by
the configuration: the newest assignment of the nearest agency above it, else the node's own.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from gateway.domain.legal_value import Owner
from gateway.domain.text import fold

#: Of a text no more is compared.
_LONGEST = 600


class Decision(StrEnum):
    """What becomes of a document of some kind."""

    HOLD = "hold"  #: a person decides
    REFUSE = "refuse"
    CARRY = "carry"  #: it travels as any other


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """What a regulation asks of signatures, and what becomes of documents that lack them.

    What is carried in spite of it is for reference only. A broken signature is always refused.
    """

    original: frozenset[Owner] = frozenset({Owner.PERSON, Owner.AGENCY})  #: on the main file
    annex: frozenset[Owner] = frozenset({Owner.AGENCY})  #: on every annex in a file of its own
    unsigned: Decision = Decision.CARRY
    partly: Decision = Decision.CARRY  #: signed, but not by all whom an original needs
    untrusted: Decision = Decision.REFUSE
    expired: Decision = Decision.REFUSE  #: the certificate, when it signed
    revoked: Decision = Decision.REFUSE  #: the certificate, when it signed
    undecided: Decision = Decision.CARRY  #: such as without revocation data
    unexamined: Decision = Decision.HOLD  #: the verification was cut off
    other_agency: Decision = Decision.CARRY  #: an agency signed that is not the sender
    other_person: Decision = Decision.CARRY  #: a person signed whom the document does not name
    pdf_only: str = ""  #: article that lets signed documents travel as PDF only


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of documents that a regulation speaks of.

    Names and phrases are compared without case, accents and hyphens. A document is of this kind
    when its sender declares so, or when the operator's rule says so: its type is among *types*
    or its subject begins with one of *subjects*.
    """

    name: str  #: the value of ``metadata.kind``
    vi: str  #: what people call it
    en: str
    source: str  #: article that speaks of it
    also: tuple[str, ...] = ()  #: other ways to declare it
    types: frozenset[str] = frozenset()  #: abbreviations
    subjects: tuple[str, ...] = ()
    decision: Decision = Decision.CARRY
    paper: bool = False  #: paper goes beside it


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What one regulation asks; what it is silent about is the node's own affair."""

    name: str
    title: str = ""  #: Vietnamese, with number and day
    kinds: tuple[Kind, ...] = ()
    paper_unless_kind: bool = False  #: a document of no listed kind needs paper beside it
    paper_source: str = ""
    extensions: frozenset[str] | None = None  #: files that may be attached
    attachment_bytes: int | None = None
    signing: Signing = field(default_factory=Signing)
    unsigned_source: str = ""  #: article that lets an unsigned document pass as PDF only
    _names: Mapping[str, Kind] = field(init=False, compare=False, repr=False)
    _by_type: Mapping[str, Kind] = field(init=False, compare=False, repr=False)
    _subjects: tuple[tuple[str, Kind], ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Fold all names once."""
        names = {_key(name): kind for kind in self.kinds for name in (kind.name, *kind.also)}
        by_type = {each: kind for kind in self.kinds for each in kind.types}
        subjects = tuple((_key(each), kind) for kind in self.kinds for each in kind.subjects)
        object.__setattr__(self, "_names", names)
        object.__setattr__(self, "_by_type", by_type)
        object.__setattr__(self, "_subjects", subjects)

    def kinds_of(self, declared: str | None, *, of_type: str, subject: str) -> tuple[Kind, ...]:
        """Return the kinds that a document is of: as declared, and by the operator's rules."""
        if not (declared or self._by_type or self._subjects):
            return ()
        found = []
        if declared:
            found.append(self._names.get(_key(declared)))
        if self._by_type:
            found.append(self._by_type.get(of_type))
        if self._subjects:
            key = _key(subject)
            found += [kind for phrase, kind in self._subjects if key.startswith(phrase)]
        return tuple(dict.fromkeys(kind for kind in found if kind is not None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """From which day until which day (both included) a profile holds for an agency and below."""

    agency: str
    profile: Profile
    since: date | None = None
    until: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether *day* lies within."""
        return (self.since or day) <= day <= (self.until or day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profiles:
    """Who follows which profile when."""

    default: Profile
    assignments: tuple[Assignment, ...] = ()

    def of(self, lineage: Callable[[], Iterable[str]], day: date) -> Profile:
        """Return the profile of an agency on *day*; *lineage* names it and all above, upwards."""
        if not self.assignments:
            return self.default
        for code in lineage():
            holding = [
                each for each in self.assignments if each.agency == code and each.holds_on(day)
            ]
            if holding:
                return max(holding, key=lambda each: each.since or date.min).profile
        return self.default


def _key(text: str) -> str:
    return fold(text[:_LONGEST].replace("-", " ").replace("_", " "))
