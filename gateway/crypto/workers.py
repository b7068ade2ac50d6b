"""Verification in worker processes: a file that runs away costs its worker, and the room lives on.

Every worker has the fast ways of ``acceleration.py`` in place and keeps the trust folders and what
it found about certificates. A file that bears no mark of a signature is not handed over at all, and
neither is a plain signed PDF of a signer whom a worker has judged before (``known.py``).
"""

import mmap
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from gateway.crypto.acceleration import accelerate
from gateway.crypto.glance import PDF, may_be_signed
from gateway.crypto.known import KnownSigners
from gateway.crypto.plain_pdf import read_plain
from gateway.crypto.policy import VerificationPolicy
from gateway.crypto.trust import EpochRoom, TrustRoom
from gateway.crypto.verify import Answer, Request, Verifier
from gateway.domain.errors import Misconfigured
from gateway.domain.signatures import Fault, SignatureReport
from gateway.ports import CutOff, Isolated

_FAULTS = {"time": Fault.TIME, "memory": Fault.MEMORY}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What a worker verifies with."""

    trust: tuple[Path, ...]  #: folders and files of certificates and revocation data
    policy: VerificationPolicy
    screen: Callable[[bytes], bool]  #: whether XML may become a tree; a function of a module


class Verification:
    """Verifies files; see :class:`gateway.ports.Verify`."""

    def __init__(self, isolated: Isolated, setup: Setup, *, patience_s: float) -> None:
        """Hand what may be signed to *isolated*.

        When the files of a submission took *patience_s*, no further one is handed over.
        """
        self._isolated = isolated
        self._setup = setup
        self._patience_s = patience_s
        self._epoch = EpochRoom(setup.trust)
        self._known = KnownSigners(claimed_time_counts=setup.policy.claimed_time_counts)

    def __call__(
        self,
        file: BinaryIO,
        media_type: str,
        *,
        at: datetime,
        content: BinaryIO | None = None,
        spent_s: float = 0.0,
    ) -> SignatureReport:
        """Return what is true about the signatures of *file*, as of *at*. Blocks.

        Raises:
            Misconfigured: the trust folders cannot be read.
        """
        if not may_be_signed(file, media_type):
            return SignatureReport()
        if spent_s >= self._patience_s:
            return SignatureReport(fault=Fault.TIME)
        report = self._recognised(file, at) if media_type == PDF else None
        if report is not None:
            return report
        request = Request(
            file=_source(file),
            media_type=media_type,
            at=at,
            content=None if content is None else _source(content),
        )
        found = self._isolated(verify, self._setup, request)
        if isinstance(found, CutOff):
            return SignatureReport(fault=_FAULTS.get(found.reason, Fault.CRASH))
        if isinstance(found, Misconfigured):
            raise found
        if found.lesson is not None:
            self._known.learn(found.lesson)
        return found.report

    def _recognised(self, file: BinaryIO, at: datetime) -> SignatureReport | None:
        """Return the report on a plain signed PDF of a known signer, None for any other file."""
        epoch = self._epoch.current(time.monotonic())
        with _in_place(file) as data:
            plain = read_plain(data)
            if plain is None:
                return None
            return self._known.recognise(plain, data, at=at, epoch=epoch)


@contextmanager
def _in_place(file: BinaryIO) -> Iterator[memoryview]:
    """Give the bytes of *file* without a copy of them."""
    if isinstance(file, BytesIO):
        with file.getbuffer() as content:
            yield content
        return
    mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    with mapped, memoryview(mapped) as content:
        yield content


def _source(file: BinaryIO) -> Path | bytes:
    """Return how a worker gets at *file*: small ones may lie on no disk."""
    return file.getvalue() if isinstance(file, BytesIO) else Path(os.fsdecode(file.name))


def verify(setup: Setup, request: Request) -> Answer | Misconfigured:
    """Verify in this process, for one that can be cut off."""
    try:
        return _verifier(setup).answer(request)
    except Misconfigured as error:
        return error


@lru_cache(maxsize=1)
def _verifier(setup: Setup) -> Verifier:
    accelerate()
    return Verifier(TrustRoom(setup.trust), setup.policy, screen=setup.screen)
