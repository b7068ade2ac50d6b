"""What is told of incidents and maintenance, equipped: whom, by what, and what the node watches."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from pathlib import Path

from gateway.config import Config, secret
from gateway.domain.announcements import Severity
from gateway.domain.directory import Directory
from gateway.domain.errors import Misconfigured
from gateway.domain.exchange import Caller
from gateway.domain.routing import Routes
from gateway.mailing import SmtpServer
from gateway.pipeline.announcements import Announcements
from gateway.pipeline.calling import Calling, Plan
from gateway.pipeline.posting import Posting, Sender
from gateway.pipeline.telling import Herald
from gateway.ports import Clock, MailServer, Run, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcing:
    """Every room of notices to everybody."""

    announcements: Announcements
    calling: Calling
    posting: Posting


def announcing(
    config: Config,
    *,
    store: Store,
    clock: Clock,
    zone: tzinfo,
    run: Run,
    routes: Routes,
    directory: Callable[[], Directory],
    node: Caller,
    server: MailServer | None,
) -> Announcing:
    """Bind the rooms to their equipment; *server* is None where nothing is sent from."""
    notify = config.notify
    herald = Herald(
        store=store,
        clock=clock,
        zone=zone,
        routes=routes,
        directory=directory,
        run=run,
        by_mail=bool(notify.smtp_host),
        also=notify.to,
    )
    return Announcing(
        announcements=Announcements(store=store, clock=clock, herald=herald),
        calling=Calling(
            store=store,
            clock=clock,
            herald=herald,
            plan=Plan(
                leads_h=notify.maintenance_h,
                contacts=notify.escalation,
                every=timedelta(minutes=notify.escalate_minutes),
                least=Severity(notify.escalate_from),
            ),
            node=node,
        ),
        posting=Posting(
            store=store,
            clock=clock,
            server=server,
            sender=Sender(
                node=config.node.code,
                name=config.node.name,
                host=notify.smtp_from.rpartition("@")[2],
                zone=zone,
            ),
            timeout_s=notify.smtp_timeout_s,
            deadline=timedelta(hours=notify.smtp_deadline_h),
        ),
    )


def mail_server(config: Config) -> MailServer | None:
    """Return the mail server of *config*, None where there is none.

    Raises:
        Misconfigured: its secret or the certificates to believe cannot be read.
    """
    notify = config.notify
    if not notify.smtp_host:
        return None
    file = config.path(notify.smtp_secret_file) if notify.smtp_secret_file else None
    return SmtpServer(
        host=notify.smtp_host,
        port=notify.smtp_port,
        tls=notify.smtp_tls,
        context=_believing(config.path(notify.smtp_ca_file) if notify.smtp_ca_file else None),
        sender=notify.smtp_from,
        name=config.node.name or config.node.code,
        user=notify.smtp_user,
        secret=secret(env=notify.smtp_secret_env, file=file) or "",
        timeout_s=notify.smtp_timeout_s,
    )


def _believing(file: Path | None) -> ssl.SSLContext:
    """Return how the server proves itself: by the authorities of *file*, or of the machine."""
    try:
        context = ssl.create_default_context(cafile=file)
    except (OSError, ssl.SSLError) as error:
        raise Misconfigured(f"{file}: no certificates to believe: {error}") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
