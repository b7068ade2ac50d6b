"""Signed PDF files of several sizes, made once and kept for later runs, and who is to be trusted.

In the folder lie one file for each size (`100 kB.pdf`), a folder for each size of which a load
needs many (`100 kB/`), the certificates and revocation lists (`trust/`), and the moment at which
they were made (`at`, ISO 8601).
"""

import hashlib
import secrets
import shutil
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from bench.filling import CACHE
from gateway.crypto.pki import Pki, make_pki
from gateway.crypto.specimen import Pen, page, sign_pdf, trust_files

SIZES = {"100 kB": 100 << 10, "1 MB": 1 << 20, "5 MB": 5 << 20}
TWICE = "100 kB, two signers"
#: How many different files there are for a load.
MANY = {"100 kB": 16, "5 MB": 4}
#: The revocation lists end after a week.
_FRESH = timedelta(days=5)


def signed() -> Path:
    """Return the folder of the files, made anew when they are old or this code is another."""
    code = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:12]
    kept = CACHE / f"signed-{code}"
    now = datetime.now(UTC)  # noqa: TID251 - no clock of a node here
    if not _is_fresh(kept, now):
        for outdated in CACHE.glob("signed-*"):
            shutil.rmtree(outdated)
        unfinished = kept.with_suffix(".tmp")
        _make(unfinished, now)
        unfinished.rename(kept)
    return kept


def many(size: str) -> list[Path]:
    """Return different files of *size*, each with one signature."""
    return sorted((signed() / size).iterdir())


def trusting(*, more: str = "") -> str:
    """Return the settings of a node that trusts the signers; *more* stands in the same table."""
    return f'[signatures]\ntrust = ["{signed() / "trust"}"]\n{more}\n'


def _is_fresh(kept: Path, now: datetime) -> bool:
    if not (kept / "at").exists():
        return False
    return now - datetime.fromisoformat((kept / "at").read_text("ascii")) < _FRESH


def _make(folder: Path, now: datetime) -> None:
    pki = make_pki(now, rsa_bits=2048)
    (folder / "trust").mkdir(parents=True)
    for name, content in trust_files(pki, now).items():
        (folder / "trust" / name).write_bytes(content)
    person, agency = _pens(pki, now)
    for name, size in SIZES.items():
        (folder / f"{name}.pdf").write_bytes(sign_pdf(_sized(size), person))
    twice = sign_pdf((folder / "100 kB.pdf").read_bytes(), agency)
    (folder / f"{TWICE}.pdf").write_bytes(twice)
    for name, count in MANY.items():
        (folder / name).mkdir()
        for n in range(count):
            content = sign_pdf(_sized(SIZES[name]), person)
            (folder / name / f"{n:02}.pdf").write_bytes(content)
    (folder / "at").write_text(now.isoformat(), "ascii")


def _pens(pki: Pki, now: datetime) -> tuple[Pen, Pen]:
    chain = (pki.intermediate,)
    return (
        Pen(party=pki.person, at=now, chain=chain),
        Pen(party=pki.agency, at=now, field="CoQuan", chain=chain),
    )


def _sized(size: int) -> bytes:
    """Return a PDF of about *size* bytes, most of it one stream, as of a scan."""
    writer = IncrementalPdfFileWriter(BytesIO(page(("BENCH",))))
    scan = generic.StreamObject(stream_data=secrets.token_bytes(size))
    writer.root[generic.NameObject("/Scan")] = writer.add_object(scan)
    writer.update_root()
    output = BytesIO()
    writer.write(output)
    return output.getvalue()
