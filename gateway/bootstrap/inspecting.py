"""What looks into attached files, made from the configuration."""

from gateway.config import Config
from gateway.domain.inspection import Bounds
from gateway.formats.inspection import Inspector
from gateway.ports import Isolated
from gateway.processes import Nursery, Processes
from gateway.scanning import Clamd, host_and_port

#: Imported before the first worker is forked, so that none waits for it.
INSPECTING = ("gateway.formats.inspection",)


def archive_bounds(config: Config) -> Bounds:
    """Return how far archives are opened."""
    limits = config.limits
    return Bounds(
        members=limits.archive_entries,
        unpacked_bytes=limits.archive_mb << 20,
        ratio=limits.archive_ratio,
        depth=limits.archive_depth,
    )


def inspecting_processes(
    config: Config, *, count: int | None = None, nursery: Nursery | None = None
) -> Processes:
    """Return the room for what is risky to read; its workers start when they are needed.

    They are *count*, or as many as the configuration says, of *nursery* or one of their own.
    """
    limits = config.limits
    return Processes(
        count=count or limits.inspectors,
        timeout_s=limits.inspection_s,
        memory_mb=limits.inspection_mb,
        modules=INSPECTING,
        name="inspection",
        nursery=nursery,
    )


def inspector(config: Config, isolated: Isolated) -> Inspector:
    """Return what looks into files, with *isolated* for the risky ones."""
    return Inspector(isolated, archive_bounds(config), patience_s=config.limits.inspection_s)


def virus_scanner(config: Config) -> Clamd | None:
    """Return the scanner, None when none is configured; raise Misconfigured for a bad address."""
    address = config.screening.clamd
    if not address:
        return None
    if not address.startswith("unix:"):
        host_and_port(address)
    return Clamd(address=address, timeout_s=config.screening.clamd_timeout_s)
