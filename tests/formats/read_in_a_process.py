"""Reads one message in a process of its own and prints how far its memory grew, in kB."""

import hashlib
import json
import resource
import sys
import tempfile
from pathlib import Path
from typing import BinaryIO

sys.path.insert(0, str(Path(__file__).parents[2]))

from gateway.domain.document import Message
from gateway.formats.edxml import EdxmlReader


class _FileSpool:
    def __init__(self, n: int) -> None:
        self._n = n
        self._size = 0
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the process
        self._digest = hashlib.sha256()

    @property
    def key(self) -> str:
        return f"spool/{self._n}"

    @property
    def size(self) -> int:
        return self._size

    def write(self, chunk: bytes) -> None:
        self._size += len(chunk)
        self._digest.update(chunk)
        self._file.write(chunk)

    def finish(self) -> str:
        self._file.seek(0)
        return self._digest.hexdigest()

    def open(self) -> BinaryIO:
        return self._file

    def abandon(self) -> None:
        self._file.close()


def _peak_kb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _read(path: Path) -> tuple[int, int]:
    reader = EdxmlReader(_FileSpool, 26_214_400)
    with path.open("rb") as file:
        while chunk := file.read(65_536):
            reader.feed(chunk)
    reading = reader.close()
    size = reading.message.attachments[0].size if isinstance(reading.message, Message) else -1
    return size, len(reading.findings)


if __name__ == "__main__":
    before = _peak_kb()
    result = _read(Path(sys.argv[1]))
    sys.stdout.write(json.dumps([_peak_kb() - before, *result]))
