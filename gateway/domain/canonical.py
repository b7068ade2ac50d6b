"""The one form of bytes in which a record is hashed: RFC 8785 (JSON Canonicalization Scheme)."""

import hashlib
from collections.abc import Mapping

import rfc8785


def canonical(value: Mapping[str, object]) -> bytes:
    """Return *value* (strings, integers, booleans, nulls, lists, maps) in its RFC 8785 form."""
    return rfc8785.dumps(value)  # type: ignore[arg-type] # its alias is recursive, ours is open


def digest(value: Mapping[str, object]) -> str:
    """Return the SHA-256 of the canonical form, lower-case hex."""
    return hashlib.sha256(canonical(value)).hexdigest()
