"""The small tree that a message's header becomes: elements by local name, in memory.

Names and places are those of the edXML form, whatever form the message has (`edxml_names.py`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

#: Where an element stands: the place of its parent, its name, its number among equal names from 1.
#: Links lead upwards only, and no path is put together before somebody asks for it: deep trees
#: with long names stay small.
Place = tuple["Place | None", str, int]


@dataclass(slots=True)
class Node:
    """One element; *text* is trimmed when the element has ended."""

    name: str
    place: Place | None = None
    text: str = ""
    children: list["Node"] = field(default_factory=list)

    @property
    def path(self) -> str:
        """The path of local names, with ``[2]`` from the second sibling of one name on."""
        steps: list[str] = []
        place = self.place
        while place is not None:
            place, name, nth = place
            steps.append(name if nth == 1 else f"{name}[{nth}]")
        return "".join(f"/{step}" for step in reversed(steps))

    def child(self, name: str) -> "Node | None":
        """Return the first child called *name*."""
        for each in self.children:
            if each.name == name:
                return each
        return None

    def all(self, name: str) -> "Iterator[Node]":
        """Yield the children called *name*."""
        return (each for each in self.children if each.name == name)

    def value(self, *names: str) -> str:
        """Return the text at a path of first children, "" when there is none."""
        found: Node | None = self
        for name in names:
            found = found.child(name) if found is not None else None
        return found.text if found is not None else ""
