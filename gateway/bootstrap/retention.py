"""Retention as a node keeps it: by the rules of its settings, on a schedule."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from gateway.bootstrap.gateway import Gateway
from gateway.bootstrap.packages import Packages, Represent
from gateway.bootstrap.receipts import node_anchors
from gateway.domain.exchange import Caller
from gateway.pipeline.retention import Retention

log = structlog.get_logger()


def retention_of(gateway: Gateway, represent: Represent) -> Retention:
    """Return the room, equipped."""
    config = gateway.config
    return Retention(
        store=gateway.store,
        clock=gateway.clock,
        zone=gateway.zone,
        run=gateway.run,
        rules=gateway.removal_rules,
        batch=config.retention.batch,
        archive=Packages(
            folder=config.path(config.retention.folder),
            node=config.node.code,
            zone=gateway.zone,
            now=gateway.clock.now,
            anchors=node_anchors(config),
            sign=gateway.auditing.sign,
            blobs=gateway.blobs,
            envelope=gateway.lookup.open_envelope,
            represent=represent,
        ),
        seal=gateway.sealing.seal,
        erase=gateway.erasing.erase,
    )


@dataclass(slots=True, kw_only=True)
class RetentionDuty:
    """Runs by the rules on a schedule.

    What is old is destroyed when two looks find it old, so that a clock that jumps ahead and is
    put right in between destroys nothing.
    """

    gateway: Gateway
    caller: Caller
    represent: Represent
    _looked: datetime | None = field(default=None)
    _ran: datetime | None = field(default=None)

    async def __call__(self) -> None:
        """Run when the last run is long enough ago."""
        every = timedelta(hours=self.gateway.config.retention.every_h)
        now, before = self.gateway.clock.now(), self._looked
        self._looked = now
        if not every or before is None or not self.gateway.removal_rules:
            return
        if self._ran is not None and abs(now - self._ran) < every:
            return
        retention = retention_of(self.gateway, self.represent)
        outcome = await retention.carry_out(self.caller, now=min(now, before))
        self._ran = now  # a run that was broken off is tried again at the next look
        if outcome.removed:
            log.info("content removed", documents=outcome.removed, archived=outcome.archived)
