"""Where the files of documents are: a folder of this machine, or a bucket that nodes share."""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from threading import Event
from uuid import uuid4

from gateway.bootstrap.equipment import documents_folder, is_bucket
from gateway.config import Config, Storage, secret
from gateway.domain.errors import Conflict, Misconfigured, NotFound, Unavailable
from gateway.pipeline.scheduling import Duty, Scheduling
from gateway.ports import Clock, DocumentFiles, Run, Store
from gateway.storage import open_bucket
from gateway.storage.blobs import FolderBlobs
from gateway.storage.bucket import Bucket, Place, reason_of

#: How often a node looks whether the bucket is to be swept.
_SWEEP_S = 6 * 3600.0
_CHUNK = 1 << 20
_PROBE = b"a probe of the liaison gateway"
_BUCKET = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(.*))?")


def place_of(config: Config) -> Place:
    """Return where the bucket of *config* is; raise Misconfigured when that cannot be told."""
    storage = config.storage
    found = _BUCKET.fullmatch(storage.documents)
    if found is None:
        raise Misconfigured(f"storage.documents: `{storage.documents}` is no s3://bucket/prefix")
    return Place(
        bucket=found[1],
        prefix=(found[2] or "").strip("/"),
        endpoint=storage.s3_endpoint,
        region=storage.s3_region,
        access_key=secret(env=storage.s3_key_env, file=_file(config, storage.s3_key_file)),
        secret_key=secret(env=storage.s3_secret_env, file=_file(config, storage.s3_secret_file)),
        encryption=storage.s3_encryption,
        encryption_key=storage.s3_kms_key,
        authorities=_authorities(config, storage),
        conditional=storage.s3_conditional,
        timeout_s=storage.s3_timeout_s,
    )


@contextmanager
def open_documents(
    config: Config, *, checkpoint: Callable[[str], None]
) -> Iterator[DocumentFiles]:
    """Open the files of documents; raise Misconfigured when there can be none."""
    if not is_bucket(config):
        yield FolderBlobs(documents_folder(config), checkpoint=checkpoint)
        return
    with open_bucket(
        place_of(config),
        spool=config.path(config.storage.spool),
        cache_bytes=config.storage.cache_mb << 20,
        checkpoint=checkpoint,
    ) as files:
        yield files


def scratch(config: Config) -> Path | None:
    """Return the folder for what is copied from a bucket ahead of a commit, None without one."""
    return config.path(config.storage.spool) if is_bucket(config) else None


def probe_bucket(config: Config, clock: Clock) -> tuple[str, timedelta]:
    """Put something into the bucket, look at it, and remove it again.

    Returns its name, and how far its clock is behind ours.

    Raises:
        Misconfigured: it is named wrongly.
        Unavailable: something of that is not possible.
    """
    bucket, key = Bucket(place_of(config)), f"probe/{uuid4()}"
    try:
        return bucket.name, _probe(bucket, key, clock)
    except Unavailable as error:
        reason = reason_of(error.__cause__ or error)
        raise Unavailable(f"{bucket.name}: {reason}") from error


def _probe(bucket: Bucket, key: str, clock: Clock) -> timedelta:
    bucket.put(key, BytesIO(_PROBE), len(_PROBE))
    try:
        behind = clock.now() - bucket.modified_at(key)
        listed = [each.key for each in bucket.listing("probe/")]
        if bucket.read(key, 0, len(_PROBE)) != _PROBE or key not in listed:
            raise Unavailable("it does not give back what was put there")
    finally:
        bucket.delete(key)
    return behind


def is_known(store: Store, key: str) -> bool:
    """Whether a document owns the file *key*. Blocks."""
    document = key.rpartition("/")[2].rpartition("-")[0]
    return store.read_here(lambda tx: tx.documents.owns(document, key))


def fill(
    target: DocumentFiles,
    source: DocumentFiles,
    files: Iterable[tuple[str, str]],
    *,
    name: str,
    progress: Callable[[int], None],
) -> int:
    """Copy *files*, keys with their digests, from *source* to *target*, called *name*; count them.

    What is there already is not copied again; what is missing or damaged in *source* is left out.

    Raises:
        Conflict: the target holds the documents of another node.
        Unavailable: one of the two cannot be read or written.
    """
    ours, theirs = source.identity(), target.identity()
    if theirs is not None and theirs != ours:
        raise Conflict(f"{name} holds the documents of another node")
    count = 0
    for count, (key, digest) in enumerate(files, start=1):
        if digest_of(target, key) != digest:
            _copy(source, target, key, digest)
        progress(count)
    if ours is not None:
        target.identify(ours)
    return count


def digest_of(files: DocumentFiles, key: str) -> str | None:
    """Return the SHA-256 of the file *key*, None without it."""
    try:
        with files.open(key) as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type] # any stream of bytes
    except NotFound:
        return None


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


def sweeping(
    config: Config,
    files: DocumentFiles,
    scheduling: Scheduling,
    *,
    store: Store,
    clock: Clock,
    run: Run,
) -> tuple[Duty, ...]:
    """Return the duty to sweep, which a bucket needs; a folder is swept at the start."""

    async def sweep() -> None:
        stopping, today = Event(), clock.now().date()

        def known(key: str) -> bool:
            if stopping.is_set():
                raise Unavailable("the node stops; the next sweep goes on")
            return is_known(store, key)

        try:
            await run(lambda: files.sweep(is_known=known, today=today))
        finally:
            stopping.set()

    return (scheduling.once("sweep", sweep, _SWEEP_S),) if is_bucket(config) else ()


def _file(config: Config, name: str) -> Path | None:
    return config.path(name) if name else None


def _authorities(config: Config, storage: Storage) -> str | None:
    return secret(env="", file=_file(config, storage.s3_ca_file))
