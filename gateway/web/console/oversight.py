"""The addresses of administrators of the node and of auditors."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from gateway.web.console.announcing import AnnouncementPages
from gateway.web.console.auditing import AuditPages
from gateway.web.console.board import BoardPages
from gateway.web.console.calendar import CalendarPages
from gateway.web.console.credentials import CredentialPages
from gateway.web.console.directory import DirectoryPages
from gateway.web.console.guard import NODE_ADMINS, NODE_ADMINS_SEND, OVERSEERS, Access, Handler
from gateway.web.console.health import HealthPages
from gateway.web.console.pages import Pages
from gateway.web.console.reports import ReportPages
from gateway.web.console.statistics import StatisticsPages

Row = tuple[str, str, Handler, Access]


@dataclass(frozen=True, slots=True, kw_only=True)
class Oversight:
    """The handlers of these pages."""

    board: BoardPages
    directory: DirectoryPages
    credentials: CredentialPages
    calendar: CalendarPages
    notices: AnnouncementPages
    health: HealthPages
    audit: AuditPages
    statistics: StatisticsPages
    reports: ReportPages

    @classmethod
    def with_pages(cls, pages: Pages) -> Self:
        """Return the handlers, which render with *pages*."""
        return cls(
            board=BoardPages(pages),
            directory=DirectoryPages(pages),
            credentials=CredentialPages(pages),
            calendar=CalendarPages(pages),
            notices=AnnouncementPages(pages),
            health=HealthPages(pages),
            audit=AuditPages(pages),
            statistics=StatisticsPages(pages),
            reports=ReportPages(pages),
        )


def oversight_rows(to: Oversight, events: Handler) -> Sequence[Row]:
    """Return the table; *events* streams what happens at the node."""
    directory, credentials = "/admin/directory", "/admin/credentials"
    return [
        ("GET", "/admin/board", to.board.board, NODE_ADMINS),
        ("GET", "/admin/events", events, NODE_ADMINS),
        ("GET", "/admin/queue", to.board.queue, NODE_ADMINS),
        ("POST", "/admin/queue/{job}", to.board.act, NODE_ADMINS),
        ("POST", "/admin/destinations", to.board.try_lane, NODE_ADMINS),
        ("GET", "/admin/held", to.board.held, NODE_ADMINS),
        ("GET", "/admin/held/{id}", to.board.held_one, NODE_ADMINS),
        ("POST", "/admin/held/{id}", to.board.decide, NODE_ADMINS),
        ("GET", directory, to.directory.listing, NODE_ADMINS),
        ("GET", f"{directory}/new", to.directory.new, NODE_ADMINS),
        ("POST", f"{directory}/new", to.directory.add, NODE_ADMINS),
        ("GET", f"{directory}/export", to.directory.export, NODE_ADMINS),
        ("GET", f"{directory}/import", to.directory.import_form, NODE_ADMINS),
        ("POST", f"{directory}/import", to.directory.take_in, NODE_ADMINS_SEND),
        ("GET", f"{directory}/{{code}}", to.directory.one, NODE_ADMINS),
        ("POST", f"{directory}/{{code}}", to.directory.act, NODE_ADMINS),
        ("GET", credentials, to.credentials.listing, NODE_ADMINS),
        ("POST", credentials, to.credentials.add, NODE_ADMINS),
        ("POST", f"{credentials}/{{id}}", to.credentials.act, NODE_ADMINS),
        ("GET", "/admin/trust", to.credentials.trust, NODE_ADMINS),
        ("GET", "/admin/calendar", to.calendar.show, NODE_ADMINS),
        ("POST", "/admin/calendar", to.calendar.change, NODE_ADMINS),
        ("POST", "/admin/calendar/{id}", to.calendar.decide, NODE_ADMINS),
        ("GET", "/admin/notices", to.notices.listing, NODE_ADMINS),
        ("POST", "/admin/notices", to.notices.publish, NODE_ADMINS),
        ("POST", "/admin/notices/{id}", to.notices.end, NODE_ADMINS),
        ("POST", "/admin/notices/{id}/acknowledge", to.notices.acknowledge, NODE_ADMINS),
        ("POST", "/admin/notices/{id}/change", to.notices.change, NODE_ADMINS),
        ("GET", "/admin/health", to.health.show, NODE_ADMINS),
        ("POST", "/admin/health", to.health.ask, NODE_ADMINS),
        ("GET", "/audit/statistics", to.statistics.show, OVERSEERS),
        ("GET", "/audit/reports", to.reports.listing, OVERSEERS),
        ("GET", "/audit/reports/{period}/{name}", to.reports.file, OVERSEERS),
        ("GET", "/audit/documents", to.audit.find, OVERSEERS),
        ("GET", "/audit/documents/{id}", to.audit.follow, OVERSEERS),
        ("GET", "/audit/log", to.audit.log, OVERSEERS),
        ("GET", "/audit/log/{chain}/{seq}", to.audit.record, OVERSEERS),
        ("GET", "/audit/verify", to.audit.checks, OVERSEERS),
        ("POST", "/audit/verify", to.audit.verify, OVERSEERS),
    ]
