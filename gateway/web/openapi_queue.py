"""The shapes of the queue: an entry, with its destination."""

from gateway.domain.exchange import Circuit
from gateway.web.openapi_words import (
    Schema,
    flag,
    instant,
    maybe,
    number,
    one_of,
    page,
    text,
    thing,
)


def of_queue() -> dict[str, Schema]:
    """Return the schemas by name."""
    entry = {
        "id": number("of the entry"),
        "kind": text(enum=["document", "receipt", "status", "announcement"]),
        "lane": text("destination, such as `axis:truc-quoc-gia` or `office:H13.01`"),
        "item": text("id of the delivery or of the receipt"),
        "document": maybe(text("id of the document")),
        "to": maybe(text("agency code")),
        "state": text("of the delivery, or `waiting` or `failed`"),
        "buried": flag("it failed for good and rests"),
        "attempts": number(),
        "created_at": instant(),
        "due_at": instant("when it is tried again"),
        "last_error": maybe(text()),
        "destination_circuit": one_of(
            Circuit, "`open` is left alone, `half-open` is tried with one thing"
        ),
        "destination_failures": number("in a row"),
        "destination_retry_at": maybe(instant()),
        "destination_error": maybe(text()),
    }
    return {
        "QueueEntry": thing("What waits, or failed for good.", entry),
        "QueuePage": page("QueueEntry", "A page of the queue.", ends=True),
        "Tried": thing("What is tried now.", {"tried": number("how many entries")}),
    }
