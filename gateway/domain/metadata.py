"""The data of a document under the keys of the public contract."""

from datetime import date

from gateway.domain.canonical import canonical
from gateway.domain.document import Metadata
from gateway.domain.mending import mend


def metadata_to_json(metadata: Metadata) -> dict[str, object]:
    """Return *metadata* under exactly the keys of the contract; what is unknown is null."""
    signer, business = metadata.signer, metadata.business
    return {
        "to": list(metadata.to),
        "type": metadata.type or None,
        "subject": metadata.subject or None,
        "notation": metadata.notation or None,
        "number": metadata.number,
        "promulgated_on": _day(metadata.promulgated_on),
        "signer": {
            "competence": signer.competence,
            "position": signer.position or None,
            "full_name": signer.full_name or None,
        },
        "priority": metadata.priority.value,
        "reply_requested": metadata.reply_requested,
        "due_on": _day(metadata.due_on),
        "reply_to": metadata.reply_to,
        "paper_copy": metadata.paper_copy,
        "place": metadata.place or None,
        "pages": metadata.pages,
        "copies": metadata.copies,
        "security": metadata.security,
        "kind": metadata.kind,
        "business": {
            "kind": business.kind.value,
            "of": business.of,
            "reason": business.reason,
        },
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def canonical_metadata(metadata: Metadata) -> bytes:
    """Return the one byte form (RFC 8785) of *metadata*, for digests.

    Equal metadata give equal bytes, however their JSON was written and their letters composed. The texts must be Unicode, as
    :func:`read_metadata` and XML guarantee.
    """
    return canonical(metadata_to_json(mend(metadata)))
