"""A disk that takes two milliseconds more for every fsync: `slow_fsync.c`, preloaded."""

import asyncio
import shutil
from collections.abc import Mapping
from pathlib import Path

_SOURCE = Path(__file__).with_name("slow_fsync.c")


async def slow_disk(folder: Path) -> Mapping[str, str] | None:
    """Build the library in *folder*; return the environment of a program on such a disk.

    None where there is no C compiler.

    Raises:
        RuntimeError: it cannot be compiled.
    """
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    library = folder / "slow_fsync.so"
    arguments = ("-shared", "-fPIC", "-O2", "-o", str(library), str(_SOURCE), "-ldl")
    process = await asyncio.create_subprocess_exec(compiler, *arguments)
    if await process.wait():
        raise RuntimeError(f"{_SOURCE.name} cannot be compiled")
    return {"LD_PRELOAD": str(library)}
