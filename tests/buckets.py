"""Real S3 server programs for tests, each a process on loopback, and one way to break them.

``nanio`` checks credentials and writes over what is there whatever it is told; ``localbucket``
creates only when told so and believes everybody.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

from gateway.storage.bucket import Place
from tests.nodes import free_port

PROGRAMS = ("nanio", "localbucket")
BUCKET, KEY, SECRET = "van-ban", "test-access-key", "test-secret-key-of-the-bucket"
_START_S = 30.0
_DAY_S = 86_400


class BucketServer:
    """A server that can be stopped, halted and started again with what it has."""

    def __init__(self, program: str, folder: Path) -> None:
        """Keep the objects of one bucket in *folder*."""
        self.program = program
        self._folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        (folder / BUCKET).mkdir(parents=True)

    @property
    def endpoint(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

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
        program = str(Path(sys.executable).parent / self.program)
        where = ["--host", "127.0.0.1", "--port", str(self.port)]
        if self.program == "nanio":
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
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            time.sleep(0.05)
        raise TimeoutError(self.program)

    def stop(self) -> None:
        """Stop it as a crash does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def age(self, days: float, *, below: str = "") -> None:
        """Let the objects whose keys contain *below* be so many *days* older."""
        for file in self._folder.rglob("*"):
            if not file.is_file() or below not in str(file):
                continue
            if ".nanio-meta" in file.parts:
                said = json.loads(file.read_text("utf-8"))
                then = datetime.fromisoformat(said["last_modified"]) - timedelta(days=days)
                file.write_text(json.dumps(said | {"last_modified": then.isoformat()}), "utf-8")
            else:
                moment = file.stat().st_mtime - days * _DAY_S
                os.utime(file, (moment, moment))

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
