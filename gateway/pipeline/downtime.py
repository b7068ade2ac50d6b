"""Downtime: the figures of outages and maintenance, read out of the audit records."""

from dataclasses import dataclass
from datetime import date, tzinfo

from gateway.domain.downtime import PERIODS, Outage, Value, figures_of, outage_of
from gateway.domain.errors import Refused
from gateway.domain.figures import question_of
from gateway.domain.findings import Finding
from gateway.domain.rules.mechanism import Statement
from gateway.ports import Clock, Store, Transaction

#: Notices of which the records are read, newest first, and a period's most rows.
_MOST, _MOST_DAYS = 10_000, 3_700


@dataclass(frozen=True, slots=True, kw_only=True)
class Downtime:
    """The room; equipped once by the wiring. Everybody may know how long the node was down."""

    store: Store
    clock: Clock
    zone: tzinfo

    async def of(self, *, first: str, last: str, period: str = "") -> list[dict[str, Value]]:
        """Return a row for each *period* from the day *first* to *last*; one for all without.

        Raises:
            Refused: the days, or the period, are none.
        """
        asked = question_of(first=first, last=last)
        if period and period not in PERIODS:
            raise _refused(PERIOD.finding("/group", periods=", ".join(PERIODS)))
        if (asked.last - asked.first).days > _MOST_DAYS:
            raise _refused(LONG.finding("/to"))
        return await self.between(asked.first, asked.last, period or None)

    async def between(
        self, first: date, last: date, period: str | None = None
    ) -> list[dict[str, Value]]:
        """The same for days that are known to be days."""
        outages = await self.store.read(_outages)
        return figures_of(
            outages, first=first, last=last, period=period, zone=self.zone, now=self.clock.now()
        )


def _outages(tx: Transaction) -> list[Outage]:
    known = tx.announcements.newest(_MOST)
    told = (outage_of(tx.audit.told(f"announcement:{each.id}")) for each in known)
    return [each for each in told if each is not None]


def _refused(finding: Finding) -> Refused:
    return Refused(finding.message_en, code=finding.code, findings=[finding])


_SOURCE = "S0 art. 11.2a; S2 art. 13.1"
PERIOD = Statement(
    code="downtime-period",
    source=_SOURCE,
    vi="Thời gian gián đoạn được tính theo một trong các kỳ: {periods}.",
    en="Downtime is grouped by one of: {periods}.",
    remedy="Chọn một kỳ, hoặc để trống để tính chung.",
    remedy_en="Choose one, or none for the whole.",
)
LONG = Statement(
    code="downtime-long",
    source=_SOURCE,
    vi="Khoảng thời gian dài quá mười năm.",
    en="The period is longer than ten years.",
    remedy="Chọn khoảng thời gian ngắn hơn.",
    remedy_en="Choose a shorter one.",
)
