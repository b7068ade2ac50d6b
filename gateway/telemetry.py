"""Spans sent to a collector of OpenTelemetry: OTLP over HTTP, in batches, from a thread of their own.

The only file that needs `liaison-gateway[traces]`; it is imported when the settings name a collector.
There is room for a few thousand spans: while the collector is away or slow, more are dropped.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import StatusCode, get_current_span

from gateway.traces import Ids

#: What is told of a thing before the name of each of its ids.
_PREFIX = "gateway."
#: What a stop waits for the last spans to leave, seconds.
_LAST_S = 2.0


class Telemetry:
    """See :class:`gateway.traces.Tracing`."""

    def __init__(
        self, endpoint: str, *, node: str, share: float, timeout_s: float, token: str | None
    ) -> None:
        """Send spans to *endpoint*, whole with its path.

        Args:
            endpoint: where the collector takes them.
            node: code of the node, which all of them bear.
            share: of the requests and deliveries that are told.
            timeout_s: the longest wait for the collector.
            token: shown as bearer, None: none.
        """
        exporter = OTLPSpanExporter(
            endpoint=endpoint,
            timeout=timeout_s,
            headers={"Authorization": f"Bearer {token}"} if token else {},
        )
        self._provider = TracerProvider(
            resource=Resource({"service.name": "liaison-gateway", "service.instance.id": node}),
            sampler=ParentBased(TraceIdRatioBased(share)),
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("gateway")

    @contextmanager
    def open(self, name: str, ids: Ids) -> Iterator[None]:
        """Measure the work inside; of an error its kind is told, for its words may hold content."""
        with self._tracer.start_as_current_span(
            name, attributes=_told(ids), record_exception=False, set_status_on_exception=False
        ) as opened:
            try:
                yield
            except BaseException as error:
                opened.set_status(StatusCode.ERROR, type(error).__name__)
                raise

    def about(self, ids: Ids) -> None:
        """Add *ids* to the span that is open here, if one is."""
        get_current_span().set_attributes(_told(ids))

    def close(self) -> None:
        """Let the last spans leave, for no longer than a stop can wait. Blocks."""
        last = Thread(target=self._provider.shutdown, name="telemetry", daemon=True)
        last.start()
        last.join(_LAST_S)


def _told(ids: Ids) -> dict[str, str | int]:
    return {_PREFIX + name: value for name, value in ids.items()}
