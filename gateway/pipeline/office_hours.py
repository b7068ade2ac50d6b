"""The office calendar as administrators change it: previewed, recorded, approved, withdrawn.

With four eyes a change is without effect until a second administrator, not the one who entered it,
has approved it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo

from gateway.domain.calendar import OfficeCalendar
from gateway.domain.calendar_changes import (
    DECISION_MISSING,
    CalendarChange,
    ChangeKind,
    Moved,
    affected_days,
    moved,
    read_entries,
    samples,
)
from gateway.domain.directory import Directory
from gateway.domain.directory_checks import open_agency, refuse
from gateway.domain.errors import Conflict, Forbidden, NotFound, Refused
from gateway.domain.exchange import AuditEntry, Caller, Role
from gateway.domain.findings import Finding
from gateway.domain.text import clean
from gateway.ports import Clock, OfficeCalendars, Run, Store, Transaction

#: The series that numbers changes.
_SERIES = "calendar-change"
_LONGEST_DECISION = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A change that somebody wants, as typed."""

    kind: ChangeKind
    agency: str | None  #: None: the whole node
    given: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a change would do; nothing is stored."""

    change: CalendarChange
    days: tuple[date, ...]  #: whose office hours differ
    moved: tuple[Moved, ...]  #: instants that tell it, those asked for first
    before: OfficeCalendar
    after: OfficeCalendar


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeHours:
    """The room; equipped once by the wiring. Changes are for administrators alone."""

    store: Store
    clock: Clock
    zone: tzinfo
    node: str
    calendar: OfficeCalendars
    run: Run
    four_eyes: bool

    async def of(self, agency: str | None) -> OfficeCalendar:
        """Return the calendar in force of an agency, or of the node."""
        return await self.run(lambda: self.calendar(agency or self.node))

    async def changes(self, *, limit: int = 100) -> list[CalendarChange]:
        """Return the newest changes, withdrawn ones included, newest first."""
        return await self.store.read(lambda tx: tx.calendar_changes.newest(limit))

    async def preview(
        self, wish: Wish, caller: Caller, *, instants: Sequence[datetime] = (), of: str = ""
    ) -> Preview:
        """Return what a change would do, with the legal times of *instants* by the calendar *of*.

        Raises:
            Refused: a field is wrong.
        """
        change, whose = await self._read(wish, caller), of or wish.agency or self.node
        today = self.clock.now().astimezone(self.zone).date()

        def look() -> Preview:
            before, after = self.calendar(whose), self.calendar.proposed(change)(whose)
            days = affected_days(before, after, change.entries, today)
            wanted = [*instants, *(each for each in samples(days, before) if each not in instants)]
            return Preview(
                change=change,
                days=tuple(days),
                moved=tuple(moved(before, after, wanted)),
                before=before,
                after=after,
            )

        return await self.run(look)

    async def apply(self, wish: Wish, caller: Caller) -> CalendarChange:
        """Let a change hold from now on, or wait for approval; what was recorded stays as it is.

        Raises:
            Refused: a field is wrong.
        """
        change = replace(await self._read(wish, caller), waits=self.four_eyes)

        def unit(tx: Transaction) -> CalendarChange:
            numbered = replace(change, id=tx.numbers.take(_SERIES))
            tx.calendar_changes.put(numbered)
            self._audit(tx, numbered, caller, "calendar-changed", numbered.decision)
            return numbered

        return await self.store.write(unit)

    async def approve(self, change: int, caller: Caller) -> CalendarChange:
        """Let a change hold from now on, as the second person.

        Raises:
            NotFound: there is no such change.
            Conflict: it does not wait.
            Forbidden: whoever entered it approves it.
        """
        _administrators_only(caller)

        def unit(tx: Transaction) -> CalendarChange:
            found = _find(tx, change)
            if not found.waits or found.withdrawn_at is not None:
                raise Conflict(f"the change {change} does not wait for approval")
            if found.by == caller.actor:
                raise Forbidden("whoever entered a change of the calendar cannot approve it")
            now = self.clock.now()
            approved = replace(found, waits=False, approved_by=caller.actor, approved_at=now)
            tx.calendar_changes.put(approved)
            self._audit(tx, approved, caller, "calendar-approved", approved.decision)
            return approved

        return await self.store.write(unit)

    async def withdraw(self, change: int, decision: str, caller: Caller) -> CalendarChange:
        """Take a change back; what was recorded under it stays as it is.

        Raises:
            NotFound: there is no such change.
            Conflict: it was withdrawn already.
            Refused: the decision is not named.
        """
        _administrators_only(caller)
        basis = clean(decision)[:_LONGEST_DECISION]
        if not basis:
            missing = DECISION_MISSING.finding("/decision")
            raise Refused(missing.message_en, code=missing.code, findings=[missing])

        def unit(tx: Transaction) -> CalendarChange:
            found = _find(tx, change)
            if found.withdrawn_at is not None:
                raise Conflict(f"the change {change} was withdrawn already")
            gone = replace(
                found,
                withdrawn_at=self.clock.now(),
                withdrawn_by=caller.actor,
                withdrawn_for=basis,
            )
            tx.calendar_changes.put(gone)
            self._audit(tx, gone, caller, "calendar-withdrawn", basis)
            return gone

        return await self.store.write(unit)

    async def _read(self, wish: Wish, caller: Caller) -> CalendarChange:
        _administrators_only(caller)
        present, now = await self.of(wish.agency), self.clock.now()
        if wish.agency is not None:
            directory = await self.store.read(lambda tx: Directory(tx.directory.all()))
            findings: list[Finding] = []
            open_agency(
                directory, wish.agency, "/agency", now.astimezone(self.zone).date(), findings
            )
            refuse(findings)
        entries = read_entries(wish.kind, wish.given, present)
        return CalendarChange(
            kind=wish.kind,
            agency=wish.agency,
            entries=entries,
            decision=clean(wish.given.get("decision", ""))[:_LONGEST_DECISION],
            by=caller.actor,
            at=now,
        )

    def _audit(
        self, tx: Transaction, change: CalendarChange, caller: Caller, operation: str, basis: str
    ) -> None:
        entries = change.entries
        tx.audit.append(
            AuditEntry(
                at=self.clock.now(),
                actor=caller.actor,
                address=caller.address,
                action="changed",
                about=f"calendar:{change.id}",
                data={
                    "operation": operation,
                    "kind": change.kind.value,
                    "agency": change.agency,
                    "decision": basis,
                    "waits": change.waits,
                    "days_off": [each.day.isoformat() for each in entries.days_off],
                    "worked_days": [each.day.isoformat() for each in entries.worked_days],
                    "sessions": [
                        f"{each.start:%H:%M}-{each.end:%H:%M}"
                        for period in entries.periods
                        for each in period.sessions
                    ],
                    "from": [each.start.isoformat() for each in entries.periods],
                    "to": [each.end.isoformat() if each.end else None for each in entries.periods],
                    "years": sorted(entries.years),
                },
            )
        )


def _find(tx: Transaction, change: int) -> CalendarChange:
    found = tx.calendar_changes.find(change)
    if found is None:
        raise NotFound(f"there is no change {change} of the calendar")
    return found


def _administrators_only(caller: Caller) -> None:
    if caller.role is not Role.ADMIN:
        raise Forbidden("the office calendar is changed by administrators")
