"""Checkpoint files: what the node signed about its audit chains, outside the database."""

import os
from pathlib import Path

from gateway.domain.errors import Unavailable

_SUFFIX = ".jws"


class CheckpointFolder:
    """See :class:`gateway.ports.Checkpoints`."""

    def __init__(self, folder: Path) -> None:
        """Keep the files in *folder*, which is made when the first comes."""
        self._folder = folder

    def all(self) -> dict[str, str]:
        """Return every checkpoint by its name, oldest first."""
        files = sorted(self._folder.glob(f"*{_SUFFIX}")) if self._folder.is_dir() else []
        return {file.name: file.read_text("ascii", "replace").strip() for file in files}

    def has(self, name: str) -> bool:
        """Whether a checkpoint of this *name* was written."""
        return (self._folder / f"{name}{_SUFFIX}").exists()

    def put(self, name: str, jws: str) -> None:
        """Write a checkpoint so that it is on the disk, whole or not at all."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            partial = self._folder / f".{name}.{os.getpid()}.partial"
            with partial.open("w", encoding="ascii") as stream:
                stream.write(jws + "\n")
                stream.flush()
                os.fsync(stream.fileno())
            partial.rename(self._folder / f"{name}{_SUFFIX}")
            descriptor = os.open(self._folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise Unavailable(f"the checkpoint cannot be written: {error}") from error
