"""Incidents and maintenance: everybody is told, until an administrator says that it is over.

What happens to a notice is told in the commit in which it happens (`telling.py`). The node itself
opens incidents when it cannot keep its promises (`watching.py`), and reminds of maintenance and of
incidents that nobody has acknowledged (`calling.py`), through the same doors.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.domain.announcements import (
    Announcement,
    AnnouncementKind,
    AnnouncementState,
    Changes,
    Event,
    announce,
    change,
)
from gateway.domain.errors import Conflict, Forbidden, NotFound
from gateway.domain.exchange import AuditEntry, Caller, Role
from gateway.domain.mail import Mail, MailCounts
from gateway.domain.text import clean
from gateway.pipeline.telling import Audience, Herald, tell
from gateway.ports import Clock, Store, Transaction

#: The series that numbers notices.
_SERIES = "announcement"
_LONGEST_NOTE = 500
#: Acknowledging is told in the streams: no mail, no packet.
_STREAMS = Audience()


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcements:
    """The room; equipped once by the wiring. Changes are for administrators alone."""

    store: Store
    clock: Clock
    herald: Herald

    async def shown(self) -> Sequence[Announcement]:
        """Return what everybody is told now, incidents first."""
        now = self.clock.now()
        standing = await self.store.read(lambda tx: tx.announcements.standing())
        told = [each for each in standing if each.is_shown(now)]
        return sorted(told, key=lambda each: not each.is_incident)

    async def listing(
        self, kind: AnnouncementKind | None = None, *, limit: int = 100
    ) -> list[Announcement]:
        """Return the newest notices, ended ones included, newest first."""
        newest = await self.store.read(lambda tx: tx.announcements.newest(limit))
        return [each for each in newest if kind in {None, each.kind}]

    async def page(self, *, before: int, limit: int) -> list[Announcement]:
        """Return the notices older than one, newest first."""
        return await self.store.read(lambda tx: tx.announcements.before(before, limit))

    async def find(self, announcement: int) -> Announcement:
        """Return one notice; raise NotFound."""
        found = await self.store.read(lambda tx: tx.announcements.find(announcement))
        if found is None:
            raise NotFound(f"there is no notice {announcement}")
        return found

    async def mails(self, announcement: int, caller: Caller, *, limit: int = 1000) -> list[Mail]:
        """Return the messages that tell of a notice, and what became of each."""
        _administrators_only(caller)
        return await self.store.read(lambda tx: tx.mails.of(announcement, limit))

    async def mail_counts(self, announcements: Sequence[int]) -> dict[int, MailCounts]:
        """Return what became of the messages about each of *announcements*."""
        return await self.store.read(lambda tx: {n: tx.mails.counts(n) for n in announcements})

    async def publish(self, draft: Announcement, caller: Caller) -> Announcement:
        """Tell everybody; raise Refused for what cannot be told like this."""
        _administrators_only(caller)
        told = announce(replace(draft, by=caller.actor, at=self.clock.now()))
        audience = await self.herald.everybody()
        return await self.store.write(lambda tx: enter(tx, told, caller, audience))

    async def change(
        self, announcement: int, changes: Changes, caller: Caller, *, kind: AnnouncementKind
    ) -> Announcement:
        """Change what is told of a notice that is not over, and tell everybody.

        Raises:
            NotFound: there is no such notice of this *kind*.
            Conflict: it is over already.
            Refused: it cannot be told like this.
        """
        _administrators_only(caller)
        audience = await self.herald.everybody()

        def unit(tx: Transaction) -> Announcement:
            now = self.clock.now()
            found = _standing(tx, announcement, kind, now)
            changed = change(found, changes, at=now)
            if changed is found:
                return found
            if changed.begins_at != found.begins_at:
                changed = replace(changed, reminded_h=None)
            audit(tx, changed, caller, f"{kind}-changed", now)
            return tell(tx, changed, Event.CHANGED, audience, now)

        return await self.store.write(unit)

    async def acknowledge(self, announcement: int, caller: Caller) -> Announcement:
        """Take an incident on: nobody further is called. A repeat changes nothing.

        Raises:
            NotFound: there is no such incident.
            Conflict: it is over already.
        """
        _administrators_only(caller)

        def unit(tx: Transaction) -> Announcement:
            now = self.clock.now()
            found = _standing(tx, announcement, AnnouncementKind.INCIDENT, now)
            if found.acknowledged_at is not None:
                return found
            taken = replace(found, acknowledged_at=now, acknowledged_by=caller.actor)
            audit(tx, taken, caller, "incident-acknowledged", now)
            return tell(tx, taken, Event.ACKNOWLEDGED, _STREAMS, now)

        return await self.store.write(unit)

    async def end(
        self, announcement: int, caller: Caller, *, kind: AnnouncementKind, note: str = ""
    ) -> Announcement:
        """Close an incident, or end or cancel a maintenance; everybody is told.

        Raises:
            NotFound: there is no such notice of this *kind*.
            Conflict: it is over already.
        """
        _administrators_only(caller)
        audience = await self.herald.everybody()

        def unit(tx: Transaction) -> Announcement:
            now = self.clock.now()
            found = _standing(tx, announcement, kind, now)
            return finish(tx, found, caller, audience, at=now, note=note)

        return await self.store.write(unit)


def enter(tx: Transaction, told: Announcement, caller: Caller, audience: Audience) -> Announcement:
    """Number the new notice *told* and tell everybody."""
    numbered = replace(told, id=tx.numbers.take(_SERIES))
    event = Event.OPENED if numbered.is_incident else Event.PLANNED
    audit(tx, numbered, caller, f"{numbered.kind}-{event}", numbered.at)
    return tell(tx, numbered, event, audience, numbered.at)


def finish(
    tx: Transaction,
    found: Announcement,
    caller: Caller,
    audience: Audience,
    *,
    at: datetime,
    now: datetime | None = None,
    note: str = "",
) -> Announcement:
    """End *found*, which stands, as of *at*, and tell everybody *now*, or then."""
    ended = replace(
        found, ended_at=at, ended_by=caller.actor, note=clean(note)[:_LONGEST_NOTE] or found.note
    )
    cancelled = ended.state(at) is AnnouncementState.CANCELLED
    event = Event.CANCELLED if cancelled else Event.CLOSED
    now = now or at
    audit(tx, ended, caller, f"{ended.kind}-{event}", now)
    return tell(tx, ended, event, audience, now)


def audit(
    tx: Transaction, announcement: Announcement, caller: Caller, operation: str, at: datetime
) -> None:
    """Record what was done with a notice; the figures of downtime are read from it."""
    until, ended_at = announcement.until, announcement.ended_at
    tx.audit.append(
        AuditEntry(
            at=at,
            actor=caller.actor,
            address=caller.address,
            action="changed",
            about=f"announcement:{announcement.id}",
            data={
                "operation": operation,
                "text": announcement.text,
                "severity": announcement.severity.value if announcement.is_incident else None,
                "cause": announcement.cause or None,
                "begins_at": announcement.begins_at.isoformat(),
                "until": None if until is None else until.isoformat(),
                "ended_at": None if ended_at is None else ended_at.isoformat(),
                "note": announcement.note,
            },
        )
    )


def _standing(
    tx: Transaction, announcement: int, kind: AnnouncementKind, now: datetime
) -> Announcement:
    found = tx.announcements.find(announcement)
    if found is None or found.kind is not kind:
        raise NotFound(f"there is no {kind} {announcement}")
    if not found.is_shown(now):
        raise Conflict(f"the {kind} {announcement} is over already")
    return found


def _administrators_only(caller: Caller) -> None:
    if caller.role is not Role.ADMIN:
        raise Forbidden("notices to everybody are given by administrators")
