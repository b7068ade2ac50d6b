"""One way to verify, in a process of its own: `python -m bench.verifying WAY FOLDER SECONDS NAME`.

WAY is `floor` (SHA-256 of the bytes, one raw RSA verification, one fsync: the least that any
verification costs), `plain` (pyHanko as it comes, a fresh context for each file, certificates and
lists parsed once) or `house`; NAME is that of one file, or empty for every file. Prints how many
files a second and how much CPU each, as JSON.
"""

import hashlib
import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from pathlib import Path

import msgspec
from asn1crypto import crl, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from gateway.crypto.acceleration import accelerate
from gateway.crypto.glance import PDF
from gateway.crypto.policy import VerificationPolicy
from gateway.crypto.trust import TrustRoom, load_trust
from gateway.crypto.verify import Request, Verifier
from gateway.domain.signatures import Verdict
from gateway.formats.screening import screen_xml

Work = Callable[[], bool]


def floor(file: Path, trust: Path, at: datetime) -> Work:
    """Return the least work."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    scheme = padding.PKCS1v15()
    signature = key.sign(b"bench", scheme, hashes.SHA256())
    public = key.public_key()
    output, name = tempfile.mkstemp()
    Path(name).unlink()

    def work() -> bool:
        digest = hashlib.sha256(file.read_bytes()).digest()
        public.verify(signature, b"bench", scheme, hashes.SHA256())
        os.pwrite(output, digest, 0)
        os.fsync(output)
        return True

    return work


def plain(file: Path, trust: Path, at: datetime) -> Work:
    """Return the work of pyHanko as it comes."""
    logging.disable(logging.CRITICAL)
    known = load_trust([trust])
    roots: list[x509.Certificate] = known.anchors(stamps=False)
    lists: list[crl.CertificateList] = [each.parsed for each in known.crls]

    def work() -> bool:
        context = ValidationContext(
            trust_roots=roots,
            other_certs=known.intermediates,
            crls=lists,
            moment=at,
            revocation_mode="require",
            retroactive_revinfo=True,
        )
        reader = PdfFileReader(BytesIO(file.read_bytes()))
        signatures = reader.embedded_regular_signatures
        return all(validate_pdf_signature(each, context).bottom_line for each in signatures)

    return work


def house(file: Path, trust: Path, at: datetime) -> Work:
    """Return the work of a worker of the house."""
    accelerate()
    verifier = Verifier(TrustRoom([trust]), VerificationPolicy(), screen=screen_xml)
    request = Request(file=file, media_type=PDF, at=at)

    def work() -> bool:
        signatures = verifier.verify(request).signatures
        return bool(signatures) and all(each.verdict is Verdict.VALID for each in signatures)

    return work


WAYS = {"floor": floor, "plain": plain, "house": house}


def measure(work: Work, seconds: float) -> dict[str, float]:
    """Do *work* for some *seconds*; raise ValueError when it does not find the file valid."""
    if not work():
        raise ValueError("the file of the benchmark is not valid")
    count, begun, cpu = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - begun < seconds:
        work()
        count += 1
    spent = time.perf_counter() - begun
    cpu_ms = (time.process_time() - cpu) * 1000 / count
    return {"per_s": count / spent, "cpu_ms": cpu_ms}


def main(way: str, folder: Path, seconds: float, name: str) -> None:
    """Measure one *way* on every file of *folder*, or on the one of that *name*."""
    at = datetime.fromisoformat((folder / "at").read_text("ascii"))
    found = {
        file.stem: measure(WAYS[way](file, folder / "trust", at), seconds)
        for file in sorted(folder.glob(f"{name or '*'}.pdf"))
    }
    sys.stdout.buffer.write(msgspec.json.encode(found))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3]), sys.argv[4])
