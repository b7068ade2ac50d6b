"""An archive package: a ZIP of what belonged to one document, with a manifest that a node signed.

manifest.csv         SHA-256, size and path of every other file but the signature
manifest.jws         what the node signed: whose document, by which rule, the manifest's SHA-256
document.json        the data, deliveries and history, as the REST API tells them
message.edxml        the message, byte for byte
attachments/         the files, each with its number in front
receipts.jws         every receipt, one JWS a line
signatures.json      what was found about the signatures; evidence/ has what that rests on
records.jsonl        the audit records about the document
"""

import hashlib
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from gateway.domain.errors import Refused
from gateway.formats.manifest import MANIFEST, Entry, read_manifest

SIGNATURE = "manifest.jws"
_CHUNK = 1 << 20
#: A manifest names a few dozen files.
_LARGEST_SMALL = 16 << 20
_DAMAGED = (
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zipfile.zlib.error,  # type: ignore[attr-defined] # the module of the inflater
)

OpenChunks = Callable[[], AbstractContextManager[Iterator[bytes]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A file of a package, and what opens its bytes."""

    entry: Entry
    open: OpenChunks


def in_memory(path: str, content: bytes) -> Member:
    """Return a member that is at hand."""

    @contextmanager
    def opened() -> Iterator[Iterator[bytes]]:
        yield iter((content,))

    digest = hashlib.sha256(content).hexdigest()
    return Member(entry=Entry(sha256=digest, size=len(content), path=path), open=opened)


def write_package(
    file: IO[bytes], *, manifest: str, signature: str, members: Iterable[Member]
) -> None:
    """Write a package into *file*."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(MANIFEST, manifest)
        package.writestr(SIGNATURE, signature)
        for each in members:
            info = zipfile.ZipInfo(each.entry.path)
            info.compress_type = zipfile.ZIP_DEFLATED
            with package.open(info, "w", force_zip64=True) as stream, each.open() as chunks:
                for chunk in chunks:
                    stream.write(chunk)


class Package:
    """An opened package."""

    def __init__(self, path: Path) -> None:
        """Open *path*; raise Refused when it is no package."""
        try:
            self._zip = zipfile.ZipFile(path)
        except _DAMAGED as error:
            raise Refused(f"{path}: this is no archive package: {error}") from error
        self._path = path
        self._names = self._zip.namelist()

    def close(self) -> None:
        """Close the file."""
        self._zip.close()

    def statement(self) -> tuple[str, str]:
        """Return the manifest and the JWS over it; raise Refused where they cannot be read."""
        try:
            manifest, signature = (self._small(each) for each in (MANIFEST, SIGNATURE))
            return manifest.decode("utf-8"), signature.decode("ascii").strip()
        except (KeyError, *_DAMAGED) as error:
            raise Refused(f"{self._path}: this is no archive package: {error}") from error

    def entries(self) -> list[Entry]:
        """Return what the manifest lists; raise Refused when it is none."""
        return read_manifest(self.statement()[0])

    def unlisted(self, entries: Sequence[Entry]) -> list[str]:
        """Return the files that the manifest does not list, and those that stand twice."""
        listed = {MANIFEST, SIGNATURE, *(each.path for each in entries)}
        twice = [name for name, times in Counter(self._names).items() if times > 1]
        return sorted({*self._names} - listed) + twice

    def digest(self, entry: Entry) -> str | None:
        """Return the SHA-256 of a file, None when it cannot be read; no more than stated is read."""
        digest, left = hashlib.sha256(), entry.size + 1
        try:
            with self._zip.open(entry.path) as stream:
                while left and (chunk := stream.read(min(_CHUNK, left))):
                    digest.update(chunk)
                    left -= len(chunk)
        except (KeyError, *_DAMAGED):
            return None
        return digest.hexdigest()

    def has(self, entry: Entry) -> bool:
        """Whether a file of that name is there."""
        return entry.path in self._names

    def _small(self, name: str) -> bytes:
        with self._zip.open(name) as stream:
            return stream.read(_LARGEST_SMALL)
