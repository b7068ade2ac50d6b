"""What an operator must see coming: queues, the store, disks, copies. Read when it is asked for.

Labels are bounded: of destinations and pull boxes only those are told where something waits, and
of these the first hundred.
"""

import asyncio
import shutil
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path

from prometheus_client.core import GaugeMetricFamily

from gateway.bootstrap.auditing import newest_checkpoint
from gateway.bootstrap.backup import newest_backup
from gateway.bootstrap.equipment import data_folder, database_file, is_alone
from gateway.bootstrap.gateway import Gateway
from gateway.domain.errors import Unavailable
from gateway.ports import LaneLoad, Transaction

#: What a look at the store may take; one that took longer is told as this.
_LOOK_S = 3.0
_MOST_LABELS = 100
#: Counting stops here: more is not more urgent.
_MOST_COUNTED = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """What the tables say at one moment."""

    lanes: Sequence[LaneLoad]
    boxes: Sequence[LaneLoad]
    failed: int
    held: int
    records: int  #: of the audit, in all chains
    begun: datetime | None  #: when the first was written


async def operating(gateway: Gateway) -> list[GaugeMetricFamily]:
    """Return the gauges of this moment."""
    now = gateway.clock.now()
    clock = asyncio.get_running_loop().time
    started = clock()
    look = await gateway.store.read(_look)
    read_s = clock() - started
    return [
        _info(),
        *_waiting(look, now),
        _gauge(
            "gateway_deliveries_failed",
            f"Deliveries that failed for good and rest, up to {_MOST_COUNTED}",
            look.failed,
        ),
        _gauge(
            "gateway_documents_held",
            f"Documents that wait for a decision, up to {_MOST_COUNTED}",
            look.held,
        ),
        _gauge("gateway_store_read_seconds", "Time that a look at the database took now", read_s),
        _gauge(
            "gateway_store_write_seconds",
            f"Time that an empty commit took now; {_LOOK_S:.0f}: it did not come through",
            await _timed(gateway.store.write(lambda _tx: None, rests_on=())),
        ),
        _gauge(
            "gateway_store_behind_seconds",
            "For how long the oldest unit of work waits to be written",
            gateway.store.behind_s(),
        ),
        *await gateway.run(partial(_of_files, gateway, look, now)),
    ]


def _look(tx: Transaction) -> _Look:
    return _Look(
        lanes=tx.overview.lanes(),
        boxes=tx.overview.boxes(_MOST_LABELS),
        failed=len(tx.overview.failed(_MOST_COUNTED)),
        held=len(tx.overview.held(_MOST_COUNTED)),
        records=sum(tx.audit.chains().values()),
        begun=tx.audit.began_at(),
    )


async def _timed(work: Awaitable[None]) -> float:
    """Return how long *work* took, at most the longest that a look may take."""
    clock = asyncio.get_running_loop().time
    started = clock()
    try:
        async with asyncio.timeout(_LOOK_S):
            await work
    except (TimeoutError, Unavailable):
        return _LOOK_S
    return clock() - started


def _waiting(look: _Look, now: datetime) -> Iterable[GaugeMetricFamily]:
    oldest_first = sorted(look.lanes, key=lambda each: each.oldest)[:_MOST_LABELS]
    yield from _loads("gateway_queue", "destination", "at a destination", oldest_first, now)
    yield from _loads(
        "gateway_pull_box", "agency", "in the pull box of an agency", look.boxes, now
    )


def _loads(
    name: str, label: str, place: str, loads: Iterable[LaneLoad], now: datetime
) -> Iterable[GaugeMetricFamily]:
    waiting = GaugeMetricFamily(f"{name}_waiting", f"What waits {place}", labels=[label])
    oldest = GaugeMetricFamily(
        f"{name}_oldest_seconds", f"How long the oldest has waited {place}", labels=[label]
    )
    for each in loads:
        waiting.add_metric([each.lane], each.waiting)
        oldest.add_metric([each.lane], max(0.0, (now - each.oldest).total_seconds()))
    return waiting, oldest


def _of_files(gateway: Gateway, look: _Look, now: datetime) -> list[GaugeMetricFamily]:
    """Return what the disks tell. Blocks."""
    config = gateway.config
    places = {"data": data_folder(config), "backup": config.path(config.backup.folder)}
    free = GaugeMetricFamily(
        "gateway_disk_free_bytes", "Free space of the disk where something lies", labels=["use"]
    )
    gauges = [free, _checkpoint_age(gateway, look, now)]
    if is_alone(config):
        database = database_file(config)
        places["database"] = database.parent
        size = sum(each.stat().st_size for each in database.parent.glob(f"{database.name}*"))
        gauges.append(_gauge("gateway_database_bytes", "Size of the database on disk", size))
        gauges += _backup_age(gateway, look, now)
    for use, folder in places.items():
        free.add_metric([use], shutil.disk_usage(_existing(folder)).free)
    return gauges


def _checkpoint_age(gateway: Gateway, look: _Look, now: datetime) -> GaugeMetricFamily:
    newest = newest_checkpoint(gateway.config)
    since = look.begun if newest is None else newest[1]
    is_behind = newest is None or newest[0] < look.records
    return _gauge(
        "gateway_checkpoint_age_seconds",
        "Since the end of the audit chain was signed last; 0: nothing was recorded since",
        _age(since, now) if is_behind else 0.0,
    )


def _backup_age(gateway: Gateway, look: _Look, now: datetime) -> Iterable[GaugeMetricFamily]:
    """Return the age of the newest backup; nothing where the node makes none by itself."""
    if gateway.config.backup.every_h:
        newest = newest_backup(gateway.config.path(gateway.config.backup.folder), now)
        yield _gauge(
            "gateway_backup_age_seconds",
            "Since the newest complete backup, or since the node was founded without one",
            _age(newest or look.begun, now),
        )


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())


def _existing(folder: Path) -> Path:
    """Return *folder*, or the nearest one above it that is there."""
    return next(each for each in (folder, *folder.parents) if each.is_dir())


def _info() -> GaugeMetricFamily:
    family = GaugeMetricFamily("gateway_info", "1, with the release that runs", labels=["version"])
    family.add_metric([version("liaison-gateway")], 1.0)
    return family


def _gauge(name: str, meaning: str, figure: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, meaning, value=figure)
