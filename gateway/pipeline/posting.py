"""Posting: messages that commits have written are handed to the mail server, one by one.

A message is claimed, handed over, and settled: two commits, because the network lies between. A
crash in between sends it again under the same Message-ID, once its claim has run out. While the
server is away nothing is tried but the way to it, after pauses that grow; nothing else in the node
waits for mail. What the server refuses for good, or does not take for too long, has failed; that
is told in the log and beside the notice.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta, tzinfo

import structlog

from gateway.domain import report_letters
from gateway.domain.announcement_letters import body_of, subject_of
from gateway.domain.announcements import Telling
from gateway.domain.errors import GatewayError, Refused, Unavailable, UnavailableItem
from gateway.domain.mail import Letter, Mail, message_id, pause_after
from gateway.domain.periods import Period
from gateway.ports import Clock, Mailbag, MailServer, Store, Transaction

log = structlog.get_logger()

#: How often to look without being woken; after failures of the server at first, and at most.
_LOOK_S, _FIRST_PAUSE_S, _LONGEST_PAUSE_S = 5.0, 5.0, 600.0
_MOST_DOUBLINGS = 16
#: Steps of one message on a new connection, each as long as the timeout, and what a claim outlives
#: them.
_STEPS, _GRACE_S = 8, 30.0
#: What a change of the mails that wait rests on.
_MAILS = ("mail",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who writes."""

    node: str
    name: str
    host: str  #: behind the @ of Message-IDs
    zone: tzinfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A message that is ours to send, and what it tells."""

    mail: Mail
    told: Telling | Period  #: what happened to a notice, or a period whose report is made


@dataclass(slots=True, kw_only=True)
class Posting:
    """The room; equipped once by the wiring."""

    store: Store
    clock: Clock
    server: MailServer | None  #: None: nothing is sent by mail
    sender: Sender
    timeout_s: float  #: of one step of one message
    deadline: timedelta
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _seen: int | None = None  #: the version of the mails when they were last looked at
    _failures: int = 0  #: of the server, in a row

    def heed(self) -> None:
        """Look for messages when a commit, whoever's, has written some."""
        if self.store.version("mail") != self._seen:
            self._wake.set()

    async def attend(self, stopping: asyncio.Event) -> None:
        """Send what is written, until *stopping*."""
        while self.server is not None and not stopping.is_set():
            self._wake.clear()
            self._seen = self.store.version("mail")
            try:
                await self.deliver(stopping)
                self._failures = 0
            except GatewayError as error:
                self._failures += 1
                log.warning("mail waits", reason=error.message, failures=self._failures)
            await self._rest(stopping)

    async def deliver(self, stopping: asyncio.Event) -> None:
        """Send all that is due.

        Raises:
            Unavailable: the server cannot be reached, or the database takes nothing.
        """
        claimed = await self._claim()
        if claimed is None or self.server is None:
            return
        try:
            async with self.server.open() as bag:
                while claimed is not None and not stopping.is_set():
                    ours, claimed = claimed, None
                    await self._one(bag, ours)
                    claimed = await self._claim()
        except Unavailable as error:
            await self._not_now(claimed, error)
            raise

    async def _one(self, bag: Mailbag, claimed: Claimed) -> None:
        """Hand one message over and write down what became of it."""
        mail = claimed.mail
        try:
            letter = self._letter(claimed)
        except Exception as error:  # one that cannot be written stops neither mail nor node
            log.exception("a mail cannot be written", mail=mail.id)
            await self._settle(mail, repr(error), final=True)
            return
        try:
            await bag.send(letter)
        except Refused as error:
            await self._settle(mail, error.message, final=True)
        except UnavailableItem as error:
            await self._settle(mail, error.message, final=False)
        except Unavailable as error:  # perhaps because of this very message: others go first
            await self._settle(mail, error.message, final=False)
            raise
        else:
            await asyncio.shield(self._settle(mail, None, final=True))

    async def _claim(self) -> Claimed | None:
        until = timedelta(seconds=_STEPS * self.timeout_s + _GRACE_S)

        def unit(tx: Transaction) -> Claimed | None:
            now = self.clock.now()
            mail = tx.mails.claim(now, now + until)
            told = None if mail is None else _told(tx, mail.telling)
            return None if mail is None or told is None else Claimed(mail=mail, told=told)

        now = self.clock.now()
        if not await self.store.read(lambda tx: tx.mails.is_due(now)):
            return None
        return await self.store.write(unit, rests_on=_MAILS)

    async def _settle(self, mail: Mail, error: str | None, *, final: bool) -> None:
        now = self.clock.now()
        overdue = error is not None and now - mail.created_at > self.deadline
        failed = error is not None and (final or overdue)
        if failed:
            log.error("a mail has failed", recipient=mail.recipient, reason=error, mail=mail.id)
        await self.store.write(
            lambda tx: tx.mails.settle(
                mail.id,
                error=error,
                due_at=now + pause_after(mail.attempts + 1),
                sent_at=now if error is None else None,
                failed_at=now if failed else None,
            ),
            rests_on=_MAILS,
        )

    async def _not_now(self, claimed: Claimed | None, error: Unavailable) -> None:
        """Let a message that did not get to the server be due again, unless that lasts too long."""
        if claimed is None:
            return
        mail = claimed.mail
        if self.clock.now() - mail.created_at > self.deadline:
            await self._settle(mail, error.message, final=True)
        else:
            await self.store.write(lambda tx: tx.mails.free(mail.id), rests_on=_MAILS)

    def _letter(self, claimed: Claimed) -> Letter:
        mail, told, sender = claimed.mail, claimed.told, self.sender
        if isinstance(told, Period):
            subject = report_letters.subject_of(told, node=sender.node)
            body = report_letters.body_of(told, node=sender.node, name=sender.name)
        else:
            subject = subject_of(told, node=sender.node)
            body = body_of(told, node=sender.node, name=sender.name, zone=sender.zone)
        at = mail.created_at if isinstance(told, Period) else told.at
        return Letter(
            message_id=message_id(
                mail.telling, mail.recipient, node=sender.node, host=sender.host
            ),
            recipient=mail.recipient,
            at=at.astimezone(sender.zone),
            subject=subject,
            body=body,
        )

    async def _rest(self, stopping: asyncio.Event) -> None:
        """Wait for a message, or for the end of the pause that a failing server has."""
        if not self._failures:
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_S):
                    await _first(self._wake, stopping)
            return
        doubled = _FIRST_PAUSE_S * 2.0 ** min(self._failures - 1, _MOST_DOUBLINGS)
        with suppress(TimeoutError):
            async with asyncio.timeout(min(doubled, _LONGEST_PAUSE_S)):
                await stopping.wait()


def _told(tx: Transaction, telling: str) -> Telling | Period | None:
    """Return what is told by that name."""
    period = report_letters.period_told(telling)
    return tx.announcements.telling(telling) if period is None else tx.reports.find(period)


async def _first(*events: asyncio.Event) -> None:
    """Wait until one of *events* is set."""
    waiting = [asyncio.create_task(each.wait()) for each in events]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waiting:
            each.cancel()
