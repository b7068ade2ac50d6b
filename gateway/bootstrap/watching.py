"""The probes of the node's promises, equipped: where each fact is read."""

import json
import platform
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.bootstrap.backup import newest_of_node
from gateway.bootstrap.certificates import STAMPS
from gateway.bootstrap.gateway import Gateway
from gateway.crypto.trust import Trust
from gateway.domain import promises
from gateway.domain.clock_gauge import judged
from gateway.domain.errors import Conflict
from gateway.domain.exchange import Caller
from gateway.domain.routing import lane_of_axis
from gateway.domain.signatures import Purpose
from gateway.domain.trouble import Observation
from gateway.pipeline.scheduling import Duty
from gateway.pipeline.watching import Probe, Watching

#: The setting in which every process finds how far the clock is off.
CLOCK_SETTING = "clock"
#: How often everything is looked at, and how often whether the audit chain is to be recomputed.
_LOOK_S, _CHAIN_S = 30.0, 3600.0
#: What was written down longer ago was written by a process that is gone.
_STALE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promises:
    """Reads the facts; one method for each kind of thing."""

    gateway: Gateway
    node: Caller

    def probes(self) -> Sequence[Probe]:
        """Return what is watched on this node."""
        return tuple(self._probes())

    def _probes(self) -> Iterator[Probe]:
        config = self.gateway.config
        if config.storage.minimum_free_mb:
            yield Probe(kind=promises.DISK, look=self.disk, is_local=True)
        yield Probe(kind=promises.AXIS, look=self.axes)
        if config.notify.clock_s:
            yield Probe(kind=promises.CLOCK, look=self.time, is_local=True)
        yield Probe(kind=promises.CHAIN, look=self.chain)
        yield Probe(kind=promises.GUARD, look=self.guards)
        if config.backup.every_h:
            yield Probe(kind=promises.BACKUP, look=self.backup)
        yield Probe(kind=promises.TRUST, look=self.signatures)
        yield Probe(kind=promises.CERTIFICATE, look=self.certificates)

    async def disk(self) -> list[Observation]:
        """Look at the free space of the documents."""
        free = await self.gateway.run(self.gateway.blobs.free_bytes)
        least = self.gateway.config.storage.minimum_free_mb << 20
        return [promises.disk(machine=platform.node(), free_bytes=free, least_bytes=least)]

    async def axes(self) -> list[Observation]:
        """Look at which axes cannot be sent to, or do not answer."""
        listed = await self.gateway.store.read(lambda tx: tx.destinations.listing())
        away = {each.lane for each in listed if each.failures} | self.gateway.receive.silent.keys()
        patience = timedelta(minutes=self.gateway.config.notify.axis_minutes)
        return [
            promises.axis(
                name=each.name, is_away=lane_of_axis(each.name) in away, patience=patience
            )
            for each in self.gateway.config.axis
        ]

    async def time(self) -> list[Observation]:
        """Look at the clock, and leave for all processes what is known of it."""
        await self.gateway.gauge.ask(self.gateway.run)
        readings, now = self.gateway.gauge.readings(), self.gateway.clock.now()
        health = judged(readings, tolerance_s=self.gateway.config.notify.clock_s, now=now)
        if readings:
            told = {each.source: round(each.ahead_s, 3) for each in readings}
            text = json.dumps({"at": now.isoformat(), "ahead_s": told})
            await self.gateway.store.write(
                lambda tx: tx.settings.put(CLOCK_SETTING, text), rests_on=(CLOCK_SETTING,)
            )
        nearest = min((each.ahead_s for each in readings), key=abs, default=0.0)
        return [promises.clock(machine=platform.node(), health=health, ahead_s=nearest)]

    async def chain(self) -> list[Observation]:
        """Look at how the newest check of the audit chain ended."""
        ended = [
            each
            for each in await self.gateway.administration.trail.checks()
            if each.ended_at is not None
        ]
        broken = ended[0].broken if ended else None
        place = None if broken is None else f"{broken.chain}:{broken.seq}"
        return [promises.chain(broken_at=place)]

    async def guards(self) -> list[Observation]:
        """Look at whether the database still keeps its record from being changed."""
        return [promises.guard(lost=await self.gateway.auditing.lost_guards())]

    async def check_chain(self) -> None:
        """Recompute the audit chain when nobody did for long enough."""
        every = timedelta(hours=self.gateway.config.notify.chain_h)
        now, newest = (
            self.gateway.clock.now(),
            await self.gateway.administration.trail.checks(limit=1),
        )
        since = newest[0].begun_at if newest else await self._began_at()
        if since is None or abs(now - since) < every:
            return
        try:
            run = await self.gateway.administration.trail.begin_check(self.node)
        except Conflict:  # somebody does
            return
        await self.gateway.administration.trail.work_off(run, self.node)

    async def backup(self) -> list[Observation]:
        """Look at how old the newest backup is; a node without one counts from its founding."""
        config = self.gateway.config.backup
        now, folder = self.gateway.clock.now(), self.gateway.config.path(config.folder)
        newest = await newest_of_node(self.gateway, folder, now)
        since = newest or await self._began_at() or now
        age, every = now - since, timedelta(hours=config.every_h)
        return [promises.backup(age=age, every=every)]

    async def signatures(self) -> list[Observation]:
        """Look at what signatures are judged by, where nothing else would do."""
        trust = await self.gateway.run(lambda: self.gateway.trust.room.current(time.monotonic()))
        chosen, now = self.gateway.config.signatures, self.gateway.clock.now()
        expired = list(_anchors_gone(trust, now))
        if chosen.revocation == "require" and not chosen.ocsp_every_h:
            expired += _lists_gone(trust, now)
        return [promises.trust(expired=expired)]

    async def certificates(self) -> list[Observation]:
        """Look at the certificates that the node signs with and shows."""
        now = self.gateway.clock.now()
        expired = [
            f"{each.subject} ({each.use})"
            for each in await self.gateway.run(self.gateway.trust.own)
            if each.use != STAMPS and each.valid_to < now
        ]
        return [promises.certificate(expired=expired)]

    async def _began_at(self) -> datetime | None:
        return await self.gateway.store.read(lambda tx: tx.audit.began_at())


