"""A node of one process that counts its processor time by stages: see `bench.profile`.

    python -m bench.staged CONFIG PORT FIGURES

The product knows nothing of this. Before it starts, the functions by which a document passes from
stage to stage are wrapped from outside; each counts what its thread computed in it, without what it
called of another stage. What remains of a thread is told by the thread's name. The figures, in
seconds, are written to FIGURES again and again.
"""

import functools
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec

from bench.processes import children, cpu_s_of, told
from gateway.config import load
from gateway.web.processes import run_node

_EVERY_S = 0.2
#: Stages by the functions that enter them, all called in one piece by one thread.
_ENTRANCES = {
    "gateway.web.multipart:FormReader.feed": "receiving",
    "gateway.web.multipart:FormReader.finish": "receiving",
    "gateway.pipeline.reception:FileReception.finish": "receiving",
    "gateway.pipeline.reception:MessageReception.write": "receiving",
    "gateway.pipeline.reception:MessageReception.finish": "receiving",
    "gateway.formats.inspection:Inspector.__call__": "inspection",
    "gateway.crypto.workers:Verification.__call__": "signature",
    "gateway.pipeline.examination:Examination.__call__": "rules",
    "gateway.bootstrap.envelopes:Composer.__call__": "composing",
    "gateway.storage.blobs:FolderBlobs.keep": "files",
    "gateway.storage.blobs:FolderBlobs.discard": "files",
    "gateway.pipeline.sealing:Sealing._signed": "receipts",
    "gateway.web.representation:Representation.document": "answering",
    "gateway.web.requests:json_response": "answering",
}
#: What is left of a thread, by the beginning of its name.
_THREADS = {
    "MainThread": "HTTP and event loop",
    "work": "rest of intake",
    "writer": "commit",
    "files": "hashing and writing",
    "reader": "reading the database",
}
#: What a process below does, by its name.
_WORKERS = {"verification": "signature", "inspection": "inspection"}

_counted: dict[int, defaultdict[str, float]] = {}  #: seconds by stage, by thread
_open: dict[int, list[float]] = {}  #: by thread, what was spent inside the stages that are open


def _staged(function: Callable[..., Any], stage: str) -> Callable[..., Any]:
    """Return *function*, whose time counts as *stage*."""

    @functools.wraps(function)
    def counted(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - whatever it takes and returns
        thread = threading.get_native_id()
        inside = _open.setdefault(thread, [])
        inside.append(0.0)
        begun = time.thread_time()
        try:
            return function(*args, **kwargs)
        finally:
            spent = time.thread_time() - begun
            own = spent - inside.pop()
            _counted.setdefault(thread, defaultdict(float))[stage] += own
            if inside:
                inside[-1] += spent

    return counted


def wrap() -> None:
    """Wrap every entrance, also under the names by which modules have imported it."""
    for place, stage in _ENTRANCES.items():
        module, _, path = place.partition(":")
        *owners, name = path.split(".")
        owner = functools.reduce(getattr, owners, import_module(module))
        before = getattr(owner, name)
        after = _staged(before, stage)
        setattr(owner, name, after)
        for known in [] if owners else list(sys.modules.values()):
            if getattr(known, name, None) is before:
                setattr(known, name, after)


def figures() -> dict[str, float]:
    """Return the processor time of the node by stage, in seconds."""
    totals: defaultdict[str, float] = defaultdict(float)
    for thread in threading.enumerate():
        number = thread.native_id or 0
        counted = dict(_counted.get(number, {}))
        for stage, spent in counted.items():
            totals[stage] += spent
        rest = next(
            (name for begin, name in _THREADS.items() if thread.name.startswith(begin)), "other"
        )
        totals[rest] += cpu_s_of(f"self/task/{number}") - sum(counted.values())
    for process in (
        each for nursery in children("self") for each in (nursery, *children(nursery))
    ):
        stage = _WORKERS.get(told(f"{process}/comm").strip(), "other")
        totals[f"{stage}, in its workers"] += cpu_s_of(str(process))
    return dict(totals)


def _tell(file: Path) -> None:
    """Write the figures to *file* for as long as the process lives."""
    while True:
        unfinished = file.with_suffix(".tmp")
        unfinished.write_bytes(msgspec.json.encode(figures()))
        unfinished.rename(file)
        time.sleep(_EVERY_S)


def main(config_file: Path, port: int, file: Path) -> None:
    """Run the node of *config_file* until it is told to stop."""
    wrap()
    threading.Thread(target=_tell, args=(file,), name="figures", daemon=True).start()
    run_node(load(config_file), host=None, port=port, processes=1)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
