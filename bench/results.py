"""What was measured, with the target that it must meet."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One line of the table; without a target it is told, not judged."""

    name: str
    value: float | None  #: None: it could not be measured here
    unit: str = ""
    least: float | None = None
    most: float | None = None
    stretch: float | None = None  #: what would be better still; told, not judged
    detail: str = ""
    is_broken: bool = False  #: it could have been measured, and was not

    @classmethod
    def skipped(cls, name: str, why: str) -> Self:
        """Return the line of what could not be measured on this machine."""
        return cls(name=name, value=None, detail=f"not measured: {why}")

    @classmethod
    def broken(cls, name: str, why: str) -> Self:
        """Return the line of a part that ended without a result."""
        return cls(name=name, value=None, detail=why, is_broken=True)

    @property
    def is_met(self) -> bool:
        """Whether the value is within its target."""
        if self.value is None:
            return not self.is_broken
        return self._reaches(self.least, self.most)

    def _reaches(self, least: float | None, most: float | None) -> bool:
        return (
            self.value is not None
            and (least is None or self.value >= least)
            and (most is None or self.value <= most)
        )

    @property
    def target(self) -> str:
        """Return the target in words."""
        if self.least is not None:
            return f"≥ {self.least:g} {self.unit}"
        return f"≤ {self.most:g} {self.unit}" if self.most is not None else ""

    @property
    def verdict(self) -> str:
        """Return what came of the target, in a word."""
        if self.value is None:
            return "BROKEN" if self.is_broken else "SKIPPED"
        if not self.target:
            return ""
        if not self.is_met:
            return "MISSED"
        return "stretch" if self._is_stretched else "met"

    def cells(self) -> tuple[str, ...]:
        """Return its cells: name, value, target, stretch, verdict, detail."""
        value = "-" if self.value is None else f"{self.value:.2f} {self.unit}"
        stretch = "" if self.stretch is None else f"{self.stretch:g}"
        return self.name, value, self.target, stretch, self.verdict, self.detail

    @property
    def _is_stretched(self) -> bool:
        if self.stretch is None:
            return False
        if self.least is not None:
            return self._reaches(self.stretch, None)
        return self._reaches(None, self.stretch)
