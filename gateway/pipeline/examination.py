"""Examination: what a submission really is, and every rule over it, all findings at once."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from gateway.domain.document import Attachment, BusinessKind
from gateway.domain.errors import Refused
from gateway.domain.findings import Finding
from gateway.domain.routing import Routes
from gateway.domain.rules.catalogue import ALL_RULES
from gateway.domain.rules.mechanism import Candidate, FileFacts, Reference, examine
from gateway.domain.rules.recipients import some_recipient_can_be_served
from gateway.pipeline.intake_findings import RECALL_AS_DOCUMENT, unknown_reference
from gateway.pipeline.submission import Submission, blob_key, canonical_code, meant
from gateway.ports import Blobs, Sniff, Store, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """Runs in worker threads; equipped once by the wiring."""

    store: Store
    blobs: Blobs
    routes: Routes
    sniff: Sniff
    xml_place: Callable[[str], str]  #: where data stands in a message

    def __call__(
        self, submission: Submission, reference: Reference
    ) -> tuple[tuple[Finding, ...], tuple[Attachment, ...]]:
        """Judge *submission*; return all findings and the attachments as they really are."""
        facts = self._facts(submission)
        candidate = Candidate(
            metadata=replace(submission.metadata, to=meant(submission, reference.directory)),
            sender=submission.sender,
            files=facts,
            document_id=submission.document_id,
            local=submission.channel.is_local,
            reported=frozenset(each.pointer for each in submission.findings),
        )
        judged = examine(candidate, reference, ALL_RULES)
        judged += self._references(submission, reference)
        judged += self._nobody(submission, reference)
        if submission.envelope is not None:
            judged = self._in_the_message(judged, submission.findings)
        findings = submission.findings + judged
        attachments = tuple(
            Attachment(
                n=fact.n,
                name=fact.name,
                size=fact.size,
                media_type=fact.media_type,
                announced_type=file.announced_type,
                sha256=fact.sha256,
                blob=blob_key(submission.started_at, submission.id, fact.n),
            )
            for fact, file in zip(facts, submission.files, strict=True)
        )
        return findings, attachments

    def _in_the_message(
        self, judged: tuple[Finding, ...], read: tuple[Finding, ...]
    ) -> tuple[Finding, ...]:
        """Point findings into the message; what reading complained of is not said twice."""
        said = {each.pointer for each in read}
        placed = (replace(each, pointer=self.xml_place(each.pointer)) for each in judged)
        return tuple(each for each in placed if each.pointer not in said)

    def _facts(self, submission: Submission) -> tuple[FileFacts, ...]:
        facts = []
        for n, file in enumerate(submission.files, start=1):
            with self.blobs.open(file.path) as opened:
                sniffed = self.sniff(opened)
            facts.append(
                FileFacts(
                    n=n,
                    name=file.name,
                    size=file.size,
                    media_type=sniffed.media_type,
                    carries=sniffed.extensions,
                    sha256=file.sha256,
                )
            )
        return tuple(facts)

    def _references(self, submission: Submission, reference: Reference) -> tuple[Finding, ...]:
        """Look for the document that an update or a replacement speaks of; bar a recall."""
        business = submission.metadata.business
        of = business.of
        if business.kind is BusinessKind.RECALL:
            return (RECALL_AS_DOCUMENT,)
        if business.kind is BusinessKind.NEW or not of:
            return ()
        sender = canonical_code(submission.sender, reference.directory)

        def is_known(tx: Transaction) -> bool:
            earlier = tx.documents.by_code(of) or tx.documents.by_identifier(sender, of)
            return earlier is not None and earlier.sender == sender

        if self.store.read_here(is_known):
            return ()
        return (unknown_reference(of, local=submission.channel.is_local),)

    def _nobody(self, submission: Submission, reference: Reference) -> tuple[Finding, ...]:
        """Turn away what an axis sent here and that would only go back to the same axis."""
        channel, recipients = submission.channel, meant(submission, reference.directory)
        if channel.is_local or len(recipients) > reference.limits.recipients:
            return ()
        routes, directory = self.routes, reference.directory
        found = (routes.way_to(code, directory) for code in recipients)
        lanes = {way.lane for way in found if way is not None}
        if lanes != {channel.origin}:
            return ()
        return nobody_here().findings


def nobody_here() -> Refused:
    """Return the refusal of a message for nobody whom this node can reach."""
    finding = some_recipient_can_be_served.statement.finding("/metadata/to", local=False)
    return Refused(finding.message_en, code=finding.code, findings=[finding])
