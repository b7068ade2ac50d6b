"""Verifies the signatures of one file, whatever kind it is: the one door to this room's readers.

Runs where it may take its time: in a worker process (``workers.py``), never on the event loop.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from gateway.crypto.cms import Bench
from gateway.crypto.detached import verify_cms
from gateway.crypto.glance import PDF
from gateway.crypto.known import Lesson, lesson_of
from gateway.crypto.packages import report_package
from gateway.crypto.paths import Paths
from gateway.crypto.pdf import judge_pdf
from gateway.crypto.policy import VerificationPolicy
from gateway.crypto.trust import TrustRoom
from gateway.crypto.xmldsig import verify_xml
from gateway.domain.characters import legible
from gateway.domain.signatures import Fault, Signature, SignatureReport

_LONGEST_TEXT = 300
_CMS = frozenset(
    {
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "application/pkcs7-mime",
        "application/x-pkcs7-mime",
    }
)
_XML = frozenset({"application/xml", "text/xml"})
_PACKAGES = (
    "application/vnd.openxmlformats-officedocument.",
    "application/vnd.oasis.opendocument.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to verify: a file by its path, or the bytes of one that lies on no disk."""

    file: Path | bytes
    media_type: str
    at: datetime  #: the moment of validation
    content: Path | bytes | None = None  #: the signed file of a detached signature


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was found, and what can be concluded of it for the next file of the same signer."""

    report: SignatureReport
    lesson: Lesson | None = None


class Verifier:
    """Verifies files with one policy and the trust folders of a node."""

    def __init__(
        self,
        trust: TrustRoom,
        policy: VerificationPolicy,
        *,
        screen: Callable[[bytes], bool],
    ) -> None:
        """Take the trust folders, the policy, and *screen*: whether XML may become a tree."""
        self._trust = trust
        self._policy = policy
        self._paths = Paths(policy)
        self._screen = screen

    def verify(self, request: Request) -> SignatureReport:
        """Return what is true about the signatures of a file; a bad file is a result, too.

        Raises:
            Misconfigured: the trust folders cannot be read.
            OSError: the file cannot be read.
        """
        return self.answer(request).report

    def answer(self, request: Request) -> Answer:
        """Return the same, and what it teaches about the signer.

        Raises:
            Misconfigured: the trust folders cannot be read.
            OSError: the file cannot be read.
        """
        bench = Bench(
            policy=self._policy,
            paths=self._paths,
            trust=self._trust.current(time.monotonic()),
            at=request.at,
        )
        file = request.file
        data = file if isinstance(file, bytes) else file.read_bytes()
        try:
            return self._judge(data, request, bench)
        except MemoryError:
            return Answer(report=SignatureReport(fault=Fault.MEMORY))

    def _judge(self, data: bytes, request: Request, bench: Bench) -> Answer:
        if _kind(request) != PDF:
            return Answer(report=_presentable(self._verify(data, request, bench)))
        found, basis = judge_pdf(data, bench)
        report = _presentable(found)
        return Answer(report=report, lesson=lesson_of(data, report, basis, bench))

    def _verify(self, data: bytes, request: Request, bench: Bench) -> SignatureReport:
        kind = _kind(request)
        if kind in _CMS:
            return verify_cms(data, bench, content=request.content)
        if kind in _XML:
            return verify_xml(data, bench) if self._screen(data) else SignatureReport()
        if kind.startswith(_PACKAGES):
            return report_package(data)
        return SignatureReport()


def _kind(request: Request) -> str:
    return request.media_type.partition(";")[0].strip().lower()


def _presentable(report: SignatureReport) -> SignatureReport:
    """Return *report* with texts that can be stored and shown: files say what they like."""
    return replace(
        report,
        signatures=tuple(_shown(each) for each in report.signatures),
        timestamps=tuple(_shown(each) for each in report.timestamps),
    )


def _shown(signature: Signature) -> Signature:
    return replace(
        signature,
        name=_text(signature.name),
        signer=None if signature.signer is None else _text(signature.signer),
        issuer=None if signature.issuer is None else _text(signature.issuer),
        subject={key: _text(value) for key, value in signature.subject.items()},
        note=_text(signature.note),
    )


def _text(text: str) -> str:
    """Return *text* legible, bounded, and as a plain string: the libraries have types of theirs."""
    return str(legible(text, limit=_LONGEST_TEXT))
