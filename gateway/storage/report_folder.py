"""The folder of standing reports: a folder of its own for each period, whole or not at all."""

import hashlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from gateway.domain.errors import Unavailable


class ReportFolder:
    """See :class:`gateway.ports.ReportFiles`."""

    def __init__(self, folder: Path) -> None:
        """Keep reports in *folder*, which is made when the first comes."""
        self._folder = folder

    def place(self, period: str) -> str:
        """Return where the files of *period* are."""
        return str(self._folder / period)

    def put(self, period: str, files: Mapping[str, bytes]) -> dict[str, str]:
        """Write the files of *period* durably in the place of earlier ones; return digests."""
        partial = self._folder / f".{period}.{os.getpid()}.partial"
        try:
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir(parents=True)
            for name, content in files.items():
                with (partial / name).open("wb") as stream:
                    stream.write(content)
                    stream.flush()
                    os.fsync(stream.fileno())
            _sync(partial)
            shutil.rmtree(self._folder / period, ignore_errors=True)
            partial.rename(self._folder / period)
            _sync(self._folder)
        except OSError as error:
            raise Unavailable(f"the report cannot be written: {error}") from error
        return {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}

    def names(self, period: str) -> list[str]:
        """Return the names of the files of *period* in order."""
        try:
            return sorted(each.name for each in (self._folder / period).iterdir())
        except OSError:
            return []

    def read(self, period: str, name: str) -> bytes:
        """Return a file of *period*."""
        try:
            return (self._folder / period / name).read_bytes()
        except OSError as error:
            raise Unavailable(f"the report cannot be read: {error}") from error


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
