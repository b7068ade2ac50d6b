"""Programs under measurement: started, waited for, looked at in `/proc`, stopped."""

import asyncio
import os
import socket
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

_START_S = 30.0
_STOP_S = 15.0
_TICK_S = 1.0 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A server of ours that listens on a port of this machine."""

    process: Process
    port: int

    def cpu_s(self) -> float:
        """Return the processor time that it and all it started have used, user and system, s."""
        return cpu_s(self.process.pid)

    def memory_mb(self, name: str) -> float:
        """Return a line of their memory in MB: ``VmRSS`` now, ``VmHWM`` the most ever.

        What the processes share is counted for each of them.
        """
        return sum(_memory_mb(process, "status", name) for process in self._processes())

    def proportional_mb(self) -> float:
        """Return their memory now in MB; what several of them share is counted once."""
        return sum(_memory_mb(process, "smaps_rollup", "Pss") for process in self._processes())

    def _processes(self) -> list[int]:
        return [*_family(self.process.pid)]


def cpu_s(process: int) -> float:
    """Return the processor time that *process* and all below it have used, user and system, s.

    What has ended meanwhile is counted, too.
    """
    return sum(cpu_s_of(str(each)) for each in _family(process))


def cpu_s_of(place: str) -> float:
    """Return the processor time of a process or thread, by its *place* in `/proc`, in seconds.

    With it that of its children that have ended.
    """
    fields = told(f"{place}/stat").rpartition(")")[2]
    return sum(int(each) for each in fields.split()[11:15]) * _TICK_S


def children(process: int | str) -> Iterator[int]:
    """Yield the processes that the threads of *process* have started and that live."""
    with suppress(FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
        for thread in Path(f"/proc/{process}/task").iterdir():
            yield from map(int, told(f"{process}/task/{thread.name}/children").split())


def told(place: str) -> str:
    """Return what a file of `/proc` says, nothing of a process that has ended meanwhile."""
    try:
        return Path(f"/proc/{place}").read_text("utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _family(process: int) -> Iterator[int]:
    """Yield *process* and all below it."""
    yield process
    for child in children(process):
        yield from _family(child)


def _memory_mb(process: int, file: str, name: str) -> float:
    for line in told(f"{process}/{file}").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    return 0.0


def free_port() -> int:
    """Return a TCP port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def serving(
    config_file: Path,
    *,
    port: int | None = None,
    processes: int | None = None,
    environment: Mapping[str, str] | None = None,
) -> AsyncIterator[Program]:
    """Run the node of *config_file*; its log lies beside the file."""
    port = port or free_port()
    arguments = ["-m", "gateway", "serve", "--config", str(config_file), "--port", str(port)]
    arguments += [] if processes is None else ["--processes", str(processes)]
    log = config_file.with_name(f"node-{port}.log")
    async with running(arguments, port=port, log=log, environment=environment) as program:
        yield program


@asynccontextmanager
async def running(
    arguments: Sequence[str],
    *,
    port: int,
    log: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> AsyncIterator[Program]:
    """Run ``python`` with *arguments* until it listens on *port*; stop it in the end."""
    program = await start(arguments, port=port, log=log, environment=environment)
    try:
        yield program
    finally:
        await stop(program.process)


async def start(
    arguments: Sequence[str],
    *,
    port: int,
    log: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Program:
    """Start ``python`` with *arguments*; return when it listens on *port*.

    Raises:
        RuntimeError: it ended before, or took too long.
    """
    sink = DEVNULL if log is None else os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *arguments,
            stdin=DEVNULL,
            stdout=sink,
            stderr=sink,
            env={**os.environ, **(environment or {})},
        )
    finally:
        if log is not None:
            os.close(sink)
    try:
        await until_listening(process, port)
    except BaseException:
        await stop(process)
        raise
    return Program(process=process, port=port)


async def until_listening(process: Process, port: int) -> None:
    """Wait until *process* answers on *port*; raise RuntimeError when it will not."""
    try:
        async with asyncio.timeout(_START_S):
            while not await _answers(port):
                if process.returncode is not None:
                    raise RuntimeError(f"the program ended with {process.returncode}")
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise RuntimeError(f"nothing listens on port {port}") from None


async def stop(process: Process) -> None:
    """End *process*: asked first, killed when it does not heed."""
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(_STOP_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


async def _answers(port: int) -> bool:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answered = await reader.read(1)
    except OSError:
        return False
    writer.close()
    return bool(answered)
