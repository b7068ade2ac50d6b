"""What a commit rests on, by name: commits that name nothing in common run side by side.

A unit that turns out to reach further than it said is undone, and runs again with the turn for
itself (see :meth:`gateway.ports.Store.write`).
"""

from collections.abc import Collection

#: Of a unit that rests on nothing that another could change while it runs: it adds rows, or
#: changes what each row allows by itself.
NOTHING: Collection[str] = ()


def key_of(document: str) -> str:
    """Return the name of what moves deliveries of one *document*."""
    return f"document:{document}"


def key_of_sender(agency: str) -> str:
    """Return the name of what depends on which documents *agency* has sent, or asked back."""
    return f"sender:{agency}"


def key_of_lane(lane: str) -> str:
    """Return the name of what depends on how a destination is doing."""
    return f"lane:{lane}"
