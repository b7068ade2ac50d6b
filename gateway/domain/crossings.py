"""What the record tells of a document beside its data: whether it is signed, and what it crosses."""

from gateway.domain.exchange import Document
from gateway.domain.routing import AXIS
from gateway.domain.signatures import Verdict

INSIDE = "inside"
_OF_AXIS = "axis:"
_NO_SIGNATURE = "timestamp"


def ways_of(document: Document) -> list[str]:
    """Return for each delivery the lane of the axis that it crosses, `inside` when it crosses none.

    It is the axis to which the delivery goes, or else the one from which the document came.
    """
    came = document.origin if document.origin.startswith(_OF_AXIS) else INSIDE
    return [(each.lane or came) if each.route == AXIS else came for each in document.deliveries]


def signed_how(document: Document) -> str:
    """Return `valid`, `invalid` (signed, but nothing of it holds) or `none`."""
    found = [
        each.verdict
        for signatures in (
            document.message_signatures,
            *(attachment.signatures for attachment in document.attachments),
        )
        for each in signatures
        if each.kind != _NO_SIGNATURE
    ]
    if not found:
        return "none"
    return "valid" if Verdict.VALID in found else "invalid"
