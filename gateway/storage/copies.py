"""Backups as folders: a consistent copy of the database, the files that it refers to, settings.

    NAME/manifest.jws    signed: what was copied when, and the digest of every file but documents
    NAME/gateway.db      the database at one moment
    NAME/documents/…     the files of documents; the database has the digest of each
    NAME/settings/…      gateway.toml, config/, checkpoints, as they lie below the node's folder

Files of documents never change, so a file that the backup before has is linked, not copied: every
backup is whole by itself, and costs the room of what is new. A backup appears under its name once
it is complete and durable.
"""

import hashlib
import os
import shutil
import sqlite3
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from gateway.domain.errors import NotFound, Refused, Unavailable

MANIFEST, DATABASE, DOCUMENTS, SETTINGS = "manifest.jws", "gateway.db", "documents", "settings"
_CHUNK = 1 << 20
_BLOBS = """
    SELECT attachment.blob, attachment.sha256 FROM attachment WHERE attachment.blob <> ''
    UNION SELECT envelope, sha256 FROM document WHERE envelope IS NOT NULL
"""

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What is copied."""

    database: Callable[[Path], None]  #: writes a consistent copy of the database
    documents: Callable[[str], BinaryIO]  #: opens the file of a document; raises NotFound
    settings: Mapping[str, Path]  #: by their place below the node's folder
    identity: Mapping[str, str]  #: the file that tells whose documents they are, and what it says


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """What a backup holds."""

    folder: Path
    documents: int  #: files of documents
    bytes: int
    missing: tuple[str, ...]  #: files that the database refers to and that were not there
    digests: dict[str, str]  #: SHA-256 of the other files


def make(folder: Path, source: Source, *, before: Path | None, progress: Progress) -> Copied:
    """Copy *source* to *folder*, which must not exist yet; the manifest is still to be put in.

    Raises:
        Unavailable: it cannot be written; nothing is left.
    """
    try:
        folder.mkdir(parents=True, mode=0o700)
        source.database(folder / DATABASE)
        digests = {DATABASE: _digest(folder / DATABASE)}
        for place, file in source.settings.items():
            digests[f"{SETTINGS}/{place}"] = _copy(file, folder / SETTINGS / place)
        count, size, missing = _copy_documents(folder, source.documents, before, progress)
        for name, identity in source.identity.items():
            _write(BytesIO(identity.encode()), folder / DOCUMENTS / name)
        _sync_names(folder)
    except (OSError, sqlite3.Error) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise Unavailable(f"{folder}: the backup cannot be written: {error}") from error
    return Copied(
        folder=folder, documents=count, bytes=size, missing=tuple(missing), digests=digests
    )


def complete(folder: Path, final: Path, manifest: str) -> None:
    """Put the *manifest* into *folder* and give it its *final* name."""
    with (folder / MANIFEST).open("w", encoding="ascii") as stream:
        stream.write(manifest + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    _sync(folder)
    folder.rename(final)
    _sync(final.parent)


def faults(folder: Path, digests: Mapping[str, str], progress: Progress) -> Iterator[str]:
    """Read everything in a backup again; yield what is wrong, each a sentence."""
    for place, digest in digests.items():
        file = folder / place
        if not file.is_file():
            yield f"{place}: it is missing"
        elif _digest(file) != digest:
            yield f"{place}: it was changed"
    yield from (f"{place}: it does not belong here" for place in _unnamed(folder, digests))
    if not (folder / DATABASE).is_file():
        return
    try:
        yield from _faults_of_database(folder, progress)
    except sqlite3.Error as error:
        yield f"{DATABASE}: it cannot be read: {error}"


def blobs(database: Path) -> Iterator[tuple[str, str]]:
    """Yield key and SHA-256 of every file of a document that *database* refers to."""
    with closing(_open(database)) as connection:
        yield from connection.execute(_BLOBS)


def list_backups(folder: Path) -> list[Path]:
    """Return the complete backups in *folder*, oldest first."""
    if not folder.is_dir():
        return []
    return sorted(each for each in folder.iterdir() if (each / MANIFEST).is_file())


def copy_database(database: Path, to: Path) -> None:
    """Write a consistent copy of the SQLite *database*; writers go on meanwhile."""
    with closing(_open(database)) as source, closing(sqlite3.connect(to)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")  # one file, also when it is read
    with to.open("rb") as stream:
        os.fsync(stream.fileno())


def copy_settings(folder: Path, digests: Mapping[str, str], to: Path) -> None:
    """Copy the settings of a backup durably: the files that *digests* name, and no other."""
    for place in digests:
        if place.startswith(f"{SETTINGS}/"):
            _copy(folder / place, to / place.removeprefix(f"{SETTINGS}/"))
    _sync_names(to)


def copy_documents(folder: Path, to: Path, *, identity: str) -> None:
    """Copy the files of a backup that its database refers to, and their *identity*."""
    to.mkdir(parents=True, exist_ok=True)
    for key, _ in blobs(folder / DATABASE):
        _copy(folder / DOCUMENTS / key, to / key)
    if (folder / DOCUMENTS / identity).is_file():
        _copy(folder / DOCUMENTS / identity, to / identity)
    _sync_names(to)


def _unnamed(folder: Path, digests: Mapping[str, str]) -> Iterator[str]:
    """Yield the files of settings that nobody signed for."""
    for file in sorted((folder / SETTINGS).rglob("*")):
        place = file.relative_to(folder).as_posix()
        if (file.is_file() or file.is_symlink()) and place not in digests:
            yield place


def _copy_documents(
    folder: Path,
    documents: Callable[[str], BinaryIO],
    before: Path | None,
    progress: Progress,
) -> tuple[int, int, list[str]]:
    count, size, missing = 0, 0, list[str]()
    for key, _ in blobs(folder / DATABASE):
        target = folder / DOCUMENTS / key
        target.parent.mkdir(parents=True, exist_ok=True)
        if not _link(before, key, target):
            try:
                with documents(key) as stream:
                    _write(stream, target)
            except NotFound:
                missing.append(key)
                continue
        count += 1
        size += target.stat().st_size
        progress(count)
    return count, size, missing


def _link(before: Path | None, key: str, target: Path) -> bool:
    """Link a file of the backup *before*; False when that cannot be done."""
    if before is None:
        return False
    try:
        os.link(before / DOCUMENTS / key, target)
    except OSError:  # not there, or a file system without links
        return False
    return True


def _faults_of_database(folder: Path, progress: Progress) -> Iterator[str]:
    with closing(_open(folder / DATABASE)) as connection:
        (answer,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if answer != "ok":
        yield f"{DATABASE}: {answer}"
        return
    for n, (key, digest) in enumerate(blobs(folder / DATABASE), start=1):
        progress(n)
        file = folder / DOCUMENTS / key
        if not file.is_file():
            yield f"{DOCUMENTS}/{key}: it is missing"
        elif _digest(file) != digest:
            yield f"{DOCUMENTS}/{key}: it was changed"


def _open(database: Path) -> sqlite3.Connection:
    """Open *database* for reading alone."""
    if not database.is_file():
        raise Refused(f"{database}: there is no database")
    return sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)


def _copy(source: Path, to: Path) -> str:
    """Copy a file durably, with its mode; return its SHA-256, hex."""
    with source.open("rb") as reader:
        return _write(reader, to, mode=stat.S_IMODE(os.fstat(reader.fileno()).st_mode))


def _write(source: BinaryIO, to: Path, *, mode: int = 0o640) -> str:
    """Write what *source* gives durably; return its SHA-256, hex."""
    to.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with to.open("xb") as writer:
        to.chmod(mode)
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            writer.write(chunk)
        writer.flush()
        os.fsync(writer.fileno())
    return digest.hexdigest()


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _sync_names(folder: Path) -> None:
    """Make the names of all files below *folder* durable."""
    for path in (folder, *folder.rglob("*")):
        if path.is_dir():
            _sync(path)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
