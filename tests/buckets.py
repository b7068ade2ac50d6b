"""Real S3 server programs for tests, each a process on loopback, and one way to break them.

``nanio`` checks credentials and writes over what is there whatever it is told; ``localbucket``
creates only when told so and believes everybody.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gateway.storage.bucket import Place
from tests.nodes import free_port

PROGRAMS = ("nanio", "localbucket")
BUCKET, KEY, SECRET = "van-ban", "test-access-key", "test-secret-key-of-the-bucket"
_START_S = 30.0


class BucketServer:
    """A server that can be stopped, halted and started again with what it has."""

    def __init__(self, program: str, folder: Path) -> None:
        """Keep the objects of one bucket in *folder*."""
        self._program = program
        self._folder = folder
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        (folder / BUCKET).mkdir(parents=True)

    @property
    def endpoint(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._port}"

    def place(self, prefix: str = "nut/h13", **changes: object) -> Place:
        """Return where its bucket is."""
        named = {"access_key": KEY, "secret_key": SECRET, "timeout_s": 2.0, **changes}
        return Place(
            bucket=BUCKET,
            prefix=prefix,
            endpoint=self.endpoint,
            region="us-east-1",
            **named,  # type: ignore[arg-type] # fields of the place
        )

    def start(self) -> None:
        """Start it; return when it answers."""
        program = str(Path(sys.executable).parent / self._program)
        where = ["--host", "127.0.0.1", "--port", str(self._port)]
        if self._program == "nanio":
            quiet = ["--log-level", "error", "--no-access-log"]
            command = [program, "serve", "--data-dir", str(self._folder), *where, *quiet]
        else:
            command = [program, str(self._folder), *where]
        self._process = subprocess.Popen(  # noqa: S603 - the command is ours
            command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "NANIO_ACCESS_KEY": KEY, "NANIO_SECRET_KEY": SECRET},
        )
        until = time.monotonic() + _START_S
        while time.monotonic() < until:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self._port), timeout=1):
                return
            time.sleep(0.05)
        raise TimeoutError(self._program)

    def stop(self) -> None:
        """Stop it as a crash does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    @contextmanager
    def halted(self) -> Iterator[None]:
        """Let it take connections and answer nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)


@contextmanager
def bucket_server(program: str, folder: Path) -> Iterator[BucketServer]:
    """Run *program* over *folder*; stop it in the end."""
    server = BucketServer(program, folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
