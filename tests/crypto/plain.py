"""Plain pyHanko, in a process of its own: `python -m tests.crypto.plain FOLDER COUNT INSTANT…`.

Prints, as JSON, whether all signatures of each PDF file of the folder, and of COUNT mutations of
these files, are fine at each instant. Nothing here has been made faster, and nothing is kept from
one file to the next but the parsed certificates and lists.
"""

import logging
import sys
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
from asn1crypto import crl
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.policy_decl import (
    CertRevTrustPolicy,
    RevocationCheckingPolicy,
    RevocationCheckingRule,
)

from tests.crypto.mutations import mutations

_USAGE = KeyUsageConstraints(
    key_usage={"non_repudiation", "digital_signature"}, match_all_key_usages=False
)


def is_fine(pdf: bytes, trust: Path, at: datetime) -> bool:
    """Whether *pdf* has signatures and pyHanko finds nothing wrong with any of them.

    Read strictly, and leniently when that fails: so does the house.
    """
    try:
        return _is_fine(pdf, trust, at, strict=True)
    except Exception:  # noqa: BLE001 - the lenient reader has the last word
        try:
            return _is_fine(pdf, trust, at, strict=False)
        except Exception:  # noqa: BLE001 - whatever it raises is a no
            return False


def _is_fine(pdf: bytes, trust: Path, at: datetime, *, strict: bool) -> bool:
    reader = PdfFileReader(BytesIO(pdf), strict=strict)
    if reader.encrypted:
        reader.decrypt(b"")
    lines = [_bottom_line(each, trust, at) for each in reader.embedded_regular_signatures]
    return bool(lines) and all(lines)


def _bottom_line(signature: Any, trust: Path, at: datetime) -> bool:  # noqa: ANN401
    status = validate_pdf_signature(signature, _context(trust, at), key_usage_settings=_USAGE)
    return bool(status.bottom_line)


@cache
def _certificates(file: Path) -> list[Any]:
    return list(load_certs_from_pemder_data(file.read_bytes()))


@cache
def _lists(trust: Path) -> list[Any]:
    return [crl.CertificateList.load(file.read_bytes()) for file in sorted(trust.glob("*.crl"))]


def _context(trust: Path, at: datetime) -> ValidationContext:
    rules = RevocationCheckingRule
    return ValidationContext(
        trust_roots=_certificates(trust / "root.pem"),
        other_certs=[
            *_certificates(trust / "intermediate.pem"),
            *_certificates(trust / "lost.pem"),
        ],
        crls=_lists(trust),
        moment=at,
        revinfo_policy=CertRevTrustPolicy(
            RevocationCheckingPolicy(rules.CRL_OR_OCSP_REQUIRED, rules.CRL_OR_OCSP_REQUIRED),
            retroactive_revinfo=True,
        ),
    )


def cases(folder: Path, count: int) -> Iterator[tuple[str, bytes]]:
    """Yield the PDF files of *folder*, then *count* mutations of them."""
    files = {file.stem: file.read_bytes() for file in sorted(folder.glob("*.pdf"))}
    yield from files.items()
    yield from mutations(files, count)


def main(folder: Path, count: int, instants: list[datetime]) -> None:
    """Judge every file of *folder* and *count* mutations at every one of the *instants*."""
    logging.disable(logging.CRITICAL)
    lines = {
        name: {at.isoformat(): is_fine(pdf, folder / "trust", at) for at in instants}
        for name, pdf in cases(folder, count)
    }
    sys.stdout.buffer.write(msgspec.json.encode(lines))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), [datetime.fromisoformat(a) for a in sys.argv[3:]])
