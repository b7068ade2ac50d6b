"""Nodes to measure: a folder with configuration, keys, agencies and tokens, made in a moment."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import gateway as package
from gateway.bootstrap.administration import found, make_keys, open_rooms
from gateway.config import load
from gateway.domain.exchange import Caller, Role

ROOT = "H13"
#: Agencies of every node that is measured or tested, each with one office token.
AGENCIES = ("H13.01", "H13.02", "H13.03", "H13.04", "H13.05", "H13.06")
CALENDAR = Path(package.__file__).parent.parent / "config" / "calendar-vn.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A node on disk, and what opens it."""

    folder: Path
    tokens: dict[str, str]  #: by agency; ``admin`` and ``auditor`` by their role
    documents: Path  #: the folder of its blobs

    @property
    def config_file(self) -> Path:
        """Return the node's `gateway.toml`."""
        return self.folder / "gateway.toml"

    @property
    def database(self) -> Path:
        """Return the file of its database."""
        return self.folder / "data" / "gateway.db"


def make_site(
    folder: Path,
    *,
    settings: str = "",
    agencies: Sequence[str] = AGENCIES,
    documents: str = "data/documents",
    root: str = ROOT,
) -> Site:
    """Make a node in *folder*: *root*, *agencies*, a token each; *settings* is more TOML.

    *settings* may not open the tables ``node``, ``hours`` and ``keys``; *documents* is where they
    put the blobs.
    """
    folder.mkdir(parents=True, exist_ok=True)
    text = (
        f'[node]\ncode = "{root}"\nname = "Tỉnh Ví Dụ"\n\n'
        f"[hours]\ncalendar = [{json.dumps(str(CALENDAR))}]\n\n{settings}\n"
    )
    (folder / "gateway.toml").write_text(text, "utf-8")
    tokens = asyncio.run(_fill(folder / "gateway.toml", agencies, root))
    return Site(folder=folder, tokens=tokens, documents=folder / documents)


async def _fill(config_file: Path, agencies: Sequence[str], root: str) -> dict[str, str]:
    config = load(config_file)
    make_keys(config)
    caller = Caller(actor="cli", agency=root, role=Role.ADMIN)
    tokens = {}
    async with open_rooms(config) as gateway:
        await found(gateway, caller)
        for code in agencies:
            await gateway.agencies.add(caller, name=f"Sở thứ {code}", code=code)
            credential = await gateway.credentials.add(code, caller, name="office")
            tokens[code] = credential.token
        for role in (Role.ADMIN, Role.AUDITOR):
            credential = await gateway.credentials.add(root, caller, name=role.value, role=role)
            tokens[role.value] = credential.token
    return tokens
