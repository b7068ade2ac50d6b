"""Checkpoint files: what the node signed about its audit chains, outside the database."""

import os
from pathlib import Path
from uuid import uuid4

from gateway.domain.errors import Unavailable

_SUFFIX = ".jws"
#: Of a time stamp (RFC 3161, DER) over the checkpoint of the same name.
_STAMP = ".tsr"


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
        self._write(f"{name}{_SUFFIX}", f"{jws}\n".encode("ascii"))

    def stamps(self) -> dict[str, bytes]:
        """Return the time stamps, by the names of their checkpoints."""
        files = sorted(self._folder.glob(f"*{_STAMP}")) if self._folder.is_dir() else []
        return {f"{file.stem}{_SUFFIX}": file.read_bytes() for file in files}

    def put_stamp(self, name: str, token: bytes) -> None:
        """Write the time stamp of the checkpoint *name*, whole or not at all."""
        self._write(f"{name.removesuffix(_SUFFIX)}{_STAMP}", token)

    def _write(self, name: str, content: bytes) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            partial = self._folder / f".{name}.{uuid4().hex}.partial"
            with partial.open("wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            partial.rename(self._folder / name)
            descriptor = os.open(self._folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise Unavailable(f"the checkpoint cannot be written: {error}") from error
