"""How a rule is written: one function, its code, its source, its words in two languages.

A rule reads a :class:`Candidate` and a frozen :class:`Reference` and yields the places where it is
broken; the decorator adds code, severity, source and texts. Rules never raise for bad input and
never stop at the first place, so that a sender mends everything in one go.

Readers, who see the bytes before there is a candidate, state their findings with the same
:class:`Statement`, so that every code has its texts and its source in one form.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum, auto
from functools import lru_cache

from gateway.domain.characters import legible
from gateway.domain.directory import Directory
from gateway.domain.document import Metadata
from gateway.domain.findings import Finding, Severity
from gateway.domain.inspection import Bounds, Member, Observation, Scanned
from gateway.domain.legal_value import Owners
from gateway.domain.mending import mend
from gateway.domain.profile import Profile, Profiles
from gateway.domain.signatures import Fault, Signature

#: Of what was sent no message quotes more characters.
_LONGEST_VALUE = 160
#: A node that follows no regulation of a territory.
_NO_PROFILES = Profiles(default=Profile(name="none"))


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """What inspection found out about one attachment; the bytes themselves are not here."""

    n: int  #: position, from 1
    name: str  #: as announced
    size: int  #: decoded bytes
    media_type: str  #: what the bytes are
    carries: frozenset[str]  #: canonical extensions that such bytes may bear
    sha256: str = ""
    may_be_signed: bool = True  #: False: it was seen that nothing in it can be a signature
    signed: bool = False  #: bears a digital signature, or one lies beside it
    announced_type: str | None = None  #: media type that the sender gave
    observations: tuple[Observation, ...] = ()
    members: tuple[Member, ...] = ()  #: of an archive
    scanned: Scanned | None = None  #: None: no virus scanner is configured
    signatures: tuple[Signature, ...] = ()  #: in the file, or that the file itself is
    fault: Fault | None = None  #: why its signatures could not be examined to the end
    signs: int | None = None  #: position of the file that this detached signature stands beside


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A submission that was read and is now judged."""

    metadata: Metadata
    sender: str  #: agency code as the sender wrote it
    sender_name: str | None = None  #: as the message gives it
    files: tuple[FileFacts, ...] = ()
    document_id: str | None = None  #: the sender's own identifier, in a message
    recipient_pointer: str = "/metadata/to"  #: where the recipients stand in what was sent
    local: bool = True  #: sent by an office of this node, not come by an axis
    is_part: bool = False  #: one file that is looked at without the others of its document
    #: pointers that the reader complained of: what stands there or below is not judged again
    reported: frozenset[str] = frozenset()
    message_signatures: tuple[Signature, ...] = ()  #: of the message around all, in XML
    message_fault: Fault | None = None  #: why those could not be examined to the end
    #: the metadata as they were given, when mending changed them (:func:`examine` does)
    given: Metadata | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Sizes in bytes, decoded; counts."""

    attachment_bytes: int = 26_214_400
    total_bytes: int = 104_857_600
    attachments: int = 50
    recipients: int = 5_000
    extensions: frozenset[str] = frozenset()
    archive: Bounds = field(default_factory=Bounds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening:
    """What files may hold, and what happens without the virus scanner's answer."""

    refuses_macros: bool = True  #: else they are a warning
    refuses_encrypted: bool = True  #: else a password is a warning
    holds_unscanned: bool = True  #: when the virus scanner gives no answer; else a warning


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Everything a rule may look at beside the submission: one frozen snapshot."""

    today: date  #: in the node's zone
    directory: Directory
    is_ours: Callable[[str], bool]  #: whether this node answers for an agency code
    is_reachable: Callable[[str], bool]  #: whether some axis serves a code that is not ours
    types: Mapping[str, str]  #: official abbreviation -> Vietnamese name of the 29 types
    latest_day: date | None = None  #: that it may be by a clock that is tolerated; None: today
    types_since: Mapping[str, date] = field(default_factory=dict)  #: of types that came later
    limits: Limits = field(default_factory=Limits)
    screening: Screening = field(default_factory=Screening)
    owners: Owners = field(default_factory=Owners)  #: whose certificate is whose
    profiles: Profiles = _NO_PROFILES
    profile: Profile = _NO_PROFILES.default  #: of the sender; :func:`examine` chooses it


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a code says: its weight, its source, its words.

    Texts are format strings over the values of a place: ``"… {name} …"``.
    """

    code: str
    source: str  #: article of the regulation or section of the standard
    vi: str
    en: str
    remedy: str  #: Vietnamese
    remedy_en: str
    severity: Severity = Severity.ERROR
    #: weight in a message that came by an axis; None: the same. Its sender has issued and numbered
    #: it and cannot be asked to mend it here, so only what makes it undeliverable, unsafe or
    #: barred turns it away (the recipient may still refuse it, QĐ 28/2018/QĐ-TTg art. 9.1).
    from_axis: Severity | None = None

    def finding(self, pointer: str, *, local: bool = True, **values: object) -> Finding:
        """Say this of *pointer*; text values are made legible first, so none can do harm."""
        shown = {
            name: legible(value, limit=_LONGEST_VALUE) if isinstance(value, str) else value
            for name, value in values.items()
        }
        message, message_en, remedy, remedy_en = (
            text.format_map(shown) for text in (self.vi, self.en, self.remedy, self.remedy_en)
        )
        return Finding(
            code=self.code,
            severity=self.severity if local else self.from_axis or self.severity,
            pointer=pointer,
            message=message,
            message_en=message_en,
            remedy=remedy,
            remedy_en=remedy_en,
            source=self.source,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a rule is broken; *values* fill the rule's texts."""

    pointer: str
    values: Mapping[str, object] = field(default_factory=dict)
    severity: Severity | None = None  #: by policy; None: that of the rule


def at(pointer: str, **values: object) -> Place:
    """Name the *pointer* at which a rule is broken and the *values* for its texts."""
    return Place(pointer=pointer, values=values)


class Matter(Enum):
    """What a candidate must show before a rule about it has anything to judge."""

    INSPECTED = auto()  #: the inspection saw something in a file, or it has members
    SCANNED = auto()  #: a virus scanner was asked
    SIGNED = auto()  #: there are signatures, or they could not be examined
    MENDED = auto()  #: the metadata were not kept as given


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rule:
    """A decorated function: its *body* yields the places at which a candidate breaks the rule."""

    statement: Statement
    body: Callable[[Candidate, Reference], Iterable[Place]]
    about: Matter | None = None  #: without this in a candidate it yields nothing; None: it may

    @property
    def code(self) -> str:
        """The code of every finding of this rule."""
        return self.statement.code

    def finding(self, place: Place, *, local: bool) -> Finding:
        """Return what is to be said of *place*."""
        found = self.statement.finding(place.pointer, local=local, **place.values)
        return found if place.severity is None else replace(found, severity=place.severity)


def rule(
    code: str,
    *,
    source: str,
    vi: str,
    en: str,
    remedy: str,
    remedy_en: str,
    severity: Severity = Severity.ERROR,
    from_axis: Severity | None = None,
    about: Matter | None = None,
) -> Callable[[Callable[[Candidate, Reference], Iterable[Place]]], Rule]:
    """Make a function that yields places into a rule that says what :class:`Statement` holds.

    A rule *about* a matter is not asked about a candidate that does not show it.
    """
    statement = Statement(
        code=code,
        source=source,
        vi=vi,
        en=en,
        remedy=remedy,
        remedy_en=remedy_en,
        severity=severity,
        from_axis=from_axis,
    )

    def decorate(body: Callable[[Candidate, Reference], Iterable[Place]]) -> Rule:
        return Rule(statement=statement, body=body, about=about)

    return decorate


def examine(
    candidate: Candidate, reference: Reference, rules: tuple[Rule, ...]
) -> tuple[Finding, ...]:
    """Run every rule and return all findings, in the order of the rules.

    The metadata are judged as they are kept (``mending.mend``) and by the profile of the sender.
    What the reader has reported already (``candidate.reported``) is not said twice.
    """
    candidate, reference = _mended(candidate), for_sender(candidate, reference)
    return tuple(
        each.finding(place, local=candidate.local)
        for each in _asked(rules, _matters(candidate))
        for place in each.body(candidate, reference)
        if not _was_reported(place.pointer, candidate.reported)
    )


@lru_cache(maxsize=64)
def _asked(rules: tuple[Rule, ...], shown: frozenset[Matter]) -> tuple[Rule, ...]:
    """Return those of *rules* that may have something to say of what is *shown*."""
    return tuple(each for each in rules if each.about is None or each.about in shown)


def _matters(candidate: Candidate) -> frozenset[Matter]:
    """Return what *candidate* shows; an ordinary one shows little, and most rules rest."""
    shown = set()
    for file in candidate.files:
        if file.observations or file.members:
            shown.add(Matter.INSPECTED)
        if file.scanned is not None:
            shown.add(Matter.SCANNED)
        if file.signatures or file.fault is not None:
            shown.add(Matter.SIGNED)
    if candidate.message_signatures or candidate.message_fault is not None:
        shown.add(Matter.SIGNED)
    if candidate.given is not None:
        shown.add(Matter.MENDED)
    return frozenset(shown)


def _mended(candidate: Candidate) -> Candidate:
    kept = mend(candidate.metadata)
    if kept is candidate.metadata:
        return candidate
    return replace(candidate, metadata=kept, given=candidate.metadata)


def for_sender(candidate: Candidate, reference: Reference) -> Reference:
    """Return *reference* by the sender's profile; what came by an axis: by the node's own."""
    profile = profile_of(candidate.sender if candidate.local else "", reference)
    limits = _limits_under(profile, reference.limits)
    if profile is reference.profile and limits is reference.limits:
        return reference
    return replace(reference, profile=profile, limits=limits)


def profile_of(agency: str, reference: Reference) -> Profile:
    """Return the profile that an agency follows today; one that is not known: the node's own."""
    directory = reference.directory

    def lineage() -> Iterator[str]:
        found = directory.find(agency) if agency else None
        if found is not None:
            for each in (found, *directory.ancestors(found.code)):
                yield from filter(None, (each.code, each.legacy_code))

    return reference.profiles.of(lineage, reference.today)


def _limits_under(profile: Profile, limits: Limits) -> Limits:
    """Return the node's *limits* as far as the *profile* narrows them."""
    if profile.extensions is not None:
        limits = replace(limits, extensions=limits.extensions & profile.extensions)
    if profile.attachment_bytes is not None:
        smaller = min(limits.attachment_bytes, profile.attachment_bytes)
        limits = replace(limits, attachment_bytes=smaller)
    return limits


def _was_reported(pointer: str, reported: frozenset[str]) -> bool:
    while pointer:
        if pointer in reported:
            return True
        pointer = pointer.rpartition("/")[0]
    return False
