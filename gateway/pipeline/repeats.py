"""Repeats: what was accepted before is found again, and is not taken twice."""

from datetime import datetime

from gateway.domain.directory import Directory
from gateway.domain.document import BusinessKind
from gateway.domain.errors import Conflict, Refused
from gateway.domain.exchange import Document
from gateway.pipeline.submission import Submission, canonical_code
from gateway.ports import Transaction

#: Another document under an identifier that its sender has used.
DOCUMENT_ID_KNOWN = "document-id-known"
#: Under this name stand the keys of what offices and axes leave for us; no credential has it.
_LEFT_FOR_US = "left"


def known_document(
    tx: Transaction, submission: Submission, directory: Directory
) -> Document | None:
    """Return the document that *submission* repeats, None when it is new.

    Raises:
        Refused: the idempotency key was used for other content.
        Conflict: the sender used its DocumentId for other content.
    """
    named = _key(submission)
    if named is not None:
        first = tx.repeats.find(*named)
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
    if submission.digest not in {standing.digest, standing.sha256} and not (
        standing.local is submission.channel.is_local is False
        and _says_the_same(submission, standing)
    ):
        raise Conflict(
            f"{sender} has sent another document as {submission.document_id}",
            code=DOCUMENT_ID_KNOWN,
        )
    return standing


def _says_the_same(submission: Submission, standing: Document) -> bool:
    """Whether a message from another node is *standing* again in other bytes.

    An axis writes messages anew at every fetch, and one document may come by two axes: what its
    sender gave is the same then, number, notation and every file.
    """
    given, known = submission.metadata, standing.metadata
    files = [file.sha256 for file in submission.files]
    return (given.number, given.notation) == (known.number, known.notation) and files == [
        each.sha256 for each in standing.attachments
    ]


def remember(tx: Transaction, submission: Submission, document: str, at: datetime) -> None:
    """Let the key of *submission* stand for *document*; one that is known stays as it is."""
    named = _key(submission)
    if named is not None and tx.repeats.find(*named) is None:
        tx.repeats.add(*named, submission.digest, document, at)


def _key(submission: Submission) -> tuple[str, str] | None:
    """Return in whose name, and by which key, a repeat of *submission* is known.

    What is left for us is offered until we let go of it, and again when we died before that: the
    same bytes are a repeat whatever they do to an earlier document, and whichever way they come.
    """
    channel = submission.channel
    if channel.was_left:
        return _LEFT_FOR_US, submission.digest
    return None if channel.key is None else (channel.caller.client, channel.key)
