"""A submission after the judgement, and what it means for a document that is known already."""

from dataclasses import dataclass

from gateway.domain.directory import Directory
from gateway.domain.errors import GatewayError
from gateway.domain.exchange import Document, LegalValue
from gateway.domain.lifecycle import DocumentState
from gateway.pipeline.examination import Examined
from gateway.pipeline.submission import Submission, canonical_code, meant
from gateway.ports import Draft

#: Nothing was examined: a repeat, or a refusal before.
_NOTHING = Examined(findings=(), attachments=(), legal_value=LegalValue.REFERENCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A submission after the judgement: to store, a repeat of *known*, or refused by *error*."""

    submission: Submission
    directory: Directory
    examined: Examined = _NOTHING
    document: Document | None = None
    draft: Draft | None = None
    known: Document | None = None
    reopens: bool = False  #: *known* lost its content, and what was submitted takes its place
    error: GatewayError | None = None


def further(submission: Submission, known: Document, directory: Directory) -> list[str]:
    """Return to whom a node brings *known* now who are not among its recipients yet."""
    channel = submission.channel
    if channel.only is None or channel.is_local or known.local:
        return []
    served = {each.agency for each in known.deliveries}
    wanted = meant(submission, directory)
    return [code for code in wanted if canonical_code(code, directory) not in served]


def reopens(submission: Submission, known: Document, directory: Directory) -> bool:
    """Whether *submission* brings the content of *known* again, to somebody who has yet to get it."""
    return lost_content(known) and bool(further(submission, known, directory))


def lost_content(document: Document) -> bool:
    """Whether *document* came from elsewhere, and was recalled from all who had it or removed."""
    gone = document.state is DocumentState.RECALLED or document.removal is not None
    return gone and not document.local
