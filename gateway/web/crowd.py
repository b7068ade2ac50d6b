"""How many connections each process of a node has, in memory that all of them share."""

import mmap

_SLOT = 8
#: Of so many connections one more or less is no matter.
_MANY = 16


class Crowd:
    """How many connections each process has; the parent makes it, its children share it."""

    def __init__(self, processes: int) -> None:
        """Count for so many *processes*."""
        self._counts = memoryview(mmap.mmap(-1, processes * _SLOT)).cast("Q")

    def tell(self, place: int, count: int) -> None:
        """Say that the process of *place* has *count* connections."""
        self._counts[place] = count

    def least(self) -> int:
        """Return how many the process has that has the fewest."""
        return min(self._counts)


class Place:
    """One process among the :class:`Crowd`."""

    def __init__(self, crowd: Crowd, place: int) -> None:
        """Begin with no connection."""
        self._crowd = crowd
        self._place = place
        self._open = 0
        crowd.tell(place, 0)

    def count(self, more: int) -> None:
        """Count *more* connections, or fewer."""
        self._open += more
        self._crowd.tell(self._place, self._open)

    def ahead(self) -> int:
        """Return how many connections fewer another process has, when that is worth a pause."""
        ahead = self._open - self._crowd.least()
        return ahead if ahead > self._open // _MANY else 0


def alone() -> Place:
    """Return the place of a process that serves by itself."""
    return Place(Crowd(1), 0)