async def clock_readings(gateway: Gateway) -> dict[str, float]:
    """Return how many seconds the clock is ahead of each source, as the node last wrote it down."""
    text = await gateway.store.read(lambda tx: tx.settings.find(CLOCK_SETTING))
    told = {} if text is None else json.loads(text)
    if not told or gateway.clock.now() - datetime.fromisoformat(told["at"]) > _STALE:
        return {}
    readings: dict[str, float] = told["ahead_s"]
    return readings


def watching(gateway: Gateway, node: Caller) -> Watching:
    """Return what opens and closes incidents of the node's own."""
    return Watching(
        store=gateway.store,
        clock=gateway.clock,
        herald=gateway.announcing.announcements.herald,
        probes=Promises(gateway=gateway, node=node).probes(),
        recovery=timedelta(minutes=gateway.config.notify.well_minutes),
        node=node,
    )


def watching_duties(gateway: Gateway, node: Caller) -> tuple[Duty, ...]:
    """Return what the node does again and again to see whether it is well."""
    look = (watching(gateway, node).look, _LOOK_S)
    if not gateway.config.notify.chain_h:
        return (look,)
    check = Promises(gateway=gateway, node=node).check_chain
    return (look, gateway.scheduling.once("chain", check, _CHAIN_S))


def _anchors_gone(trust: Trust, now: datetime) -> Iterator[str]:
    """Name the anchors when every one of them has expired."""
    anchors = [
        each
        for each in trust.held
        if each.is_anchor and each.purpose not in {Purpose.PEERS, Purpose.TIMESTAMP}
    ]
    ends = {each.parsed.subject.human_friendly: each.certificate for each in anchors}
    if all(each.not_valid_after_utc < now for each in ends.values()):
        yield from ends


def _lists_gone(trust: Trust, now: datetime) -> Iterator[str]:
    """Name the authorities in force whose newest revocation list has expired."""
    for each in trust.held:
        lists = trust.crls_by_issuer.get(each.parsed.subject.dump(), ())
        if lists and each.certificate.not_valid_after_utc >= now:
            ends = [known.crl.next_update_utc for known in lists]
            known_ends = [end for end in ends if end is not None]
            if known_ends and max(known_ends) < now:
                yield f"CRL {each.parsed.subject.human_friendly}"
