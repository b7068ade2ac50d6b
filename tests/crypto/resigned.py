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
from tests.crypto.mutations import MUTATORS, Chance

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


def with_scan(size: int) -> bytes:
    """Return the plain page with a stream of *size* bytes more, in a revision of its own."""
    writer = IncrementalPdfFileWriter(BytesIO(PLAIN))
    scan = generic.StreamObject(stream_data=bytes(size))
    writer.root[generic.NameObject("/Scan")] = writer.add_object(scan)
    writer.update_root()
    output = BytesIO()
    writer.write(output)
    return output.getvalue()
