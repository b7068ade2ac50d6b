"""A CMS signature taken apart, unjudged: what all signatures of a signer share, and the rest.

Of the signatures that one signer makes with one program only the digest of the content, the
claimed time and the signature value differ. Everything else is the *mould*: whoever has judged one
signature knows what its mould is worth (``known.py``). The same is true of the time stamp that may
lie upon the signature value. Only DER is read here: of one signer, with signed attributes, without
lists of revoked certificates, and with one time stamp at most.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

_SEQUENCE, _SET, _INTEGER, _OCTETS, _OBJECT_ID, _UTC_TIME = 0x30, 0x31, 0x02, 0x04, 0x06, 0x17
_TIME, _TAGGED, _TAGGED_1 = 0x18, 0xA0, 0xA1
_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
_MESSAGE_DIGEST = bytes.fromhex("06092a864886f70d010904")
_SIGNING_TIME = bytes.fromhex("06092a864886f70d010905")
_TIME_STAMP = bytes.fromhex("060b2a864886f70d010910020e")
_DIGESTS = {
    bytes.fromhex("0609608648016503040201"): "sha256",
    bytes.fromhex("0609608648016503040202"): "sha384",
    bytes.fromhex("0609608648016503040203"): "sha512",
}
#: The kind of key, and the digest where the mechanism names it.
_MECHANISMS = {
    bytes.fromhex("06092a864886f70d010101"): ("rsa", ""),
    bytes.fromhex("06092a864886f70d01010b"): ("rsa", "sha256"),
    bytes.fromhex("06092a864886f70d01010c"): ("rsa", "sha384"),
    bytes.fromhex("06092a864886f70d01010d"): ("rsa", "sha512"),
    bytes.fromhex("06082a8648ce3d040302"): ("ecdsa", "sha256"),
    bytes.fromhex("06082a8648ce3d040303"): ("ecdsa", "sha384"),
    bytes.fromhex("06082a8648ce3d040304"): ("ecdsa", "sha512"),
}
#: Of a SignedData: version, digests, kind of content, certificates, signers.
_SIGNED_DATA_TAGS = (_INTEGER, _SET, _SEQUENCE, _TAGGED, _SET)
#: Of a SignerInfo: version, certificate, digest, signed attributes, mechanism, signature.
_SIGNER_INFO_TAGS = (_INTEGER, _SEQUENCE, _SEQUENCE, _TAGGED, _SEQUENCE, _OCTETS)
#: Of what a time stamp states: version, policy, imprint, serial number, time; more may follow.
_STATED_TAGS = (_INTEGER, _OBJECT_ID, _SEQUENCE, _INTEGER, _TIME)
_NUMBER = bytes([_INTEGER])
_MOST_ATTRIBUTES = 16
#: Lengths up to 127 stand in one byte, others behind the number of their bytes.
_SHORT = 0x80
_MOST_LENGTH_BYTES = 3


class _Odd(Exception):
    """This is not of the plain kind."""


class _Element(NamedTuple):
    """A tag with its content, as they stand."""

    tag: int
    raw: bytes
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamped:
    """The time stamp on a signature value, taken apart; its mould is part of the signature's."""

    cast: "Cast"
    content: bytes  #: what it states, whole
    digest: str  #: the algorithm of the imprint
    imprint: bytes  #: digest of the signature value
    at: bytes  #: GeneralizedTime, DER


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """One signature, taken apart."""

    mould: bytes  #: SHA-256 over all that is not below
    digest: str  #: the algorithm for the content and for the attributes
    mechanism: str  #: ``rsa`` (PKCS #1 v1.5) or ``ecdsa``
    message_digest: bytes  #: of the content, as the signer states it
    signing_time: bytes | None  #: as the signer claims it, UTCTime, DER
    signed: bytes  #: the attributes as they were signed
    signature: bytes
    stamp: Stamped | None = None


def take_apart(cms: bytes) -> Cast | None:
    """Return the signature *cms*, None when it is not plain; zeros may follow it."""
    try:
        return _cast(cms)
    except (_Odd, IndexError, KeyError):
        return None


def _cast(cms: bytes) -> Cast:
    *about, infos = _signed_data(cms)
    return _of_signer(infos, [each.raw for each in about], may_be_stamped=True)


def _signed_data(cms: bytes) -> list[_Element]:
    """Return the parts of the SignedData in *cms*."""
    whole, end = _element(cms, 0)
    if whole.tag != _SEQUENCE or cms[end:].strip(b"\0"):
        raise _Odd
    kind, wrapped = _elements(whole.content, (_OBJECT_ID, _TAGGED))
    if kind.raw != _SIGNED_DATA:
        raise _Odd
    [signed_data] = _elements(wrapped.content, (_SEQUENCE,))
    return _elements(signed_data.content, _SIGNED_DATA_TAGS)


