"""Mails about incidents and maintenance, what the node watches; and the way to the mail server."""

from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from gateway.domain.mail import Letter, Mail, MailCounts
from gateway.domain.trouble import Trouble


class Mails(Protocol):
    """Messages that wait to be sent, and what became of the others."""

    def put(self, telling: str, recipient: str, at: datetime, *, announcement: int = 0) -> None:
        """Let *recipient* be written to of a *telling*, once however often it is asked for.

        It is about the notice *announcement*, or about none.
        """

    def is_due(self, now: datetime) -> bool:
        """Whether there is something to claim; cheaper than to claim nothing."""

    def claim(self, now: datetime, until: datetime) -> Mail | None:
        """Take the message that has been due for the longest, until *until*."""

    def settle(
        self,
        mail: int,
        *,
        error: str | None,
        due_at: datetime,
        sent_at: datetime | None = None,
        failed_at: datetime | None = None,
    ) -> None:
        """Write down what became of an attempt."""

    def free(self, mail: int) -> None:
        """Give a message back that was not tried."""

    def free_all(self) -> None:
        """Give every message back: whoever had claimed one is gone."""

    def of(self, announcement: int, limit: int) -> list[Mail]:
        """Return the messages about a notice, oldest first."""

    def counts(self, announcement: int) -> MailCounts:
        """Return what became of the messages about a notice."""

    def waiting(self) -> int:
        """Return how many wait."""


class Troubles(Protocol):
    """What the node watches of itself, as far as it is, or lately was, ill."""

    def find(self, cause: str) -> Trouble | None:
        """Return what is known of one thing; None: it is well."""

    def all(self) -> list[Trouble]:
        """Return what is known of everything that is not well."""

    def put(self, trouble: Trouble) -> None:
        """Insert or overwrite."""

    def drop(self, cause: str) -> None:
        """Forget it: it is well."""


class Mailbag(Protocol):
    """An open way to the mail server."""

    async def send(self, letter: Letter) -> None:
        """Hand *letter* to the server.

        Raises:
            Refused: the server will never take it.
            UnavailableItem: it takes this one later, and others now.
            Unavailable: the server cannot be reached, or takes nothing now.
        """


class MailServer(Protocol):
    """The mail server of the operator."""

    def open(self) -> AbstractAsyncContextManager[Mailbag]:
        """Connect; raise Unavailable when that cannot be."""
