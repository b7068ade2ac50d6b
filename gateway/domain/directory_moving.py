"""How agencies close and move: the changes that one decision brings, worked out together."""

from dataclasses import replace
from datetime import date, timedelta

from gateway.domain.codes import QD20_LENGTH, is_dotted, next_free_group, to_legacy
from gateway.domain.directory import Agency, Directory
from gateway.domain.directory_checks import refused
from gateway.domain.directory_findings import finding


class Moving:
    """The changes of one decision while they are worked out."""

    def __init__(self, directory: Directory, *, on: date, decision: str | None) -> None:
        self._directory = directory
        self._on = on
        self._decision = decision
        self._groups: dict[str, set[str]] = {}  #: by parent, those of this decision too
        self.changes: dict[str, Agency] = {}  #: by code

    def close(self, agency: Agency, successor: Agency | None) -> None:
        """Let *agency* end on the eve of the day of the decision."""
        self.changes[agency.code] = replace(
            agency,
            valid_to=self._on - timedelta(1),
            successor=successor.code if successor is not None else None,
            decision=self._decision or agency.decision,
        )

    def move(self, agency: Agency, target: Agency) -> None:
        """Bring *agency* under *target*, and with it every open agency below it."""
        moved = self._renamed(agency, target) if is_dotted(agency.code) else agency
        if moved is agency:
            self.changes[agency.code] = replace(
                agency, parent=target.code, decision=self._decision or agency.decision
            )
            return
        self.changes[moved.code] = moved
        self.close(agency, moved)
        self.move_children(agency, moved)

    def move_children(self, agency: Agency, target: Agency) -> None:
        """Bring every open agency directly below *agency* under *target*."""
        for child in self._directory.children(agency.code):
            if not child.is_closed(self._on):
                self.move(child, target)

    def _renamed(self, agency: Agency, target: Agency) -> Agency:
        """Return *agency* as it starts anew under *target*."""
        if not is_dotted(target.code):
            raise refused([finding("agency-code-needed", "/parent")])
        code = self._new_code(agency, target)
        if len(code) > QD20_LENGTH:
            raise refused([finding("agency-code-too-long", "/parent", code=code)])
        new = replace(
            agency,
            code=code,
            parent=target.code,
            legacy_code=None,
            legacy_provisional=False,
            valid_from=self._on,
            decision=self._decision,
            source=None,
        )
        return with_free_reversal(self._directory, new)

    def _new_code(self, agency: Agency, target: Agency) -> str:
        """Return the old last group below a parent that moves too, else the next free code."""
        if target.code not in self._groups:
            self._groups[target.code] = self._directory.used_groups(target.code)
        used = self._groups[target.code]
        kept = agency.code.rpartition(".")[2]
        moves_along = agency.parent in self.changes and kept not in used
        group = kept if moves_along else next_free_group(used)
        used.add(group)
        code = f"{target.code}.{group}"
        self._groups[code] = set()  # nothing was ever below a code that was never used
        return code


def with_free_reversal(directory: Directory, agency: Agency) -> Agency:
    """Return *agency* with the plain reversal as its provisional older code, if nobody has it."""
    if agency.legacy_code is not None and not agency.legacy_provisional:
        return agency
    reversal = to_legacy(agency.code)
    owner = directory.find(reversal) if reversal is not None else None
    is_free = reversal is not None and (owner is None or owner.code == agency.code)
    return replace(agency, legacy_code=reversal if is_free else None, legacy_provisional=is_free)
