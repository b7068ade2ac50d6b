"""Peak memory of the node while 16 clients post attachments of 25 MB at once."""

import asyncio
from pathlib import Path

from bench.processes import free_port, running
from bench.results import Result
from bench.sites import make_site
from bench.throughput import press

CLIENTS = 16
ATTACHMENT_BYTES = 26_214_400
SECONDS = 6
MOST_MB = 200.0
#: Every process of the node has started then, with what it keeps beside it.
_SETTLE_S = 3.0
_KINDS = {"form": "multipart", "message": "edXML"}


async def measure(folder: Path) -> list[Result]:
    """Post to a fresh node by either form; return its peaks above idle."""
    return [await _peak(folder / kind, kind) for kind in _KINDS]


async def _peak(folder: Path, kind: str) -> Result:
    site = await asyncio.to_thread(make_site, folder)
    port = free_port()
    arguments = ["-m", "gateway", "serve", "--config", str(site.config_file), "--port", str(port)]
    async with running(arguments, port=port, log=folder / "node.log") as node:
        await asyncio.sleep(_SETTLE_S)
        idle_mb = node.memory_mb("VmRSS")
        turn = await press(
            node,
            token=site.tokens["H13.01"],
            clients=CLIENTS,
            seconds=SECONDS,
            size=ATTACHMENT_BYTES,
            kind=kind,
        )
        # VmHWM is the most the kernel ever counted: no sampling can miss it.
        peak_mb = node.memory_mb("VmHWM")
    return Result(
        name=f"peak memory over idle, 16 x 25 MB, {_KINDS[kind]}",
        value=peak_mb - idle_mb,
        unit="MB",
        most=MOST_MB,
        detail=f"idle {idle_mb:.0f} MB, peak {peak_mb:.0f} MB, {turn.per_second:.1f} documents/s",
    )
