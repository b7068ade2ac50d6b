"""What is counted, under which names, in a registry of its own for each application.

The processes of one node count together: each in files of its own that all can read, so that
whichever is asked tells of all, and a process that was started again goes on where it ended.
"""

import asyncio
import os
from collections import Counter as Counted
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, values
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

from gateway.bootstrap.gateway import Gateway
from gateway.bootstrap.watching import clock_readings
from gateway.domain.announcements import Severity
from gateway.domain.errors import Misconfigured
from gateway.domain.reminders import ReminderKind
from gateway.domain.signatures import OwnCertificate, TrustedCertificate, days_left
from gateway.ports import Transaction
from gateway.web.operating_gauges import operating

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_LAGS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
#: How often the event loop is looked at.
_LOOK_S = 0.25
METHODS = frozenset({"GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"})
_SUBMISSION = ("POST", "/api/v1/documents")
#: Where the library looks for what several processes count.
_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_FILE_BYTES = 1 << 20


def count_together(folder: Path, place: int) -> None:
    """Let this process count as number *place* of those that share *folder*.

    The files get their disk space now: a full disk must not end a process that counts.
    """
    os.environ[_FOLDER] = str(folder)
    for kind in ("counter", "histogram"):
        descriptor = os.open(folder / f"{kind}_{place}.db", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            os.posix_fallocate(descriptor, 0, _FILE_BYTES)
        finally:
            os.close(descriptor)
    values.ValueClass = values.MultiProcessValue(lambda: place)  # type: ignore[no-untyped-call]


class _State:
    """What the node's state says at one moment, as the library collects it."""

    def __init__(self) -> None:
        self._families: list[GaugeMetricFamily] = []

    def add(self, name: str, meaning: str, figure: float) -> None:
        """Add a gauge."""
        self._families.append(GaugeMetricFamily(name, meaning, value=figure))

    def add_years(self, name: str, meaning: str, figures: dict[int, float]) -> None:
        """Add a gauge with a figure for each year."""
        family = GaugeMetricFamily(name, meaning, labels=["year"])
        for year, figure in figures.items():
            family.add_metric([str(year)], figure)
        self._families.append(family)

    def add_reminders(self, counts: Mapping[str, int]) -> None:
        """Add how many reminders of each kind are open."""
        family = GaugeMetricFamily(
            "gateway_reminders_open",
            "Reminders of missed duties, duplicates and refused recalls that are open",
            labels=["kind"],
        )
        for kind in ReminderKind:
            family.add_metric([kind.value], counts.get(kind.value, 0))
        self._families.append(family)

    def add_incidents(self, severities: Iterable[Severity]) -> None:
        """Add how many incidents of each severity are open."""
        family = GaugeMetricFamily(
            "gateway_incidents_open", "Incidents that are open", labels=["severity"]
        )
        counts = Counted(severities)
        for severity in Severity:
            family.add_metric([severity.value], counts[severity])
        self._families.append(family)

    def add_clock(self, ahead_s: Mapping[str, float]) -> None:
        """Add how far the clock of the node is ahead of every source that was asked lately."""
        family = GaugeMetricFamily(
            "gateway_clock_ahead_seconds",
            "By how much the clock of the node is ahead of a time server or an axis",
            labels=["source"],
        )
        for source, figure in ahead_s.items():
            family.add_metric([source], figure)
        self._families.append(family)

    def add_trusted(self, trusted: Iterable[TrustedCertificate], now: datetime) -> None:
        """Add how long each trusted certificate still lasts."""
        family = GaugeMetricFamily(
            "gateway_trust_days_left",
            "Days until a trusted certificate expires, negative when it has",
            labels=["purpose", "subject", "sha256"],
        )
        for each in trusted:
            labels = [each.purpose.value, each.subject, each.sha256[:16]]
            family.add_metric(labels, days_left(each, now))
        self._families.append(family)

    def add_own(self, own: Iterable[OwnCertificate], now: datetime) -> None:
        """Add how long each certificate of the node itself still lasts."""
        family = GaugeMetricFamily(
            "gateway_certificate_days_left",
            "Days until a certificate that the node lives by expires, negative when it has",
            labels=["use", "subject", "sha256"],
        )
        for each in own:
            family.add_metric([each.use, each.subject, each.sha256[:16]], days_left(each, now))
        self._families.append(family)

    def extend(self, families: Iterable[GaugeMetricFamily]) -> None:
        """Add gauges that are made elsewhere."""
        self._families.extend(families)

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Return the gauges."""
        return self._families


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
        self._lag = Histogram(
            "gateway_loop_lag_seconds",
            "How much later than asked for the event loop woke, looked at four times a second",
            buckets=_LAGS,
            registry=registry,
        )
        self._known: dict[tuple[str, str, str], tuple[Counter, Histogram]] = {}

    def count(
        self, request: web.Request, response: web.StreamResponse | None, seconds: float
    ) -> None:
        """Count one request; *response* is None when the caller went away before the answer."""
        resource = request.match_info.route.resource
        route = "other" if resource is None else resource.canonical
        method = request.method if request.method in METHODS else "OTHER"
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

    async def watch_loop(self, _application: web.Application) -> AsyncIterator[None]:
        """Measure how late the event loop is, for as long as the application lives."""
        watching = asyncio.create_task(self._watch_loop())
        yield
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching

    async def _watch_loop(self) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            asked = clock() + _LOOK_S
            await asyncio.sleep(_LOOK_S)
            self._lag.observe(max(0.0, clock() - asked))

    async def text(self, gateway: Gateway) -> bytes:
        """Return every meter in the text format, those of the node's state read now."""
        now = gateway.clock.now()

        def look(tx: Transaction) -> tuple[int, int, dict[str, int]]:
            away = [each for each in tx.destinations.listing() if each.retry_at is not None]
            later = sum(each.retry_at > now for each in away if each.retry_at)
            return tx.jobs.depth(), later, tx.reminders.counts()

        depth, away, reminders = await gateway.store.read(look)
        free = await gateway.run(gateway.blobs.free_bytes)
        year = now.astimezone(gateway.zone).year
        calendar = await gateway.run(partial(gateway.calendar, gateway.config.node.code))
        covered = calendar.covered_years
        state = _State()
        state.add("gateway_queue_depth", "Jobs that wait", depth)
        state.add(
            "gateway_destinations_in_backoff",
            "Destinations that failed and are tried again later",
            away,
        )
        state.add_reminders(reminders)
        await _add_promises(state, gateway)
        state.add("gateway_free_bytes", "Free space for documents", free)
        state.add_years(
            "gateway_calendar_covered",
            "1 for a year whose days off were entered, 0 for this or the next year without",
            {each: float(each in covered) for each in sorted(covered | {year, year + 1})},
        )
        state.add_trusted(await gateway.run(partial(_trusted, gateway)), now)
        state.add_own(await gateway.run(gateway.trust.own), now)
        if gateway.config.keys.tsa_url:
            delay = await gateway.stamping.delay()
            state.add(
                "gateway_stamp_seconds_left",
                "Until a receipt has waited for its time stamp as long as it may; negative: longer",
                delay.left.total_seconds(),
            )
        state.extend(await operating(gateway))
        now_registry = CollectorRegistry()
        now_registry.register(state)
        return generate_latest(self._counted()) + generate_latest(now_registry)

    def _counted(self) -> CollectorRegistry:
        """Return what this process counted, or all of them where they count together."""
        if _FOLDER not in os.environ:
            return self._registry
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]
        return together


async def _add_promises(state: _State, gateway: Gateway) -> None:
    """Add what the node says of itself: open incidents, mails about them, its clock."""
    shown = await gateway.announcing.announcements.shown()
    state.add_incidents(each.severity for each in shown if each.is_incident)
    mails = await gateway.store.read(lambda tx: tx.mails.waiting())
    state.add("gateway_mails_waiting", "Mails that wait to be sent", mails)
    state.add_clock(await clock_readings(gateway))


def _trusted(gateway: Gateway) -> list[TrustedCertificate]:
    """Return what the node trusts; folders that cannot be read must not hide the other meters."""
    with suppress(Misconfigured):
        return gateway.trust.listing()
    return []


def _outcome(status: int) -> str:
    known = {200: "repeated", 201: "accepted", 202: "held"}
    return known.get(status, "failed" if status >= 500 else "refused")  # noqa: PLR2004 - the class of the server's own faults
