"""An upgrade rehearsed: this release on a copy of the database, before the node itself meets it.

The copy is brought up to this release in a folder of its own and looked over there: the audit
record is verified, what is kept of the figures must equal what the record tells anew, and the
files of documents are read where they lie. The node goes on meanwhile; nothing of it is written.
"""

import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import islice
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import msgspec

from gateway.bootstrap.administration import open_rooms
from gateway.bootstrap.auditing import verify_node
from gateway.bootstrap.documents import digest_of, open_documents
from gateway.bootstrap.equipment import data_folder, database_file
from gateway.bootstrap.gateway import Gateway
from gateway.config import Config
from gateway.domain.errors import Misconfigured, Unavailable
from gateway.domain.exchange import Caller, Role
from gateway.domain.figures import Question
from gateway.storage import copies
from gateway.storage.copied_files import blobs
from gateway.storage.shape import changes, pending, shape_of

#: A migration may write the database anew beside itself.
_ROOM = 3

Progress = Callable[[int], None]


@dataclass(slots=True, kw_only=True)
class Rehearsal:
    """What a rehearsal found."""

    steps: list[int]  #: numbers of the migrations that would run
    changes: list[str] = field(default_factory=list)  #: of tables, each a sentence
    seconds: dict[str, float] = field(default_factory=dict)  #: by what took them
    records: int = 0  #: of the audit, verified
    documents: int = 0  #: files of documents, read
    faults: list[str] = field(default_factory=list)

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """Note how long something takes."""
        begun = time.monotonic()
        yield
        self.seconds[what] = round(time.monotonic() - begun, 3)


async def rehearse(
    config: Config, folder: Path | None, *, sample: int | None, progress: Progress
) -> Rehearsal:
    """Rehearse the upgrade of the node of *config* below *folder*, which is left as it was.

    Args:
        config: of the node, which may run.
        folder: where there is room for the copy; None: where the machine keeps such things.
        sample: so many files of documents are read; None: all.
        progress: is told the count of what was looked at.

    Raises:
        Misconfigured: the database is not SQLite, or a newer release made it.
        Unavailable: there is no room for the copy, or it cannot be written.
    """
    database = database_file(config)
    if not database.is_file():
        raise Misconfigured(f"{database}: there is no database")
    try:
        with TemporaryDirectory(prefix="gateway-rehearsal-", dir=folder) as name:
            return await _rehearse(config, database, Path(name), sample, progress)
    except (OSError, sqlite3.Error) as error:
        raise Unavailable(f"the copy cannot be written: {error}") from error


async def _rehearse(
    config: Config, database: Path, stage: Path, sample: int | None, progress: Progress
) -> Rehearsal:
    staged = _staged(config, stage)
    copy = database_file(staged)
    found = _copied(database, copy)
    with found.timed("documents"):
        _read_documents(config, stage, copy, sample, found, progress)
    await _upgrade(staged, copy, found, progress)
    return found


def _copied(database: Path, copy: Path) -> Rehearsal:
    """Copy the database to where the rehearsal is; raise Unavailable without room for it."""
    size, free = database.stat().st_size, shutil.disk_usage(copy.parent).free
    if free < size * _ROOM:
        raise Unavailable(
            f"{copy.parent}: {size * _ROOM >> 20} MB are needed, {free >> 20} MB are free; "
            "name another folder by --in"
        )
    begun = time.monotonic()
    copies.copy_database(database, copy)
    return Rehearsal(steps=pending(copy), seconds={"copy": round(time.monotonic() - begun, 3)})


def _staged(config: Config, stage: Path) -> Config:
    """Return *config* with its database at *stage*; settings and keys are read where they are."""
    checkpoints = data_folder(config) / "checkpoints"
    if checkpoints.is_dir():
        shutil.copytree(checkpoints, stage / checkpoints.name)
    storage = msgspec.structs.replace(
        config.storage,
        database=f"sqlite:///{stage / 'gateway.db'}",
        documents=f"file:{stage / 'documents'}",
    )
    return msgspec.structs.replace(config, storage=storage)


async def _upgrade(staged: Config, copy: Path, found: Rehearsal, progress: Progress) -> None:
    """Open the copy with this release, and look it over."""
    before, begun = shape_of(copy), time.monotonic()
    async with open_rooms(staged) as gateway:
        found.seconds["migrations"] = round(time.monotonic() - begun, 3)
        found.changes += changes(before, await gateway.run(partial(shape_of, copy)))
        with found.timed("audit"):
            look = partial(verify_node, gateway, anchors=(), trust=(), progress=progress)
            verified = await gateway.run(look)
        found.records = verified.records
        found.faults += [f"{each.pointer}: {each.message_en}" for each in verified.findings]
        with found.timed("figures"):
            kept = await _figures(gateway)
            await gateway.statistics.recompute()
            if kept != await _figures(gateway):
                found.faults.append(
                    "the figures that are kept are not those that the record tells"
                )


async def _figures(gateway: Gateway) -> list[dict[str, object]]:
    question = Question(
        first=date(1, 1, 1), last=date(9999, 12, 31), group=("agency", "direction", "month")
    )
    auditor = Caller(actor="cli", agency=gateway.config.node.code, role=Role.AUDITOR)
    return [dict(row) for row in await gateway.statistics.report(question, auditor)]


def _read_documents(
    config: Config,
    stage: Path,
    database: Path,
    sample: int | None,
    found: Rehearsal,
    progress: Progress,
) -> None:
    """Compare files of documents, where they lie, with their digests on record."""
    storage = msgspec.structs.replace(config.storage, spool=str(stage / "spool"))
    place = msgspec.structs.replace(config, storage=storage)
    with open_documents(place, checkpoint=lambda _: None) as files:
        for key, digest in _chosen(database, sample):
            read = digest_of(files, key)
            if read != digest:
                wrong = "missing" if read is None else "changed"
                found.faults.append(f"documents/{key}: it is {wrong}")
            found.documents += 1
            progress(found.documents)


def _chosen(database: Path, sample: int | None) -> Iterator[tuple[str, str]]:
    """Yield all files, or so many of them that lie anywhere, each as likely as the others."""
    if sample is None:
        yield from blobs(database)
        return
    every, random = blobs(database), Random()  # noqa: S311 - nothing secret
    kept = list(islice(every, sample))
    for n, each in enumerate(every, start=sample + 1):
        place = random.randrange(n)
        if place < sample:
            kept[place] = each
    yield from kept
