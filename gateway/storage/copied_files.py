"""The files that a database refers to, in a backup of it: those of documents, and archive packages.

Neither ever changes. The database has the digest of each file of a document, and of the packages of
documents whose content was removed since digests of packages are kept there.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

from gateway.domain.errors import NotFound, Refused
from gateway.storage.copy_folder import CHANGED, MISSING, SEALED, CopyFolder, digest_of, listed

DOCUMENTS, PACKAGES = "documents", "archive"
#: Key and SHA-256 of every file of a document.
FILES = """
    SELECT attachment.blob, attachment.sha256 FROM attachment WHERE attachment.blob <> ''
    UNION SELECT envelope, sha256 FROM document WHERE envelope IS NOT NULL
"""
_ARCHIVED = """
    SELECT json_extract(removal, '$.package'), json_extract(removal, '$.package_sha256')
    FROM document WHERE json_extract(removal, '$.package') IS NOT NULL
"""
#: What is told of a backup that has not all the packages that it had.
_TOO_FEW = (
    "archive: còn {found} trong {expected} gói lưu trữ / {found} of {expected} packages left"
)

Progress = Callable[[int], None]
#: Key or place of a file, and its SHA-256 where that is known.
Listed = Iterable[tuple[str, str | None]]


def blobs(database: Path) -> Iterator[tuple[str, str]]:
    """Yield key and SHA-256 of every file of a document that *database* refers to."""
    with closing(open_database(database)) as connection:
        yield from connection.execute(FILES)


def packages(database: Path) -> Iterator[tuple[str, str | None]]:
    """Yield place and SHA-256, None where it is not known, of every archive package."""
    with closing(open_database(database)) as connection:
        yield from connection.execute(_ARCHIVED)


def open_database(database: Path) -> sqlite3.Connection:
    """Open *database* for reading alone; raise Refused when there is none."""
    if not database.is_file():
        raise Refused(f"{database}: there is no database")
    return sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)


class CopiedFiles:
    """Copies files below a folder of the backup, or links those that the backup before has."""

    def __init__(
        self,
        place: CopyFolder,
        folder: str,
        opening: Callable[[str], BinaryIO],
        before: Path | None,
        progress: Progress,
    ) -> None:
        """Copy what *opening* opens, or raises NotFound for, to *folder* of *place*."""
        self._place = place
        self._folder = folder
        self._opening = opening
        self._before = before
        self._progress = progress
        is_sealed = before is not None and (before / SEALED).is_file()
        self._known = listed(before) if before is not None and is_sealed else {}
        self.count = self.size = 0
        self.missing: list[str] = []
        self.damaged: list[str] = []

    def copy(self, files: Listed) -> None:
        """Copy every one of *files*."""
        for key, digest in files:
            size = self._place.link(self._before, self._known, f"{self._folder}/{key}")
            if size is None:
                size = self._copied(key, digest)
            if size is not None:
                self.count += 1
                self.size += size
                self._progress(self.count)

    def _copied(self, key: str, digest: str | None) -> int | None:
        try:
            with self._opening(key) as stream:
                found, size = self._place.put(f"{self._folder}/{key}", stream)
        except NotFound:
            self.missing.append(key)
            return None
        if found != (digest or found):
            self.damaged.append(CHANGED.format(place=f"{self._folder}/{key}"))
        return size


def faults_of_files(
    folder: Path, database: Path, *, packed: int | None, progress: Progress
) -> Iterator[str]:
    """Read the files of the backup *folder* again; yield what is wrong, each a sentence.

    Args:
        folder: the backup, its files plain.
        database: that of the backup.
        packed: how many packages it has; None: it is of a release that left them out.
        progress: is told the count of files that were read.
    """
    n = 0
    for n, (key, digest) in enumerate(blobs(database), start=1):
        progress(n)
        yield from _faults(folder, f"{DOCUMENTS}/{key}", digest)
    found = 0
    for key, known in packages(database) if packed is not None else ():
        if (folder / PACKAGES / key).is_file():
            found += 1
            progress(n + found)
            yield from _faults(folder, f"{PACKAGES}/{key}", known)
    if found < (packed or 0):
        yield _TOO_FEW.format(found=found, expected=packed)


def _faults(folder: Path, place: str, digest: str | None) -> Iterator[str]:
    if not (folder / place).is_file():
        yield MISSING.format(place=place)
    elif digest is not None and digest_of(folder / place) != digest:
        yield CHANGED.format(place=place)
