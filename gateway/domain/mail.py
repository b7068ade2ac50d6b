"""Messages of the node by mail: whom they reach, and how long they are tried."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

#: Addresses as every mail server takes them (RFC 5321 section 4.1.2, without quoted forms).
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?"
)
_BETWEEN = re.compile(r"[\s,;]+")
#: After a first failure, and at most; pauses double in between.
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
_MOST_DOUBLINGS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One message to one address."""

    id: int
    telling: str  #: what it tells
    recipient: str
    created_at: datetime
    attempts: int = 0
    sent_at: datetime | None = None
    failed_at: datetime | None = None
    last_error: str | None = None

    @property
    def state(self) -> str:
        """Return ``waiting``, ``sent`` or ``failed``."""
        return "sent" if self.sent_at else "failed" if self.failed_at else "waiting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A text to be sent."""

    message_id: str  #: without brackets; the same however often it is sent
    recipient: str
    at: datetime  #: when it was written
    subject: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MailCounts:
    """What became of the messages about one notice."""

    total: int = 0
    sent: int = 0
    failed: int = 0

    @property
    def waiting(self) -> int:
        """Return how many are still to be sent."""
        return self.total - self.sent - self.failed


def is_address(text: str) -> bool:
    """Whether *text* is one mail address."""
    return _ADDRESS.fullmatch(text) is not None and ".." not in text


def addresses_in(text: str) -> Iterator[str]:
    """Yield the addresses that a person wrote into one field; what is none is passed over."""
    return (each for each in _BETWEEN.split(text) if is_address(each))


def distinct(addresses: Iterable[str]) -> list[str]:
    """Return *addresses*, each once however its letters are written, in their order."""
    first: dict[str, str] = {}
    for each in addresses:
        first.setdefault(each.lower(), each)
    return list(first.values())


def message_id(telling: str, recipient: str, *, node: str, host: str) -> str:
    """Return the identifier of a message (RFC 5322 section 3.6.4), without brackets.

    A server that gets the message again after a crash can tell by it.
    """
    reader = hashlib.sha256(recipient.lower().encode()).hexdigest()[:20]
    plain = re.sub(r"[^A-Za-z0-9-]+", "-", node).strip("-").lower()
    return f"{plain}.{telling}.{reader}@{host}"


def pause_after(attempts: int) -> timedelta:
    """Return how long a message waits after so many failures."""
    grown = _FIRST_PAUSE * 2.0 ** min(attempts - 1, _MOST_DOUBLINGS)
    return min(grown, _LONGEST_PAUSE)
