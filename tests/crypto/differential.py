"""The same files through plain pyHanko and through the house, side by side.

Plain pyHanko judges in a process of its own, so that nothing there has been made faster. It has
one answer to everything, `bottom_line`; ours must never be `valid` when that is false, but for what
`LAXER` names, and never anything else when it is true, but for what `STRICTER` names.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from subprocess import PIPE, Popen

import msgspec

from gateway.crypto.cms import Bench
from gateway.crypto.pdf import verify_pdf
from gateway.domain.signatures import Reason
from tests.crypto import corpus
from tests.crypto.attacks import ATTACKS
from tests.crypto.corpus import country, signed_by
from tests.crypto.honest import HONEST
from tests.crypto.plain import cases
from tests.crypto.test_long_term import archived

_REPOSITORY = Path(__file__).resolve().parents[2]
#: Where the house goes further than the library: what others could show, and what is left of
#: signatures; a server's certificate signs no documents; a damaged stamp on a signature.
STRICTER = frozenset(
    {
        Reason.MODIFIED,
        Reason.BYTE_RANGE,
        Reason.REMOVED,
        Reason.UNSUPPORTED,
        Reason.USAGE,
        Reason.STAMP_BROKEN,
        Reason.NOT_YET_VALID,
    }
)
#: pyHanko has no rule for notes, though a certification may permit them.
LAXER = ("note-on-what-permits-notes",)


_STAMPED = ("good", "revoked-before", "revoked-after", "expired-before", "stranger")


def everything() -> dict[str, bytes]:
    """Return the people of the corpus, the attacks and the honest files."""
    people = {name: signed_by(name) for name in country().people}
    stamped = {f"{name}-stamped": signed_by(name, stamped=True) for name in _STAMPED}
    return people | stamped | ATTACKS | HONEST | {"archived": archived()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found out about every file, by its name."""

    folder: Path  #: the files, and the folder `trust`
    plain: Mapping[str, tuple[bool, ...]]  #: whether pyHanko finds it fine, by instants
    ours: Mapping[str, frozenset[Reason]]  #: why its signatures are what they are

    def laxer(self) -> list[str]:
        """Return what is valid for the house alone, and not made of what :data:`LAXER` names."""
        return [
            name
            for name, fine in self.plain.items()
            if not any(fine) and self._holds(name) and not name.endswith(LAXER)
        ]

    def stricter(self) -> list[str]:
        """Return what is valid for pyHanko alone, and not for a reason of :data:`STRICTER`."""
        return [
            name
            for name, fine in self.plain.items()
            if fine[-1] and not self._holds(name) and not self.ours[name] & STRICTER
        ]

    def _holds(self, name: str) -> bool:
        return self.ours[name] == {Reason.HOLDS}


def compare(
    folder: Path, files: Mapping[str, bytes], *, count: int, instants: Sequence[datetime]
) -> Found:
    """Judge *files* and *count* mutations of them in both ways; ours at the last instant."""
    corpus.lay(folder / "trust")
    for name, pdf in files.items():
        (folder / f"{name}.pdf").write_bytes(pdf)
    script = [sys.executable, "-m", "tests.crypto.plain", str(folder), str(count)]
    moments = [each.isoformat() for each in instants]
    with Popen([*script, *moments], cwd=_REPOSITORY, stdout=PIPE) as process:  # noqa: S603 - ours
        bench = corpus.bench(folder / "trust", at=instants[-1])
        ours = {name: reasons(pdf, bench) for name, pdf in cases(folder, count)}
        output, _ = process.communicate()
    lines = msgspec.json.decode(output, type=dict[str, dict[str, bool]])
    plain = {name: tuple(by_moment.values()) for name, by_moment in lines.items()}
    return Found(folder=folder, plain=plain, ours=ours)


def reasons(pdf: bytes, bench: Bench) -> frozenset[Reason]:
    """Return why the signatures of *pdf* are what they are; nothing for one that is too large."""
    try:
        return frozenset(each.reason for each in verify_pdf(pdf, bench).signatures)
    except MemoryError:
        return frozenset()
