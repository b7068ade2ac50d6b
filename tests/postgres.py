"""A PostgreSQL server for tests: made once in a folder of its own, a database for each test.

The programs of the server are taken from the path or from Debian's folders. Where there are none
the tests that need one are skipped aloud. A server refuses to run as root: then it runs as nobody.
"""

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import mkdtemp

import psycopg

_names = count(1)
#: Within so long every process of a server has taken a setting up.
_TAKEN_UP_S = 0.5
_FAST = "-c fsync=off -c shared_buffers=32MB -c max_connections=200 -c logging_collector=off"


def programs() -> Path | None:
    """Return the folder of the server's programs, None where there is none."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    return next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)


@contextmanager
def server(settings: str = _FAST) -> Iterator["Server"]:
    """Run a server on a socket in a folder of its own, with *settings*; stop it in the end."""
    folder = Path(mkdtemp(prefix="pg-", dir="/tmp"))
    running = Server(folder, settings)
    try:
        running.make()
        running.start()
        yield running
    finally:
        running.stop()
        shutil.rmtree(folder, ignore_errors=True)


class Server:
    """A server that can be stopped and started."""

    def __init__(self, folder: Path, settings: str = _FAST) -> None:
        """Keep everything in *folder*; run with *settings*."""
        self.folder = folder
        self._settings = settings
        self._data = folder / "data"

    def make(self) -> None:
        """Make the cluster."""
        self._give_up_folder()
        self._run("initdb", "-D", str(self._data), "-U", "postgres", "-A", "trust", "-N")

    @contextmanager
    def standby(self, *, named: str = "second") -> Iterator["Server"]:
        """Run a server that follows this one, until it is promoted; stop it in the end."""
        other = Server(Path(mkdtemp(prefix="pg-", dir="/tmp")))
        try:
            other._give_up_folder()
            source = f"host={self.folder} user=postgres application_name={named}"
            other._run("pg_basebackup", "-D", str(other._data), "-d", source, "-R", "-c", "fast")
            other.start()
            yield other
        finally:
            other.stop()
            shutil.rmtree(other.folder, ignore_errors=True)

    def process(self) -> int:
        """Return the number of its first process."""
        return int((self._data / "postmaster.pid").read_text("utf-8").splitlines()[0])

    def promote(self) -> None:
        """Let a standby take over."""
        self._run("pg_ctl", "-D", str(self._data), "-w", "promote")

    def set(self, name: str, value: str) -> None:
        """Change a setting of the server."""
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(f"ALTER SYSTEM SET {name} = '{value}'".encode())
            connection.execute("SELECT pg_reload_conf()")
        time.sleep(_TAKEN_UP_S)

    def with_standby(self, database: str, other: "Server") -> str:
        """Return the address of *database* on whichever of the two takes writes."""
        return (
            database.replace("host=", f"host={other.folder},") + "&target_session_attrs=read-write"
        )

    def start(self) -> None:
        """Start it."""
        options = f"-k {self.folder} -c listen_addresses='' {self._settings}"
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", str(self._data), "-l", log, "-o", options, "-w", "start")

    def stop(self, how: str = "immediate") -> None:
        """Stop it, as a crash does unless told otherwise."""
        self._run("pg_ctl", "-D", str(self._data), "-m", how, "-w", "stop", check=False)

    def database(self) -> str:
        """Make a database; return its address."""
        name = f"test{next(_names)}"
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self._url(name)

    def _url(self, name: str) -> str:
        return f"postgresql://postgres@/{name}?host={self.folder}"

    def _give_up_folder(self) -> None:
        """Let the server's user have the folder."""
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)

    def _run(self, program: str, *arguments: str, check: bool = True) -> None:
        folder = programs()
        assert folder is not None
        subprocess.run(  # noqa: S603 - the command is ours
            [str(folder / program), *arguments],
            check=check,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
            preexec_fn=_step_down(),
            timeout=120,
        )


def _step_down() -> Callable[[], None] | None:
    """Return what makes a process of root one of nobody."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")

    def step_down() -> None:
        os.setgroups([])
        os.setgid(nobody.pw_gid)
        os.setuid(nobody.pw_uid)

    return step_down
