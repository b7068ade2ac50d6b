"""Plain pyHanko, in a process of its own: `python -m tests.crypto.plain FOLDER INSTANT…`.

Prints, as JSON, whether all signatures of each PDF file of the folder are fine at each instant.
"""

import logging
import sys
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
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

_USAGE = KeyUsageConstraints(
    key_usage={"non_repudiation", "digital_signature"}, match_all_key_usages=False
)


def is_fine(pdf: bytes, trust: Path, at: datetime) -> bool:
    """Whether *pdf* has signatures and pyHanko finds nothing wrong with any of them."""
    try:
        signatures = PdfFileReader(BytesIO(pdf)).embedded_regular_signatures
        lines = [_bottom_line(each, trust, at) for each in signatures]
    except Exception:  # noqa: BLE001 - whatever it raises is a no
        return False
    return bool(lines) and all(lines)


def _bottom_line(signature: Any, trust: Path, at: datetime) -> bool:  # noqa: ANN401
    status = validate_pdf_signature(signature, _context(trust, at), key_usage_settings=_USAGE)
    return bool(status.bottom_line)


def _context(trust: Path, at: datetime) -> ValidationContext:
    def certificates(name: str) -> list[Any]:
        return list(load_certs_from_pemder_data((trust / name).read_bytes()))

    rules = RevocationCheckingRule
    return ValidationContext(
        trust_roots=certificates("root.pem"),
        other_certs=[*certificates("intermediate.pem"), *certificates("lost.pem")],
        crls=[file.read_bytes() for file in trust.glob("*.crl")],
        moment=at,
        revinfo_policy=CertRevTrustPolicy(
            RevocationCheckingPolicy(rules.CRL_OR_OCSP_REQUIRED, rules.CRL_OR_OCSP_REQUIRED),
            retroactive_revinfo=True,
        ),
    )


def main(folder: Path, instants: list[datetime]) -> None:
    """Judge every file of *folder* at every one of the *instants*."""
    logging.disable(logging.CRITICAL)
    lines = {
        file.name: {
            at.isoformat(): is_fine(file.read_bytes(), folder / "trust", at) for at in instants
        }
        for file in sorted(folder.glob("*.pdf"))
    }
    sys.stdout.buffer.write(msgspec.json.encode(lines))


if __name__ == "__main__":
    main(Path(sys.argv[1]), [datetime.fromisoformat(each) for each in sys.argv[2:]])
