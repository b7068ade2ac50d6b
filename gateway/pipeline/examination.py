"""Examination: what a submission really is, and every rule over it, all findings at once."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from time import monotonic

from gateway.domain.codes import parse_document_code
from gateway.domain.document import Attachment, BusinessKind
from gateway.domain.errors import Refused
from gateway.domain.exchange import Document, LegalValue
from gateway.domain.findings import Finding
from gateway.domain.inspection import Trait
from gateway.domain.lifecycle import DocumentState
from gateway.domain.routing import Routes
from gateway.domain.rules.attached_text import HEAD_BYTES, LEGACY, decoded, findings_of_text
from gateway.domain.rules.catalogue import ALL_RULES, RULES_WITHOUT_DIRECTORY
from gateway.domain.rules.mechanism import Candidate, FileFacts, Reference, examine
from gateway.domain.rules.missing_signatures import legal_value
from gateway.domain.rules.recipients import some_recipient_can_be_served
from gateway.domain.rules.references import DUPLICATE, REPLY_UNKNOWN
from gateway.domain.signatures import Evidence, Signature
from gateway.pipeline.intake_findings import RECALLED_BEFORE, UNKNOWN_REFERENCE
from gateway.pipeline.submission import Submission, canonical_code, meant
from gateway.pipeline.tying import earlier_document
from gateway.pipeline.verification import Verification
from gateway.ports import Blobs, Inspect, Scan, Store, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What was found out about a submission."""

    findings: tuple[Finding, ...]
    attachments: tuple[Attachment, ...]  #: as they really are
    legal_value: LegalValue
    message_signatures: tuple[Signature, ...] = ()  #: of the message around the attachments
    evidence: tuple[Evidence, ...] = ()  #: what the signatures were judged by


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """Runs in worker threads; equipped once by the wiring."""

    #: None: no node is at hand, and agencies and earlier documents are not judged
    store: Store | None
    blobs: Blobs
    routes: Routes
    inspect: Inspect
    verify: Verification
    scan: Scan | None  #: None: no virus scanner is configured
    xml_place: Callable[[str], str]  #: where data stands in a message

    def __call__(self, submission: Submission, reference: Reference) -> Examined:
        """Judge *submission*; raise Misconfigured when its signatures cannot be judged."""
        verified = self.verify(submission, self._facts(submission))
        facts = verified.files
        candidate = Candidate(
            metadata=replace(submission.metadata, to=meant(submission, reference.directory)),
            sender=submission.sender,
            sender_name=submission.sender_name,
            files=facts,
            document_id=submission.document_id,
            local=submission.channel.is_local,
            is_part=submission.is_part,
            reported=frozenset(each.pointer for each in submission.findings),
            message_signatures=verified.message.signatures,
            message_fault=verified.message.fault,
        )
        rules = RULES_WITHOUT_DIRECTORY if self.store is None else ALL_RULES
        judged = examine(candidate, reference, rules)
        judged += self._texts(submission, facts)
        judged += self._references(submission, reference)
        judged += self._answered(submission, reference)
        judged += self._duplicates(submission, reference)
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
                blob=file.path,
                signatures=fact.signatures,
            )
            for fact, file in zip(facts, submission.files, strict=True)
        )
        return Examined(
            findings=findings,
            attachments=attachments,
            legal_value=legal_value(candidate, reference),
            message_signatures=verified.message.signatures,
            evidence=verified.evidence,
        )

    def _in_the_message(
        self, judged: tuple[Finding, ...], read: tuple[Finding, ...]
    ) -> tuple[Finding, ...]:
        """Point findings into the message; what reading complained of is not said twice."""
        said = {each.pointer for each in read}
        placed = (replace(each, pointer=self.xml_place(each.pointer)) for each in judged)
        return tuple(each for each in placed if each.pointer not in said)

    def _facts(self, submission: Submission) -> tuple[FileFacts, ...]:
        facts = []
        inspecting_s = scanning_s = 0.0
        for n, file in enumerate(submission.files, start=1):
            with self.blobs.open(file.path) as opened:
                begun = monotonic()
                inspected = self.inspect(opened, spent_s=inspecting_s)
                seen = monotonic()
                scanned = self.scan(opened, spent_s=scanning_s) if self.scan else None
                inspecting_s += seen - begun
                scanning_s += monotonic() - seen
            facts.append(
                FileFacts(
                    n=n,
                    name=file.name,
                    size=file.size,
                    media_type=inspected.media_type,
                    carries=inspected.extensions,
                    sha256=file.sha256,
                    announced_type=file.announced_type,
                    observations=inspected.observations,
                    members=inspected.members,
                    may_be_signed=inspected.may_be_signed,
                    scanned=scanned,
                )
            )
        return tuple(facts)

    def _texts(self, submission: Submission, facts: tuple[FileFacts, ...]) -> tuple[Finding, ...]:
        """Read the beginning of files that are plain text."""
        findings: list[Finding] = []
        for fact, file in zip(facts, submission.files, strict=True):
            if not fact.media_type.startswith("text/"):
                continue
            with self.blobs.open(file.path) as opened:
                text = decoded(opened.read(HEAD_BYTES))
            local = submission.channel.is_local
            said = list(findings_of_text(text, n=fact.n, name=fact.name, local=local))
            if any(each.trait is Trait.LEGACY_TEXT for each in fact.observations):
                said = [each for each in said if each.code != LEGACY.code]  # known by its bytes
            findings += said
        return tuple(findings)

    def _references(self, submission: Submission, reference: Reference) -> tuple[Finding, ...]:
        """Look for the document that a recall, an update or a replacement speaks of.

        What this node would have numbered must be here; what went out by another system before
        need not.
        """
        business = submission.metadata.business
        of = business.of
        if business.kind is BusinessKind.NEW or not of or self.store is None:
            return ()
        sender = canonical_code(submission.sender, reference.directory)
        answered = submission.metadata.reply_to
        named = {of, answered or of} if business.kind is BusinessKind.RECALL else {of}

        def look(tx: Transaction) -> Document | None:
            found = (earlier_document(tx, sender, each) for each in named)
            return next(filter(None, found), None)

        earlier = self.store.read_here(look)
        local = submission.channel.is_local
        if earlier is None:
            surely = local and reference.is_ours(_numbering_agency(of))
            return (UNKNOWN_REFERENCE.finding("/metadata/business/of", local=surely, of=of),)
        frozen = earlier.state is DocumentState.RECALLED
        if frozen and business.kind is BusinessKind.UPDATE:
            return (RECALLED_BEFORE.finding("/metadata/business/of", local=local, of=of),)
        return ()

    def _answered(self, submission: Submission, reference: Reference) -> tuple[Finding, ...]:
        """Look for the answered document where its code says that it was numbered here."""
        of = submission.metadata.reply_to
        if not of or self.store is None or not reference.is_ours(_numbering_agency(of)):
            return ()
        sender = canonical_code(submission.sender, reference.directory)

        def is_at_hand(tx: Transaction) -> bool:
            answered = tx.documents.by_code(of)
            return answered is not None and (
                answered.sender == sender
                or any(each.agency == sender for each in answered.deliveries)
            )

        if self.store.read_here(is_at_hand):
            return ()
        return (REPLY_UNKNOWN.finding("/metadata/reply_to", of=of),)

    def _duplicates(self, submission: Submission, reference: Reference) -> tuple[Finding, ...]:
        """Look for a document of the sender with this number and notation, of the same year."""
        metadata, day = submission.metadata, submission.metadata.promulgated_on
        first = metadata.business.kind in {BusinessKind.NEW, BusinessKind.REPLACE}
        if self.store is None or not (first and metadata.number and metadata.notation and day):
            return ()
        sender = canonical_code(submission.sender, reference.directory)
        number, notation = metadata.number, metadata.notation
        found = self.store.read_here(lambda tx: tx.documents.by_notation(sender, number, notation))
        same = [
            each
            for each in found
            if each.was_sent
            and each.business is not BusinessKind.RECALL
            and each.metadata.promulgated_on is not None
            and each.metadata.promulgated_on.year == day.year
        ]
        if not same:
            return ()
        code = same[0].code or same[0].document_id or ""
        return (
            DUPLICATE.finding(
                "/metadata/number", number=number, notation=notation, year=day.year, code=code
            ),
        )

    def _nobody(self, submission: Submission, reference: Reference) -> tuple[Finding, ...]:
        """Turn away what would only go back to where it came from, or leave a recipient out.

        A node that names several recipients of a hop hears that one of them cannot be reached
        here: it asks again for each alone.
        """
        channel, recipients = submission.channel, meant(submission, reference.directory)
        if channel.is_local or len(recipients) > reference.limits.recipients:
            return ()
        routes, directory = self.routes, reference.directory
        found = [routes.way_to(code, directory) for code in recipients]
        lanes = {way.lane for way in found if way is not None}
        leaves_out = len(channel.only or ()) > 1 and (None in found or channel.origin in lanes)
        if lanes != {channel.origin} and not leaves_out:
            return ()
        return nobody_here().findings


def nobody_here() -> Refused:
    """Return the refusal of a message for nobody whom this node can reach."""
    finding = some_recipient_can_be_served.statement.finding("/metadata/to", local=False)
    return Refused(finding.message_en, code=finding.code, findings=[finding])


def _numbering_agency(code: str) -> str:
    """Return the agency whose node numbered *code*; nobody for identifiers of other forms."""
    try:
        return parse_document_code(code).agency
    except ValueError:
        return ""
