"""A bucket of an S3-compatible server, through obstore: the one place that knows its errors.

Every request is bounded in time and repeated with growing pauses while the server fails. What is
put is signed with its SHA-256 and carries it as a checksum, so that a server takes the very bytes
or refuses. All calls block: never on the event loop. The threads of obstore do not live on in a
forked process: whoever forks must not have used a bucket before.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, BinaryIO, TypeVar

import obstore
import structlog
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import S3Store

from gateway.domain.errors import Misconfigured, NotFound, Unavailable

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig, S3Config

#: The size of a part, and up to which a file is put in one request. Servers want 5 MB at least.
PART_BYTES = 5 << 20
#: Parts of one large file on their way at once, and large files at once: they bound the memory.
_PARTS_AT_ONCE, _LARGE_AT_ONCE = 2, 2
#: After a failure nothing is asked for so long; then one looks, and the others wait for its news.
_PAUSE_S, _LOOK_S = 2.0, 10.0
#: A read that fails sooner held nobody up, and may be the fault of one object.
_SOON_S = 1.0
#: How long a failing request is repeated.
_RETRIES: "RetryConfig" = {
    "max_retries": 5,
    "backoff": {
        "init_backoff": timedelta(milliseconds=100),
        "max_backoff": timedelta(seconds=1),
        "base": 2,
    },
    "retry_timeout": timedelta(seconds=4),
}

log = structlog.get_logger()
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a bucket is, and how it is spoken with."""

    bucket: str
    prefix: str
    endpoint: str  #: empty: Amazon's
    region: str
    access_key: str | None = None  #: None: from the environment, as other clients of S3 do
    secret_key: str | None = None
    encryption: str = ""  #: what the server is told to encrypt with; empty: as it does by itself
    encryption_key: str = ""  #: name of the key at the server's key service
    authorities: str | None = None  #: PEM of the authorities believed there
    conditional: bool = True  #: whether it can be told to create only
    timeout_s: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One object as a listing shows it."""

    key: str
    modified_at: datetime  #: by the clock of the server


class _Gate:
    """Keeps callers from waiting, one after another, for a server that does not answer."""

    def __init__(self) -> None:
        self._shut_until: float | None = None

    @property
    def is_shut(self) -> bool:
        return self._shut_until is not None and time.monotonic() < self._shut_until

    def enter(self) -> bool:
        """Whether to go ahead; who does so behind a pause looks for the others."""
        if self.is_shut:
            return False
        if self._shut_until is not None:
            self._shut_until = time.monotonic() + _LOOK_S
        return True

    def open(self) -> None:
        self._shut_until = None

    def shut(self) -> None:
        self._shut_until = time.monotonic() + _PAUSE_S


class Bucket:
    """The objects below one prefix."""

    def __init__(self, place: Place) -> None:
        """Speak with *place*; nothing is asked yet. Raises Misconfigured."""
        self.name = f"s3://{place.bucket}/{place.prefix}".rstrip("/")
        self._mode = "create" if place.conditional else "overwrite"
        self._large = BoundedSemaphore(_LARGE_AT_ONCE)
        self._writes, self._reads = _Gate(), _Gate()
        try:
            self._store = _open(place)
        except (BaseError, ValueError) as error:
            raise Misconfigured(f"{self.name}: {reason_of(error)}") from error

    def check(self) -> None:
        """Raise Unavailable while it is known to take nothing."""
        if self._writes.is_shut:
            raise _unavailable()

    def put(self, key: str, content: BinaryIO, size: int) -> None:
        """Put *content* of *size* bytes under a new *key*; return once the server has it."""
        self.check()
        if size <= PART_BYTES:
            self._writing(lambda: self._put_whole(key, content.read()))
            return
        with self._large:
            self.check()  # it may have failed while this one waited
            self._writing(
                lambda: obstore.put(
                    self._store,
                    key,
                    content,
                    use_multipart=True,
                    chunk_size=PART_BYTES,
                    max_concurrency=_PARTS_AT_ONCE,
                )
            )

    def write(self, key: str, content: bytes) -> None:
        """Put *content* under *key*, over what is there."""
        self._writing(lambda: obstore.put(self._store, key, content, mode="overwrite"))

    def size(self, key: str) -> int:
        """Return how many bytes *key* has; raise NotFound without it."""
        return int(self._reading(key, lambda: obstore.head(self._store, key))["size"])

    def modified_at(self, key: str) -> datetime:
        """Return when *key* was put, by the clock of the server; raise NotFound without it."""
        return self._reading(key, lambda: obstore.head(self._store, key))["last_modified"]

    def read(self, key: str, start: int, length: int) -> bytes:
        """Return *length* bytes of *key*, which has them, from *start*."""
        return self._reading(
            key,
            lambda: bytes(obstore.get_range(self._store, key, start=start, length=length)),
        )

    def delete(self, key: str) -> None:
        """Remove *key*, whether it is there or not."""
        self._writing(lambda: self._remove(key))

    def move(self, key: str, to: str) -> None:
        """Give the object *key* another name; nothing when it is not there."""
        self._writing(lambda: self._rename(key, to))

    def listing(self, prefix: str = "", *, after: str = "") -> Iterator[Entry]:
        """Yield what is below *prefix*, a whole step or several, behind *after*, in order of keys."""
        pages = self._reading(
            prefix, lambda: iter(obstore.list(self._store, prefix or None, offset=after or None))
        )
        while page := self._reading(prefix, lambda: next(pages, None)):
            for each in page:
                if each["path"] > after:  # not every server begins where it is told
                    yield Entry(key=each["path"], modified_at=each["last_modified"])

    def _remove(self, key: str) -> None:
        with suppress(FileNotFoundError):
            obstore.delete(self._store, key)

    def _rename(self, key: str, to: str) -> None:
        with suppress(FileNotFoundError):
            obstore.copy(self._store, key, to)
            obstore.delete(self._store, key)

    def _put_whole(self, key: str, content: bytes) -> None:
        try:
            obstore.put(self._store, key, content, mode=self._mode, use_multipart=False)  # type: ignore[arg-type] # one of the two words
        except AlreadyExistsError as error:
            # Perhaps by our own first try, whose answer was lost.
            if self.size(key) != len(content) or self._other(key, content):
                raise Unavailable(f"{self.name}: {key} is there already") from error

    def _other(self, key: str, content: bytes) -> bool:
        return bool(content) and self.read(key, 0, len(content)) != content

    def _writing(self, work: Callable[[], object]) -> None:
        if not self._writes.enter():
            raise _unavailable()
        try:
            work()
        except Unavailable:
            self._writes.shut()
            raise
        except (BaseError, OSError) as error:
            self._writes.shut()
            log.error("a bucket takes nothing", bucket=self.name, reason=reason_of(error))  # noqa: TRY400 - the reason is told
            raise _unavailable() from error
        self._writes.open()

    def _reading(self, key: str, work: Callable[[], T]) -> T:
        if not self._reads.enter():
            raise _unavailable()
        begun = time.monotonic()
        try:
            result = work()
        except FileNotFoundError:
            self._reads.open()
            raise NotFound(f"the file {key} is not in the store") from None
        except (BaseError, OSError) as error:
            if time.monotonic() - begun > _SOON_S:
                self._reads.shut()
            log.error("a bucket does not answer", bucket=self.name, reason=reason_of(error))  # noqa: TRY400 - the reason is told
            raise _unavailable() from error
        self._reads.open()
        return result


def _unavailable() -> Unavailable:
    return Unavailable("the store of documents does not answer", retry_after_s=5.0)


def _open(place: Place) -> S3Store:
    client: ClientConfig = {
        "timeout": timedelta(seconds=place.timeout_s),
        "connect_timeout": timedelta(seconds=min(place.timeout_s, 3.0)),
        "allow_http": place.endpoint.startswith("http://"),
    }
    if place.authorities is not None:
        client["root_certificate"] = place.authorities
    config: S3Config = {
        "region": place.region,
        "checksum_algorithm": "SHA256",
        "disable_bulk_delete": True,  # not every server has it
    }
    if place.endpoint:
        config["endpoint"] = place.endpoint
    if place.access_key is not None and place.secret_key is not None:
        config["access_key_id"] = place.access_key
        config["secret_access_key"] = place.secret_key
    if place.encryption:
        config["server_side_encryption"] = place.encryption
    if place.encryption_key:
        config["sse_kms_key_id"] = place.encryption_key
    prefix = place.prefix or None
    return S3Store(
        place.bucket, prefix=prefix, config=config, client_options=client, retry_config=_RETRIES
    )


def reason_of(error: BaseException | None) -> str:
    """Return what the library says of *error*, for the operator."""
    return str(error).partition("\n")[0][:300]
