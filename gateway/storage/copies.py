"""Backups as folders: a consistent copy of the database, the files that it refers to, settings.

    NAME/manifest.jws    signed: what was copied when, and the digest of every file but documents
    NAME/gateway.db      the database at one moment
    NAME/documents/…     the files of documents; the database has the digest of each
    NAME/settings/…      gateway.toml, config/, checkpoints, as they lie below the node's folder

Files of documents never change, so a file that the backup before has is linked, not copied: every
backup is whole by itself, and costs the room of what is new. A backup appears under its name once
it is complete and durable. Where it is encrypted, every file but the manifest is (``copy_folder``);
what is encrypted was compared with its digest on the way, and nothing plain meets the disk of backups.
"""

import os
import shutil
import sqlite3
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from gateway.domain.errors import GatewayError, NotFound, Refused, Unavailable
from gateway.storage.copy_folder import (
    CHANGED,
    MISSING,
    SEALED,
    CopyFolder,
    Turn,
    digest_of,
    listed,
    write,
)

MANIFEST, DATABASE, DOCUMENTS, SETTINGS = "manifest.jws", "gateway.db", "documents", "settings"
#: Key and SHA-256 of every file of a document.
FILES = """
    SELECT attachment.blob, attachment.sha256 FROM attachment WHERE attachment.blob <> ''
    UNION SELECT envelope, sha256 FROM document WHERE envelope IS NOT NULL
"""

Progress = Callable[[int], None]
#: What is told of a backup that is not whole, in both languages.
_STRANGE = "{place}: tệp không thuộc bản sao lưu / it does not belong here"
_UNREADABLE = "{place}: không đọc được / it cannot be read: {error}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What is copied."""

    database: Callable[[Path], None]  #: writes a consistent copy of the database
    documents: Callable[[str], BinaryIO]  #: opens the file of a document; raises NotFound
    settings: Mapping[str, Path]  #: by their place below the node's folder
    identity: Mapping[str, str]  #: the file that tells whose documents they are, and what it says
    scratch: Path  #: where the database lies before it is encrypted
    encrypt: Turn | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """What a backup holds."""

    folder: Path
    documents: int  #: files of documents
    bytes: int
    missing: tuple[str, ...]  #: files that the database refers to and that were not there
    digests: dict[str, str]  #: SHA-256 of the other files
    damaged: tuple[str, ...] = ()  #: files that did not have their digest when they were encrypted
    sealed: str = ""  #: SHA-256 of the list of encrypted files


def make(folder: Path, source: Source, *, before: Path | None, progress: Progress) -> Copied:
    """Copy *source* to *folder*, which must not exist yet; the manifest is still to be put in.

    What is linked comes from *before*, a backup to the same recipients.

    Raises:
        Unavailable: it cannot be written, or the database cannot be read; nothing is left.
        Conflict: the database is of another release.
    """
    try:
        folder.mkdir(parents=True, mode=0o700)
        with TemporaryDirectory(prefix=".backup-", dir=source.scratch) as place:
            return _make(folder, source, Path(place), before, progress)
    except (OSError, sqlite3.Error) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise Unavailable(f"{folder}: the backup cannot be written: {error}") from error
    except GatewayError:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _make(
    folder: Path, source: Source, scratch: Path, before: Path | None, progress: Progress
) -> Copied:
    place = CopyFolder(folder, encrypt=source.encrypt)
    database = folder / DATABASE if source.encrypt is None else scratch / DATABASE
    source.database(database)
    if source.encrypt is None:
        digests = {DATABASE: digest_of(database)}
    else:
        digests = {DATABASE: place.copy(DATABASE, database)}
    digests |= {
        f"{SETTINGS}/{name}": place.copy(f"{SETTINGS}/{name}", file)
        for name, file in source.settings.items()
    }
    copied = _Documents(place, source.documents, before, progress)
    copied.copy(database)
    for name, identity in source.identity.items():
        place.put(f"{DOCUMENTS}/{name}", BytesIO(identity.encode()))
    damaged = list(copied.damaged)
    if source.encrypt is not None:
        damaged += _faults_of_integrity(database)
    sealed = place.seal()
    _sync_names(folder)
    return Copied(
        folder=folder,
        documents=copied.count,
        bytes=copied.size,
        missing=tuple(copied.missing),
        digests=digests,
        damaged=tuple(damaged),
        sealed=sealed,
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
            yield MISSING.format(place=place)
        elif digest_of(file) != digest:
            yield CHANGED.format(place=place)
    yield from (_STRANGE.format(place=place) for place in _unnamed(folder, digests))
    if not (folder / DATABASE).is_file():
        return
    try:
        yield from _faults_of_database(folder, progress)
    except sqlite3.Error as error:
        yield _UNREADABLE.format(place=DATABASE, error=error)


def blobs(database: Path) -> Iterator[tuple[str, str]]:
    """Yield key and SHA-256 of every file of a document that *database* refers to."""
    with closing(_open(database)) as connection:
        yield from connection.execute(FILES)


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


class _Documents:
    """Copies the files that a database refers to, or links those that the backup before has."""

    def __init__(
        self,
        place: CopyFolder,
        opening: Callable[[str], BinaryIO],
        before: Path | None,
        progress: Progress,
    ) -> None:
        self._place = place
        self._opening = opening
        self._before = before
        self._progress = progress
        is_sealed = before is not None and (before / SEALED).is_file()
        self._known = listed(before) if before is not None and is_sealed else {}
        self.count = self.size = 0
        self.missing: list[str] = []
        self.damaged: list[str] = []

    def copy(self, database: Path) -> None:
        """Copy every file."""
        for key, digest in blobs(database):
            size = self._place.link(self._before, self._known, f"{DOCUMENTS}/{key}")
            if size is None:
                size = self._copied(key, digest)
            if size is not None:
                self.count += 1
                self.size += size
                self._progress(self.count)

    def _copied(self, key: str, digest: str) -> int | None:
        try:
            with self._opening(key) as stream:
                found, size = self._place.put(f"{DOCUMENTS}/{key}", stream)
        except NotFound:
            self.missing.append(key)
            return None
        if found != digest:
            self.damaged.append(CHANGED.format(place=f"{DOCUMENTS}/{key}"))
        return size


def _faults_of_integrity(database: Path) -> Iterator[str]:
    with closing(_open(database)) as connection:
        (answer,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if answer != "ok":
        yield _UNREADABLE.format(place=DATABASE, error=answer)


def _faults_of_database(folder: Path, progress: Progress) -> Iterator[str]:
    for fault in _faults_of_integrity(folder / DATABASE):
        yield fault
        return
    for n, (key, digest) in enumerate(blobs(folder / DATABASE), start=1):
        progress(n)
        file = folder / DOCUMENTS / key
        if not file.is_file():
            yield MISSING.format(place=f"{DOCUMENTS}/{key}")
        elif digest_of(file) != digest:
            yield CHANGED.format(place=f"{DOCUMENTS}/{key}")


def _open(database: Path) -> sqlite3.Connection:
    """Open *database* for reading alone."""
    if not database.is_file():
        raise Refused(f"{database}: there is no database")
    return sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)


def _copy(source: Path, to: Path) -> None:
    """Copy a file durably, with its mode."""
    with source.open("rb") as reader:
        write(reader, to, mode=stat.S_IMODE(os.fstat(reader.fileno()).st_mode))


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
