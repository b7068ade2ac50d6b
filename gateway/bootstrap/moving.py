"""A node's database moved to another engine, and verified there."""

import hashlib
from collections.abc import Callable, Iterator
from functools import partial

import msgspec

from gateway.bootstrap.administration import open_rooms
from gateway.bootstrap.auditing import verify_node
from gateway.bootstrap.equipment import only_one
from gateway.bootstrap.gateway import Gateway
from gateway.config import Config
from gateway.domain.errors import NotFound
from gateway.domain.exchange import Document
from gateway.ports import Selection, Transaction
from gateway.storage.moving import move

#: Documents read at a time.
_PAGE = 200

Progress = Callable[[int], None]


def copy_store(config: Config, target: str, *, progress: Progress) -> int:
    """Copy the database of the node, which does not run, to *target*; return the rows.

    Raises:
        Misconfigured: the node runs.
        Conflict: the target holds something already.
        Unavailable: one of the two cannot be read or written.
    """
    with only_one(config):
        return move(config.storage.database, target, folder=config.folder, progress=progress)


async def copy_faults(config: Config, target: str, *, progress: Progress) -> list[str]:
    """Return what is wrong with the copy at *target*, each a sentence.

    The audit record, checkpoints, receipts, and the bytes of every document.
    """
    storage = msgspec.structs.replace(config.storage, database=target)
    async with open_rooms(msgspec.structs.replace(config, storage=storage)) as gateway:
        look = partial(verify_node, gateway, anchors=(), trust=(), progress=progress)
        verified = await gateway.run(look)
        files = await gateway.run(lambda: list(_file_faults(gateway, progress)))
    return [f"{each.pointer}: {each.message_en}" for each in verified.findings] + files


def _file_faults(gateway: Gateway, progress: Progress) -> Iterator[str]:
    count = 0
    for key, digest in _files(gateway):
        count += 1
        progress(count)
        try:
            with gateway.blobs.open(key) as stream:
                found = hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type] # any stream of bytes
        except NotFound:
            yield f"{key}: the file is missing"
            continue
        if found != digest:
            yield f"{key}: the file was changed"


def _files(gateway: Gateway) -> Iterator[tuple[str, str]]:
    """Yield key and SHA-256 of every file of every document."""
    before: int | None = None
    while found := gateway.store.read_here(partial(_page, before=before)):
        for document in found:
            if document.envelope is not None and document.sha256 is not None:
                yield document.envelope, document.sha256
            for each in document.attachments:
                yield each.blob, each.sha256
        before = found[-1].position


def _page(tx: Transaction, before: int | None) -> list[Document]:
    return tx.documents.select(Selection(limit=_PAGE, before=before))
