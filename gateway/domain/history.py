"""What may stand in the history of a document, by the names of the contract."""

from gateway.domain.lifecycle import DeliveryState

SUBMITTED = "submitted"
HELD = "held"
RELEASED = "released"
NUMBERED = "numbered"
RECALL_REQUESTED = "recall-requested"
RECALL_AGREED = "recall-agreed"
RECALL_REFUSED = "recall-refused"
UPDATED = "updated"
REPLACED = "replaced"

#: Audit actions about a document that make up its history; others (views, downloads) do not.
EVENTS = frozenset(
    {
        SUBMITTED,
        HELD,
        RELEASED,
        NUMBERED,
        RECALL_REQUESTED,
        RECALL_AGREED,
        RECALL_REFUSED,
        UPDATED,
        REPLACED,
        *(state.value for state in DeliveryState),
    }
)
