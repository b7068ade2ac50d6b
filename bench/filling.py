"""Stores of any size, filled through the storage code itself and kept for the next run."""

import asyncio
import hashlib
import shutil
from collections.abc import Callable, Coroutine
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from uuid import UUID

from rich.progress import Progress

from bench import facts
from bench.sites import Site, make_site
from gateway import storage
from gateway.bootstrap.administration import open_rooms
from gateway.config import load
from gateway.domain.document import Attachment, Metadata, Signer
from gateway.domain.exchange import AuditEntry, Delivery, Document
from gateway.domain.lifecycle import DeliveryState, DocumentState
from gateway.pipeline.statistics import LOOSE, SUMMED
from gateway.ports import Transaction
from gateway.storage.sqlite_connection import SqliteConnection
from gateway.storage.statistics import Statistics

CACHE = Path(__file__).parent / ".cache"
SENDER, RECIPIENT = "H13.01", "H13.02"
#: What waits in the pull box, whatever the size of the store.
WAITING = 500
_GROUP = 500
#: Documents whose facts are written, and facts that are summed up, in one step.
_FIGURES_GROUP, _SUMMED = 100_000, 400_000
#: What is left is summed up in ever smaller steps.
_SMALLER = (50_000, 5_000, 500)
#: A day behind the year of the figures.
_OVER = date(facts.YEAR + 1, 1, 2)
#: A store that breaks while it is filled is filled anew.
_CARELESS = (
    "journal_mode = OFF",
    "synchronous = OFF",
    "locking_mode = EXCLUSIVE",
    "temp_store = MEMORY",
    "cache_size = -600000",
)
_FIRST_AT = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
_SUBJECTS = ("Về việc báo cáo công tác", "Về việc họp giao ban", "Về việc cấp kinh phí")


def filled(size: int, folder: Path) -> Site:
    """Return a node in *folder* with *size* documents: a copy of the one that is kept."""
    return _copy(str(size), partial(_fill, size=size), folder)


def filled_with_figures(size: int, folder: Path) -> Site:
    """Return a node in *folder* whose statistics know a year of *size* documents."""
    return _copy(f"figures-{size}", partial(_fill_figures, size=size), folder)


def _copy(name: str, fill: Callable[[Site], Coroutine[None, None, None]], folder: Path) -> Site:
    kept = CACHE / f"{name}-{_fingerprint()}"
    if not kept.exists():
        for outdated in CACHE.glob(f"{name}-*"):
            shutil.rmtree(outdated)
        _make(fill, kept)
    shutil.copytree(kept, folder)
    tokens = dict(line.split(" ", 1) for line in (kept / "tokens").read_text("utf-8").splitlines())
    return Site(folder=folder, tokens=tokens, documents=folder / "data" / "documents")


def identity(number: int) -> str:
    """Return the id of the document of that *number*, from 0, the same in every store."""
    return str(UUID(hashlib.sha256(str(number).encode()).hexdigest()[:32], version=4))


def _fingerprint() -> str:
    """Return what changes when a kept store would no longer be what the code makes."""
    sources = [
        Path(__file__),
        Path(facts.__file__),
        *sorted(Path(storage.__file__).parent.rglob("*.sql")),
    ]
    return hashlib.sha256(b"".join(file.read_bytes() for file in sources)).hexdigest()[:12]


def _make(fill: Callable[[Site], Coroutine[None, None, None]], kept: Path) -> None:
    unfinished = kept.with_suffix(".tmp")
    shutil.rmtree(unfinished, ignore_errors=True)
    site = make_site(unfinished)
    asyncio.run(fill(site))
    lines = [f"{name} {token}" for name, token in site.tokens.items()]
    (unfinished / "tokens").write_text("\n".join(lines), "utf-8")
    unfinished.rename(kept)


