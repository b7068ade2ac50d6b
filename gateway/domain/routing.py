"""Which agency is reached how: our offices, or an axis; and who answers for a code.

An agency of the directory is *ours* when it lies below the node's code, has an `[[office]]`, is no
state agency with a national code of its own (a participant that joined here), or when no axis
serves it. What was read from the list of an axis is reached by that axis. Everything else goes to the axis that serves its code most narrowly.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.domain.codes import CodeForm, parse_agency_code
from gateway.domain.directory import Agency, Directory

#: Serves whatever nobody else does.
ALL_THE_REST = "*"
PULL = "pull"
DESK = "desk"
AXIS = "axis"
_AXIS_PREFIX = "axis:"


@dataclass(frozen=True, slots=True)
class AxisRoute:
    """An axis by name and the codes that it serves, each with all below."""

    name: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """How one recipient is reached: the route, and the lane of its destination.

    ``lane`` is None when nothing is sent: the office fetches (pull), or reads at its desk.
    """

    agency: str
    route: str
    lane: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Routes:
    """The operator's `[[office]]` and `[[axis]]`, as the rooms need them."""

    node: str
    offices: Mapping[str, str] = field(default_factory=dict)  #: agency code -> delivery
    axes: tuple[AxisRoute, ...] = ()

    def axis_of(self, code: str) -> str | None:
        """Return the name of the axis that serves *code* most narrowly, None when none does."""
        best: tuple[int, str] | None = None
        for axis in self.axes:
            for served in axis.codes:
                width = 0 if served == ALL_THE_REST else len(served)
                if _serves(served, code) and (best is None or width > best[0]):
                    best = (width, axis.name)
        return None if best is None else best[1]

    def is_ours(self, code: str, directory: Directory) -> bool:
        """Whether this node answers for *code*, whether or not the directory knows it."""
        agency = directory.find(code)
        canonical = code if agency is None else agency.code
        if _below(canonical, self.node) or canonical in self.offices:
            return True
        if agency is None or self._lister(agency) is not None:
            return False
        opaque = parse_agency_code(canonical).form is CodeForm.OPAQUE
        return (opaque and self._narrow_axis(canonical) is None) or self.axis_of(canonical) is None

    def way_to(self, code: str, directory: Directory) -> Way | None:
        """Return how *code* (as written) is reached, None when nobody serves it."""
        agency = directory.find(code)
        canonical = code if agency is None else agency.code
        if not self.is_ours(code, directory):
            axis = (agency and self._lister(agency)) or self.axis_of(canonical)
            return None if axis is None else Way(canonical, AXIS, lane_of_axis(axis))
        delivery = self.offices.get(canonical, PULL)
        lane = None if delivery in {PULL, DESK} else lane_of_office(canonical)
        return Way(canonical, delivery, lane)

    def _lister(self, agency: Agency) -> str | None:
        """Return the axis, one that is still there, whose list *agency* was read from."""
        name = (agency.source or "").removeprefix(_AXIS_PREFIX)
        listed = agency.source is not None and agency.source.startswith(_AXIS_PREFIX)
        return name if listed and any(each.name == name for each in self.axes) else None

    def _narrow_axis(self, code: str) -> str | None:
        named = Routes(
            node=self.node,
            axes=tuple(
                AxisRoute(each.name, tuple(c for c in each.codes if c != ALL_THE_REST))
                for each in self.axes
            ),
        )
        return named.axis_of(code)


def lane_of_office(agency: str) -> str:
    """Return the lane of an office system of ours."""
    return f"office:{agency}"


def lane_of_axis(name: str) -> str:
    """Return the lane of an axis."""
    return f"{_AXIS_PREFIX}{name}"


def _serves(served: str, code: str) -> bool:
    return served == ALL_THE_REST or _below(code, served)


def _below(code: str, ancestor: str) -> bool:
    return code == ancestor or code.startswith(f"{ancestor}.")
