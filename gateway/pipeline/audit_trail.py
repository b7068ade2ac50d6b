"""The audit trail as auditors read it: searched by person, deed, thing and time; recomputed.

A search looks through a stretch of the chain and no further, so that it takes the same time
whatever it looks for; it says how far it came. Days are found by halving: the records of a chain
stand in the order of time.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import chain

from gateway.domain.audit_chain import BEFORE_ALL, ChainCheck, Point
from gateway.domain.chain import Broken, ChainRun, broken_by
from gateway.domain.errors import Conflict, Forbidden, NotFound
from gateway.domain.exchange import AuditEntry, AuditRecord, Caller, Role
from gateway.domain.findings import Finding
from gateway.ports import AuditSearch, Clock, Run, Store, Transaction

#: Records of one page of a search, and how many are looked through for them.
PAGE, STRETCH = 50, 20_000
_ABOUT = 200
_NEIGHBOURS = 2
_BATCH = 2_000
#: The series that numbers runs of the check, and how often a run tells how far it came.
_SERIES = "chain-check"
_TELL_EVERY = 10
#: Reads a part of a chain that lies elsewhere, and yields what is wrong with it.
ReadPart = Callable[[ChainCheck], Iterator[Finding]]
#: A run that has not come forward for longer was ended with its process.
STALE_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """What is looked for; None asks for anything."""

    actor: str | None = None
    action: str | None = None
    about: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: tuple[str, int] | None = None  #: chain and number under which the page starts


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page of records, newest first."""

    records: tuple[AuditRecord, ...]
    next: tuple[str, int] | None  #: where to go on, None at the end
    looked_through: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """The room; equipped once by the wiring."""

    store: Store
    clock: Clock
    run: Run
    points: Callable[[], list[Point]]  #: what checkpoints know; blocks
    archived: Callable[[], Sequence[ReadPart]]  #: the archived parts of the chains; blocks

    async def search(self, criteria: Criteria, caller: Caller) -> Found:
        """Return a page of what *criteria* ask for; raise Forbidden for others than auditors."""
        _overseers_only(caller)
        return await self.store.read(lambda tx: _search(tx, criteria))

    async def record(
        self, chain_: str, seq: int, caller: Caller
    ) -> tuple[AuditRecord, Sequence[AuditRecord]]:
        """Return one record and those around it, oldest first; raise NotFound."""
        _overseers_only(caller)

        def query(tx: Transaction) -> Sequence[AuditRecord]:
            first = max(0, seq - _NEIGHBOURS - 1)
            found = tx.audit.after(chain_, first, 2 * _NEIGHBOURS + 1)
            return [each for each in found if each.chain == chain_]

        around = await self.store.read(query)
        for each in around:
            if each.seq == seq:
                return each, around
        raise NotFound(f"there is no record {chain_}:{seq}")

    async def begin_check(self, caller: Caller) -> ChainRun:
        """Begin to recompute the chain; raise Conflict while somebody does."""
        _overseers_only(caller)

        def unit(tx: Transaction) -> ChainRun:
            now = self.clock.now()
            if any(is_running(each, now) for each in tx.chain_checks.newest(1)):
                raise Conflict("the chain is being checked already")
            total = sum(tx.audit.chains().values())
            begun = ChainRun(
                id=tx.numbers.take(_SERIES),
                by=caller.actor,
                begun_at=now,
                seen_at=now,
                total=total,
            )
            tx.chain_checks.put(begun)
            return begun

        return await self.store.write(unit)

    async def checks(self, *, limit: int = 10) -> list[ChainRun]:
        """Return the newest runs, newest first."""
        return await self.store.read(lambda tx: tx.chain_checks.newest(limit))

    async def work_off(self, run: ChainRun, caller: Caller) -> ChainRun:
        """Recompute every record that was there when *run* began; return how it ended.

        What the checkpoints outside the database know must be there, too.
        """
        while True:
            parts = await self.run(self.archived)
            run, broken = await self._recompute(run, parts)
            if broken is None or len(await self.run(self.archived)) == len(parts):
                return await self._end(run, broken, caller)
            # a part was archived meanwhile: its records were looked for at the wrong place

    async def _recompute(
        self, run: ChainRun, parts: Sequence[ReadPart]
    ) -> tuple[ChainRun, Broken | None]:
        """Go through archived *parts*, then through what lies in the database."""
        points = await self.run(self.points)  # first: what is signed meanwhile is of later records
        ends = await self.store.read(lambda tx: tx.audit.chains())
        check = ChainCheck(points=points)
        for part in parts:
            broken = await self.run(partial(_first_broken, part, check))
            run = await self._tell(replace(run, checked=check.records))
            if broken is not None:
                return run, broken
        place = BEFORE_ALL
        batches = 0
        while True:
            came = await self.run(partial(self._next, check, place, ends))
            if came is None or isinstance(came, Broken):
                return run, came
            place = came
            batches += 1
            run = replace(run, checked=check.records)
            if batches % _TELL_EVERY == 0:
                run = await self._tell(run)

    def _next(
        self, check: ChainCheck, place: tuple[object, object], ends: dict[str, int]
    ) -> tuple[object, object] | Broken | None:
        """Go through one more batch behind *place*; None: there is no more, and all is well."""
        rows = self.store.read_here(lambda tx: tx.audit.rows_after(*place, _BATCH))
        found: Iterator[Finding] = chain(
            *(check.read(row) for row in rows if _is_older(row, ends)),
            () if rows else check.end(),
        )
        for finding in found:
            return broken_by(finding)
        return (rows[-1]["chain"], rows[-1]["seq"]) if rows else None

    async def _tell(self, run: ChainRun) -> ChainRun:
        told = replace(run, seen_at=self.clock.now())
        await self.store.write(lambda tx: tx.chain_checks.put(told))
        return told

    async def _end(self, run: ChainRun, broken: Broken | None, caller: Caller) -> ChainRun:
        def unit(tx: Transaction) -> ChainRun:
            now = self.clock.now()
            ended = replace(run, seen_at=now, ended_at=now, broken=broken)
            tx.chain_checks.put(ended)
            data = {"records": ended.checked, "result": "broken" if broken else "whole"}
            if broken is not None:
                data |= {"broken": f"{broken.chain}:{broken.seq}", "fault": broken.fault.value}
            tx.audit.append(
                AuditEntry(
                    at=now,
                    actor=caller.actor,
                    address=caller.address,
                    action="verified",
                    about="audit",
                    data=data,
                )
            )
            return ended

        return await self.store.write(unit)


