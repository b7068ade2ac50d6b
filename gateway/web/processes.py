"""The processes of one node on one machine: one opens the sockets, as many as told serve them.

The first process makes sure of the data, listens, and forks. It serves nothing itself: it starts a
process again that died, passes SIGTERM on, and takes all of them with it when it is killed. The
first of its children has the duties beside the door (relay, receivers, housekeeping).
"""

import asyncio
import ctypes
import gc
import os
import shutil
import signal
import socket
import ssl
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from types import FrameType
from typing import NoReturn

import structlog
import uvloop
from msgspec.structs import replace

from gateway.bootstrap.equipment import data_folder, note_address, only_one
from gateway.bootstrap.gateway import open_gateway
from gateway.bootstrap.recovery import recover
from gateway.bootstrap.tracing import check_traces
from gateway.bootstrap.workers import nursery_of_workers
from gateway.config import Config
from gateway.domain.errors import GatewayError
from gateway.processes import Nursery
from gateway.web.connections import raise_file_limit
from gateway.web.crowd import Crowd, Place
from gateway.web.listening import check_listen, listen, where
from gateway.web.metrics import count_together
from gateway.web.peer_door import PeerDoor, open_peer_door
from gateway.web.server import serve

log = structlog.get_logger()

#: What a stop may take until the rest is killed, seconds; a stop is promised within ten.
_STOP_S = 9
#: What the processes of a node that was killed may take to end, seconds.
_ENDING_S = 3.0
#: A process that dies sooner than this after its start is started again only so many times.
_SHORT_LIFE_S = 5.0
_SHORT_LIVES = 3
_PR_SET_PDEATHSIG = 1
_HANDLED = (signal.SIGTERM, signal.SIGINT, signal.SIGALRM)


def available_processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0))


def run_node(config: Config, *, host: str | None, port: int | None, processes: int) -> int:
    """Run the node of *config* with so many *processes* until it is told to stop.

    Returns the code to exit with.

    Raises:
        Misconfigured: it cannot run so.
    """
    raise_file_limit()
    address = host or config.http.host
    with only_one(config, patience_s=_ENDING_S):
        tls = check_listen(config, address)
        if config.traces.endpoint:
            check_traces(config)
        swept = _prepared(config) if processes == 1 else _prepared_apart(config)
        if swept:
            log.info("files of no document were set aside", files=swept)
        sockets = listen(address, config.http.port if port is None else port)
        note_address(config, where(sockets[0], tls))
        peers = open_peer_door(config, address)
        if processes == 1:
            uvloop.run(serve(config, sockets, tls, duties=True, processes=1, peers=peers))
            return 0
        meters = data_folder(config) / "meters"
        shutil.rmtree(meters, ignore_errors=True)
        meters.mkdir(mode=0o700)
        with closing(nursery_of_workers()) as nursery:
            nursery.warm()
            return _Family(
                config=config,
                sockets=sockets,
                tls=tls,
                peers=peers,
                processes=processes,
                meters=meters,
                crowd=Crowd(processes),
                nursery=nursery,
            ).run()


def _prepared_apart(config: Config) -> int:
    """Make sure of the data in a process of its own, so that this one has no threads to fork."""
    with ProcessPoolExecutor(1, mp_context=get_context("fork")) as apart:
        return apart.submit(_prepared, config).result()


def _prepared(config: Config) -> int:
    return asyncio.run(_prepare(config))


async def _prepare(config: Config) -> int:
    async with open_gateway(config) as gateway:
        return await recover(gateway)


def _share(config: Config, processes: int) -> Config:
    """Return the settings of one of *processes*: what the node has so many of, they share."""
    inspectors = max(1, config.limits.inspectors // processes)
    workers = max(1, config.signatures.workers // processes)
    return replace(
        config,
        limits=replace(config.limits, inspectors=inspectors),
        signatures=replace(config.signatures, workers=workers),
    )


@dataclass(slots=True, kw_only=True)
class _Family:
    """A parent and its children."""

    config: Config
    sockets: Sequence[socket.socket]
    tls: ssl.SSLContext | None
    peers: PeerDoor | None
    processes: int
    meters: Path  #: folder in which all count
    crowd: Crowd
    nursery: Nursery
    _children: dict[int, int] = field(default_factory=dict)  #: place by process id
    _born: dict[int, float] = field(default_factory=dict)  #: by place
    _short_lives: Counter[int] = field(default_factory=Counter)  #: in a row, by place
    _stopping: bool = False

    def run(self) -> int:
        """Start everybody; return when all have ended."""
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._stop)
        signal.signal(signal.SIGALRM, self._kill)
        code = 0
        gc.collect()
        gc.freeze()  # what the collector does not look at stays shared by all
        for place in range(self.processes):
            self._start(place)
        while self._children:
            ended, status = os.wait()
            if ended not in self._children:  # the nursery: who needs it starts another
                continue
            place = self._children.pop(ended)
            if not self._stopping and not self._again(place, status):
                code = 1
                self._stop(signal.SIGTERM, None)
        return code

    def _start(self, place: int) -> None:
        self._born[place] = time.monotonic()
        signal.pthread_sigmask(
            signal.SIG_BLOCK, _HANDLED
        )  # until the child is known, and is itself
        parent, child = os.getpid(), os.fork()
        if child == 0:
            self._live(place, parent)
        self._children[child] = place
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _HANDLED)

    def _live(self, place: int, parent: int) -> NoReturn:
        """Be a child: serve, and never return into what the parent was doing."""
        _die_with(parent)
        code = 1
        try:
            for name in _HANDLED:
                signal.signal(name, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _HANDLED)
            count_together(self.meters, place)
            uvloop.run(
                serve(
                    _share(self.config, self.processes),
                    self.sockets,
                    self.tls,
                    duties=place == 0,
                    processes=self.processes,
                    peers=self.peers,
                    place=Place(self.crowd, place),
                    nursery=self.nursery,
                )
            )
            code = 0
        except GatewayError as error:
            log.error("a process cannot serve", reason=error.message)  # noqa: TRY400 - the reason is all there is
        except BaseException:
            log.exception("a process broke")
        finally:
            sys.stdout.flush()
            os._exit(code)

    def _again(self, place: int, status: int) -> bool:
        """Start the child of *place* again; False when that leads nowhere."""
        lived = time.monotonic() - self._born[place]
        self._short_lives[place] = self._short_lives[place] + 1 if lived < _SHORT_LIFE_S else 0
        code = os.waitstatus_to_exitcode(status)
        log.error("a process ended by itself", place=place, code=code, lived_s=round(lived, 1))
        if self._short_lives[place] >= _SHORT_LIVES:
            return False
        self._start(place)
        return True

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        if not self._stopping:
            signal.alarm(_STOP_S)
        self._stopping = True
        self._tell(signal.SIGTERM)

    def _kill(self, _number: int, _frame: FrameType | None) -> None:
        self._tell(signal.SIGKILL)

    def _tell(self, number: int) -> None:
        for child in tuple(self._children):
            os.kill(child, number)


def _die_with(parent: int) -> None:
    """Let the system kill this process when its *parent* ends, however it ends."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
