"""The nursery of a node's workers, for inspection and for verification."""

from gateway.bootstrap.inspecting import INSPECTING
from gateway.bootstrap.verification import VERIFYING
from gateway.processes import Nursery


def nursery_of_workers() -> Nursery:
    """Return what forks the workers of one node, of all its processes; not started yet."""
    return Nursery((*INSPECTING, *VERIFYING))
