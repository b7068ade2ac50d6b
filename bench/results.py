"""What was measured, with the target that it must meet."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One line of the table; without a target it is told, not judged."""

    name: str
    value: float
    unit: str
    least: float | None = None
    most: float | None = None
    detail: str = ""

    @property
    def is_met(self) -> bool:
        """Whether the value is within its target."""
        return (self.least is None or self.value >= self.least) and (
            self.most is None or self.value <= self.most
        )

    @property
    def target(self) -> str:
        """Return the target in words."""
        if self.least is not None:
            return f"≥ {self.least:g} {self.unit}"
        return f"≤ {self.most:g} {self.unit}" if self.most is not None else ""
