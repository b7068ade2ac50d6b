"""The code lists of ``schemas/codelists`` as typed, immutable tables, read once."""

import csv
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from gateway.domain.document import BusinessKind, Priority
from gateway.domain.text import fold

_QUALIFIER = re.compile(r"\s*\([^)]*\)\s*$")
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentType:
    """One of the 29 types of administrative documents (NĐ 30/2020/NĐ-CP art. 7)."""

    abbreviation: str  #: with its diacritics, ``CV`` for công văn
    name: str  #: Vietnamese, as the decree writes it
    name_en: str
    type_detail: int | None  #: edXML DocumentType/TypeDetail where known
    official: bool  #: the abbreviation stands in Annex III
    since: date | None  #: first day of the type; None: older than the rules on records work
    source: str

    @property
    def short_name(self) -> str:
        """The name without a qualifier such as ``(cá biệt)``, as documents bear it."""
        return _QUALIFIER.sub("", self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityValue:
    """One value of edXML OtherInfo/Priority."""

    value: int
    priority: Priority
    name: str
    name_en: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """One code of status messages (StatusCode)."""

    code: str
    name: str
    name_en: str
    text: str  #: Vietnamese wording for a Description
    reported_by: str  #: ``recipient`` or ``sender``
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessType:
    """One value of BussinessDocType."""

    value: int
    kind: BusinessKind
    name: str
    name_en: str
    source: str


def _rows(name: str) -> list[dict[str, str]]:
    text = files("schemas").joinpath("codelists", f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def document_types() -> Mapping[str, DocumentType]:
    """Return the 29 types by abbreviation."""
    types = (
        DocumentType(
            abbreviation=row["abbreviation"],
            name=row["name"],
            name_en=row["name_en"],
            type_detail=int(row["type_detail"]) if row["type_detail"] else None,
            official=row["official"] == "yes",
            since=date.fromisoformat(row["since"]) if row["since"] else None,
            source=row["source"],
        )
        for row in _rows("document-types")
    )
    return MappingProxyType({each.abbreviation: each for each in types})


@cache
def priorities() -> Mapping[int, PriorityValue]:
    """Return the urgency levels by their value on the wire."""
    values = (
        PriorityValue(
            value=int(row["value"]),
            priority=Priority(row["priority"]),
            name=row["name"],
            name_en=row["name_en"],
            source=row["source"],
        )
        for row in _rows("priorities")
    )
    return MappingProxyType({each.value: each for each in values})


@cache
def statuses() -> Mapping[str, Status]:
    """Return the status codes."""
    return MappingProxyType({row["code"]: Status(**row) for row in _rows("statuses")})


@cache
def business_types() -> Mapping[int, BusinessType]:
    """Return the kinds of document messages by their value on the wire."""
    types = (
        BusinessType(
            value=int(row["value"]),
            kind=BusinessKind(row["kind"]),
            name=row["name"],
            name_en=row["name_en"],
            source=row["source"],
        )
        for row in _rows("business-types")
    )
    return MappingProxyType({each.value: each for each in types})


def _plain(name: str) -> str:
    composed = unicodedata.normalize("NFC", name)
    return _BLANKS.sub(" ", _QUALIFIER.sub("", composed)).strip().casefold()


@cache
def _by_name() -> Mapping[str, str]:
    """Names with their tones first; without tones only where one type answers to it."""
    exact = {_plain(each.name): each.abbreviation for each in document_types().values()}
    bare: dict[str, set[str]] = {}
    for name, abbreviation in exact.items():
        bare.setdefault(fold(name), set()).add(abbreviation)
    tolerant = {key: min(found) for key, found in bare.items() if len(found) == 1}
    return MappingProxyType(tolerant | exact)


def abbreviation_of(type_name: str) -> str | None:
    """Return the abbreviation for the name of a document type as somebody wrote it.

    Case, tone marks, composition, spaces and ``(cá biệt)`` do not matter; an abbreviation stands
    for itself only when written exactly, since ``HD`` and ``HĐ`` are different types.
    """
    composed = unicodedata.normalize("NFC", type_name).strip()
    if composed in document_types():
        return composed
    plain = _plain(composed)
    return _by_name().get(plain) or _by_name().get(fold(plain))
