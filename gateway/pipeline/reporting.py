"""Standing reports: written to a folder once a period is over, and announced, each once.

A row of the store decides. Whoever looks first claims the period; the files are written under names
of the period, so that writing them again changes nothing; one commit then says that they are made,
and announces them. A crash before that commit leaves a claim that runs out, and the next look of
any process or node does the work again; after it, nobody does. A node that was down at the turn of
a period makes it up.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo

import structlog

from gateway.domain.accounts import AccountState
from gateway.domain.errors import NotFound
from gateway.domain.exchange import AuditEntry, Caller, Notice, Role
from gateway.domain.figures import Question, Value
from gateway.domain.periods import Period, PeriodKind, ended
from gateway.domain.report_letters import telling_of
from gateway.domain.sessions import AccountNotice
from gateway.pipeline.statistics import Statistics
from gateway.ports import Clock, ReportFiles, Run, Store, Transaction

log = structlog.get_logger()

#: How the event stream and the notices to people call it.
KIND = "report"
#: A claim of this age was left by a crash.
CLAIM_LIFE = timedelta(minutes=10)
#: Periods of one kind that are made up at most.
_MOST = 24
_OVERSEERS = frozenset({Role.ADMIN, Role.AUDITOR})

Table = tuple[Question, list[dict[str, Value]]]
#: Makes the files of a report, by their names.
Compose = Callable[[Period, Sequence[Table]], Mapping[str, bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporting:
    """The room; equipped once by the wiring."""

    store: Store
    clock: Clock
    zone: tzinfo
    run: Run
    statistics: Statistics
    kinds: Sequence[PeriodKind]
    compose: Compose
    files: ReportFiles
    node: Caller
    owner: str  #: this process, as it claims
    by_mail: bool = False  #: there is a mail server
    _looks: list[datetime] = field(default_factory=list)  #: the time of the last look

    async def look(self) -> None:
        """Make the reports of periods that are over, by this look and by the one before.

        A clock that jumps ahead and is put right between two looks ends no period.
        """
        now = self.clock.now()
        if self._looks:
            today = min(now, self._looks.pop()).astimezone(self.zone).date()
            for period in await self._due(today):
                await self.make(period)
        self._looks.append(now)

    async def make(self, period: Period) -> bool:
        """Make the report of *period* unless it is made, or being made; return whether it was."""
        begun = self.clock.now()
        stale = begun - CLAIM_LIFE
        if not await self.store.write(
            lambda tx: tx.reports.claim(period, self.owner, at=begun, stale=stale)
        ):
            return False
        tables = [
            (question, await self.statistics.report(question, self.node))
            for question in questions(period)
        ]
        written = await self.run(lambda: self._written(period, tables))
        if await self.store.write(lambda tx: self._announce(tx, period, written)):
            log.info("report made", period=period.name, folder=self.files.place(period.name))
            return True
        return False

    async def made(self, limit: int) -> list[tuple[Period, datetime]]:
        """Return the newest reports that were made, newest first, with the time."""
        return await self.store.read(lambda tx: tx.reports.made(limit))

    async def names(self, period: Period) -> tuple[str, ...]:
        """Return the files of the report of *period*; none where another node made it."""
        return tuple(await self.run(lambda: self.files.names(period.name)))

    async def file(self, period: str, name: str) -> bytes:
        """Return a file of the report of a *period* by the names of both.

        Raises:
            NotFound: there is no such report, or no such file of it here.
        """
        made = await self.store.read(lambda tx: tx.reports.find(period))
        if made is None or name not in await self.names(made):
            raise NotFound("there is no such file of a report")
        return await self.run(lambda: self.files.read(made.name, name))

    def _written(self, period: Period, tables: Sequence[Table]) -> dict[str, str]:
        """Write the files; return their digests by their names."""
        return self.files.put(period.name, self.compose(period, tables))

    async def _due(self, today: date) -> list[Period]:
        """Return what is over and not made, oldest first.

        The first time it is the newest period of each kind that the node has lived in.
        """

        def query(tx: Transaction) -> list[Period]:
            began = tx.audit.began_at()
            if began is None:
                return []
            born = began.astimezone(self.zone).date()
            due: list[Period] = []
            for kind in self.kinds:
                since, made = tx.reports.known(kind)
                over = ended(kind, since=since or born, today=today, most=_MOST)
                over = over if since else over[-1:]
                due += [each for each in over if each.name not in made]
            return due

        return await self.store.read(query)

    def _announce(self, tx: Transaction, period: Period, written: Mapping[str, str]) -> bool:
        """Say that it is made, to the record, the event stream and, by mail too, overseers, once.

        Every way of telling has its place here, in the commit that makes it so.
        """
        now, about = self.clock.now(), f"report:{period.name}"
        if not tx.reports.finish(period.name, self.owner, at=now):
            return False  # it took so long that somebody else made it
        data = {
            "period": period.name,
            "from": period.first.isoformat(),
            "to": period.last.isoformat(),
            "files": dict(written),
        }
        tx.audit.append(
            AuditEntry(
                at=now,
                actor=self.node.actor,
                address=None,
                action="report-made",
                about=about,
                data=data,
            )
        )
        tx.feed.add_notice(
            Notice(
                agency=self.node.agency,
                kind=KIND,
                document=about,
                code=None,
                state=period.kind.value,
                at=now,
            )
        )
        told = {"name": period.title, "account": self.files.place(period.name)}
        for account in tx.accounts.all():
            if _OVERSEERS & account.roles(self.node.agency):
                tx.accounts.notify(
                    AccountNotice(user_name=account.user_name, at=now, kind=KIND, data=told)
                )
                if self.by_mail and account.mail and account.state is not AccountState.REVOKED:
                    tx.mails.put(telling_of(period), account.mail, now)
        return True


def questions(period: Period) -> list[Question]:
    """Return what a report answers: by time, agency, type, legal value, state and reason."""
    time = "day" if period.kind is PeriodKind.MONTH else "month"
    groups = ((), (time,), ("agency", "direction"), ("type",), ("state",), ("reason",))
    return [Question(first=period.first, last=period.last, group=group) for group in groups]
