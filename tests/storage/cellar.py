"""A store on disk for a test, and things to put into it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import rfc8785

from gateway.domain.document import Attachment, Metadata, Priority, Signer
from gateway.domain.exchange import AuditEntry, AuditRecord, Delivery, Document, Job
from gateway.domain.lifecycle import DocumentState
from gateway.ports import Transaction
from gateway.storage import open_store
from gateway.storage.store import SqlStore

SQLITE = "sqlite:///gateway.db"
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
_ids = count(1)


@asynccontextmanager
async def cellar(folder: Path, database: str = SQLITE) -> AsyncIterator[SqlStore]:
    """Open the store at *database*, relative paths from *folder*."""
    store = open_store(database, folder=folder, chain="main", zone=ZONE, checkpoint=_nothing)
    async with store:
        yield store


def _nothing(instant: str) -> None:
    """Let a checkpoint pass."""


def later(seconds: float) -> datetime:
    """Return an instant *seconds* after NOW."""
    return NOW + timedelta(seconds=seconds)


def an_entry(about: str = "x", **changes: object) -> AuditEntry:
    """Return something that happened."""
    entry = AuditEntry(at=NOW, actor="node", action="tested", about=about, data={"n": 1})
    return replace(entry, **changes)  # type: ignore[arg-type]


def a_job(lane: str = "office:A", **changes: object) -> Job:
    """Return a job that is due."""
    job = Job(kind="document", lane=lane, item=f"d{next(_ids)}", due_at=NOW, created_at=NOW)
    return replace(job, **changes)  # type: ignore[arg-type]


def a_delivery(document: str, agency: str = "H13.02", **changes: object) -> Delivery:
    """Return a delivery that waits in a pull box."""
    delivery = Delivery(
        id=f"{document}-{agency}", document=document, n=0, to=agency, agency=agency, updated_at=NOW
    )
    return replace(delivery, **changes)  # type: ignore[arg-type]


def a_document(
    *to: str,
    subject: str = "V/v báo cáo",
    kind: str = "CV",
    priority: Priority = Priority.NORMAL,
    **changes: object,
) -> Document:
    """Return a numbered document with a delivery per recipient and one attachment."""
    n = next(_ids)
    recipients = to or ("H13.02",)
    document = Document(
        id=f"doc-{n}",
        code=f"H13.01/2026/{n}",
        sender="H13.01",
        state=DocumentState.ACCEPTED,
        origin="client:a",
        local=True,
        metadata=Metadata(
            to=recipients,
            type=kind,
            subject=subject,
            notation="SNV-VP",
            number=str(n),
            promulgated_on=date(2026, 11, 20),
            signer=Signer(full_name="Nguyễn Văn An"),
            priority=priority,
        ),
        submitted_at=NOW,
        digest="0" * 64,
        attachments=(
            Attachment(
                n=1,
                name="a.txt",
                size=1,
                media_type="text/plain",
                sha256="0" * 64,
                blob=f"2026/11/20/doc-{n}-1",
            ),
        ),
    )
    document = replace(document, **changes)  # type: ignore[arg-type]
    deliveries = tuple(a_delivery(document.id, code, n=i) for i, code in enumerate(recipients))
    return replace(document, deliveries=deliveries)


def limit_pages(tx: Transaction, pages: int) -> None:
    """Let the database have at most *pages* more pages than now, as on a full disk."""
    raw = tx.numbers._db.raw  # type: ignore[attr-defined]  # noqa: SLF001 - the writer's own
    used = raw.execute("PRAGMA page_count").fetchone()[0]
    raw.execute(f"PRAGMA max_page_count = {used + pages}")


async def records(store: SqlStore) -> list[AuditRecord]:
    """Return every audit record."""
    return await store.read(lambda tx: tx.audit.after("", 0, 100_000))


def broken_links(chain: list[AuditRecord]) -> list[int]:
    """Return the numbers of the records whose hash or link is wrong, by RFC 8785 anew."""
    broken, previous = [], "0" * 64
    for seq, each in enumerate(chain, start=1):
        form = {
            "chain": each.chain,
            "seq": each.seq,
            "at": each.at,
            "actor": each.actor,
            "address": each.address,
            "action": each.action,
            "object": each.about,
            "data": dict(each.data),
            "previous": each.previous,
        }
        digest = sha256(rfc8785.dumps(form)).hexdigest()  # type: ignore[arg-type]
        if (each.seq, each.previous, each.hash) != (seq, previous, digest):
            broken.append(each.seq)
        previous = each.hash
    return broken
