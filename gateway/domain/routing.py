"""Which agency is reached how: our offices, or an axis; and who answers for a code.

An agency of the directory is *ours* when it lies below the node's code, has an `[[office]]`, is no
state agency with a national code of its own (a participant that joined here), or when no axis
serves it. A code that the operator wrote down for an axis is reached by the axis that serves it most
narrowly, whoever else lists it. What was read from the list of an axis is reached by that axis,
everything else by the axis that serves all the rest. By the same order an axis speaks for agencies.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.domain.codes import CodeForm, from_legacy, parse_agency_code
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
        return (opaque and not self._named(canonical)) or self.axis_of(canonical) is None

    def way_to(self, code: str, directory: Directory) -> Way | None:
        """Return how *code* (as written) is reached, None when nobody serves it."""
        agency = directory.find(code)
        canonical = code if agency is None else agency.code
        if not self.is_ours(code, directory):
            named = self._named(canonical)
            lister = None if agency is None else self._lister(agency)
            if lister is not None and (not named or lister in named):
                return Way(canonical, AXIS, lane_of_axis(lister))
            axis = named[0] if named else self.axis_of(canonical)
            return None if axis is None else Way(canonical, AXIS, lane_of_axis(axis))
        delivery = self.offices.get(canonical, PULL)
        lane = None if delivery in {PULL, DESK} else lane_of_office(canonical)
        return Way(canonical, delivery, lane)

    def speaks_for(self, lane: str, code: str, directory: Directory) -> bool:
        """Whether the axis *lane* may bring what *code* sends and says.

        It reaches the agency: it is written down for it, or nobody is and it lists it or serves
        all the rest. For whom no way is known at all, any axis may be on the way; for what is
        ours none is.
        """
        if self.is_ours(code, directory):
            return False
        agency = directory.find(code)
        canonical = code if agency is None else agency.code
        if self.is_named(canonical):
            return self.is_named(canonical, lane)
        way = self.way_to(code, directory)
        serving = {lane_of_axis(each.name) for each in self.axes if ALL_THE_REST in each.codes}
        return way is None or lane == way.lane or lane in serving

    def is_named(self, code: str, lane: str | None = None) -> bool:
        """Whether the operator wrote *code*, or one above it, down for *lane* (for any axis)."""
        named = self._named(code)
        return bool(named) if lane is None else lane in map(lane_of_axis, named)

    def _lister(self, agency: Agency) -> str | None:
        """Return the axis, one that is still there, whose list *agency* was read from."""
        name = (agency.source or "").removeprefix(_AXIS_PREFIX)
        listed = agency.source is not None and agency.source.startswith(_AXIS_PREFIX)
        return name if listed and any(each.name == name for each in self.axes) else None

    def _named(self, code: str) -> tuple[str, ...]:
        """Return the axes for which the operator wrote *code* down, the most narrowly serving."""
        modern = from_legacy(code) or code
        widths = {
            axis.name: max((len(each) for each in axis.codes if _below(modern, each)), default=0)
            for axis in self.axes
        }
        most = max(widths.values(), default=0)
        return tuple(name for name, width in widths.items() if most and width == most)


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
