"""The gauge of the clock: what time servers and axes last said, kept by this process."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog

from gateway.asking_time import TimeServer
from gateway.config import Config
from gateway.domain.clock_gauge import AXIS_ROUNDING_S, Reading, lately
from gateway.domain.errors import Unavailable
from gateway.ports import Clock, Run

log = structlog.get_logger()

#: Time servers want to be asked no oftener.
_ASK_AGAIN = timedelta(seconds=64)
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockGauge:
    """Collects readings; the newest of each source counts."""

    clock: Clock
    servers: tuple[TimeServer, ...] = ()
    _readings: dict[str, Reading] = field(default_factory=dict)
    _asked: dict[str, datetime] = field(default_factory=dict)  #: when each server was last asked

    def hear(self, source: str, at: datetime) -> None:
        """Note that *source* says, now, that it is *at*, in whole seconds."""
        now = self.clock.now()
        ahead_s = (now - at).total_seconds() - AXIS_ROUNDING_S
        self._readings[source] = Reading(source=source, ahead_s=ahead_s, at=now)

    async def ask(self, run: Run) -> None:
        """Ask the time servers; one that does not answer is told of in the log."""
        for server in self.servers:
            source, begun = f"ntp:{server.address}", self.clock.now()
            if abs(begun - self._asked.get(source, _NEVER)) < _ASK_AGAIN:
                continue
            self._asked[source] = begun
            try:
                ahead_s = await run(server)
            except Unavailable as error:
                log.warning("no time", source=source, reason=error.message)
            else:
                now = self.clock.now()
                self._readings[source] = Reading(source=source, ahead_s=ahead_s, at=now)

    def readings(self) -> Sequence[Reading]:
        """Return what still says something."""
        return lately(self._readings.values(), self.clock.now())


def clock_gauge(config: Config, clock: Clock) -> ClockGauge:
    """Return the gauge of the node of *config*."""
    servers = tuple(TimeServer(address=each) for each in config.notify.ntp_servers)
    return ClockGauge(clock=clock, servers=servers)
