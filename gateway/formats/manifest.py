"""A manifest: SHA-256, size and path of every file of an export or an archive package, as CSV."""

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass

from gateway.domain.errors import Refused

MANIFEST = "manifest.csv"
_HEAD = ("sha256", "size", "path")
_DIGEST = re.compile("[0-9a-f]{64}")
_SIZE = re.compile("[0-9]{1,15}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file."""

    sha256: str
    size: int  #: bytes
    path: str  #: below the whole, with ``/``


def write_manifest(entries: Iterable[Entry]) -> str:
    """Return the manifest of *entries*."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_HEAD)
    writer.writerows((each.sha256, each.size, each.path) for each in entries)
    return text.getvalue()


def read_manifest(text: str) -> list[Entry]:
    """Return the entries of a manifest; raise Refused when it is none."""
    try:
        head, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
        entries = [_entry(row) for row in rows]
    except (csv.Error, ValueError) as error:
        raise Refused(f"{MANIFEST}: this is no manifest: {error}") from error
    paths = {each.path for each in entries}
    if tuple(head) != _HEAD or len(paths) != len(entries):
        raise Refused(
            f"{MANIFEST}: this is no manifest: another head, or a path that stands twice"
        )
    return entries


def _entry(row: list[str]) -> Entry:
    sha256, size, path = row
    if not _DIGEST.fullmatch(sha256) or not _SIZE.fullmatch(size):
        raise ValueError(f"a line is wrong: {','.join(row)[:200]}")
    return Entry(sha256=sha256, size=int(size), path=path)
