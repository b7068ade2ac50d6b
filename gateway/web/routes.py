"""The one table of all addresses: method, path, who may, handler, and what it is for."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from aiohttp import web

from gateway.domain.exchange import Role
from gateway.web.agencies import Agencies
from gateway.web.agency_export import AgencyExport
from gateway.web.announcements import AnnouncementApi
from gateway.web.documents import Documents
from gateway.web.events import Events
from gateway.web.exchange import Exchange
from gateway.web.operations import Operations
from gateway.web.queue import QueuePages
from gateway.web.reference import ReferencePages
from gateway.web.statistics import downtime, statistics
from gateway.web.submit import Submit

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Row = tuple[str, str, Handler, frozenset[Role], str]

ANYBODY: frozenset[Role] = frozenset()  #: no credential is asked for
EVERY_PROGRAM = frozenset({Role.OFFICE, Role.ADMIN, Role.AUDITOR})
OFFICES = frozenset({Role.OFFICE})
ADMINS = frozenset({Role.ADMIN})
OVERSEERS = frozenset({Role.ADMIN, Role.AUDITOR})


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One address; ``name`` is its operation in the description of the API."""

    method: str
    path: str
    handler: Handler
    roles: frozenset[Role]
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Handlers:
    """What the table points to."""

    submit: Submit
    documents: Documents
    exchange: Exchange
    events: Events
    agencies: Agencies
    agency_export: AgencyExport
    operations: Operations
    queue: QueuePages
    announcements: AnnouncementApi
    reference: ReferencePages


def routes(to: Handlers) -> Sequence[Route]:
    """Return the table."""
    api = "/api/v1"
    office: list[Row] = [
        ("POST", "/documents", to.submit, OFFICES, "submitDocument"),
        ("GET", "/documents", to.documents.listing, EVERY_PROGRAM, "listDocuments"),
        ("GET", "/documents/{id}", to.documents.one, EVERY_PROGRAM, "getDocument"),
        (
            "GET",
            "/documents/{id}/signatures",
            to.documents.signatures,
            EVERY_PROGRAM,
            "getSignatures",
        ),
        (
            "GET",
            "/documents/{id}/evidence/{sha256}",
            to.documents.evidence,
            EVERY_PROGRAM,
            "getEvidence",
        ),
        ("GET", "/documents/{id}/envelope", to.documents.envelope, EVERY_PROGRAM, "getEnvelope"),
        (
            "GET",
            "/documents/{id}/attachments/{n}",
            to.documents.attachment,
            EVERY_PROGRAM,
            "getAttachment",
        ),
        ("POST", "/documents/{id}/status", to.exchange.status, OFFICES, "reportStatus"),
        ("POST", "/documents/{id}/recall", to.exchange.recall, OFFICES, "recallDocument"),
        (
            "GET",
            "/documents/{id}/receipts",
            to.exchange.receipts_of,
            EVERY_PROGRAM,
            "listReceiptsOfDocument",
        ),
        ("POST", "/inbox/lease", to.exchange.lease, OFFICES, "leaseInbox"),
        ("POST", "/inbox/ack", to.exchange.acknowledge, OFFICES, "acknowledgeInbox"),
        ("GET", "/receipts", to.exchange.receipts, EVERY_PROGRAM, "listReceipts"),
        ("GET", "/receipts/{receipt}", to.exchange.receipt, EVERY_PROGRAM, "getReceipt"),
        ("GET", "/events", to.events.stream, EVERY_PROGRAM, "streamEvents"),
        ("GET", "/audit", to.events.audit, OVERSEERS, "listAudit"),
        ("GET", "/statistics", statistics, EVERY_PROGRAM, "getStatistics"),
        ("GET", "/statistics/downtime", downtime, EVERY_PROGRAM, "getDowntime"),
        ("GET", "/agencies", to.agencies.listing, EVERY_PROGRAM, "listAgencies"),
        ("POST", "/agencies", to.agencies.add, ADMINS, "addAgency"),
        ("GET", "/agencies/{code}", to.agencies.one, EVERY_PROGRAM, "getAgency"),
        ("PATCH", "/agencies/{code}", to.agencies.patch, ADMINS, "changeAgency"),
        ("GET", "/agencies/{code}/export", to.agency_export, OFFICES, "exportAgency"),
        ("GET", "/queue", to.queue.listing, ADMINS, "listQueue"),
        ("POST", "/queue/retry", to.queue.retry, ADMINS, "retryQueue"),
        ("GET", "/announcements", to.announcements.listing, EVERY_PROGRAM, "listAnnouncements"),
        ("POST", "/announcements", to.announcements.add, ADMINS, "addAnnouncement"),
        ("GET", "/announcements/{n}", to.announcements.one, EVERY_PROGRAM, "getAnnouncement"),
        ("PATCH", "/announcements/{n}", to.announcements.patch, ADMINS, "changeAnnouncement"),
        (
            "POST",
            "/announcements/{n}/acknowledge",
            to.announcements.acknowledge,
            ADMINS,
            "acknowledgeAnnouncement",
        ),
        ("POST", "/announcements/{n}/end", to.announcements.end, ADMINS, "endAnnouncement"),
        ("GET", "/states", to.reference.states, EVERY_PROGRAM, "getStates"),
        ("GET", "/openapi.json", to.reference.openapi, ANYBODY, "getDescription"),
        ("GET", "/docs", to.reference.docs, ANYBODY, "getDocs"),
    ]
    node: list[Row] = [
        ("GET", "/healthz", to.operations.health, ANYBODY, "getHealth"),
        ("GET", "/readyz", to.operations.ready, ANYBODY, "getReadiness"),
        ("GET", "/metrics", to.operations.metrics, ANYBODY, "getMetrics"),
    ]
    return [
        Route(method=method, path=prefix + path, handler=handler, roles=roles, name=name)
        for prefix, rows in ((api, office), ("", node))
        for method, path, handler, roles, name in rows
    ]
