"""Calling: what is told of notices as time goes by.

Maintenance is told again some hours before it begins, and ends when two looks find its time over: a
clock that jumps ahead and is put right in between ends nothing. An incident that no administrator
has acknowledged is told to one contact after the other (S1 art. 12.2c).
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from gateway.domain.announcements import GRAVITY, Announcement, Event, Severity
from gateway.domain.exchange import Caller
from gateway.pipeline.announcements import audit, finish
from gateway.pipeline.telling import Audience, Herald, tell
from gateway.ports import Clock, Store, Transaction

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Who is called when, as the operator wants it."""

    leads_h: tuple[float, ...]  #: hours before maintenance at which it is told again
    contacts: tuple[str, ...]  #: addresses, in their order
    every: timedelta  #: how long each has before the next is called
    least: Severity  #: of incidents that are called about


@dataclass(frozen=True, slots=True, kw_only=True)
class Calling:
    """The room; equipped once by the wiring."""

    store: Store
    clock: Clock
    herald: Herald
    plan: Plan
    node: Caller
    _looks: list[datetime] = field(default_factory=list)  #: when the last two were

    async def look(self) -> None:
        """Tell what is due."""
        now = self.clock.now()
        self._looks[:] = [*self._looks[-1:], now]
        standing = await self.store.read(lambda tx: tx.announcements.standing())
        due = [each.id for each in standing if self._is_due(each, now)]
        if not due:
            return
        audience = await self.herald.everybody()
        for each in due:
            await self.store.write(partial(self._tell, announcement=each, audience=audience))

    def _is_due(self, announcement: Announcement, now: datetime) -> bool:
        if announcement.is_incident:
            return self._calls(announcement, now)
        return self._is_over(announcement) or self._lead(announcement, now) is not None

    def _tell(self, tx: Transaction, *, announcement: int, audience: Audience) -> None:
        """Tell what is due of a notice by now, whoever looked at it meanwhile."""
        now, found = self.clock.now(), tx.announcements.find(announcement)
        if found is None or found.ended_at is not None or not self._is_due(found, now):
            return
        if found.is_incident:
            self._escalate(tx, found, now)
        elif self._is_over(found):
            finish(tx, found, self.node, _UNMAILED, at=found.until or now, now=now)
        else:
            reminded = replace(found, reminded_h=self._lead(found, now))
            audit(tx, reminded, self.node, "maintenance-reminded", now)
            tell(tx, reminded, Event.REMINDED, audience, now)

    def _escalate(self, tx: Transaction, found: Announcement, now: datetime) -> None:
        """Write to the next contact."""
        contact = self.plan.contacts[found.escalated]
        called = replace(found, escalated=found.escalated + 1, escalated_at=now)
        audit(tx, called, self.node, "incident-escalated", now)
        tell(tx, called, Event.ESCALATED, self.herald.contact(contact), now)
        log.error("nobody has acknowledged", incident=called.id, contact=called.escalated)

    def _calls(self, incident: Announcement, now: datetime) -> bool:
        """Whether the next contact is to be written to: the one before had its time."""
        grave = GRAVITY.index(incident.severity) >= GRAVITY.index(self.plan.least)
        if not grave or incident.acknowledged_at is not None:
            return False
        since = incident.escalated_at or incident.at
        return incident.escalated < len(self.plan.contacts) and abs(now - since) >= self.plan.every

    def _is_over(self, maintenance: Announcement) -> bool:
        """Whether two looks found its time over."""
        return len(self._looks) > 1 and not maintenance.is_shown(min(self._looks))

    def _lead(self, maintenance: Announcement, now: datetime) -> float | None:
        """Return the lead time of which it is to be reminded now, hours; None for none."""
        left_h = (maintenance.begins_at - now) / timedelta(hours=1)
        known_h = (maintenance.begins_at - _told_at(maintenance)) / timedelta(hours=1)
        passed = [each for each in self.plan.leads_h if 0 < left_h <= each < known_h]
        least = min(passed, default=None)
        done = maintenance.reminded_h
        return None if least is None or (done is not None and done <= least) else least


#: That maintenance is over is no news that anybody is woken for.
_UNMAILED = Audience()


def _told_at(maintenance: Announcement) -> datetime:
    return maintenance.changed_at or maintenance.at
