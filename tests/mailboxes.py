"""A mail server for tests: takes messages over SMTP on loopback and keeps them to be read."""

import asyncio
import email
import email.policy
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

_PATIENCE_S = 20.0
USER, PASSWORD = "lienthong", "mat-khau-thu"


@dataclass(slots=True, kw_only=True)
class Post:
    """One message as it came."""

    sender: str
    recipients: list[str]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        """Return it read as a mail program does."""
        read = email.message_from_bytes(self.raw, policy=email.policy.default)
        assert isinstance(read, EmailMessage)
        return read

    @property
    def subject(self) -> str:
        """Return the subject, decoded."""
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        """Return the body, decoded."""
        return str(self.message.get_content())


@dataclass(slots=True, kw_only=True)
class Mailboxes:
    """A server that runs; *answers* says what is answered to a recipient, None takes it."""

    port: int = 0
    posts: list[Post] = field(default_factory=list)
    answers: Callable[[str], str | None] = lambda _: None
    before_answer: Callable[[], None] = lambda: None
    logins: list[str] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a recipient, or not."""
        answer = self.answers(address)
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Keep a message."""
        content = envelope.content
        assert isinstance(content, bytes)
        self.posts.append(
            Post(
                sender=str(envelope.mail_from),
                recipients=list(envelope.rcpt_tos),
                raw=content,
            )
        )
        self.before_answer()
        return "250 taken"

    def to(self, address: str) -> list[Post]:
        """Return the messages to *address*, oldest first."""
        return [each for each in self.posts if address in each.recipients]

    async def expect(self, count: int) -> list[Post]:
        """Wait until there are *count* messages; return them."""
        async with asyncio.timeout(_PATIENCE_S):
            while len(self.posts) < count:  # noqa: ASYNC110 - a server in memory tells nobody
                await asyncio.sleep(0.02)
        return self.posts

    def let_in(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: object
    ) -> AuthResult:
        """Let in who knows the password."""
        assert isinstance(given, LoginPassword)
        self.logins.append(given.login.decode())
        known = (given.login.decode(), given.password.decode()) == (USER, PASSWORD)
        return AuthResult(success=known, handled=False)


@asynccontextmanager
async def mailboxes(
    *, tls: ssl.SSLContext | None = None, port: int = 0
) -> AsyncIterator[Mailboxes]:
    """Run a server; with *tls* only over STARTTLS and with a password."""
    boxes = Mailboxes()

    def protocol() -> SMTP:
        if tls is None:
            return SMTP(boxes, hostname="mail.test")
        return SMTP(
            boxes,
            hostname="mail.test",
            tls_context=tls,
            require_starttls=True,
            auth_required=True,
            authenticator=boxes.let_in,
        )

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", port)
    boxes.port = server.sockets[0].getsockname()[1]
    try:
        yield boxes
    finally:
        server.close()
        await server.wait_closed()


def by_mail(port: int, **more: object) -> dict[str, object]:
    """Return the section [notify] for the server at *port*."""
    return {
        "smtp_host": "127.0.0.1",
        "smtp_port": port,
        "smtp_tls": "none",
        "smtp_from": "lienthong@h13.example.gov.vn",
        "smtp_timeout_s": 5.0,
    } | more
