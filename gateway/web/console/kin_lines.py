"""How documents that change one another are named to clerks: by number and notation, with a link."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from gateway.domain.exchange import Document
from gateway.pipeline.kinship import Kin, Relative, Tie


@dataclass(frozen=True, slots=True, kw_only=True)
class KinLine:
    """One other document."""

    kind: str  #: value of :class:`Tie`
    mark: str  #: number and notation, or the code by which it is named
    on: date | None  #: day of issue
    reason: str
    id: str  #: of its page, "" when there is none for the reader


@dataclass(frozen=True, slots=True, kw_only=True)
class KinLines:
    """All that a page says of relatives."""

    earlier: tuple[KinLine, ...] = ()
    later: tuple[KinLine, ...] = ()

    @property
    def followed(self) -> str:
        """Return the key of the tag of what was changed: the strongest word; "": none."""
        kinds = {each.kind for each in self.later}
        if Tie.REPLACE.value in kinds:
            return "replaced"
        return "updated" if kinds else ""


def kin_lines(kin: Kin) -> KinLines:
    """Return the lines of *kin*."""
    return KinLines(earlier=_lines(kin.earlier), later=_lines(kin.later))


def mark_of(document: Document) -> str:
    """Return number and notation; the sequence of the code stands in for a missing number."""
    data = document.metadata
    number = data.number or (document.code or "").rpartition("/")[2]
    return "/".join(filter(None, (number, data.notation)))


def _lines(relatives: Iterable[Relative]) -> tuple[KinLine, ...]:
    return tuple(
        KinLine(
            kind=each.tie.value,
            mark=each.named if each.document is None else mark_of(each.document),
            on=None if each.document is None else each.document.metadata.promulgated_on,
            reason=each.reason or "",
            id="" if each.document is None else each.document.id,
        )
        for each in relatives
    )
