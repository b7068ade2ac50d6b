"""Verification: what is true about the signatures of a submission, file by file.

A detached signature is verified with the file that it stands beside, an XML signature of a message
with the message as it came. All files of a submission together are bounded in time.
"""

from contextlib import ExitStack
from dataclasses import dataclass, replace
from time import monotonic

from gateway.domain.legal_value import detached_signatures
from gateway.domain.rules.mechanism import FileFacts
from gateway.domain.signatures import Evidence, SignatureReport
from gateway.pipeline.submission import Submission
from gateway.ports import Blobs, Verify

_XML = "application/xml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """The facts about all files with their signatures, and those of the message around them."""

    files: tuple[FileFacts, ...]
    message: SignatureReport
    evidence: tuple[Evidence, ...]  #: each once


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """Runs in worker threads; equipped once by the wiring."""

    blobs: Blobs
    verify: Verify

    def __call__(self, submission: Submission, facts: tuple[FileFacts, ...]) -> Verified:
        """Return *facts* with what is true about the signatures of each file.

        Raises:
            Misconfigured: the trust folders cannot be read.
        """
        beside = detached_signatures([each.name for each in facts])
        paths = [each.path for each in submission.files]
        signed = set(beside.values())
        files, reports, spent_s = [], [], 0.0
        for position, fact in enumerate(facts):
            of = beside.get(position)
            begun = monotonic()
            report = SignatureReport()
            if fact.may_be_signed:
                report = self._report(
                    submission,
                    paths[position],
                    fact.media_type,
                    content=None if of is None else paths[of],
                    spent_s=spent_s,
                )
            spent_s += monotonic() - begun
            reports.append(report)
            files.append(
                replace(
                    fact,
                    signed=bool(report.signatures) or position in signed,
                    signatures=report.signatures,
                    fault=report.fault,
                    signs=None if of is None else facts[of].n,
                )
            )
        message = SignatureReport()
        if submission.envelope is not None and submission.is_signed:
            message = self._report(submission, submission.envelope, _XML, spent_s=spent_s)
        evidence = {one.sha256: one for each in (*reports, message) for one in each.evidence}
        return Verified(files=tuple(files), message=message, evidence=tuple(evidence.values()))

    def _report(
        self,
        submission: Submission,
        path: str,
        media_type: str,
        *,
        content: str | None = None,
        spent_s: float,
    ) -> SignatureReport:
        with ExitStack() as stack:
            return self.verify(
                stack.enter_context(self.blobs.open(path)),
                media_type,
                at=submission.submitted_at,
                content=None if content is None else stack.enter_context(self.blobs.open(content)),
                spent_s=spent_s,
            )
