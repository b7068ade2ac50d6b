"""Neighbours: an axis hears of our agencies, and we of those that it lists.

Runs in the background, once for each axis, again and again. Only what changed is told, and only
what changed is stored. The list of an axis can have a hundred thousand rows: it is read in parts,
each part is compared with the directory and stored in one commit of its own.

What an axis lists bears its lane as source. An entry that an administrator made is never touched,
nor a code that the operator wrote down for another axis: the list of that one counts.
An agency that is gone from a list is closed only when the list is whole and has not shrunk much:
an ailing axis closes nobody. One that is closed at its axis and listed by another moves there.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta, tzinfo
from functools import partial
from hashlib import sha256

import structlog

from gateway.domain.characters import first_unfit
from gateway.domain.codes import (
    CodeForm,
    from_legacy,
    is_dotted,
    is_sandbox,
    parent_of,
    parse_agency_code,
)
from gateway.domain.directory import Agency, Directory, default_kind
from gateway.domain.errors import GatewayError, Refused
from gateway.domain.exchange import AuditEntry
from gateway.domain.routing import Routes
from gateway.domain.text import clean
from gateway.ports import AxisDirectory, Clock, Listed, Run, Store, Transaction

log = structlog.get_logger()

#: A list that lost more than this share of its agencies since the last time is not believed.
_MOST_VANISHED = 0.1
_LONGEST_NAME = 500
#: How soon a change of the directory is told.
_LOOK_S = 2.0
_AFTER_FAILURE_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """The room; equipped once by the wiring."""

    store: Store
    clock: Clock
    zone: tzinfo
    routes: Routes
    directory: Callable[[], Directory]
    run: Run
    every_s: float

    async def attend(self, axes: Mapping[str, AxisDirectory], stopping: asyncio.Event) -> None:
        """Keep up with the lists of *axes* (by lane) until *stopping*."""
        async with asyncio.TaskGroup() as group:
            for lane, axis in axes.items():
                group.create_task(self._attend_one(lane, axis, stopping))

    async def compare(self, lane: str, axis: AxisDirectory) -> None:
        """Tell the axis what changed here, then take over what changed there.

        Raises:
            Unavailable: the axis did not answer, or its list did not come whole.
        """
        await self._announce(lane, axis)
        await self._take_over(lane, axis.listing())

    async def _attend_one(self, lane: str, axis: AxisDirectory, stopping: asyncio.Event) -> None:
        told, due = -1, 0.0
        while not stopping.is_set():
            now = asyncio.get_running_loop().time()
            pause = min(self.every_s, _LOOK_S)
            try:
                version = await self.store.read(lambda tx: tx.directory.version())
                if now >= due:
                    await self.compare(lane, axis)
                    due = now + self.every_s
                elif version != told:
                    await self._announce(lane, axis)
                told = version
            except GatewayError as error:
                log.warning("list of agencies not compared", lane=lane, reason=error.message)
                pause = min(self.every_s, _AFTER_FAILURE_S)
            except Exception:
                log.exception("list of agencies failed", lane=lane)
                pause = min(self.every_s, _AFTER_FAILURE_S)
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await stopping.wait()

    # --- ours, there ------------------------------------------------------------------------------

    async def _announce(self, lane: str, axis: AxisDirectory) -> None:
        told = await self.store.read(lambda tx: tx.vxp.announced(lane))
        changed, closed = await self.run(lambda: self._to_tell(told))
        for agency in changed:
            with _told_of(lane, agency.code):
                await axis.announce(agency)
                digest = _digest(agency)
                await self.store.write(_put_announced(lane, agency.code, digest))
        for code in closed:
            with _told_of(lane, code):
                await axis.withdraw(code)
            await self.store.write(_drop_announced(lane, code))

    def _to_tell(self, told: Mapping[str, str]) -> tuple[list[Agency], list[str]]:
        """Return our agencies that an axis does not know as they are, and the closed ones."""
        directory, today = self.directory(), self._today()
        ours = [each for each in directory if self._is_ours(each.code)]
        changed = [
            each for each in ours if each.is_open(today) and told.get(each.code) != _digest(each)
        ]
        closed = [each.code for each in ours if each.is_closed(today) and each.code in told]
        return changed, list(reversed(closed))

    # --- theirs, here -----------------------------------------------------------------------------

    async def _take_over(self, lane: str, parts: AsyncIterator[Sequence[Listed]]) -> None:
        directory = await self.run(self.directory)
        seen: set[str] = set()
        async for part in parts:
            plan = _Plan(lane, directory, self._today(), self.routes)
            await self.run(partial(plan.compare, part, seen, self._is_ours))
            await self._store(lane, plan.changes)
        gone = await self.run(lambda: _vanished(lane, directory, seen, self._today()))
        await self._store(lane, gone)
        await self._store(lane, await self.run(lambda: _hung(lane, self.directory())))

    def _is_ours(self, code: str) -> bool:
        """Whether this node speaks for *code*: only what lies below its own."""
        return code == self.routes.node or code.startswith(f"{self.routes.node}.")

    async def _store(self, lane: str, changes: Sequence[Agency]) -> None:
        if not changes:
            return
        entry = AuditEntry(
            at=self.clock.now(),
            actor=lane,
            action="changed",
            about=f"directory:{lane}",
            data={"operation": "listed", "agencies": len(changes), "first": changes[0].code},
        )

        def unit(tx: Transaction) -> None:
            tx.directory.put(changes)
            tx.audit.append(entry)

        await self.store.write(unit)

    def _today(self) -> date:
        return self.clock.now().astimezone(self.zone).date()


class _Plan:
    """What one part of a list changes in the directory."""

    def __init__(self, lane: str, directory: Directory, today: date, routes: Routes) -> None:
        self._lane = lane
        self._directory = directory
        self._today = today
        self._routes = routes
        self.changes: list[Agency] = []

    def compare(
        self, part: Iterable[Listed], seen: set[str], is_ours: Callable[[str], bool]
    ) -> None:
        """Plan the changes of *part*; what was seen before, or is ours, counts no more."""
        for listed in part:
            code, legacy = _codes(listed)
            if (
                code is None
                or first_unfit(listed.name) is not None
                or code in seen
                or is_ours(code)
            ):
                continue
            seen.add(code)
            if self._is_of_another(code):
                continue
            changed = self._changed(listed, code, legacy)
            if changed is not None:
                self.changes.append(changed)

    def _is_of_another(self, code: str) -> bool:
        """Whether the operator wrote *code* down for other axes than this."""
        return self._routes.is_named(code) and not self._routes.is_named(code, self._lane)

    def _changed(self, listed: Listed, code: str, legacy: str | None) -> Agency | None:
        legacy = None if legacy is not None and self._is_of_another(legacy) else legacy
        known = self._directory.find(code) if code in self._directory else None
        if known is None:
            return None if listed.deleted else self._new(listed, code, legacy)
        if known.source is None or not known.source.startswith("axis:"):
            return None  # an administrator's entry
        elsewhere = known.source != self._lane and not known.is_closed(self._today)
        if elsewhere and not self._routes.is_named(code, self._lane):
            return None  # another axis lists it, and it is open there
        if listed.deleted:
            closed = known.is_closed(self._today)
            return None if closed else _closed(known, self._today, listed.successor)
        updated = replace(
            known,
            name=clean(listed.name)[:_LONGEST_NAME] or code,
            legacy_code=legacy or known.legacy_code,
            contact={"email": listed.mail} if listed.mail else known.contact,
            valid_to=None,
            successor=None,
            source=self._lane,
        )
        return None if updated == known else updated

    def _new(self, listed: Listed, code: str, legacy: str | None) -> Agency:
        return Agency(
            code=code,
            name=clean(listed.name)[:_LONGEST_NAME] or code,
            parent=_nearest_above(code, self._directory),
            legacy_code=legacy,
            kind=default_kind(code),
            valid_from=self._today,
            contact={"email": listed.mail} if listed.mail else None,
            source=self._lane,
        )


def _codes(listed: Listed) -> tuple[str | None, str | None]:
    """Return code and older code of a row, whichever stands where; None for no code at all."""
    given = [
        each
        for each in (listed.code, listed.other)
        if each and _form(each) is not None and not is_sandbox(each)
    ]
    if not given:
        return None, None
    dotted = [each for each in given if is_dotted(each)]
    older = [each for each in given if _form(each) is CodeForm.QCVN102]
    modern = dotted[0] if dotted else from_legacy(older[0]) if older else given[0]
    return modern or given[0], older[0] if older and older[0] != modern else None


def _form(code: str) -> CodeForm | None:
    try:
        return parse_agency_code(code).form
    except ValueError:
        return None


def _closed(agency: Agency, today: date, successor: str | None) -> Agency:
    return replace(agency, valid_to=today - timedelta(days=1), successor=successor)


def _hung(lane: str, directory: Directory) -> list[Agency]:
    """Return what the axis lists below an agency that its entry does not name yet.

    A list has its agencies in any order and comes in parts: who is above is known when it is whole.
    """
    changed = []
    for each in directory:
        if each.source == lane and each.parent is None:
            above = _nearest_above(each.code, directory)
            if above is not None:
                changed.append(replace(each, parent=above))
    return changed


def _nearest_above(code: str, directory: Directory) -> str | None:
    """Return the nearest listed agency above *code*; levels between need not exist."""
    above = parent_of(code) if is_dotted(code) else None
    while above is not None and above not in directory:
        above = parent_of(above)
    return above


def _vanished(lane: str, directory: Directory, seen: set[str], today: date) -> list[Agency]:
    """Return as closed what the axis listed before and no longer lists."""
    listed = [each for each in directory if each.source == lane and not each.is_closed(today)]
    gone = [each for each in listed if each.code not in seen]
    if len(gone) > max(1, len(listed) * _MOST_VANISHED):
        log.warning("a list of agencies shrank too much", lane=lane, gone=len(gone))
        return []
    return [_closed(each, today, None) for each in gone]


def _digest(agency: Agency) -> str:
    contact = agency.contact or {}
    told = (agency.code, agency.name, agency.parent or "", *sorted(contact.items()))
    return sha256(repr(told).encode()).hexdigest()


@contextmanager
def _told_of(lane: str, code: str) -> Iterator[None]:
    """Let one agency that an axis will not have stand in the way of no other."""
    try:
        yield
    except Refused as error:
        log.warning("agency not taken", lane=lane, code=code, reason=error.message)


def _put_announced(lane: str, code: str, digest: str) -> Callable[[Transaction], None]:
    return lambda tx: tx.vxp.put_announced(lane, code, digest)


def _drop_announced(lane: str, code: str) -> Callable[[Transaction], None]:
    return lambda tx: tx.vxp.drop_announced(lane, code)
