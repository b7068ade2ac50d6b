"""Whose signatures a document bears, and what it is worth with them.

A document signed by the competent person and by the agency has the value of the paper original; an
annex in a file of its own bears the agency's signature (NĐ 30/2020/NĐ-CP art. 5.1 and Annex I
Part I, III.1). How a machine tells the two apart no text says: see :class:`Owners`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from unicodedata import normalize

from gateway.domain.text import fold

#: What stands beside a file and signs it.
DETACHED = frozenset({"p7s", "p7m"})
_SHORT = 200
_ORGANISATIONS = ("organization_name", "organizational_unit_name")


class Owner(StrEnum):
    """To whom a certificate was issued."""

    PERSON = "person"
    AGENCY = "agency"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Owners:
    """How a person's certificate is told from an agency's, by the attributes of its subject.

    A mark is the name of an attribute, or ``name:text`` for one that begins with *text*. Marks of
    a person count first; then an agency is who bears its mark, is called by the name of its own
    organisation, or by a name that begins with one of *agency_words*.
    """

    person_marks: tuple[str, ...] = ()
    agency_marks: tuple[str, ...] = ()
    agency_words: tuple[str, ...] = ()
    unmarked: Owner = Owner.PERSON
    agency_codes: tuple[str, ...] = ()  #: attributes that hold the code of the agency itself

    def of(self, subject: Mapping[str, str]) -> Owner:
        """Return whose certificate it is; *subject* has its attributes by name."""
        if any(_bears(subject, mark) for mark in self.person_marks):
            return Owner.PERSON
        name = _folded(subject.get("common_name", ""))
        organisations = {
            _folded(part)
            for key in _ORGANISATIONS
            for part in (subject.get(key, ""), *subject.get(key, "").split(", "))
        }
        is_agency = (
            any(_bears(subject, mark) for mark in self.agency_marks)
            or (name and name in organisations)
            or _begins_with(subject.get("common_name", ""), self.agency_words)
        )
        return Owner.AGENCY if is_agency else self.unmarked

    def codes_of(self, subject: Mapping[str, str]) -> list[str]:
        """Return what may be the agency's code in its certificate; *name:text* stands before it."""
        marks = [mark.partition(":") for mark in self.agency_codes]
        return [
            value.removeprefix(text).lstrip(":- ").strip()
            for attribute, _, text in marks
            for value in subject.get(attribute, "").split(", ")
            if value.startswith(text)
        ]


def _begins_with(name: str, words: tuple[str, ...]) -> bool:
    """Whether *name* begins with one of *words*; accents count: Vũ is a name and Vụ an office."""
    return f"{_key(name)} ".startswith(_beginnings(words))


@lru_cache(maxsize=16)
def _beginnings(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{_key(word)} " for word in words)


def _key(text: str) -> str:
    return " ".join(normalize("NFC", text).casefold().split())


def _bears(subject: Mapping[str, str], mark: str) -> bool:
    attribute, _, text = mark.partition(":")
    value = subject.get(attribute)
    return value is not None and _folded(value).startswith(_folded(text))


def _folded(text: str) -> str:
    """Return the key of *text*; those of marks and of known signers are kept at hand."""
    return _kept(text) if len(text) <= _SHORT else fold(text)


_kept = lru_cache(maxsize=4096)(fold)


def detached_signatures(names: Sequence[str]) -> dict[int, int]:
    """Return which of the files *names* signs which other, by position.

    ``a.pdf.p7s`` and ``a.p7s`` both stand beside ``a.pdf``.
    """
    keys = [name.casefold() for name in names]
    signed: dict[str, int] = {}
    for position, key in enumerate(keys):
        stem, _, extension = key.rpartition(".")
        if extension not in DETACHED:
            signed.setdefault(key, position)
            signed.setdefault(stem, position)
    found = {}
    for position, key in enumerate(keys):
        stem, _, extension = key.rpartition(".")
        if extension in DETACHED and stem in signed:
            found[position] = signed[stem]
    return found
