"""Disks that fill: a small tmpfs where mounting is permitted, a limit on the size of files."""

import asyncio
import resource
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallDisk:
    """A file system of its own."""

    path: Path

    async def resize(self, megabytes: int) -> None:
        """Make it larger: space is back."""
        assert await _run("mount", "-o", f"remount,size={megabytes}m", str(self.path)) == 0

    def fill(self) -> None:
        """Leave not one byte."""
        with (self.path / "ballast").open("ab", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(4096))


@asynccontextmanager
async def a_small_disk(path: Path, megabytes: int) -> AsyncIterator[SmallDisk]:
    """Mount a disk of *megabytes* at *path*; the test is skipped where that is not permitted."""
    await asyncio.to_thread(path.mkdir, parents=True)
    if await _run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(path)):
        pytest.skip("a tmpfs cannot be mounted here")
    try:
        yield SmallDisk(path=path)
    finally:
        await _run("umount", "--lazy", str(path))


@contextmanager
def files_limited(process: int, size: int) -> Iterator[None]:
    """Let no file of *process* grow beyond *size* bytes for a while."""
    before = resource.prlimit(process, resource.RLIMIT_FSIZE)
    resource.prlimit(process, resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.prlimit(process, resource.RLIMIT_FSIZE, before)


async def _run(*command: str) -> int:
    try:
        process = await asyncio.create_subprocess_exec(*command, stdout=DEVNULL, stderr=DEVNULL)
    except FileNotFoundError:
        return 127
    return await process.wait()
