"""The check that needs no running node: its room with a scratch folder, for worker processes.

With a node's configuration the database is read as it is: nothing is made or changed there.
"""

import errno
import os
import stat
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

import msgspec

from gateway.bootstrap.calendars import Calendars
from gateway.bootstrap.connections import routes_of
from gateway.bootstrap.crew import Failed, work_off
from gateway.bootstrap.equipment import StandingClock, SystemClock
from gateway.bootstrap.inspecting import inspecting_processes, inspector, virus_scanner
from gateway.bootstrap.references import References, reference_at
from gateway.bootstrap.verification import verification, verifying_processes
from gateway.config import Config
from gateway.domain.directory import Directory
from gateway.domain.legal_value import DETACHED
from gateway.domain.rules.mechanism import Reference
from gateway.formats.edxml import EdxmlReader
from gateway.formats.edxml_names import xml_place
from gateway.formats.recognise import is_message
from gateway.pipeline.check import Check, Checked, Part
from gateway.pipeline.check_findings import UNEXAMINED, UNREADABLE
from gateway.pipeline.examination import Examination
from gateway.ports import Clock, Isolated, Store
from gateway.storage import is_founded, open_store
from gateway.storage.blobs import FolderBlobs

#: A file that takes longer is given up.
LIMIT_S = 25.0
#: And so is one that takes more memory.
LIMIT_MB = 240
_TIME = ("quá thời gian cho phép", "it took too long")
_MEMORY = ("cần quá nhiều bộ nhớ", "it took too much memory")
_DIED = ("chương trình kiểm tra dừng đột ngột", "the process that examined it died")
_REASONS = {
    errno.ENOENT: ("không có tệp này", "there is no such file"),
    errno.EISDIR: ("đây là thư mục", "it is a folder"),
    errno.EACCES: ("không có quyền đọc", "it may not be read"),
    errno.EINVAL: ("không phải tệp thường", "it is no regular file"),
    errno.ELOOP: ("liên kết vòng", "its links go in circles"),
    errno.ENAMETOOLONG: ("tên quá dài", "its name is too long"),
}


def knows_agencies(config: Config) -> bool:
    """Whether the node of *config* was founded, so that its directory can be asked."""
    return is_founded(config.storage.database, folder=config.folder)


def check_files(
    config: Config,
    files: Iterator[tuple[str, str]],
    *,
    with_node: bool,
    at: datetime | None,
    trust: tuple[Path, ...],
    workers: int,
) -> Generator[Checked, None, None]:
    """Check *files*, each a path and the name it is announced by; yield in their order.

    *with_node* asks the store of *config* about agencies and earlier documents, *at* is the moment
    of validation (now when None), *trust* stands in the place of the configured trust anchors.

    Raises:
        GatewayError: the configuration or the store cannot be used.
    """
    if trust:
        anchors = msgspec.structs.replace(
            config.signatures, trust=tuple(str(each.absolute()) for each in trust)
        )
        config = msgspec.structs.replace(config, signatures=anchors)
    clock = SystemClock() if at is None else StandingClock(at)
    with TemporaryDirectory(prefix="gateway-check-") as scratch:
        opened = partial(_opened, config, Path(scratch), clock, with_node=with_node)
        with closing(
            work_off(files, opened, workers=workers, limit_s=LIMIT_S, memory_mb=LIMIT_MB)
        ) as results:
            for result in results:
                yield _gave_up(result) if isinstance(result, Failed) else result


def _gave_up(failed: Failed) -> Checked:
    known = {Failed.TIME: _TIME, Failed.MEMORY: _MEMORY, Failed.DIED: _DIED}
    reason, reason_en = known.get(failed.reason, (failed.reason, failed.reason))
    return Checked(findings=(UNEXAMINED.finding("", reason=reason, reason_en=reason_en),))


@contextmanager
def _opened(
    config: Config, scratch: Path, clock: Clock, *, with_node: bool
) -> Iterator[Callable[[tuple[str, str]], Checked]]:
    """Equip the room in a process of its own."""
    with (
        TemporaryDirectory(dir=scratch) as folder,
        closing(inspecting_processes(config, count=1)) as inspecting,
        closing(verifying_processes(config, count=1)) as verifying,
    ):
        rooms = (inspecting, verifying)
        check = _room(config, Path(folder), clock, rooms, with_node=with_node)
        extensions = config.limits.extensions
        yield lambda file: _check_path(check, *file, extensions=extensions)


def _room(
    config: Config,
    scratch: Path,
    clock: Clock,
    rooms: tuple[Isolated, Isolated],
    *,
    with_node: bool,
) -> Check:
    """Equip the room; *rooms* are the one for inspection and the one for verification."""
    inspecting, verifying = rooms
    zone, routes = Calendars(config).zone, routes_of(config)
    blobs = FolderBlobs(scratch, checkpoint=lambda name: None)
    store: Store | None = None
    if with_node:
        store = open_store(
            config.storage.database,
            folder=config.folder,
            chain="main",
            zone=zone,
            checkpoint=lambda name: None,
        )
        reference: Callable[[], Reference] = References(
            config, store=store, clock=clock, routes=routes, zone=zone
        )
        reference()
    else:
        now = clock.now().astimezone(zone)
        reference = partial(reference_at(config, routes), now, Directory())
    file_bytes = config.limits.attachment_mb << 20
    return Check(
        examination=Examination(
            store=store,
            blobs=blobs,
            routes=routes,
            inspect=inspector(config, inspecting),
            verify=verification(config, blobs, verifying),
            scan=virus_scanner(config),
            xml_place=xml_place,
        ),
        blobs=blobs,
        clock=clock,
        reference=reference,
        open_reader=partial(EdxmlReader, attachment_limit=file_bytes + 1),
        is_message=is_message,
        file_bytes=file_bytes,
    )


def _check_path(check: Check, path: str, name: str, *, extensions: Sequence[str]) -> Checked:
    try:
        with ExitStack() as stack:
            part = _part(stack.enter_context(_open(path)), name)
            return check(part, _signed_by(path, name, extensions, stack))
    except OSError as error:
        fallback = (error.strerror or "?", error.strerror or "?")
        reason, reason_en = _REASONS.get(error.errno or 0, fallback)
        said = UNREADABLE.finding("", reason=reason, reason_en=reason_en)
        return Checked(findings=(said,))


def _part(file: BinaryIO, name: str) -> Part:
    return Part(file=file, name=name, size=os.fstat(file.fileno()).st_size)


def _signed_by(path: str, name: str, extensions: Sequence[str], stack: ExitStack) -> Part | None:
    """Open the file in the same folder that the CMS file *path* stands beside, None without one.

    ``a.pdf.p7s`` and ``a.p7s`` both stand beside ``a.pdf``.
    """
    stem, _, extension = name.rpartition(".")
    if extension.casefold() not in DETACHED:
        return None
    beside = os.path.splitext(path)[0]  # noqa: PTH122 - names may be no text
    for ending in ("", *(f".{each}" for each in extensions)):
        with suppress(OSError):
            return _part(stack.enter_context(_open(beside + ending)), stem + ending)
    return None


def _open(path: str) -> BinaryIO:
    """Open a regular file; a pipe or a device could be read for ever."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        kind = errno.EISDIR if Path(path).is_dir() else errno.EINVAL
        raise OSError(kind, os.strerror(kind))
    return os.fdopen(descriptor, "rb")
