"""Incidents and maintenance: everybody is told, until an administrator says that it is over."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.domain.announcements import (
    Announcement,
    AnnouncementKind,
    AnnouncementState,
    announce,
)
from gateway.domain.errors import Conflict, Forbidden, NotFound
from gateway.domain.exchange import AuditEntry, Caller, Role
from gateway.domain.text import clean
from gateway.ports import Clock, Store, Transaction

#: The series that numbers notices.
_SERIES = "announcement"
_LONGEST_NOTE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcements:
    """The room; equipped once by the wiring. Changes are for administrators alone."""

    store: Store
    clock: Clock

    async def shown(self) -> Sequence[Announcement]:
        """Return what everybody is told now, incidents first."""
        now = self.clock.now()
        standing = await self.store.read(lambda tx: tx.announcements.standing())
        told = [each for each in standing if each.is_shown(now)]
        return sorted(told, key=lambda each: each.kind is not AnnouncementKind.INCIDENT)

    async def listing(
        self, kind: AnnouncementKind | None = None, *, limit: int = 100
    ) -> list[Announcement]:
        """Return the newest notices, ended ones included, newest first."""
        newest = await self.store.read(lambda tx: tx.announcements.newest(limit))
        return [each for each in newest if kind in {None, each.kind}]

    async def publish(self, draft: Announcement, caller: Caller) -> Announcement:
        """Tell everybody; raise Refused for what cannot be told like this."""
        _administrators_only(caller)
        told = announce(replace(draft, by=caller.actor, at=self.clock.now()))

        def unit(tx: Transaction) -> Announcement:
            numbered = replace(told, id=tx.numbers.take(_SERIES))
            tx.announcements.put(numbered)
            incident = numbered.kind is AnnouncementKind.INCIDENT
            operation = "incident-opened" if incident else "maintenance-planned"
            self._audit(tx, numbered, caller, operation)
            return numbered

        return await self.store.write(unit)

    async def end(
        self, announcement: int, caller: Caller, *, kind: AnnouncementKind, note: str = ""
    ) -> Announcement:
        """Close an incident, or end or cancel a maintenance.

        Raises:
            NotFound: there is no such notice of this *kind*.
            Conflict: it is over already.
        """
        _administrators_only(caller)

        def unit(tx: Transaction) -> Announcement:
            found, now = tx.announcements.find(announcement), self.clock.now()
            if found is None or found.kind is not kind:
                raise NotFound(f"there is no {kind} {announcement}")
            if not found.is_shown(now):
                raise Conflict(f"the {kind} {announcement} is over already")
            ended = replace(
                found, ended_at=now, ended_by=caller.actor, note=clean(note)[:_LONGEST_NOTE]
            )
            tx.announcements.put(ended)
            cancelled = ended.state(now) is AnnouncementState.CANCELLED
            told = "cancelled" if cancelled else "closed"
            self._audit(tx, ended, caller, f"{kind}-{told}")
            return ended

        return await self.store.write(unit)

    def _audit(
        self, tx: Transaction, announcement: Announcement, caller: Caller, operation: str
    ) -> None:
        until = announcement.until
        tx.audit.append(
            AuditEntry(
                at=self.clock.now(),
                actor=caller.actor,
                address=caller.address,
                action="changed",
                about=f"announcement:{announcement.id}",
                data={
                    "operation": operation,
                    "text": announcement.text,
                    "begins_at": announcement.begins_at.isoformat(),
                    "until": None if until is None else until.isoformat(),
                    "note": announcement.note,
                },
            )
        )


def _administrators_only(caller: Caller) -> None:
    if caller.role is not Role.ADMIN:
        raise Forbidden("notices to everybody are given by administrators")
