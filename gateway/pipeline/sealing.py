"""Sealing: what commits have stated becomes signed receipts, before anybody hears of it.

A commit stores what a receipt is to say and nothing more: the one writer does not sign. A little
later, off the writer's thread, all attestations that wait are signed together, oldest first, each
naming the digest of the receipt of its document before it. One commit then puts the receipts into
the feed, tells their owners, queues those that are sent, and forgets the attestations. So nobody is
handed a receipt, or told of one, that is not durable; an attestation that a crash left is signed at
the next start, or when somebody asks for it; and each is signed once: of two that sign the same
attestations, the second finds that the oldest is gone, and lets go.
"""

import asyncio
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256

import msgspec
import structlog

from gateway.domain.errors import GatewayError
from gateway.domain.exchange import Attestation, Job, Notice, Receipt
from gateway.ports import Run, SignReceipt, Store, Transaction
from gateway.traces import span

log = structlog.get_logger()

#: What the commits of receipts rest on: whoever else signs, and nothing more.
_SEALING = "sealing"
#: Attestations that are signed together; some 20 ms of one processor.
MOST_AT_ONCE = 256
#: How long to let attestations gather after a commit.
GATHER_S = 0.02
#: When to look again without a commit: after the database could not be written.
LOOK_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealing:
    """The room; equipped once by the wiring."""

    store: Store
    run: Run
    sign: SignReceipt
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        """Look for attestations soon."""
        self._wake.set()

    async def attend(self, stopping: asyncio.Event) -> None:
        """Sign what every commit leaves, soon after it, until *stopping*."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._wake_at(stopping))
            signed = None
            while not stopping.is_set():
                self._wake.clear()
                stated = self.store.version("attestation")
                if stated != signed and await self._try():
                    signed = stated
                await _either(self._wake, LOOK_S)
                await _either(stopping, GATHER_S)
        await self._try()

    async def _wake_at(self, stopping: asyncio.Event) -> None:
        """Let a stop interrupt the wait for the next commit."""
        await stopping.wait()
        self._wake.set()

    async def seal(self) -> None:
        """Sign all that waits by now; return when it is durable.

        Raises:
            Unavailable: the database cannot be read or written now.
        """
        async with self._turn:
            while await self._seal_some():
                continue

    async def _try(self) -> bool:
        """Sign what waits; return whether that could be done."""
        try:
            await self.seal()
        except GatewayError as error:  # a full disk, say: the attestations wait
            log.warning("receipts wait to be signed", reason=error.message)
            return False
        return True

    async def _seal_some(self) -> bool:
        """Sign the oldest attestations; return whether more may wait."""
        attestations, last = await self.store.read(_waiting)
        if not attestations:
            return False
        with span("seal", receipts=len(attestations)):
            receipts = await self.run(partial(self._signed, attestations, last))
            kept = await self.store.write(
                partial(_keep, attestations=attestations, receipts=receipts), rests_on=(_SEALING,)
            )
        return not kept or len(attestations) == MOST_AT_ONCE

    def _signed(self, attestations: list[Attestation], last: dict[str, str]) -> list[Receipt]:
        """Return the receipts of *attestations*; *last* has the newest JWS of each document."""
        latest, receipts = dict(last), []
        for each in attestations:
            before = latest.get(each.document)
            previous = None if before is None else sha256(before.encode()).hexdigest()
            jws = self.sign({**msgspec.json.decode(each.payload), "previous": previous})
            latest[each.document] = jws
            receipts.append(
                Receipt(
                    id=each.id,
                    document=each.document,
                    code=each.code,
                    owner=each.owner,
                    to=each.to,
                    event=each.event,
                    at=each.at,
                    legal_at=each.legal_at,
                    jws=jws,
                )
            )
        return receipts


def _waiting(tx: Transaction) -> tuple[list[Attestation], dict[str, str]]:
    """Return the oldest attestations, and the newest receipt of each of their documents."""
    attestations = tx.feed.attestations(MOST_AT_ONCE)
    last = {each: tx.feed.last_jws(each) for each in {each.document for each in attestations}}
    return attestations, {document: jws for document, jws in last.items() if jws is not None}


def _keep(tx: Transaction, *, attestations: list[Attestation], receipts: list[Receipt]) -> bool:
    """Put *receipts* into the feed and on their way; False when somebody else signed meanwhile.

    Whoever signs takes the oldest first and leaves no gap: while the oldest of ours still waits,
    all of ours do, and none of their documents has a newer receipt.
    """
    if tx.feed.oldest_attestation() != attestations[0].seq:
        return False
    for attestation, receipt in zip(attestations, receipts, strict=True):
        tx.feed.add_receipt(receipt)
        tx.feed.add_notice(
            Notice(
                agency=attestation.owner,
                kind=attestation.kind,
                document=attestation.document,
                code=attestation.code,
                state=attestation.event,
                at=attestation.at,
            )
        )
        if attestation.push is not None:
            kind, lane = attestation.push
            at = attestation.at
            tx.jobs.put(Job(kind=kind, lane=lane, item=attestation.id, due_at=at, created_at=at))
    tx.feed.drop_attestations(attestations[-1].seq)
    return True


async def _either(event: asyncio.Event, seconds: float) -> None:
    """Wait for *event*, at most so long."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
