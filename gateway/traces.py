"""Spans: how long a request, a room or a delivery took, and which document it was about.

Here is what rooms and doors say; where it goes is told once at the start (`telemetry.py`), or not at
all: then a span is one look at a field. What a span bears are ids, routes, lanes and outcomes: never
content, names of people, addresses or secrets.
"""

import re
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, Protocol, TypeVar

_DOCUMENT = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)

P = ParamSpec("P")
T = TypeVar("T")
Ids = Mapping[str, str | int]
Method = Callable[P, Coroutine[Any, Any, T]]


class Tracing(Protocol):
    """Takes the spans of this process."""

    def open(self, name: str, ids: Ids) -> AbstractContextManager[None]:
        """Measure the work inside as *name*, about things with *ids*."""

    def about(self, ids: Ids) -> None:
        """Add *ids* to the span that is open here, if one is."""


@dataclass(slots=True)
class _Process:
    """What this process does with its spans; None: nothing."""

    tracing: Tracing | None = None


_process = _Process()
_NOTHING = nullcontext()


def trace_with(tracing: Tracing | None) -> None:
    """Give the spans of this process to *tracing*, None: to nobody."""
    _process.tracing = tracing


def is_traced() -> bool:
    """Whether somebody takes the spans: else nothing need be gathered for them."""
    return _process.tracing is not None


def span(name: str, **ids: str | int) -> AbstractContextManager[None]:
    """Return what measures the work inside it as *name*, about things with *ids*."""
    return _NOTHING if _process.tracing is None else _process.tracing.open(name, _ours(ids))


def about(**ids: str | int) -> None:
    """Say what the span that is open here turned out to be about."""
    if _process.tracing is not None:
        _process.tracing.about(_ours(ids))


def _ours(ids: Ids) -> Ids:
    """Leave out an id of a document that cannot be one: callers write into addresses what they like."""
    document = ids.get("document")
    if document is None or _DOCUMENT.fullmatch(str(document)):
        return ids
    return {name: value for name, value in ids.items() if name != "document"}


def traced(name: str) -> Callable[[Method[P, T]], Method[P, T]]:
    """Return what makes of an asynchronous method of a room one that is measured as *name*."""

    def measured(method: Method[P, T]) -> Method[P, T]:
        @wraps(method)
        async def call(*args: P.args, **kwargs: P.kwargs) -> T:
            with span(name):
                return await method(*args, **kwargs)

        return call

    return measured
