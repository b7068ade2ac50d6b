"""The directory as an administrator changes it: every change is planned, stored and audited at once.

What may change is decided by the pure functions of ``domain.directory_plan``; here the stored
directory is read, the plan stored and one audit record written for each agency that changes, all
in one unit, so that two administrators can never work on the same state.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from gateway.domain import directory_plan
from gateway.domain.codes import is_sandbox
from gateway.domain.directory import Agency, AgencyKind, Directory
from gateway.domain.directory_csv import write_agencies
from gateway.domain.directory_plan import AgencyChanges
from gateway.domain.errors import Forbidden, NotFound
from gateway.domain.exchange import AuditEntry, Caller, Role
from gateway.pipeline.agency_import import read_import, read_text
from gateway.ports import Clock, Store, Transaction

Plan = Callable[[Directory, date], Sequence[Agency]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """How many agencies of a file were new, changed, and there already."""

    added: int
    changed: int
    unchanged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Agencies:
    """The room; equipped once by the wiring.

    Every change raises Forbidden for a caller who is no administrator, and Refused with findings
    ``agency-…`` when the directory does not allow it; nothing is stored then. A change holds
    from the day *on*, or from today in the node's zone.
    """

    store: Store
    clock: Clock
    zone: tzinfo
    sandbox: str  #: the code of the node's own, the only one in the directory

    async def listing(self) -> list[Agency]:
        """Return every agency, open and closed, in the order of codes."""
        return list(await self._directory())

    async def show(self, code: str) -> Agency:
        """Return the agency of *code* in either form; raise NotFound."""
        agency = (await self._directory()).find(code)
        if agency is None:
            raise NotFound(f"there is no agency {code}", code="agency-unknown")
        return agency

    async def add(
        self,
        caller: Caller,
        *,
        name: str,
        code: str | None = None,
        parent: str | None = None,
        legacy_code: str | None = None,
        short_name: str | None = None,
        kind: AgencyKind | None = None,
        contact: Mapping[str, str] | None = None,
        decision: str | None = None,
        on: date | None = None,
    ) -> Agency:
        """Enter a new agency; without *code* the next free one below *parent* is assigned."""

        def plan(directory: Directory, day: date) -> Sequence[Agency]:
            agency = directory_plan.add(
                directory,
                name=name,
                on=day,
                code=code,
                parent=parent,
                legacy_code=legacy_code,
                short_name=short_name,
                kind=kind,
                contact=contact,
                decision=decision,
                sandbox=self.sandbox,
            )
            return (agency,)

        return (await self._change(caller, "add", plan, on))[0]

    async def patch(self, code: str, caller: Caller, changes: AgencyChanges) -> Agency:
        """Correct fields of an agency; its code stays."""

        def plan(directory: Directory, day: date) -> Sequence[Agency]:
            return (directory_plan.patch(directory, code, changes),)

        return (await self._change(caller, "patch", plan, None))[0]

    async def close(
        self,
        code: str,
        caller: Caller,
        *,
        successor: str | None = None,
        decision: str | None = None,
        on: date | None = None,
    ) -> Agency:
        """Close an agency; *on* is the first day on which it no longer exists."""

        def plan(directory: Directory, day: date) -> Sequence[Agency]:
            return directory_plan.close(
                directory, code, on=day, successor=successor, decision=decision
            )

        return (await self._change(caller, "close", plan, on))[0]

    async def merge(
        self,
        codes: Sequence[str],
        caller: Caller,
        *,
        into: str,
        decision: str | None = None,
        on: date | None = None,
    ) -> tuple[Agency, ...]:
        """Close the agencies *codes*, with *into* after them; return all that changed."""

        def plan(directory: Directory, day: date) -> Sequence[Agency]:
            return directory_plan.merge(directory, codes, into=into, on=day, decision=decision)

        return await self._change(caller, "merge", plan, on)

    async def move(
        self,
        code: str,
        caller: Caller,
        *,
        parent: str,
        decision: str | None = None,
        on: date | None = None,
    ) -> tuple[Agency, ...]:
        """Bring an agency under another *parent*; return all that changed."""

        def plan(directory: Directory, day: date) -> Sequence[Agency]:
            return directory_plan.move(directory, code, parent, on=day, decision=decision)

        return await self._change(caller, "move", plan, on)

    async def import_file(self, raw: bytes, caller: Caller) -> Imported:
        """Take every agency of a CSV file in UTF-8, or none; see :meth:`import_csv`."""
        return await self.import_csv(read_text(raw), caller)

    async def import_csv(self, text: str, caller: Caller) -> Imported:
        """Take every agency of a CSV file, or none: each bad line is a finding `agency-csv`."""
        total = 0
        known: set[str] = set()

        def plan(directory: Directory, day: date) -> Sequence[Agency]:
            nonlocal total
            known.update(agency.code for agency in directory)
            total, changed = read_import(text, directory, day)
            return changed

        changed = await self._change(caller, "import", plan, None)
        added = sum(agency.code not in known for agency in changed)
        return Imported(added=added, changed=len(changed) - added, unchanged=total - len(changed))

    async def export_csv(self) -> str:
        """Return the whole directory as CSV that can be imported again, without the sandbox."""
        listed = await self._directory()
        return write_agencies(each for each in listed if not is_sandbox(each.code))

    async def _directory(self) -> Directory:
        return Directory(await self.store.read(lambda tx: tx.directory.all()))

    async def _change(
        self, caller: Caller, operation: str, plan: Plan, on: date | None
    ) -> tuple[Agency, ...]:
        """Store what *plan* says and an audit record for each agency; return what changed."""
        if caller.role is not Role.ADMIN:
            raise Forbidden("the directory is changed by administrators")
        now = self.clock.now()
        day = on or now.astimezone(self.zone).date()

        def unit(tx: Transaction) -> tuple[Agency, ...]:
            directory = Directory(tx.directory.all())
            changed = tuple(plan(directory, day))
            record_changes(tx, directory, changed, operation=operation, caller=caller, at=now)
            return changed

        return await self.store.write(unit)


def record_changes(
    tx: Transaction,
    directory: Directory,
    changed: Sequence[Agency],
    *,
    operation: str,
    caller: Caller,
    at: datetime,
) -> None:
    """Store the agencies *changed* against *directory*, with an audit record for each."""
    if not changed:
        return
    before = {agency.code: agency for agency in directory}
    tx.directory.put(changed)
    for agency in changed:
        earlier = before.get(agency.code)
        tx.audit.append(
            AuditEntry(
                at=at,
                actor=caller.actor,
                address=caller.address,
                action="changed",
                about=f"agency:{agency.code}",
                data={
                    "operation": operation,
                    "before": None if earlier is None else public_form(earlier),
                    "after": public_form(agency),
                    "decision": agency.decision,
                },
            )
        )


def public_form(agency: Agency) -> dict[str, object]:
    """Return *agency* as the contract, section 3, writes it in JSON."""
    return {
        "code": agency.code,
        "name": agency.name,
        "parent": agency.parent,
        "legacy_code": agency.legacy_code,
        "legacy_provisional": agency.legacy_provisional,
        "short_name": agency.short_name,
        "kind": agency.kind.value,
        "valid_from": agency.valid_from.isoformat(),
        "valid_to": None if agency.valid_to is None else agency.valid_to.isoformat(),
        "successor": agency.successor,
        "contact": None if agency.contact is None else dict(agency.contact),
        "decision": agency.decision,
    }
