"""What the node promises and watches: when it opens an incident by itself, and closes it again.

A thing is ill when its promise cannot be kept, and an incident is opened once it has been so for
as long as it may. It is closed when the thing has been well for a while, so that what wavers opens
one incident and not twenty. In between an observation may say neither: then nothing changes.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto

from gateway.domain.announcements import Severity


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


class Step(Enum):
    """What follows from an observation."""

    NOTHING = auto()
    OPEN = auto()
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
    """Return how things stand once *seen* is known, too; *recovery*: how long well is well."""
    if seen.health is Health.ILL:
        ill = replace(known, well_since=None) if known else _fallen_ill(seen.cause, now)
        due = ill.announcement is None and now - ill.ill_since >= seen.patience
        return Course(trouble=ill, step=Step.OPEN if due else Step.NOTHING)
    if known is None or seen.health is Health.BETWEEN:
        return Course(trouble=known)
    if known.announcement is None:
        return Course(trouble=known, step=Step.FORGET)
    better = known if known.well_since else replace(known, well_since=now)
    if better.well_since is not None and now - better.well_since >= recovery:
        return Course(trouble=better, step=Step.CLOSE)
    return Course(trouble=better)


def _fallen_ill(cause: str, now: datetime) -> Trouble:
    return Trouble(cause=cause, ill_since=now)
