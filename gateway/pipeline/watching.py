"""Watching: the node opens an incident when it cannot keep its promises, and closes it again.

Each probe looks at one kind of thing: a disk, the axes, the clock, the audit chain, backups,
trust. What is ill for as long as it may be is told to everybody like any incident; what has been
well for a while closes it (`domain/trouble.py`). What is known lies in the database, so that any
number of processes and nodes open one incident together; what is of one machine alone bears its
name. An incident that an administrator closed by hand is not opened again until the thing was well.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from gateway.domain.announcements import Announcement, AnnouncementKind, Event
from gateway.domain.errors import GatewayError
from gateway.domain.exchange import Caller
from gateway.domain.trouble import Course, Health, Observation, Step, Trouble, course
from gateway.pipeline.announcements import audit, enter, finish
from gateway.pipeline.telling import Audience, Herald, tell
from gateway.ports import Clock, Store, Transaction

log = structlog.get_logger()

Look = Callable[[], Awaitable[Sequence[Observation]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """Looks at all things of one kind."""

    kind: str  #: with which their causes begin
    look: Look
    is_local: bool = False  #: they are of this machine: what others saw is not its business


@dataclass(frozen=True, slots=True, kw_only=True)
class Watching:
    """The room; equipped once by the wiring."""

    store: Store
    clock: Clock
    herald: Herald
    probes: Sequence[Probe]
    recovery: timedelta
    node: Caller

    async def look(self) -> None:
        """Look at everything once."""
        known = {each.cause: each for each in await self.store.read(lambda tx: tx.troubles.all())}
        for probe in self.probes:
            try:
                seen = [*await probe.look()]
            except (GatewayError, OSError) as error:
                log.warning("something could not be looked at", what=probe.kind, reason=str(error))
                continue
            seen += [] if probe.is_local else _gone(probe.kind, known, seen)
            for each in seen:
                await self._judge(each, known.get(each.cause))

    async def _judge(self, seen: Observation, known: Trouble | None) -> None:
        """Let what was *seen* have its consequences; nothing is written when it has none."""
        follows = self._course(known, seen)
        if follows == Course(trouble=known):
            return
        told = follows.step in {Step.OPEN, Step.WORSEN, Step.CLOSE}
        audience = await self.herald.everybody() if told else Audience()
        await self.store.write(partial(self._settle, seen=seen, audience=audience))

    def _course(self, known: Trouble | None, seen: Observation) -> Course:
        return course(known, seen, now=self.clock.now(), recovery=self.recovery)

    def _settle(self, tx: Transaction, *, seen: Observation, audience: Audience) -> None:
        """The same on what is known by now, whoever looked meanwhile."""
        follows, now = self._course(tx.troubles.find(seen.cause), seen), self.clock.now()
        trouble = follows.trouble
        if trouble is None:
            return
        if follows.step in {Step.CLOSE, Step.FORGET}:
            tx.troubles.drop(seen.cause)
            self._close(tx, trouble, audience, now)
            return
        if follows.step is Step.OPEN:
            incident = self._open(tx, seen, trouble.ill_since, audience, now)
            trouble = replace(trouble, announcement=incident.id)
        elif follows.step is Step.WORSEN:
            self._worsen(tx, trouble, seen, audience, now)
        tx.troubles.put(trouble)

    def _open(
        self,
        tx: Transaction,
        seen: Observation,
        since: datetime,
        audience: Audience,
        now: datetime,
    ) -> Announcement:
        incident = Announcement(
            kind=AnnouncementKind.INCIDENT,
            text=seen.vi.text,
            text_en=seen.en.text,
            meanwhile=seen.vi.meanwhile,
            afterwards=seen.vi.afterwards,
            meanwhile_en=seen.en.meanwhile,
            afterwards_en=seen.en.afterwards,
            begins_at=min(since, now),
            by=self.node.actor,
            at=now,
            severity=seen.severity,
            cause=seen.cause,
        )
        log.error("incident opened", cause=seen.cause, what=seen.en.text)
        return enter(tx, incident, self.node, audience)

    def _worsen(
        self,
        tx: Transaction,
        trouble: Trouble,
        seen: Observation,
        audience: Audience,
        now: datetime,
    ) -> None:
        found = _standing(tx, trouble)
        if found is not None:
            worse = replace(
                found,
                severity=seen.severity,
                text=seen.vi.text,
                text_en=seen.en.text,
                changed_at=now,
            )
            audit(tx, worse, self.node, "incident-changed", now)
            tell(tx, worse, Event.CHANGED, audience, now)

    def _close(self, tx: Transaction, trouble: Trouble, audience: Audience, now: datetime) -> None:
        found = _standing(tx, trouble)
        if found is not None:
            log.info("incident closed", cause=trouble.cause)
            finish(tx, found, self.node, audience, at=now, note=_WELL)


#: What stands beside an incident that ended by itself.
_WELL = "Hệ thống tự ghi nhận đã hoạt động bình thường / The node found it well again"


def _standing(tx: Transaction, trouble: Trouble) -> Announcement | None:
    """Return the incident that tells of *trouble*, None when an administrator ended it."""
    number = trouble.announcement
    found = None if number is None else tx.announcements.find(number)
    return None if found is None or found.ended_at is not None else found


def _gone(kind: str, known: dict[str, Trouble], seen: Sequence[Observation]) -> list[Observation]:
    """Return what is there no more, an axis that was taken out, say: nothing can be ill of it."""
    named = {each.cause for each in seen}
    return [
        Observation(cause=cause, health=Health.WELL)
        for cause in known
        if cause.partition(":")[0] == kind and cause not in named
    ]
