"""What is counted, under which names, in a registry of its own for each application."""

from contextlib import suppress
from functools import partial

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from gateway.bootstrap.gateway import Gateway
from gateway.domain.errors import Misconfigured
from gateway.domain.signatures import TrustedCertificate, days_left
from gateway.ports import Transaction

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_METHODS = frozenset({"GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"})
_SUBMISSION = ("POST", "/api/v1/documents")


class Metrics:
    """The meters. Counting a request costs a few microseconds: children are looked up once."""

    def __init__(self) -> None:
        """Start every meter at zero."""
        registry = self._registry = CollectorRegistry()
        self._requests = Counter(
            "gateway_requests",
            "Requests by route, method and class of status",
            ["route", "method", "status"],
            registry=registry,
        )
        self._seconds = Histogram(
            "gateway_request_seconds",
            "Time from the head of a request until its answer is ready",
            ["route", "method"],
            buckets=_SECONDS,
            registry=registry,
        )
        submissions = Counter(
            "gateway_submissions",
            "Answers to submissions",
            ["outcome"],
            registry=registry,
        )
        self._submissions = {
            outcome: submissions.labels(outcome)
            for outcome in ("accepted", "held", "repeated", "refused", "failed")
        }
        self._depth = Gauge("gateway_queue_depth", "Jobs that wait", registry=registry)
        self._away = Gauge(
            "gateway_destinations_in_backoff",
            "Destinations that failed and are tried again later",
            registry=registry,
        )
        self._free = Gauge("gateway_free_bytes", "Free space for documents", registry=registry)
        self._covered = Gauge(
            "gateway_calendar_covered",
            "1 for a year whose days off were entered, 0 for this or the next year without",
            ["year"],
            registry=registry,
        )
        self._trust_days = Gauge(
            "gateway_trust_days_left",
            "Days until a trusted certificate expires, negative when it has",
            ["purpose", "subject", "sha256"],
            registry=registry,
        )
        self._known: dict[tuple[str, str, str], tuple[Counter, Histogram]] = {}

    def count(
        self, request: web.Request, response: web.StreamResponse | None, seconds: float
    ) -> None:
        """Count one request; *response* is None when the caller went away before the answer."""
        resource = request.match_info.route.resource
        route = "other" if resource is None else resource.canonical
        method = request.method if request.method in _METHODS else "OTHER"
        status = "none" if response is None else f"{response.status // 100}xx"
        known = self._known.get((route, method, status))
        if known is None:
            known = (
                self._requests.labels(route, method, status),
                self._seconds.labels(route, method),
            )
            self._known[route, method, status] = known
        known[0].inc()
        if response is None:
            return
        if response.content_type != "text/event-stream":  # its length is the caller's patience
            known[1].observe(seconds)
        if (method, route) == _SUBMISSION:
            self._submissions[_outcome(response.status)].inc()

    async def text(self, gateway: Gateway) -> bytes:
        """Return every meter in the text format, those of the node's state read now."""
        now = gateway.clock.now()

        def look(tx: Transaction) -> tuple[int, int]:
            away = [each for each in tx.destinations.listing() if each.retry_at is not None]
            return tx.jobs.depth(), sum(each.retry_at > now for each in away if each.retry_at)

        depth, away = await gateway.store.read(look)
        self._depth.set(depth)
        self._away.set(away)
        self._free.set(await gateway.run(gateway.blobs.free_bytes))
        year = now.astimezone(gateway.zone).year
        covered = gateway.calendar(gateway.config.node.code).covered_years
        for each in sorted(covered | {year, year + 1}):
            self._covered.labels(str(each)).set(each in covered)
        self._trust_days.clear()
        for trusted in await gateway.run(partial(_trusted, gateway)):
            labels = (trusted.purpose.value, trusted.subject, trusted.sha256[:16])
            self._trust_days.labels(*labels).set(days_left(trusted, now))
        return generate_latest(self._registry)


def _trusted(gateway: Gateway) -> list[TrustedCertificate]:
    """Return what the node trusts; folders that cannot be read must not hide the other meters."""
    with suppress(Misconfigured):
        return gateway.trust.listing()
    return []


def _outcome(status: int) -> str:
    known = {200: "repeated", 201: "accepted", 202: "held"}
    return known.get(status, "failed" if status >= 500 else "refused")  # noqa: PLR2004
