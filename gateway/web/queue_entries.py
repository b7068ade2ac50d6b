"""An entry of the queue as programs and operators see it."""

from datetime import datetime, tzinfo

from gateway.pipeline.queue import Queued


def queue_entry(queued: Queued, *, now: datetime, zone: tzinfo) -> dict[str, object]:
    """Return *queued* as it stands at *now*, in words and instants of *zone*."""
    job, delivery, destination = queued.job, queued.delivery, queued.destination
    waiting = "failed" if queued.buried else "waiting"
    retry_at = destination.retry_at
    return {
        "id": job.id,
        "kind": job.kind,
        "lane": job.lane,
        "item": job.item,
        "document": None if delivery is None else delivery.document,
        "to": None if delivery is None else delivery.to,
        "state": waiting if delivery is None else delivery.state.value,
        "buried": queued.buried,
        "attempts": job.attempts,
        "created_at": job.created_at.astimezone(zone).isoformat(),
        "due_at": job.due_at.astimezone(zone).isoformat(),
        "last_error": job.last_error,
        "destination_circuit": destination.circuit(now).value,
        "destination_failures": destination.failures,
        "destination_retry_at": retry_at and retry_at.astimezone(zone).isoformat(),
        "destination_error": destination.last_error,
    }
