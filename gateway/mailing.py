"""Mail through the operator's server: SMTP with TLS, one message for each recipient."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from email.header import Header
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime, formataddr
from typing import Literal

import aiosmtplib

from gateway.domain.errors import Refused, Unavailable, UnavailableItem
from gateway.domain.mail import Letter

#: Lines end as RFC 5322 wants them.
LINES = compat32.clone(linesep="\r\n")
#: Answers from here on are final (RFC 5321 section 4.2.1).
_FINAL = 500
_LONGEST_REASON = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """See :class:`gateway.ports.MailServer`."""

    host: str
    port: int
    tls: Literal["starttls", "tls", "none"]
    context: ssl.SSLContext
    sender: str
    name: str  #: shown beside the address of the sender
    user: str = ""
    secret: str = ""
    timeout_s: float = 30.0

    @asynccontextmanager
    async def open(self) -> AsyncIterator["_Bag"]:
        """Connect; raise Unavailable when that cannot be."""
        client = aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            local_hostname=self.sender.rpartition("@")[2],
            timeout=self.timeout_s,
            use_tls=self.tls == "tls",
            start_tls=self.tls == "starttls",
            tls_context=None if self.tls == "none" else self.context,
        )
        try:
            await client.connect()
            if self.user:
                await client.login(self.user, self.secret)
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            client.close()
            raise Unavailable(f"the mail server does not take us: {_said(error)}") from error
        try:
            yield _Bag(client, self)
        finally:
            with suppress(aiosmtplib.SMTPException, OSError):
                await client.quit()
            client.close()


class _Bag:
    """See :class:`gateway.ports.Mailbag`."""

    def __init__(self, client: aiosmtplib.SMTP, server: SmtpServer) -> None:
        self._client = client
        self._server = server

    async def send(self, letter: Letter) -> None:
        """Hand *letter* to the server; see the protocol for what it raises."""
        message = written(letter, sender=self._server.sender, name=self._server.name)
        try:
            await self._client.sendmail(self._server.sender, [letter.recipient], message)
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _judged(error.recipients[0]) from error
        except aiosmtplib.SMTPDataError as error:
            raise _judged(error) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise Unavailable(f"the mail server broke off: {_said(error)}") from error


def written(letter: Letter, *, sender: str, name: str) -> bytes:
    """Return *letter* as it goes over the wire: ASCII, UTF-8 inside, for people only (RFC 3834).

    Heads are encoded here as a whole: the newer classes of the library lose spaces between the
    words of a long Vietnamese subject.
    """
    message = MIMEText(letter.body, "plain", "utf-8")
    message["From"] = formataddr((name, sender), "utf-8")
    message["To"] = letter.recipient
    message["Subject"] = Header(letter.subject, "utf-8", header_name="Subject").encode()
    message["Date"] = format_datetime(letter.at)
    message["Message-ID"] = f"<{letter.message_id}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = "vi, en"
    return message.as_bytes(policy=LINES)


def _judged(error: aiosmtplib.SMTPResponseException) -> Refused | Unavailable:
    """Return whether the server never takes this message, or only not now."""
    text = f"the mail server answered {error.code}: {error.message}"[:_LONGEST_REASON]
    if error.code == aiosmtplib.SMTPStatus.domain_unavailable:  # 421: it closes the connection
        return Unavailable(text)
    return Refused(text) if error.code >= _FINAL else UnavailableItem(text)


def _said(error: Exception) -> str:
    """Return what an error says; an answer of a server, never what was sent to it."""
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"{error.code} {error.message}"[:_LONGEST_REASON]
    return f"{type(error).__name__}: {error}"[:_LONGEST_REASON]
