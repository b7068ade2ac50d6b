"""The files of one backup as they are written: plain, or each encrypted under its name and `.age`.

Of encrypted files the digests are listed in `sealed.csv`, so that whoever has no private key can
still tell that every file is as it was written.
"""

import csv
import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, cast

SEALED, SUFFIX = "sealed.csv", ".age"
#: What is told of a file of a backup that is not whole, in both languages.
MISSING = "{place}: thiếu tệp này / it is missing"
CHANGED = "{place}: tệp đã bị thay đổi / it was changed"
_CHUNK = 1 << 20

Turn = Callable[[BinaryIO, BinaryIO], None]


class CopyFolder:
    """A folder that is filled once, durably."""

    def __init__(self, folder: Path, *, encrypt: Turn | None) -> None:
        """Fill *folder*; None: with plain files."""
        self._folder = folder
        self._encrypt = encrypt
        self._sealed: dict[str, str] = {}

    def put(self, place: str, source: BinaryIO, *, mode: int = 0o640) -> tuple[str, int]:
        """Write what *source* gives to *place*; return SHA-256 and size of what was read."""
        if self._encrypt is None:
            return write(source, self._folder / place, mode=mode)
        reader, target = _Counted(source), self._folder / (place + SUFFIX)
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as stream:
            target.chmod(mode)
            writer = _Counted(stream)
            self._encrypt(cast("BinaryIO", reader), cast("BinaryIO", writer))
            stream.flush()
            os.fsync(stream.fileno())
        self._sealed[place + SUFFIX] = writer.digest
        return reader.digest, reader.size

    def copy(self, place: str, file: Path) -> str:
        """Copy *file* with its mode; return the SHA-256 of its bytes."""
        with file.open("rb") as reader:
            mode = stat.S_IMODE(os.fstat(reader.fileno()).st_mode)
            return self.put(place, reader, mode=mode)[0]

    def link(self, before: Path | None, known: dict[str, str], place: str) -> int | None:
        """Link a file of the backup *before*; return its size, None when that cannot be done.

        An encrypted one must be among those *known* by digest: it is then read again by it.
        """
        name = place if self._encrypt is None else place + SUFFIX
        if before is None or (self._encrypt is not None and name not in known):
            return None
        target = self._folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(before / name, target)
        except OSError:  # not there, or a file system without links
            return None
        if self._encrypt is not None:
            self._sealed[name] = known[name]
        return target.stat().st_size

    def seal(self) -> str:
        """Write the list of encrypted files; return its SHA-256, '' where files are plain."""
        if self._encrypt is None:
            return ""
        lines = "".join(f"{digest},{name}\n" for name, digest in sorted(self._sealed.items()))
        return write(BytesIO(lines.encode()), self._folder / SEALED)[0]


def listed(folder: Path) -> dict[str, str]:
    """Return the digests of the encrypted files of a backup by their place."""
    with (folder / SEALED).open(encoding="utf-8", newline="") as stream:
        return {row[1]: row[0] for row in csv.reader(stream) if len(row) > 1}


def sealed_faults(folder: Path, digest: str, progress: Callable[[int], None]) -> Iterator[str]:
    """Read every encrypted file of a backup; yield what is wrong, each a sentence.

    Args:
        folder: the backup.
        digest: SHA-256 of the list of its files.
        progress: is told the count of files that were read.
    """
    if not (folder / SEALED).is_file() or digest_of(folder / SEALED) != digest:
        yield CHANGED.format(place=SEALED)
        return
    for n, (name, expected) in enumerate(listed(folder).items(), start=1):
        progress(n)
        file = folder / name
        if not file.is_file():
            yield MISSING.format(place=name)
        elif digest_of(file) != expected:
            yield CHANGED.format(place=name)


def unseal(folder: Path, to: Path, decrypt: Turn) -> None:
    """Write the files of an encrypted backup to *to*, plain; raise OSError for the wrong key."""
    for name in listed(folder):
        source, target = folder / name, to / name.removesuffix(SUFFIX)
        target.parent.mkdir(parents=True, exist_ok=True)
        with source.open("rb") as reader, target.open("xb") as writer:
            target.chmod(stat.S_IMODE(os.fstat(reader.fileno()).st_mode))
            decrypt(reader, writer)


def write(source: BinaryIO, to: Path, *, mode: int = 0o640) -> tuple[str, int]:
    """Write what *source* gives durably; return its SHA-256, hex, and its size."""
    to.parent.mkdir(parents=True, exist_ok=True)
    reader = _Counted(source)
    with to.open("xb") as writer:
        to.chmod(mode)
        while chunk := reader.read(_CHUNK):
            writer.write(chunk)
        writer.flush()
        os.fsync(writer.fileno())
    return reader.digest, reader.size


def digest_of(file: Path) -> str:
    """Return the SHA-256 of a file, hex."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


class _Counted:
    """A stream that knows the digest and the size of what passed."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._hash = hashlib.sha256()
        self.size = 0

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()

    def read(self, size: int = -1) -> bytes:
        return self._passed(self._stream.read(size))

    def write(self, data: bytes) -> int:
        return self._stream.write(self._passed(data))

    def flush(self) -> None:
        self._stream.flush()

    def _passed(self, data: bytes) -> bytes:
        self._hash.update(data)
        self.size += len(data)
        return data
