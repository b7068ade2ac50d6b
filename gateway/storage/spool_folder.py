"""A folder for files on their way that one process has for itself, and that no crash leaves behind."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

_LOCK = ".lock"
_PREFIX = "process-"


@contextmanager
def own_folder(root: Path) -> Iterator[Path]:
    """Make a folder below *root*, remove it in the end; first those whose process has died.

    Nothing in it is ever needed by another process: what is kept lies elsewhere.
    """
    root.mkdir(parents=True, exist_ok=True)
    remove_left(root)
    folder = Path(mkdtemp(prefix=".new-", dir=root))
    descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        # Only with its lock held does it bear a name that others look at.
        folder = folder.rename(root / f"{_PREFIX}{folder.name.removeprefix('.new-')}")
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def remove_left(root: Path) -> None:
    """Remove the folders below *root* whose process has died."""
    for left in root.glob(f"{_PREFIX}*"):
        _remove_when_left(left)


def _remove_when_left(folder: Path) -> None:
    with suppress(OSError):
        descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(descriptor)
