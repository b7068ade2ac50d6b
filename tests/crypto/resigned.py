"""Files bent at random and then signed over what they had become: right digests, odd structures.

A mutation of a signed file mostly breaks its digest, and every reader refuses it for that. Here
the signer signs the mutation itself, so that nothing but the structure is left to judge by. The
signature is made anew within the old one: another digest, another value, all else as it was.
"""

import re
from collections.abc import Iterator
from hashlib import sha256
from io import BytesIO

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from gateway.crypto.pki import Key
from gateway.crypto.plain_cms import take_apart
from tests.crypto.corpus import PLAIN
from tests.crypto.mutations import MUTATORS, Chance, flip_any

_RANGE = re.compile(rb"/ByteRange\s*\[[\d\s]+\]\s*")
_CONTENTS = re.compile(rb"/Contents\s*(<(?:[0-9A-Fa-f]{2}){400,}>)")


def bent(pdf: bytes, key: Key, count: int, *, seed: int = 8) -> Iterator[tuple[str, bytes]]:
    """Yield *count* mutations of the signed file *pdf*, each signed anew with the RSA *key*."""
    chance, made = Chance(seed), 0
    while made < count:
        mutate = chance.choice(MUTATORS)
        changed = signed_again(mutate(pdf, chance), key)
        if changed is not None:
            yield f"{made}-{mutate.__name__}", changed
            made += 1


def signed_again(pdf: bytes, key: Key) -> bytes | None:
    """Return *pdf* signed as it is now; None when there is no room for a signature any more."""
    hole, numbers = _CONTENTS.search(pdf), _RANGE.search(pdf)
    if hole is None or numbers is None or not isinstance(key, rsa.RSAPrivateKey):
        return None
    first, begin = hole.span(1)
    text = b"/ByteRange [0 %d %d %d]" % (first, begin, len(pdf) - begin)
    if len(text) > len(numbers[0]):
        return None
    pdf = pdf.replace(numbers[0], text.ljust(len(numbers[0])), 1)
    raw = bytes.fromhex(pdf[first + 1 : begin - 1].decode("ascii"))
    cast = take_apart(raw)
    if cast is None:
        return None
    digest = sha256(pdf[:first] + pdf[begin:]).digest()
    attributes = cast.signed.replace(cast.message_digest, digest)
    value = key.sign(attributes, padding.PKCS1v15(), hashes.SHA256())
    raw = raw.replace(cast.message_digest, digest).replace(cast.signature, value)
    return pdf[:first] + b"<" + raw.hex().encode() + b">" + pdf[begin:]


def stamps_bent(pdf: bytes, key: Key, count: int, *, seed: int = 8) -> Iterator[tuple[str, bytes]]:
    """Yield *pdf* *count* times, with another statement in its time stamp, signed with *key*.

    One byte of what the authority states is another, or one of the attributes that it signs.
    """
    chance = Chance(seed)
    for number in range(count):
        raw, first, begin = _place(pdf)
        cast = take_apart(raw)
        if cast is None or cast.stamp is None or not isinstance(key, rsa.RSAPrivateKey):
            raise ValueError("this file has no time stamp of the plain kind")
        stamp = cast.stamp
        content, attributes = stamp.content, stamp.cast.signed
        if number % 4:
            content = flip_any(content, chance)
        else:
            attributes = flip_any(attributes, chance)
        digest = sha256(content).digest()
        attributes = attributes.replace(stamp.cast.message_digest, digest)
        value = key.sign(attributes, padding.PKCS1v15(), hashes.SHA256())
        raw = raw.replace(stamp.content, content).replace(stamp.cast.signed[1:], attributes[1:])
        raw = raw.replace(stamp.cast.signature, value)
        yield f"{number}-stamp", pdf[:first] + b"<" + raw.hex().encode() + b">" + pdf[begin:]


def with_stamp_of(pdf: bytes, other: bytes) -> bytes:
    """Return *pdf* with the time stamp on the signature of the *other* file, as long as its own."""
    raw, first, begin = _place(pdf)
    mine, foreign = take_apart(raw), take_apart(_place(other)[0])
    if mine is None or foreign is None or mine.stamp is None or foreign.stamp is None:
        raise ValueError("a file has no time stamp of the plain kind")
    parts = [(mine.stamp.content, foreign.stamp.content)]
    parts += [(mine.stamp.cast.signed[1:], foreign.stamp.cast.signed[1:])]
    parts += [(mine.stamp.cast.signature, foreign.stamp.cast.signature)]
    for old, new in parts:
        raw = raw.replace(old, new)
    return pdf[:first] + b"<" + raw.hex().encode() + b">" + pdf[begin:]


def _place(pdf: bytes) -> tuple[bytes, int, int]:
    """Return the signature of *pdf*, and the places before and behind its brackets."""
    hole = _CONTENTS.search(pdf)
    if hole is None:
        raise ValueError("this file has no signature")
    first, begin = hole.span(1)
    return bytes.fromhex(pdf[first + 1 : begin - 1].decode("ascii")), first, begin


def with_scan(size: int) -> bytes:
    """Return the plain page with a stream of *size* bytes more, in a revision of its own."""
    writer = IncrementalPdfFileWriter(BytesIO(PLAIN))
    scan = generic.StreamObject(stream_data=bytes(size))
    writer.root[generic.NameObject("/Scan")] = writer.add_object(scan)
    writer.update_root()
    output = BytesIO()
    writer.write(output)
    return output.getvalue()
