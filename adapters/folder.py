"""An office, or a neighbouring node, reached through a folder that both sides see.

Below the folder, as the public contract has it:

    in/<id>.edxml            messages for the office
    receipts/<id>.jws        receipts and recalls for the office
    out/<name>               what the office sends; it drops files here by rename
    out/<name>.refused.json  why one of them was refused; the file itself goes to out/refused/

Both sides write under a name that the other ignores and rename once the bytes are on disk, so
that nobody reads half a file. What the node took from ``out/`` is removed when the node's own
commit is on disk; a crash before that finds the file again. An id that lies in ``in/`` already is
a repeat and is left as it is. For an office a drop is an arrival, between nodes a handing over.

Two nodes share one folder: one is configured plainly, the other with the address ``reverse``, so
that the ``in/`` of one is the ``out/`` of the other. Receipts do not travel between nodes.

Every call to the file system runs in the one thread of its connection, so that a network disk
that hangs blocks its own office only.
"""

import asyncio
import heapq
import os
import re
import secrets
import stat
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from io import FileIO
from pathlib import Path
from typing import BinaryIO, TypeVar
from urllib.parse import quote, unquote_to_bytes

from gateway.domain.errors import Misconfigured, Refused, Unavailable
from gateway.ports import Clock, Destined, Handover, Incoming, Outcome, Packet

T = TypeVar("T")

REVERSE = "reverse"  #: the address of the node that reads ``in/`` and writes ``out/``
_CHUNK_BYTES = 256 * 1024
_AT_ONCE = 100  #: files that one look yields at most
_QUIET_S = 2.0  #: a file untouched for so long is complete at first sight
_STALE_S = 86400.0  #: temporary files of ours that a crash left behind are removed after a day
_LONGEST_NAME_BYTES = 255
_REFUSED = ".refused.json"
_UNFINISHED = (".tmp", ".part", ".partial", ".filepart")
_SAFE_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,127}")
_TEMPORARY = re.compile(r"\.gateway-[0-9a-f]{16}\.tmp")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """What tells one file from another, or from itself after a change."""

    inode: int
    size: int
    mtime_ns: int


class Folder:
    """A connection to one folder; its class is the adapter."""

    api = 1
    takes_several = False
    directory = None

    def __init__(self, destined: Destined, clock: Clock) -> None:
        """Check the settings; missing folders are made when they are first used.

        Raises:
            Misconfigured: the folder is no absolute path, or an office is set to ``reverse``.
        """
        base = Path(destined.folder)
        if not base.is_absolute():
            raise Misconfigured(f"{destined.name} needs `folder`, the path that both sides see")
        reverse = destined.url == REVERSE
        if reverse and not destined.is_axis:
            raise Misconfigured(f"{destined.name} is an office: only an axis can be `reverse`")
        self._to_peer = base / ("out" if reverse else "in")
        self._from_peer = base / ("in" if reverse else "out")
        self._receipts = None if destined.is_axis else base / "receipts"
        self._folders = [base, self._to_peer, self._from_peer, self._from_peer / "refused"]
        self._folders += [self._receipts] if self._receipts else []
        self._destined = destined
        self._clock = clock
        self._looks: dict[str, _Look] = {}
        self._is_swept = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"folder-{destined.name}")

    @property
    def sender(self) -> "Folder":
        """Return the side that drops files."""
        return self

    @property
    def receiver(self) -> "Folder":
        """Return the side that picks files up."""
        return self

    async def send(self, packet: Packet) -> Handover:
        """Drop *packet*; raise Unavailable for a full or missing disk, Refused for no place."""
        target = self._target(packet)
        await self._in_thread(partial(self._drop, packet, target))
        return Handover(arrived=not self._destined.is_axis)

    async def receive(self) -> AsyncIterator[Incoming]:
        """Yield up to 100 complete files, oldest first; raise Unavailable without the disk."""
        for name, look in await self._in_thread(self._complete):
            opened = partial(_opened, self._from_peer / name, look)
            yield Incoming(token=_token(name, look), open=opened)

    async def confirm(self, item: Incoming, outcome: Outcome) -> None:
        """Remove an accepted file, put a refused one aside beside its report."""
        await self._in_thread(partial(self._let_go, item.token, outcome))

    async def aclose(self) -> None:
        """Start nothing more in the thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        where = f"thư mục của / the folder of {self._destined.name}"
        try:
            async with asyncio.timeout(self._destined.timeout_s):
                return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except TimeoutError as error:
            raise Unavailable(
                f"{where}: không trả lời kịp thời / did not answer in time"
            ) from error
        except OSError as error:
            raise Unavailable(f"{where}: {error.strerror}") from error

    def _target(self, packet: Packet) -> Path:
        if not _SAFE_ID.fullmatch(packet.id):
            raise Refused("the id of the packet cannot be a file name")
        if packet.media_type == "application/xml":
            return self._to_peer / f"{packet.id}.edxml"
        if packet.media_type == "application/jose" and self._receipts:
            return self._receipts / f"{packet.id}.jws"
        raise Refused(f"a folder has no place here for {packet.media_type}")

    # --- in the thread ---------------------------------------------------------------------------

    def _drop(self, packet: Packet, target: Path) -> None:
        self._make_folders()
        look = _look(target)
        if look is not None and look.size == packet.size:
            _sync(target.parent)  # the attempt before may have died between its rename and this
            return
        with packet.open() as chunks:
            _write(target, chunks, packet.size)

    def _complete(self) -> list[tuple[str, _Look]]:
        """Return the files that have been still: since the last look, or for a while."""
        self._make_folders()
        still_before_ns = (self._clock.now().timestamp() - _QUIET_S) * 1e9
        looks = _files(self._from_peer)
        complete = [
            (name, look)
            for name, look in looks.items()
            if look == self._looks.get(name) or look.mtime_ns <= still_before_ns
        ]
        self._looks = looks
        return heapq.nsmallest(_AT_ONCE, complete, key=lambda found: (found[1].mtime_ns, found[0]))

    def _let_go(self, token: str, outcome: Outcome) -> None:
        name, look = _untoken(token)
        path = self._from_peer / name
        if _look(path) != look:
            return  # confirmed before, or the office has put another file of that name
        if outcome.accepted:
            path.unlink(missing_ok=True)
        else:
            report = outcome.report or b"{}"
            _write(path.with_name(_report_name(name)), iter((report,)), len(report))
            path.replace(self._from_peer / "refused" / name)
            _sync(self._from_peer / "refused")
        _sync(self._from_peer)

    def _make_folders(self) -> None:
        for folder in self._folders:
            if not folder.is_dir():
                folder.mkdir(mode=0o750, parents=True, exist_ok=True)
                _sync(folder.parent)
        if not self._is_swept:
            stale_before = self._clock.now().timestamp() - _STALE_S
            for folder in self._folders[1:]:
                _sweep(folder, stale_before)
            self._is_swept = True


def _look(path: Path) -> _Look | None:
    """Return what lies at *path*, None when it is no regular file."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return None
    return _as_look(status)