def _first_broken(part: ReadPart, check: ChainCheck) -> Broken | None:
    """Read *part* into *check*; return the first place that is not as it was written."""
    return next(map(broken_by, part(check)), None)


def is_running(run: ChainRun, now: datetime) -> bool:
    """Whether a run goes on; one that has not come forward was ended with its process."""
    return run.ended_at is None and abs((now - run.seen_at).total_seconds()) < STALE_S


def _search(tx: Transaction, criteria: Criteria) -> Found:
    if criteria.about is not None:
        return _about(tx, criteria)
    chains = sorted(tx.audit.chains().items(), reverse=True)
    if criteria.before is not None:
        name, place = criteria.before
        chains = [
            (each, place - 1 if each == name else end) for each, end in chains if each <= name
        ]
    for name, end in chains:
        newest, oldest = end, tx.audit.after(name, 0, 1)[0].seq  # what was archived lies elsewhere
        if criteria.until is not None:
            newest = min(newest, _first_at(tx, name, end, criteria.until) - 1)
        if criteria.since is not None:
            oldest = _first_at(tx, name, end, criteria.since)
        if newest >= oldest:
            return _stretch(tx, criteria, name, newest, oldest)
    return Found(records=(), next=None, looked_through=0)


def _stretch(tx: Transaction, criteria: Criteria, name: str, newest: int, oldest: int) -> Found:
    """Look through a stretch of the chain *name* from *newest* back."""
    last = max(oldest, newest - STRETCH + 1)
    found = tx.audit.search(
        AuditSearch(
            chain=name,
            newest=newest,
            oldest=last,
            actor=criteria.actor,
            action=criteria.action,
            limit=PAGE,
        )
    )
    reached = found[-1].seq if len(found) == PAGE else last
    more = reached > oldest or any(other < name for other in tx.audit.chains())
    return Found(
        records=tuple(found),
        next=(name, reached) if more else None,
        looked_through=newest - reached + 1,
    )


def _about(tx: Transaction, criteria: Criteria) -> Found:
    """Return the newest records about one thing that fit the rest."""
    records = tx.audit.newest_about(criteria.about or "", _ABOUT)
    fitting = [
        each
        for each in records
        if (criteria.action in {None, each.action})
        and (criteria.actor is None or criteria.actor in each.actor)
        and (criteria.since is None or datetime.fromisoformat(each.at) >= criteria.since)
        and (criteria.until is None or datetime.fromisoformat(each.at) < criteria.until)
    ]
    return Found(records=tuple(fitting), next=None, looked_through=len(records))


def _first_at(tx: Transaction, name: str, end: int, at: datetime) -> int:
    """Return the number of the first record of a chain at or after an instant."""
    low, high = 1, end + 1
    while low < high:
        middle = (low + high) // 2
        record = tx.audit.after(name, middle - 1, 1)[0]
        if datetime.fromisoformat(record.at) < at:
            low = middle + 1
        else:
            high = middle
    return low


def _overseers_only(caller: Caller) -> None:
    if caller.role not in {Role.ADMIN, Role.AUDITOR}:
        raise Forbidden("the audit trail is for auditors and administrators")


def _is_older(row: dict[str, object], ends: dict[str, int]) -> bool:
    """Whether a record was there when the check began."""
    seq = row["seq"]
    return not isinstance(seq, int) or seq <= ends.get(str(row["chain"]), 0)
