"""Pages of the directory: one snapshot put in order and folded once, then searched many times."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from gateway.domain.directory import Agency, AgencyKind, Directory, code_order
from gateway.domain.text import fold


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a page shows; None asks for anything."""

    after: str | None = None  #: code behind which the page starts
    limit: int = 50
    parent: str | None = None  #: directly below it; a code in either form
    words: str = ""  #: every word is in a code, the name or the short name, without accents
    kind: AgencyKind | None = None
    is_open: bool | None = None


class AgencyList:
    """The agencies of one snapshot in the order of their codes. Blocks: never on the loop."""

    def __init__(self, directory: Directory) -> None:
        """Keep *directory*; order is made when it is needed first."""
        self.directory = directory

    def page(self, wanted: Wanted, today: date) -> tuple[list[Agency], str | None]:
        """Return the agencies of a page, and the code from which to go on, None at the end."""
        start = 0
        if wanted.after is not None:
            start = bisect_right(self._places, code_order(wanted.after))
        words = fold(wanted.words).split()
        parent = self._parent(wanted.parent)
        found: list[Agency] = []
        for place in range(start, len(self._agencies)):
            agency = self._agencies[place]
            if (
                (parent is None or agency.parent == parent)
                and (wanted.kind is None or agency.kind is wanted.kind)
                and (wanted.is_open is None or agency.is_open(today) is wanted.is_open)
                and all(word in self._texts[place] for word in words)
            ):
                if len(found) == wanted.limit:
                    return found, found[-1].code
                found.append(agency)
        return found, None

    def _parent(self, given: str | None) -> str | None:
        agency = None if given is None else self.directory.find(given)
        return given if agency is None else agency.code

    @cached_property
    def _agencies(self) -> list[Agency]:
        return list(self.directory)

    @cached_property
    def _places(self) -> list[tuple[tuple[int, str], ...]]:
        return [code_order(agency.code) for agency in self._agencies]

    @cached_property
    def _texts(self) -> list[str]:
        return [
            fold(f"{each.code} {each.legacy_code or ''} {each.short_name or ''} {each.name}")
            for each in self._agencies
        ]
