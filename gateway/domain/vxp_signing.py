"""How a VXP request is signed: Java's order of headers, the signed text, the digest of a file.

Whether a server checks the bytes that it received or writes the text again from the list of names
is not known, so the names stand in the order that the SDK's HashMap would give them.
"""

import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from hashlib import sha256

PREFIX = "XroadVnpt-"
_CIVIL = timezone(timedelta(hours=7))
_LEAST_SIZE = 16


def signed_headers(parameters: Mapping[str, str], *, secret: str) -> dict[str, str]:
    """Return the headers of a request with *parameters*, in the order in which they were put."""
    names = java_order(tuple(parameters))
    text = json.dumps(
        {PREFIX + name: parameters[name] for name in names},
        ensure_ascii=False,
        separators=(",", ":"),
    )
    plain = {PREFIX + name: parameters[name] for name in names}
    return plain | {
        "Content-Type": parameters["Content-Type"],
        f"{PREFIX}sign-header-key": ";".join(names),
        f"{PREFIX}sign-header": text,
        f"{PREFIX}hash-header": hmac.new(secret.encode(), text.encode(), sha256).hexdigest(),
        f"{PREFIX}version": "3.0.201608",
    }


def java_order(names: Sequence[str]) -> list[str]:
    """Return *names* in the order of a HashMap into which they were put one after another."""
    distinct, size = list(dict.fromkeys(names)), _LEAST_SIZE
    while len(distinct) > size * 3 // 4:
        size *= 2
    return sorted(distinct, key=lambda name: _spread(name) & (size - 1))


def timestamp(at: datetime) -> str:
    """Return *at* as the SDK writes it: civil time, then milliseconds in four digits."""
    local = at.astimezone(_CIVIL)
    return f"{local:%d%m%YT%H%M%S}+{local.microsecond // 1000:04}"


def unpadded(digest: bytes) -> str:
    """Return *digest* in hex as the SDK writes it: no leading zero in any byte."""
    return "".join(f"{byte:x}" for byte in digest)


def _spread(text: str) -> int:
    value = 0
    for character in text:
        value = (31 * value + ord(character)) & 0xFFFFFFFF
    return value ^ (value >> 16)
