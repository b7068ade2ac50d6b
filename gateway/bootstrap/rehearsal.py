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
from gateway.bootstrap.equipment import data_folder
from gateway.bootstrap.gateway import Gateway
from gateway.config import Config
from gateway.domain.errors import Unavailable
from gateway.domain.exchange import Caller, Role
from gateway.domain.figures import Question
from gateway.storage.shape import changes
from gateway.storage.stage import Stage, copied

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
        folder: where there is room for the copy; None: where the machine keeps such things. A
            database of a server is copied beside itself there.
        sample: so many files of documents are read; None: all.
        progress: is told the count of what was looked at.

    Raises:
        Misconfigured: a newer release made the database, or its server lets no copy be made.
        Unavailable: there is no room for the copy, or it cannot be written.
    """
    begun, database = time.monotonic(), config.storage.database
    try:
        with (
            TemporaryDirectory(prefix="gateway-rehearsal-", dir=folder) as name,
            copied(database, folder=config.folder, place=Path(name)) as copy,
        ):
            seconds = round(time.monotonic() - begun, 3)
            found = Rehearsal(steps=copy.pending(), seconds={"copy": seconds})
            with found.timed("documents"):
                _read_documents(config, Path(name), copy, sample, found, progress)
            await _upgrade(_staged(config, Path(name), copy.url), copy, found, progress)
            return found
    except (OSError, sqlite3.Error) as error:
        raise Unavailable(f"the copy cannot be written: {error}") from error


def _staged(config: Config, stage: Path, copy: str) -> Config:
    """Return *config* with its database at *copy*; settings and keys are read where they are."""
    checkpoints = data_folder(config) / "checkpoints"
    if checkpoints.is_dir():
        shutil.copytree(checkpoints, stage / checkpoints.name)
    storage = msgspec.structs.replace(
        config.storage,
        database=copy,
        documents=f"file:{stage / 'documents'}",
    )
    return msgspec.structs.replace(config, storage=storage)


async def _upgrade(staged: Config, copy: Stage, found: Rehearsal, progress: Progress) -> None:
    """Open the copy with this release, and look it over."""
    before, begun = copy.shape(), time.monotonic()
    async with open_rooms(staged) as gateway:
        found.seconds["migrations"] = round(time.monotonic() - begun, 3)
        found.changes += changes(before, await gateway.run(copy.shape))
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
    copy: Stage,
    sample: int | None,
    found: Rehearsal,
    progress: Progress,
) -> None:
    """Compare files of documents, where they lie, with their digests on record."""
    storage = msgspec.structs.replace(config.storage, spool=str(stage / "spool"))
    place = msgspec.structs.replace(config, storage=storage)
    with open_documents(place, checkpoint=lambda _: None) as files:
        for key, digest in _chosen(copy, sample):
            read = digest_of(files, key)
            if read != digest:
                wrong = "missing" if read is None else "changed"
                found.faults.append(f"documents/{key}: it is {wrong}")
            found.documents += 1
            progress(found.documents)


def _chosen(copy: Stage, sample: int | None) -> Iterator[tuple[str, str]]:
    """Yield all files, or so many of them that lie anywhere, each as likely as the others."""
    if sample is None:
        yield from copy.files()
        return
    every, random = copy.files(), Random()  # noqa: S311 - nothing secret
    kept = list(islice(every, sample))
    for n, each in enumerate(every, start=sample + 1):
        place = random.randrange(n)
        if place < sample:
            kept[place] = each
    yield from kept
