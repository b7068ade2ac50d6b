"""Repeats: what was accepted before is found again, and is not taken twice."""

from gateway.domain.directory import Directory
from gateway.domain.document import BusinessKind
from gateway.domain.errors import Conflict, Refused
from gateway.domain.exchange import Document
from gateway.pipeline.submission import Submission, canonical_code
from gateway.ports import Transaction


def known_document(
    tx: Transaction, submission: Submission, directory: Directory
) -> Document | None:
    """Return the document that *submission* repeats, None when it is new.

    Raises:
        Refused: the idempotency key was used for other content.
        Conflict: the sender used its DocumentId for other content.
    """
    channel = submission.channel
    if channel.key is not None:
        first = tx.repeats.find(channel.caller.client, channel.key)
        if first is not None:
            if first[0] != submission.digest:
                raise Refused(
                    "this Idempotency-Key was used for other content",
                    code="idempotency-mismatch",
                )
            return tx.documents.find(first[1])
    business = submission.metadata.business.kind
    if submission.document_id is None or business is not BusinessKind.NEW:
        return None
    sender = canonical_code(submission.sender, directory)
    standing = tx.documents.by_identifier(sender, submission.document_id)
    if standing is None:
        return None
    if submission.digest not in {standing.digest, standing.sha256}:
        raise Conflict(
            f"{sender} has sent another document as {submission.document_id}",
            code="document-id-known",
        )
    return standing
