"""Time stamps (RFC 3161): asked of an authority over HTTP, and verified offline.

What is stamped is a digest of 32 bytes, the root of a tree over many receipts; the authority signs
that it saw that digest at a time. pyHanko writes the request and judges the token.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import aiohttp
from asn1crypto import cms, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign.general import SigningError
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
from pyhanko.sign.validation.status import TimestampSignatureStatus
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import PathError, ValidationError

from gateway.domain.errors import Refused, Unavailable
from gateway.ports import Run, Stamped

#: A token with a few certificates has some kilobytes.
_LARGEST_ANSWER = 256 << 10
_TYPE = "application/timestamp-reply"
_QUERY = {"Content-Type": "application/timestamp-query", "Accept": _TYPE}
#: What a token that was made wrong, or on purpose, makes the libraries raise.
_BROKEN = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    InvalidSignature,
    LookupError,
    OSError,
    PathError,
    RuntimeError,
    SignatureValidationError,
    SigningError,
    TypeError,
    UnsupportedAlgorithm,
    ValidationError,
    ValueError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """An authority that stamps; see :class:`gateway.ports.StampAuthority`."""

    url: str
    anchors: Sequence[x509.Certificate]
    timeout_s: float
    run: Run

    async def __call__(self, digest: bytes) -> Stamped:
        """Have *digest* (SHA-256) stamped, and return the token once it was verified."""
        try:
            async with asyncio.timeout(self.timeout_s):
                answer = await _Asking(self.url).async_timestamp(digest, "sha256")
            token = answer.dump()
        except TimeoutError:
            raise Unavailable(f"{self.url}: no answer in time") from None
        except (aiohttp.ClientError, *_BROKEN) as error:
            raise Unavailable(f"{self.url}: no time stamp: {_why(error)}") from error
        try:
            at = await self.run(lambda: verify_stamp(token, digest, self.anchors))
        except Refused as error:
            raise Unavailable(f"{self.url}: {error.message}") from error
        return Stamped(token=token, at=at)


class _Asking(TimeStamper):
    """One question to an authority; the library writes it and reads the answer."""

    def __init__(self, url: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._url = url

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        async with (
            aiohttp.ClientSession(auto_decompress=False) as session,
            session.post(
                self._url, data=req.dump(), headers=_QUERY, allow_redirects=False
            ) as response,
        ):
            if response.status != 200 or response.content_type != _TYPE:  # noqa: PLR2004 - OK
                raise ValueError(f"status {response.status}, {response.content_type}")
            body = await response.content.read(_LARGEST_ANSWER)
            if not response.content.at_eof():
                raise ValueError("the answer is too large")
        return tsp.TimeStampResp.load(body, strict=True)


def verify_stamp(token: bytes, digest: bytes, anchors: Sequence[x509.Certificate]) -> datetime:
    """Return when *digest* was stamped. Blocks: never on the event loop.

    The certificates are judged as of the time of the stamp; revocation is not asked for.

    Raises:
        Refused: ``receipt-stamp`` when the token is broken or of another digest,
            ``receipt-stamp-untrusted`` when no anchor stands behind it.
    """
    try:
        status = asyncio.run(_judged(token, digest, anchors))
    except _BROKEN as error:
        raise _refused(_why(error)) from error
    if not (status.intact and status.valid):
        raise _refused("signature or digest does not fit")
    if not status.trusted:
        raise Refused(
            "no trusted certificate stands behind the time stamp", code="receipt-stamp-untrusted"
        )
    at: datetime = status.timestamp
    return at.astimezone(UTC)


async def _judged(
    token: bytes, digest: bytes, anchors: Sequence[x509.Certificate]
) -> TimestampSignatureStatus:
    content = cms.ContentInfo.load(token, strict=True)
    if content["content_type"].native != "signed_data":
        raise ValueError("this is no token")
    signed = content["content"]
    info = signed["encap_content_info"]["content"].parsed
    if info["message_imprint"]["hash_algorithm"]["algorithm"].native != "sha256":
        raise ValueError("the digest is not of SHA-256")
    logging.getLogger("pyhanko").setLevel(logging.CRITICAL)  # what it says is in the finding
    logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)
    context = ValidationContext(
        trust_roots=[_parsed(each) for each in anchors],
        other_certs=list(_certificates(signed)),
        moment=info["gen_time"].native,
        allow_fetching=False,
        revocation_mode="soft-fail",
    )
    facts = await validate_tst_signed_data(signed, context, lambda _algorithm: digest)
    return TimestampSignatureStatus(**facts)


def _certificates(signed: cms.SignedData) -> Sequence[asn1_x509.Certificate]:
    """Return the certificates that the token brings along."""
    return [each.chosen for each in signed["certificates"] if each.name == "certificate"]


def _parsed(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))


def _refused(why: str) -> Refused:
    return Refused(f"the time stamp does not hold: {why}", code="receipt-stamp")


def _why(error: Exception) -> str:
    return (str(error) or type(error).__name__)[:200]
