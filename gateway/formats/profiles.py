"""Profiles of ``config/profiles/*.toml`` as frozen values; an unknown key is an error."""

import tomllib
from typing import Literal

import msgspec

from gateway.domain.errors import Misconfigured
from gateway.domain.legal_value import Owner
from gateway.domain.profile import Decision, Kind, Profile, Signing
from gateway.formats.codelists import document_types

_Owner = Literal["person", "agency"]


class _Kind(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    vi: str
    en: str
    source: str
    also: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    decision: Decision = Decision.CARRY
    paper: bool = False


class _Files(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    extensions: tuple[str, ...] | None = None
    attachment_mb: int | None = None


class _Unsigned(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pdf_only: str = ""


class _Signatures(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    original: tuple[_Owner, ...] = ("person", "agency")
    annex: tuple[_Owner, ...] = ("agency",)
    unsigned: Decision = Decision.CARRY
    partly: Decision = Decision.CARRY
    untrusted: Decision = Decision.REFUSE
    expired: Decision = Decision.REFUSE
    revoked: Decision = Decision.REFUSE
    undecided: Decision = Decision.CARRY
    unexamined: Decision = Decision.HOLD
    other_agency: Decision = Decision.CARRY
    other_person: Decision = Decision.CARRY
    pdf_only: str = ""


class _Paper(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    unless_kind: str = ""


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    title: str
    kind: tuple[_Kind, ...] = ()
    files: _Files = _Files()
    signatures: _Signatures = _Signatures()
    unsigned: _Unsigned = _Unsigned()
    paper: _Paper = _Paper()


def read_profile(raw: bytes, *, name: str) -> Profile:
    """Return the profile *name* that *raw*, a TOML file, holds.

    Raises:
        Misconfigured: it is no such file; the message says where, without the file's name.
    """
    try:
        file = msgspec.convert(tomllib.loads(raw.decode("utf-8")), _File)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise Misconfigured(str(error).replace("`$.", "`")) from error
    unknown = {each for kind in file.kind for each in kind.types} - set(document_types())
    if unknown:
        raise Misconfigured(f"`kind.types` names no type of document: {', '.join(unknown)}")
    extensions, size_mb = file.files.extensions, file.files.attachment_mb
    return Profile(
        name=name,
        title=file.title,
        kinds=tuple(_kind(each) for each in file.kind),
        paper_unless_kind=bool(file.paper.unless_kind),
        paper_source=file.paper.unless_kind,
        extensions=None if extensions is None else frozenset(extensions),
        attachment_bytes=None if size_mb is None else size_mb << 20,
        signing=_signing(file.signatures),
        unsigned_source=file.unsigned.pdf_only,
    )


def _signing(asked: _Signatures) -> Signing:
    return Signing(
        original=frozenset(Owner(each) for each in asked.original),
        annex=frozenset(Owner(each) for each in asked.annex),
        unsigned=asked.unsigned,
        partly=asked.partly,
        untrusted=asked.untrusted,
        expired=asked.expired,
        revoked=asked.revoked,
        undecided=asked.undecided,
        unexamined=asked.unexamined,
        other_agency=asked.other_agency,
        other_person=asked.other_person,
        pdf_only=asked.pdf_only,
    )


def _kind(kind: _Kind) -> Kind:
    return Kind(
        name=kind.name,
        vi=kind.vi,
        en=kind.en,
        source=kind.source,
        also=kind.also,
        types=frozenset(kind.types),
        subjects=kind.subjects,
        decision=kind.decision,
        paper=kind.paper,
    )
