"""Looking into folders."""

from pathlib import Path

from adapters.folder import Folder
from gateway.ports import Incoming


async def look(folder: Folder) -> list[Incoming]:
    return [item async for item in folder.receive()]


async def names(folder: Folder) -> list[str]:
    """Look twice and return the names that were found complete."""
    await look(folder)
    return [item.token.split("-", 3)[3] for item in await look(folder)]


def bytes_of(item: Incoming) -> bytes:
    with item.open() as chunks:
        return b"".join(chunks)


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