def _of_signer(infos: _Element, about: list[bytes], *, may_be_stamped: bool) -> Cast:
    """Return the signature of the one in *infos*; *about* goes into its mould, too."""
    [info] = _elements(infos.content, (_SEQUENCE,))
    parts = list(_walk(info.content))
    stamp = None
    if may_be_stamped and len(parts) > len(_SIGNER_INFO_TAGS):
        stamp = _stamp(parts.pop())
    if tuple(each.tag for each in parts) != _SIGNER_INFO_TAGS:
        raise _Odd
    version, signer, digest, attributes, mechanism, signature = parts
    name = _DIGESTS[_first(digest).raw]
    key, named = _MECHANISMS[_first(mechanism).raw]
    if named not in {"", name}:
        raise _Odd
    fixed, stated, claimed = _attributes(attributes.content)
    pieces = [*about, *(each.raw for each in (version, signer, digest, mechanism)), *fixed]
    return Cast(
        mould=_summary(pieces if stamp is None else [*pieces, stamp.cast.mould]),
        digest=name,
        mechanism=key,
        message_digest=stated,
        signing_time=claimed,
        signed=bytes([_SET]) + attributes.raw[1:],
        signature=signature.content,
        stamp=stamp,
    )


def _stamp(unsigned: _Element) -> Stamped:
    """Return the time stamp that is the one attribute in *unsigned*."""
    if unsigned.tag != _TAGGED_1:
        raise _Odd
    [attribute] = _elements(unsigned.content, (_SEQUENCE,))
    kind, values = _elements(attribute.content, (_OBJECT_ID, _SET))
    [token] = _elements(values.content, (_SEQUENCE,))
    if kind.raw != _TIME_STAMP:
        raise _Odd
    version, digests, content, certificates, infos = _signed_data(token.raw)
    form, wrapped = _elements(content.content, (_OBJECT_ID, _TAGGED))
    [octets] = _elements(wrapped.content, (_OCTETS,))
    [info] = _elements(octets.content, (_SEQUENCE,))
    stated = list(_walk(info.content))
    if tuple(each.tag for each in stated[: len(_STATED_TAGS)]) != _STATED_TAGS:
        raise _Odd
    kinds, imprint, at = stated[:2], stated[2], stated[4]
    mechanism, value = _elements(imprint.content, (_SEQUENCE, _OCTETS))
    # A number behind the time is there against replay: another one in each stamp.
    more = [_NUMBER if each.tag == _INTEGER else each.raw for each in stated[len(_STATED_TAGS) :]]
    fixed = [each.raw for each in (version, digests, form, certificates, *kinds, mechanism)]
    return Stamped(
        cast=_of_signer(infos, [*fixed, *more], may_be_stamped=False),
        content=octets.content,
        digest=_DIGESTS[_first(mechanism).raw],
        imprint=value.content,
        at=at.raw,
    )


def _attributes(content: bytes) -> tuple[list[bytes], bytes, bytes | None]:
    """Return the signed attributes that a mould is made of, the digest and the claimed time."""
    fixed: list[bytes] = []
    stated: list[bytes] = []
    claimed: list[bytes] = []
    for attribute in _walk(content):
        if attribute.tag != _SEQUENCE:
            raise _Odd
        kind, values = _elements(attribute.content, (_OBJECT_ID, _SET))
        if kind.raw == _MESSAGE_DIGEST:
            [value] = _elements(values.content, (_OCTETS,))
            stated.append(value.content)
            fixed.append(kind.raw)
        elif kind.raw == _SIGNING_TIME:
            [value] = _elements(values.content, (_UTC_TIME,))
            claimed.append(value.raw)
            fixed.append(kind.raw)
        else:
            fixed.append(attribute.raw)
    if len(stated) != 1 or len(claimed) > 1:
        raise _Odd
    return fixed, stated[0], claimed[0] if claimed else None


def _summary(pieces: list[bytes]) -> bytes:
    """Return a digest of the *pieces*, each with its length by its own tag."""
    found = hashlib.sha256()
    for each in pieces:
        found.update(each)
    return found.digest()


def _first(sequence: _Element) -> _Element:
    """Return the first element of *sequence*: of an algorithm, its identifier."""
    return _element(sequence.content, 0)[0]


def _elements(content: bytes, tags: tuple[int, ...]) -> list[_Element]:
    """Return the elements that *content* is made of; they must bear these *tags*."""
    found = list(_walk(content))
    if tuple(each.tag for each in found) != tags:
        raise _Odd
    return found


def _walk(content: bytes) -> Iterator[_Element]:
    place = 0
    for _ in range(_MOST_ATTRIBUTES):
        if place == len(content):
            return
        element, place = _element(content, place)
        yield element
    raise _Odd


def _element(data: bytes, place: int) -> tuple[_Element, int]:
    """Return the element at *place*, and the place behind it; its length must be as DER has it."""
    tag, length, begin = data[place], data[place + 1], place + 2
    if length >= _SHORT:
        count = length - _SHORT
        length = int.from_bytes(data[begin : begin + count])
        is_shortest = length >= _SHORT and data[begin] != 0
        if not (0 < count <= _MOST_LENGTH_BYTES and is_shortest):
            raise _Odd
        begin += count
    end = begin + length
    if end > len(data):
        raise _Odd
    return _Element(tag, data[place:end], data[begin:end]), end
