"""A bundle of the audit record: a ZIP that proves itself without the node.

records.jsonl        the records, one a line in the form of RFC 8785, chain by chain
receipts.jsonl       {"document", "jws"} a line, the receipts of a document together
checkpoints/*.jws    what the node signed about its chains, the newest made for the bundle
stamps/*.tsr         time stamps (RFC 3161) over checkpoints
certificates/*.pem   the certificates of the keys that signed
authorities/*.pem    those of the authorities of the time stamps
segment.jws          of an archived segment: what the node signed about its place in the chain
"""

import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Self

from gateway.domain.errors import Refused

RECORDS, RECEIPTS = "records.jsonl", "receipts.jsonl"
CHECKPOINTS, CERTIFICATES = "checkpoints/", "certificates/"
STAMPS, AUTHORITIES, SEGMENT = "stamps/", "authorities/", "segment.jws"
#: Beyond this a line, or a small member, was not written by a node.
_LONGEST_LINE = 4 << 20
_MOST_SMALL = 100_000


def write_bundle(
    file: IO[bytes],
    *,
    records: Iterable[bytes],
    receipts: Iterable[tuple[str, str]],
    small: Mapping[str, bytes],
) -> int:
    """Write a bundle into *file*, with *small* members by their paths; return how many records."""
    count = 0
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as bundle:
        with bundle.open(RECORDS, "w", force_zip64=True) as stream:
            for record in records:
                stream.write(record + b"\n")
                count += 1
        with bundle.open(RECEIPTS, "w", force_zip64=True) as stream:
            for document, jws in receipts:
                line = json.dumps({"document": document, "jws": jws}, separators=(",", ":"))
                stream.write(line.encode() + b"\n")
        for path, content in small.items():
            bundle.writestr(path, content)
    return count


def below(folder: str, members: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return *members*, by their names, as small members of *folder*."""
    return {folder + name: content for name, content in members.items()}


class Bundle:
    """An opened bundle; lines are read as they are asked for."""

    def __init__(self, path: Path) -> None:
        """Open *path*; raise Refused when it is no bundle."""
        try:
            self._zip = zipfile.ZipFile(path)
            self._names = set(self._zip.namelist())
        except (OSError, zipfile.BadZipFile, ValueError) as error:
            raise _no_bundle(path, error) from error
        if not {RECORDS, RECEIPTS} <= self._names:
            self._zip.close()
            raise _no_bundle(path, f"it has no {RECORDS} or no {RECEIPTS}")
        self._path = path

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._zip.close()

    def records(self) -> Iterator[bytes]:
        """Yield the lines of the records."""
        return self._lines(RECORDS)

    def receipts(self) -> Iterator[tuple[str, str]]:
        """Yield document and JWS of the receipts."""
        for line in self._lines(RECEIPTS):
            try:
                entry = json.loads(line)
                yield str(entry["document"]), str(entry["jws"])
            except (ValueError, KeyError, TypeError, RecursionError) as error:
                raise _no_bundle(self._path, f"{RECEIPTS}: {error}") from error

    def small(self, folder: str) -> dict[str, bytes]:
        """Return the small members of *folder* by their names."""
        names = sorted(name for name in self._names if name.startswith(folder))[:_MOST_SMALL]
        found = {}
        for name in names:
            try:
                with self._zip.open(name) as stream:
                    found[name.removeprefix(folder)] = stream.read(_LONGEST_LINE)
            except _DAMAGED as error:
                raise _no_bundle(self._path, error) from error
        return found

    def _lines(self, name: str) -> Iterator[bytes]:
        try:
            with self._zip.open(name) as stream:
                while line := stream.readline(_LONGEST_LINE):
                    yield line
        except _DAMAGED as error:
            raise _no_bundle(self._path, error) from error


_DAMAGED = (OSError, EOFError, zipfile.BadZipFile, zipfile.LargeZipFile, RuntimeError, ValueError)


def _no_bundle(path: Path, why: object) -> Refused:
    return Refused(f"{path}: this is no bundle of audit records: {why}")
