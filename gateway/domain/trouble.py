"""What the node promises and watches: when it opens an incident by itself, and closes it again.

A thing is ill when its promise cannot be kept, and an incident is opened once it has been so for
as long as it may. It is closed when the thing has been well for a while, so that what wavers opens
one incident and not twenty. In between an observation may say neither: then nothing changes.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto

from gateway.domain.announcements import GRAVITY, Severity


class Health(Enum):
    """What an observation says."""

    WELL = auto()
    ILL = auto()
    BETWEEN = auto()  #: no better and no worse than before


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What an incident of the node's own says, in one language."""

    text: str
    meanwhile: str = ""
    afterwards: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One look at one thing."""

    cause: str  #: which thing, ``axis:truc-quoc-gia``; of one machine alone ``disk:<machine>``
    health: Health
    severity: Severity = Severity.MAJOR
    patience: timedelta = timedelta()  #: how long it may be ill before everybody is told
    vi: Words = Words(text="")
    en: Words = Words(text="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A thing that is ill, or was until lately."""

    cause: str
    ill_since: datetime
    well_since: datetime | None = None
    announcement: int | None = None  #: the incident that tells of it
    severity: Severity | None = None  #: as it was told


class Step(Enum):
    """What follows from an observation."""

    NOTHING = auto()
    OPEN = auto()
    WORSEN = auto()  #: it is told again: graver than before
    CLOSE = auto()
    FORGET = auto()  #: it was never told, and is over


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What is known after an observation, and what follows."""

    trouble: Trouble | None
    step: Step = Step.NOTHING


def course(
    known: Trouble | None, seen: Observation, *, now: datetime, recovery: timedelta
) -> Course:
    """Return how things stand once *seen* is known, too; *recovery*: how long well is well.

    What began at a time to come was written while the clock was ahead: it begins now.
    """
    if known is not None:
        well_since = known.well_since and min(known.well_since, now)
        known = replace(known, ill_since=min(known.ill_since, now), well_since=well_since)
    if seen.health is Health.ILL:
        fallen_ill = Trouble(cause=seen.cause, ill_since=now)
        return _ill(replace(known or fallen_ill, well_since=None), seen, now)
    if known is None or seen.health is Health.BETWEEN:
        return Course(trouble=known)
    return _better(known, now, recovery)


def _ill(known: Trouble, seen: Observation, now: datetime) -> Course:
    if known.announcement is None:
        if now - known.ill_since < seen.patience:
            return Course(trouble=known)
        return Course(trouble=replace(known, severity=seen.severity), step=Step.OPEN)
    if known.severity and GRAVITY.index(seen.severity) > GRAVITY.index(known.severity):
        return Course(trouble=replace(known, severity=seen.severity), step=Step.WORSEN)
    return Course(trouble=known)


def _better(known: Trouble, now: datetime, recovery: timedelta) -> Course:
    if known.announcement is None:
        return Course(trouble=known, step=Step.FORGET)
    since = known.well_since or now
    step = Step.CLOSE if now - since >= recovery else Step.NOTHING
    return Course(trouble=replace(known, well_since=since), step=step)
