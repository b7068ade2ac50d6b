"""Statistics: facts read out of the audit records, and reports over them.

Facts are kept along the way, so that a report need not read a year of records. Whatever they are
at any moment follows from the records alone: reading a chain anew gives the same.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, tzinfo
from functools import partial

from gateway.domain.directory import Directory
from gateway.domain.errors import Forbidden
from gateway.domain.exchange import Caller, Role
from gateway.domain.figure_words import in_words, told_apart
from gateway.domain.figures import Question, Value, answer
from gateway.domain.statistics import Fact, facts_of
from gateway.ports import Clock, Run, Store, Transaction

Rows = list[dict[str, Value]]
Writer = Callable[[Question, Rows], bytes]
#: Writes what a person opens, in the language that is named last.
Readable = Callable[[Question, Rows, str], bytes]

OVERSEERS = frozenset({Role.ADMIN, Role.AUDITOR})
#: Records read at a time, so that whoever writes is never kept waiting long.
BATCH = 200
#: Facts that are read one by one for a report: some ten thousand documents.
LOOSE = 50_000
#: Facts that are summed up at a time, for the same reason.
SUMMED = 100
#: What every change of the facts and sums rests on; nobody else touches them.
_FIGURES = ("statistics",)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """What a stretch of a chain tells."""

    chain: str
    begin: int
    end: int
    facts: dict[str, list[Fact]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """The room; equipped once by the wiring."""

    store: Store
    clock: Clock
    zone: tzinfo
    run: Run
    directory: Callable[[], Directory]
    writers: Mapping[str, Writer]  #: for programs, by the name of the form: json, csv, charts
    readables: Mapping[str, Readable]  #: for people: csv, xlsx

    async def written(self, question: Question, caller: Caller, how: str) -> bytes:
        """Return the report as a file in the form *how*; raise as :meth:`report` does."""
        rows = await self.report(question, caller)
        return await self.run(partial(self.writers[how], question, rows))

    async def readable(self, question: Question, caller: Caller, how: str, locale: str) -> bytes:
        """Return the report as a file for people: names beside codes, words of *locale*.

        What an agency sent and what it received are rows of their own there.
        """
        question = told_apart(question)
        rows = await self.report(question, caller)
        directory = await self.run(self.directory)
        words = in_words(rows, directory, locale)
        return await self.run(partial(self.readables[how], question, words, locale))

    async def report(self, question: Question, caller: Caller) -> Rows:
        """Return the rows that answer *question*, up to the last commit.

        An office sees what its own agency sent and received, and nothing of those below it.

        Raises:
            Forbidden: an office asks for another agency, or for people.
        """
        if caller.role not in OVERSEERS:
            if question.agency not in {None, caller.agency}:
                raise Forbidden("an office sees the figures of its own agency")
            if "account" in question.group:
                raise Forbidden("who did what is for auditors and administrators")
            question = replace(question, agency=caller.agency, roll_up=None)
        question = replace(question, today=self._today())
        await self.catch_up()
        directory = await self.run(self.directory)
        return await self.store.read(lambda tx: answer(question, tx.statistics.tallies, directory))

    async def catch_up(self) -> None:
        """Read what was recorded since the last time."""
        for chain, last in (await self.store.read(lambda tx: tx.audit.chains())).items():
            while (done := await self._read_on(chain)) is not None and done < last:
                pass

    async def tend(self) -> None:
        """Read what was recorded, and sum up what lies back; for a schedule."""
        await self.catch_up()
        await self.sum_up()

    async def sum_up(self, *, keep: int = LOOSE, at_a_time: int = SUMMED) -> None:
        """Sum up the oldest facts, *at_a_time*, until no more than *keep* more are loose."""
        today = self._today()
        while await self.store.write(
            lambda tx: tx.statistics.sum_up(today=today, keep=keep, most=at_a_time),
            rests_on=_FIGURES,
        ):
            pass

    async def recompute(self) -> None:
        """Throw the facts away and read every record anew."""
        await self.store.write(lambda tx: tx.statistics.forget(), rests_on=_FIGURES)
        await self.catch_up()

    def _today(self) -> date:
        return self.clock.now().astimezone(self.zone).date()

    async def _read_on(self, chain: str) -> int | None:
        """Read the next stretch of *chain*; return up to where, None when there is nothing new."""

        def read(tx: Transaction) -> _Read:
            begin = tx.statistics.mark(chain)
            end, things = tx.audit.things_after(chain, begin, BATCH)
            facts = {each: facts_of(tx.audit.told(each)) for each in things}
            return _Read(chain=chain, begin=begin, end=end, facts=facts)

        stretch = await self.store.read(read)
        if stretch.end == stretch.begin:
            return None
        return await self.store.write(lambda tx: _keep(tx, stretch), rests_on=_FIGURES)


def _keep(tx: Transaction, stretch: _Read) -> int:
    """Keep what was read; return up to where the chain is read by now.

    When somebody else was faster, what was read may be too old, and is read again.
    """
    if tx.statistics.mark(stretch.chain) == stretch.begin:
        for thing, facts in stretch.facts.items():
            tx.statistics.replace(thing, facts)
        tx.statistics.set_mark(stretch.chain, stretch.end)
    return tx.statistics.mark(stretch.chain)