def _as_look(status: os.stat_result) -> _Look | None:
    if not stat.S_ISREG(status.st_mode):
        return None
    return _Look(inode=status.st_ino, size=status.st_size, mtime_ns=status.st_mtime_ns)


def _files(folder: Path) -> dict[str, _Look]:
    """Return the files of *folder* that may be for us: not hidden, unfinished, empty, or ours."""
    found = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            name = entry.name.lower()
            if name.startswith(".") or name.endswith((*_UNFINISHED, _REFUSED)):
                continue
            look = _look(folder / entry.name)
            if look is not None and look.size and os.access(entry.path, os.R_OK):
                found[entry.name] = look
    return found


def _token(name: str, look: _Look) -> str:
    """Return a token in ASCII, whatever bytes the office has put into *name*."""
    return f"{look.inode}-{look.size}-{look.mtime_ns}-{quote(os.fsencode(name), safe='')}"


def _untoken(token: str) -> tuple[str, _Look]:
    inode, size, mtime_ns, quoted = token.split("-", 3)
    name = os.fsdecode(unquote_to_bytes(quoted))
    if "/" in name or name in {"", ".", ".."}:
        raise Refused("the token names no file")
    return name, _Look(inode=int(inode), size=int(size), mtime_ns=int(mtime_ns))


def _report_name(name: str) -> str:
    room = _LONGEST_NAME_BYTES - len(_REFUSED)
    return os.fsdecode(os.fsencode(name)[:room]) + _REFUSED


@contextmanager
def _opened(path: Path, look: _Look) -> Iterator[Iterator[bytes]]:
    """Open the file that was seen as *look*; a change raises Unavailable before or at its end."""
    try:
        # Not through a link that took its place, and without waiting for the writer of a pipe.
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise Unavailable("không mở được tệp nữa / the file cannot be opened any more") from error
    with FileIO(handle) as file:
        yield _chunks(file, look)


def _chunks(file: FileIO, look: _Look) -> Iterator[bytes]:
    try:
        while _as_look(os.fstat(file.fileno())) == look:
            chunk = file.read(_CHUNK_BYTES)
            if not chunk:
                return
            yield chunk
    except OSError as error:
        raise Unavailable("không đọc được tệp / the file cannot be read") from error
    raise Unavailable("tệp thay đổi trong khi đọc / the file changed while it was read")


def _write(target: Path, chunks: Iterator[bytes], size: int) -> None:
    """Let *target* appear with all its bytes on disk, or not at all."""
    temporary = target.with_name(f".gateway-{secrets.token_hex(8)}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    try:
        with os.fdopen(os.open(temporary, flags, 0o640), "wb") as file:
            _fill(file, chunks, size)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync(target.parent)


def _fill(file: BinaryIO, chunks: Iterator[bytes], size: int) -> None:
    file.writelines(chunks)
    if file.tell() != size:
        raise Unavailable("nội dung lưu không còn nguyên vẹn / the stored bytes are not whole")
    file.flush()
    os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Put the names in *folder* on disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sweep(folder: Path, stale_before: float) -> None:
    """Remove what our own interrupted writes left in *folder*."""
    for path in folder.iterdir():
        look = _look(path) if _TEMPORARY.fullmatch(path.name) else None
        if look is not None and look.mtime_ns < stale_before * 1e9:
            path.unlink(missing_ok=True)
