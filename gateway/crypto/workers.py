"""Verification in worker processes: a file that runs away costs its worker, and the room lives on.

Every worker has the fast ways of ``acceleration.py`` in place and keeps the trust folders and what
it found about certificates. A file that bears no mark of a signature is not handed over at all.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from gateway.crypto.acceleration import accelerate
from gateway.crypto.glance import may_be_signed
from gateway.crypto.policy import VerificationPolicy
from gateway.crypto.trust import TrustRoom
from gateway.crypto.verify import Request, Verifier
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
        return found


def _source(file: BinaryIO) -> Path | bytes:
    """Return how a worker gets at *file*: small ones may lie on no disk."""
    return file.getvalue() if isinstance(file, BytesIO) else Path(os.fsdecode(file.name))


def verify(setup: Setup, request: Request) -> SignatureReport | Misconfigured:
    """Verify in this process, for one that can be cut off."""
    try:
        return _verifier(setup).verify(request)
    except Misconfigured as error:
        return error


@lru_cache(maxsize=1)
def _verifier(setup: Setup) -> Verifier:
    accelerate()
    return Verifier(TrustRoom(setup.trust), setup.policy, screen=setup.screen)
