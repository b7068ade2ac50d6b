"""A node's database moved to another engine, or its documents to another store; verified there."""

from collections.abc import Callable, Iterator
from functools import partial

import msgspec

from gateway.bootstrap.administration import open_rooms
from gateway.bootstrap.auditing import verify_node
from gateway.bootstrap.documents import digest_of, fill, open_documents
from gateway.bootstrap.equipment import only_one
from gateway.bootstrap.gateway import Gateway
from gateway.config import Config
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


async def copy_documents(config: Config, target: str, *, progress: Progress) -> int:
    """Copy the files of all documents to *target*; return how many there are.

    What is there already, from a copy that was broken off, is not copied again. A file that is
    missing or damaged is left out: :func:`copy_faults` tells.

    Raises:
        Misconfigured: the node runs, or *target* cannot be used.
        Conflict: the target holds the documents of another node.
        Unavailable: one of the two cannot be read or written.
    """
    there = _with(config, target)
    with only_one(config), open_documents(there, checkpoint=lambda _: None) as files:
        async with open_rooms(config) as gateway:
            work = partial(
                fill, files, gateway.blobs, _files(gateway), name=target, progress=progress
            )
            return await gateway.run(work)


def _with(config: Config, target: str) -> Config:
    """Return *config* with the database, or the documents, at *target*."""
    at = {"documents" if holds_documents(target) else "database": target}
    storage = msgspec.structs.replace(config.storage, **at)
    return msgspec.structs.replace(config, storage=storage)


def holds_documents(target: str) -> bool:
    """Whether *target* is a place for documents, not for a database."""
    return target.startswith(("s3://", "file:"))


async def copy_faults(config: Config, target: str, *, progress: Progress) -> list[str]:
    """Return what is wrong with the copy at *target*, each a sentence.

    The audit record, checkpoints, receipts, and the bytes of every document.
    """
    async with open_rooms(_with(config, target)) as gateway:
        look = partial(verify_node, gateway, anchors=(), trust=(), progress=progress)
        verified = await gateway.run(look)
        files = await gateway.run(lambda: list(_file_faults(gateway, progress)))
    return [f"{each.pointer}: {each.message_en}" for each in verified.findings] + files


def _file_faults(gateway: Gateway, progress: Progress) -> Iterator[str]:
    for count, (key, digest) in enumerate(_files(gateway), start=1):
        progress(count)
        found = digest_of(gateway.blobs, key)
        if found is None:
            yield f"{key}: the file is missing"
        elif found != digest:
            yield f"{key}: the file was changed"


def _files(gateway: Gateway) -> Iterator[tuple[str, str]]:
    """Yield key and SHA-256 of every file of every document."""
    before: int | None = None
    while found := gateway.store.read_here(partial(_page, before=before)):
        for document in found:
            if document.envelope is not None and document.sha256 is not None:
                yield document.envelope, document.sha256
            if document.removal is None:
                yield from ((each.blob, each.sha256) for each in document.attachments)
        before = found[-1].position


def _page(tx: Transaction, before: int | None) -> list[Document]:
    return tx.documents.select(Selection(limit=_PAGE, before=before))
