"""The queue and its destinations, as a unit sees them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from gateway.domain.exchange import (
    Delivery,
    Destination,
    Job,
)


class Jobs(Protocol):
    """The queue: one job in flight per lane."""

    def put(self, job: Job, *, buried_at: datetime | None = None) -> None:
        """Queue *job*, or put it aside at once as one that failed for good."""

    def ready(self, now: datetime, limit: int, *, horizon: timedelta = ...) -> list[Job]:
        """Return the first due job of up to *limit* free lanes, urgent first.

        What waits for, or is claimed for, longer than *horizon* was written by another clock:
        it is due, and its claim has run out.
        """

    def claim(
        self,
        owner: str,
        jobs: Sequence[Job],
        now: datetime,
        until: datetime,
        *,
        horizon: timedelta = ...,
    ) -> list[Job]:
        """Claim those of *jobs*, one a lane, that are ready still; return them as they are now.

        Units that claim may run side by side: what another holds at this moment is passed over.

        Raises:
            Conflict: another claimed a job of the same lane at this moment.
        """

    def is_any_expired(self, now: datetime, *, horizon: timedelta = ...) -> bool:
        """Whether a claim has run out."""

    def expire(self, now: datetime, *, horizon: timedelta = ...) -> None:
        """Free the claims that have run out."""

    def beside(self, job: Job, document: str, limit: int) -> list[Job]:
        """Return what waits in the lane of *job* for further recipients of its *document*."""

    def hold(self, job: int, until: datetime) -> None:
        """Let the claim of *job* last until its work must have ended."""

    def finish(self, job: int) -> None:
        """Remove a job that is done."""

    def postpone(self, job: int, due_at: datetime, error: str, *, lone: bool = False) -> None:
        """Free the lane and try again at *due_at*; *lone*: it has trouble of its own."""

    def bury(self, job: int, at: datetime, error: str) -> None:
        """Keep a job that failed for good, out of the way."""

    def release(self, owner: str | None) -> int:
        """Free every claim of *owner* (None: of anybody); return how many."""

    def drop_item(self, kind: str, item: str) -> int:
        """Remove the jobs of *kind* about *item*; return how many."""

    def find(self, job: int) -> Job | None:
        """Return a job by id, buried or not."""

    def is_buried(self, job: int) -> bool:
        """Whether a job failed for good."""

    def listing(self, limit: int, *, after: int = 0) -> list[tuple[Job, bool]]:
        """Return jobs, buried ones marked True, oldest first."""

    def revive_lane(self, lane: str, now: datetime) -> int:
        """Make all that waits for a destination due now; return how many."""

    def toward_axes(self, after: int, limit: int) -> list[Job]:
        """Return jobs for any axis that are not under way, from a place on, buried ones too."""

    def revive(self, job: int, now: datetime) -> None:
        """Make a job due now; one that was buried starts over."""

    def depth(self) -> int:
        """Return how many jobs wait."""

    def depths(self) -> dict[str, int]:
        """Return how many jobs wait for each destination, by lane."""


class Schedule(Protocol):
    """Which process does what a schedule asks for in which of its periods."""

    def is_open(self, name: str, period: int, now: datetime) -> bool:
        """Whether somebody is to do it: it is not done, and nobody is at it."""

    def claim(self, name: str, period: int, owner: str, *, now: datetime, until: datetime) -> bool:
        """Claim *period*; False when it is done, or somebody is at it or at another period."""

    def renew(self, name: str, period: int, owner: str, until: datetime) -> bool:
        """Let a claim last longer; False when somebody else has it by now."""

    def finish(self, name: str, period: int, owner: str, at: datetime) -> None:
        """Note that *period* is done; those long before it are forgotten."""

    def give_back(self, name: str, period: int, owner: str) -> None:
        """Let another do it, or the same one later: it could not be done now."""


class Destinations(Protocol):
    """Back-off per destination."""

    def find(self, lane: str) -> Destination:
        """Return how *lane* is doing; a lane never heard of is fine."""

    def save(self, destination: Destination) -> None:
        """Write it."""

    def heard(self, lane: str, now: datetime) -> bool:
        """Note that it answered: clear the back-off, make all that waits due; return whether."""

    def try_now(self, lane: str, now: datetime) -> bool:
        """Clear the back-off because a person asks for it; nothing was heard from there."""

    def listing(self) -> list[Destination]:
        """Return all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneLoad:
    """What waits at a destination."""

    lane: str
    waiting: int
    oldest: datetime


class Overview(Protocol):
    """What the board and the figures count; every count is cut off where it says so."""

    def lanes(self) -> list[LaneLoad]:
        """Return the destinations at which jobs wait."""

    def boxes(self, limit: int) -> list[LaneLoad]:
        """Return the pull boxes in which documents wait, the fullest first; lanes are codes."""

    def failed(self, limit: int) -> list[Job]:
        """Return the jobs that failed for good, urgent first, then oldest."""

    def queued(self, lane: str | None, after: int, limit: int) -> list[Job]:
        """Return the jobs that wait (at one lane, or all) after a number, oldest first."""

    def held(self, limit: int) -> list[str]:
        """Return the documents that are held, oldest first."""

    def unaccepted(self, before: datetime, limit: int) -> list[Delivery]:
        """Return what arrived legally *before* an instant and was not accepted, oldest first."""

    def received(self, since: datetime, limit: int) -> int:
        """Return how many deliveries arrived *since*, at most *limit*."""
