"""Makes four slow corners of pyHanko and asn1crypto fast, in processes that only verify.

All give what the originals give: whatever is unusual goes to the original.

1. The hexadecimal ``/Contents`` of a signature is read one byte at a time in Python; here a plain
   one, digits up to ``>``, is decoded at once.
2. Names in certificates are compared after a costly preparation of their text (RFC 5280 section
   7.1); here the answer is remembered by the bytes of the names.
3. Dictionaries are read byte by byte; here plain ones many tokens at a time (``pdf_tokens.py``).
4. Whether a signature names a certificate is worked out several times for each signature; here the
   answer is remembered by the bytes of both.
"""

import binascii
import gc
from collections.abc import Callable
from functools import lru_cache
from typing import IO, Any

from asn1crypto import x509
from pyhanko.pdf_utils import generic
from pyhanko.sign import general
from pyhanko.sign.validation import generic_cms

from gateway.crypto.pdf_tokens import read_dictionary

_PIECE = 65_536
#: A signature has 8 to 60 kB of hex; what is longer is somebody's idea of a joke.
_LONGEST = 4 << 20
_DIGITS = b"0123456789abcdefABCDEF"
_NAMES = 4096
_original_hex: Callable[[IO[bytes]], Any] = generic.read_hex_string_from_stream
#: A Name compares what it holds; the same name may be tagged differently from place to place.
_original_equal: Callable[[x509.RDNSequence, object], bool] = x509.RDNSequence.__eq__
_original_hashable: Callable[[x509.RDNSequence], str] = x509.RDNSequence.hashable.fget


def accelerate() -> None:
    """Put the fast ways in place, for this process."""
    generic.read_hex_string_from_stream = read_hex_string
    generic.DictionaryObject.read_from_stream = staticmethod(read_dictionary)  # type: ignore[method-assign]
    general.match_issuer_serial = _names_certificate
    generic_cms.check_ess_certid = _identifies  # type: ignore[attr-defined]
    x509.RDNSequence.__eq__ = _names_equal
    x509.RDNSequence.hashable = property(_name_hashable)
    gc.freeze()  # what was imported stays; the collector need not look at it again and again


def read_hex_string(stream: IO[bytes]) -> Any:  # noqa: ANN401 - one of two string types of pyHanko
    """Read a hexadecimal string as pyHanko does, and leave *stream* behind it."""
    start = stream.tell()
    digits = _plain_digits(stream)
    if digits is None:
        stream.seek(start)
        return _original_hex(stream)
    stream.seek(start + len(digits) + 2)
    return generic.pdf_string(binascii.unhexlify(digits))


def _plain_digits(stream: IO[bytes]) -> bytes | None:
    """Return what stands between ``<`` and ``>`` when it is an even number of digits alone."""
    if stream.read(1) != b"<":
        return None
    found = bytearray()
    while len(found) <= _LONGEST:
        piece = stream.read(_PIECE)
        end = piece.find(b">")
        found += piece if end < 0 else piece[:end]
        if end >= 0 or not piece:
            is_plain = end >= 0 and len(found) % 2 == 0 and not found.translate(None, _DIGITS)
            return bytes(found) if is_plain else None
    return None


@lru_cache(_NAMES)
def _equal(one: bytes, other: bytes) -> bool:
    return _original_equal(x509.RDNSequence.load(one), x509.RDNSequence.load(other))


@lru_cache(_NAMES)
def _hashable(name: bytes) -> str:
    return _original_hashable(x509.RDNSequence.load(name))


def _names_equal(self: x509.RDNSequence, other: object) -> bool:
    if not isinstance(other, x509.RDNSequence):
        return False
    one, two = self.dump(), other.dump()
    return one == two or _equal(one, two)


def _name_hashable(self: x509.RDNSequence) -> str:
    return _hashable(self.dump())


def _remembering(original: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """Return *original*, whose answer depends on the bytes of its arguments and on their kinds."""
    answers: dict[tuple[type, bytes, type, bytes], bool] = {}

    def remembering(one: Any, other: Any) -> bool:  # noqa: ANN401 - structures of asn1crypto
        key = type(one), one.dump(), type(other), other.dump()
        if key not in answers:
            if len(answers) >= _NAMES:
                answers.clear()
            answers[key] = original(one, other)
        return answers[key]

    return remembering


_names_certificate: Any = _remembering(general.match_issuer_serial)
_identifies: Any = _remembering(general.check_ess_certid)
