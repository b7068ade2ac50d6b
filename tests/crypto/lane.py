"""The lane for plain signed files beside the long way, over any files."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from gateway.crypto.glance import PDF
from gateway.crypto.known import KnownSigners
from gateway.crypto.plain_pdf import read_plain
from gateway.crypto.policy import VerificationPolicy
from gateway.crypto.trust import TrustRoom, load_epoch
from gateway.crypto.verify import Answer, Request, Verifier
from gateway.domain.signatures import SignatureReport
from gateway.formats.screening import screen_xml


@dataclass(slots=True)
class Compared:
    """What the lane did."""

    taken: set[str] = field(default_factory=set)  #: files whose report it gave
    differing: set[str] = field(
        default_factory=set
    )  #: of these, where the long way says otherwise
    total: int = 0


class Lane:
    """Both ways, with one policy and one trust folder; learns as a node does."""

    def __init__(self, trust: Path, *, policy: VerificationPolicy | None = None) -> None:
        """Begin knowing nobody."""
        chosen = policy or VerificationPolicy()
        self._trust = trust
        self._verifier = Verifier(TrustRoom([trust], look_every_s=0.0), chosen, screen=screen_xml)
        self._known = KnownSigners(claimed_time_counts=chosen.claimed_time_counts)

    def at_once(self, pdf: bytes, at: datetime) -> SignatureReport | None:
        """Return the report of the lane, None when it leaves the file to the long way."""
        plain = read_plain(memoryview(pdf))
        if plain is None:
            return None
        epoch = load_epoch([self._trust])
        return self._known.recognise(plain, memoryview(pdf), at=at, epoch=epoch)

    def long_way(self, pdf: bytes, at: datetime) -> SignatureReport:
        """Return the report of the long way, and learn of it."""
        answer: Answer = self._verifier.answer(Request(file=pdf, media_type=PDF, at=at))
        if answer.lesson is not None:
            self._known.learn(answer.lesson)
        return answer.report

    def compare(self, files: Iterable[tuple[str, bytes]], at: datetime) -> Compared:
        """Judge *files* in both ways, each by the lane before and after it was learned from."""
        found = Compared()
        for name, pdf in files:
            before, report = self.at_once(pdf, at), self.long_way(pdf, at)
            after = self.at_once(pdf, at)
            found.total += 1
            if after is not None:
                found.taken.add(name)
            if any(each not in (None, report) for each in (before, after)):
                found.differing.add(name)
        return found
