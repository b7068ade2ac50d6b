"""Backups as folders: a consistent copy of the database, the files that it refers to, settings.

    NAME/manifest.jws    signed: what was copied when, and the digest of every file but documents
    NAME/gateway.db      the database at one moment
    NAME/documents/…     the files of documents; the database has the digest of each
    NAME/archive/…       the packages of documents whose content was removed
    NAME/settings/…      gateway.toml, config/, checkpoints, as they lie below the node's folder

Files of documents and packages never change, so a file that the backup before has is linked, not copied: every
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

from gateway.domain.errors import GatewayError, Unavailable
from gateway.storage.copied_files import (
    DOCUMENTS,
    PACKAGES,
    CopiedFiles,
    Progress,
    blobs,
    faults_of_files,
    open_database,
    packages,
)
from gateway.storage.copy_folder import (
    CHANGED,
    MISSING,
    CopyFolder,
    Turn,
    digest_of,
    write,
)

MANIFEST, DATABASE, SETTINGS = "manifest.jws", "gateway.db", "settings"

#: What is told of a backup that is not whole, in both languages.
_STRANGE = "{place}: tệp không thuộc bản sao lưu / it does not belong here"
_UNREADABLE = "{place}: không đọc được / it cannot be read: {error}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What is copied."""

    database: Callable[[Path], None]  #: writes a consistent copy of the database
    documents: Callable[[str], BinaryIO]  #: opens the file of a document; raises NotFound
    packages: Callable[[str], BinaryIO]  #: opens an archive package; raises NotFound
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
    packages: int = 0  #: archive packages


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
    copied = CopiedFiles(place, DOCUMENTS, source.documents, before, progress)
    copied.copy(blobs(database))
    packed = CopiedFiles(place, PACKAGES, source.packages, before, progress)
    packed.copy(packages(database))
    for name, identity in source.identity.items():
        place.put(f"{DOCUMENTS}/{name}", BytesIO(identity.encode()))
    damaged = [*copied.damaged, *packed.damaged]
    if source.encrypt is not None:
        damaged += _faults_of_integrity(database)
    sealed = place.seal()
    _sync_names(folder)
    return Copied(
        folder=folder,
        documents=copied.count,
        bytes=copied.size + packed.size,
        packages=packed.count,
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


def faults(
    folder: Path, digests: Mapping[str, str], *, packed: int | None, progress: Progress
) -> Iterator[str]:
    """Read everything in a backup again, with *packed* packages; yield what is wrong in sentences."""
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
        database = folder / DATABASE
        if broken := next(_faults_of_integrity(database), None):
            yield broken
            return
        yield from faults_of_files(folder, database, packed=packed, progress=progress)
    except sqlite3.Error as error:
        yield _UNREADABLE.format(place=DATABASE, error=error)


def list_backups(folder: Path) -> list[Path]:
    """Return the complete backups in *folder*, oldest first."""
    if not folder.is_dir():
        return []
    return sorted(each for each in folder.iterdir() if (each / MANIFEST).is_file())


def copy_database(database: Path, to: Path) -> None:
    """Write a consistent copy of the SQLite *database*; writers go on meanwhile."""
    with closing(open_database(database)) as source, closing(sqlite3.connect(to)) as target:
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


def copy_packages(folder: Path, to: Path) -> None:
    """Copy the archive packages of a backup to *to*; what lies there already stays."""
    for key, _ in packages(folder / DATABASE):
        if (folder / PACKAGES / key).is_file() and not (to / key).exists():
            _copy(folder / PACKAGES / key, to / key)
    if to.is_dir():
        _sync_names(to)


def _unnamed(folder: Path, digests: Mapping[str, str]) -> Iterator[str]:
    """Yield the files of settings that nobody signed for."""
    for file in sorted((folder / SETTINGS).rglob("*")):
        place = file.relative_to(folder).as_posix()
        if (file.is_file() or file.is_symlink()) and place not in digests:
            yield place


def _faults_of_integrity(database: Path) -> Iterator[str]:
    with closing(open_database(database)) as connection:
        (answer,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if answer != "ok":
        yield _UNREADABLE.format(place=DATABASE, error=answer)


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
