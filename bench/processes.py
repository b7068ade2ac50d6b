"""Programs under measurement: started, waited for, looked at in `/proc`, stopped."""

import asyncio
import os
import socket
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
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
        return sum(_memory_mb(process, name) for process in self._processes())

    def _processes(self) -> list[int]:
        return [*_family(self.process.pid)]


def cpu_s(process: int) -> float:
    """Return the processor time that *process* and all below it have used, user and system, s."""
    ticks = 0
    for each in _family(process):
        fields = Path(f"/proc/{each}/stat").read_text("utf-8").rpartition(")")[2]
        ticks += sum(int(field) for field in fields.split()[11:13])
    return ticks * _TICK_S


def _family(process: int) -> Iterator[int]:
    """Yield *process* and all below it; each of its threads may have started some."""
    yield process
    for task in Path(f"/proc/{process}/task").iterdir():
        for child in (task / "children").read_text("utf-8").split():
            yield from _family(int(child))


def _memory_mb(process: int, name: str) -> float:
    for line in Path(f"/proc/{process}/status").read_text("utf-8").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    raise LookupError(name)


def free_port() -> int:
    """Return a TCP port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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