async def _fill(site: Site, size: int) -> None:
    config = load(site.config_file)
    with Progress(transient=True) as progress:
        task = progress.add_task(f"filling a store with {size} documents", total=size)
        async with open_rooms(config) as gateway:
            for first in range(0, size, _GROUP):
                numbers = range(first, min(size, first + _GROUP))
                await gateway.store.write(partial(_add, numbers=numbers, newest=size - WAITING))
                progress.advance(task, len(numbers))
            # A node would do it in its first minutes, beside what is measured.
            await gateway.statistics.catch_up()
            await gateway.statistics.sum_up(at_a_time=_SUMMED)


async def _fill_figures(site: Site, size: int) -> None:
    """Keep the facts of a year that is over, and sum up what lies back, as a node does."""
    await asyncio.to_thread(_write_figures, site, size)


def _write_figures(site: Site, size: int) -> None:
    """Write through the storage code, in great steps and without care for a crash."""
    connection = SqliteConnection(site.database, read_only=False)
    for pragma in _CARELESS:
        connection.raw.execute(f"PRAGMA {pragma}")
    kept = Statistics(connection)
    told = facts.documents(size)
    with Progress(transient=True) as progress:
        task = progress.add_task(f"filling statistics with {size} documents", total=size)
        while group := list(islice(told, _FIGURES_GROUP)):
            connection.begin()
            for document, its_facts in group:
                kept.replace(document, its_facts)
            connection.put_down()
            while kept.sum_up(today=_OVER, keep=LOOSE, most=_SUMMED):
                connection.put_down()
            connection.commit()
            progress.advance(task, len(group))
    connection.begin()
    for most in (*_SMALLER, SUMMED):
        while kept.sum_up(today=_OVER, keep=LOOSE, most=most):
            connection.put_down()
    connection.commit()
    connection.raw.execute("PRAGMA journal_mode = WAL")
    connection.close()


def _add(tx: Transaction, *, numbers: range, newest: int) -> None:
    for number in numbers:
        document = _document(number, waits=number >= newest)
        tx.documents.add(document)
        for action in ("submitted", "numbered", "arrived"):
            to = {"to": RECIPIENT} if action == "arrived" else {}
            tx.audit.append(
                AuditEntry(
                    at=document.submitted_at,
                    actor="client:bench",
                    action=action,
                    about=document.id,
                    data={"by": SENDER, "code": document.code, "from": SENDER, **to},
                )
            )


def _document(number: int, *, waits: bool) -> Document:
    id_ = identity(number)
    at = _FIRST_AT + timedelta(seconds=20 * number)
    code = f"{SENDER}/2026/{number + 1}"
    metadata = Metadata(
        to=(RECIPIENT,),
        type="CV",
        subject=f"{_SUBJECTS[number % 3]} số {number}",
        notation="SNV-VP",
        number=str(number + 1),
        promulgated_on=at.date(),
        place="Hà Nội",
        signer=Signer(full_name="Nguyễn Văn A", position="Giám đốc"),
    )
    return Document(
        id=id_,
        code=code,
        document_id=code,
        sender=SENDER,
        state=DocumentState.ACCEPTED if waits else DocumentState.CLOSED,
        origin="client:bench",
        local=True,
        metadata=metadata,
        submitted_at=at,
        sent_at=at,
        legal_sent_at=at,
        sha256=hashlib.sha256(code.encode()).hexdigest(),
        size=140_000,
        frame=b"frame1\n",
        digest=hashlib.sha256(id_.encode()).hexdigest(),
        attachments=(_attachment(id_, at),),
        deliveries=(_delivery(id_, at, waits=waits),),
    )


def _attachment(document: str, at: datetime) -> Attachment:
    return Attachment(
        n=1,
        name="cong-van.pdf",
        size=102_400,
        media_type="application/pdf",
        sha256=hashlib.sha256(document.encode()).hexdigest(),
        blob=f"{at:%Y/%m/%d}/{document}-1",
    )


def _delivery(document: str, at: datetime, *, waits: bool) -> Delivery:
    received_at = None if waits else at
    return Delivery(
        id=f"d-{document[:30]}",
        document=document,
        n=0,
        to=RECIPIENT,
        agency=RECIPIENT,
        state=DeliveryState.WAITING if waits else DeliveryState.DONE,
        received_at=received_at,
        legal_received_at=received_at,
        updated_at=at,
    )
