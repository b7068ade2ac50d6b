"""The one form of bytes in which a record is hashed: RFC 8785 (JSON Canonicalization Scheme)."""

import hashlib
from collections.abc import Mapping

import msgspec

#: For strings, integers, booleans, nulls, lists and maps with string keys this encoder gives the
#: form of RFC 8785 once keys are sorted (a property test compares it with a library of that
#: name); floating-point numbers differ, and have no place in a record.
_ENCODER = msgspec.json.Encoder(order="sorted")


def canonical(value: Mapping[str, object]) -> bytes:
    """Return *value* (strings, integers, booleans, nulls, lists, maps) in its RFC 8785 form."""
    return _ENCODER.encode(value)


def digest(value: Mapping[str, object]) -> str:
    """Return the SHA-256 of the canonical form, lower-case hex."""
    return hashlib.sha256(canonical(value)).hexdigest()
