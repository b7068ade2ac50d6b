"""A node's database moved to another engine, or its documents to another store; verified there."""

import hashlib
from collections.abc import Callable, Iterator
from functools import partial

import msgspec

from gateway.bootstrap.administration import open_rooms
from gateway.bootstrap.auditing import verify_node
from gateway.bootstrap.documents import open_documents
from gateway.bootstrap.equipment import only_one
from gateway.bootstrap.gateway import Gateway
from gateway.config import Config
from gateway.domain.errors import Conflict, NotFound
from gateway.domain.exchange import Document
from gateway.ports import DocumentFiles, Selection, Transaction
from gateway.storage.moving import move

#: Documents read at a time.
_PAGE = 200
_CHUNK = 1 << 20

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
            return await gateway.run(partial(_fill, gateway, files, target, progress))


def _fill(gateway: Gateway, files: DocumentFiles, target: str, progress: Progress) -> int:
    ours, theirs = gateway.blobs.identity(), files.identity()
    if theirs is not None and theirs != ours:
        raise Conflict(f"{target} holds the documents of another node")
    count = 0
    for key, digest in _files(gateway):
        if _digest(files, key) != digest:
            _copy(gateway.blobs, files, key, digest)
        count += 1
        progress(count)
    if ours is not None:
        files.identify(ours)
    return count


def _copy(source: DocumentFiles, target: DocumentFiles, key: str, digest: str) -> None:
    spool = target.create(key)
    try:
        with source.open(key) as stream:
            while chunk := stream.read(_CHUNK):
                spool.write(chunk)
    except NotFound:
        spool.abandon()
        target.discard([key])
        return
    if spool.finish() == digest:
        target.keep([key])
    else:
        target.discard([key])


def _digest(files: DocumentFiles, key: str) -> str | None:
    """Return the SHA-256 of the file *key*, None without it."""
    try:
        with files.open(key) as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type] # any stream of bytes
    except NotFound:
        return None


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
        found = _digest(gateway.blobs, key)
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
            for each in document.attachments:
                yield each.blob, each.sha256
        before = found[-1].position


def _page(tx: Transaction, before: int | None) -> list[Document]:
    return tx.documents.select(Selection(limit=_PAGE, before=before))
