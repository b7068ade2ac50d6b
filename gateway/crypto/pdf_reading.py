"""What pyHanko reads from a PDF file, with the exact questions that the house asks of it."""

import hashlib
import re
from datetime import datetime

from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.misc import PdfStrictReadError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from gateway.crypto.revocation import Brought

#: What is no result: the file is read again leniently, or given up.
FATAL = (MemoryError, PdfStrictReadError)
_RANGE = re.compile(rb"/ByteRange\s*\[\s*0\s+(\d{1,10})\s+\d{1,10}\s+\d{1,10}\s*\]", re.ASCII)


def security_store(reader: PdfFileReader) -> Brought:
    """Return the certificates and revocation data that the file brings (PAdES B-LT)."""
    try:
        if "/DSS" not in reader.root:
            return Brought()
        store = DocumentSecurityStore.read_dss(reader)
        lists = [each.get_object().read_data(DecodePurpose.CRL) for each in store.crls]
        answers = [
            each.get_object().read_data(DecodePurpose.OCSP_RESPONSE) for each in store.ocsps
        ]
        return Brought(
            certificates=tuple(store.load_certs()),
            crls=tuple(asn1_crl.CertificateList.load(each) for each in lists),
            ocsps=tuple(asn1_ocsp.OCSPResponse.load(each) for each in answers),
        )
    except FATAL:
        raise
    except Exception:  # noqa: BLE001 - a damaged store helps nobody, and harms nobody
        return Brought()


def subfilter(embedded: EmbeddedPdfSignature) -> str:
    """Return the encoding of the signature, such as ``/ETSI.CAdES.detached``."""
    return str(embedded.sig_object.get("/SubFilter", ""))


def claimed(embedded: EmbeddedPdfSignature) -> datetime | None:
    """Return the signing time that the signer states; one without an offset is none."""
    try:
        stated = embedded.self_reported_timestamp
    except Exception:  # noqa: BLE001 - an unreadable date claims nothing
        return None
    return stated if stated is not None and stated.tzinfo is not None else None


def end_of_range(embedded: EmbeddedPdfSignature) -> int:
    """Return the offset behind the last byte that the signature covers."""
    return int(embedded.byte_range[2]) + int(embedded.byte_range[3])


def digest(embedded: EmbeddedPdfSignature, data: bytes, algorithm: str) -> bytes:
    """Return the digest of the signed bytes; an odd range is left to pyHanko."""
    if not is_plain_range(embedded, data):
        return bytes(embedded.compute_digest(algorithm))
    _, first, begin, length = map(int, embedded.byte_range)
    signed = memoryview(data)
    found = hashlib.new(algorithm, signed[:first])
    found.update(signed[begin : begin + length])
    return found.digest()


def is_plain_range(embedded: EmbeddedPdfSignature, data: bytes) -> bool:
    """Whether the range leaves out exactly the hexadecimal string of this signature.

    Source: ISO 32000-2 section 12.8.1; ETSI EN 319 142-1 section 5.3.
    """
    numbers = [int(each) for each in embedded.byte_range]
    if len(numbers) != 4 or numbers[0] != 0 or min(numbers) < 0:  # noqa: PLR2004 - two pairs
        return False
    first, begin, length = numbers[1:]
    gap = data[first:begin]
    if first >= begin or begin + length > len(data) or gap[:1] + gap[-1:] != b"<>":
        return False
    try:
        return bytes.fromhex(gap[1:-1].decode("ascii")) == embedded.pkcs7_content
    except ValueError:
        return False


def remains(data: bytes) -> bool:
    """Whether the raw bytes hold a byte range that leaves out something like a signature.

    Its numbers must be right for this very file, so that a signed file attached to it does not
    count.
    """
    return any(data.startswith(b"<30", int(each[1])) for each in _RANGE.finditer(data))
