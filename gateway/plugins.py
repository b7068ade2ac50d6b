"""Finds the adapters: entry points of the group `gateway.adapters`, ours and strangers' alike.

Only names from the configuration and from entry points meet here; no adapter is named in the
gateway. What is found is checked once, at the start, so that a broken plug-in is an error that an
operator reads and not a delivery that fails at night.
"""

import difflib
import inspect
from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import cast

from gateway.domain.errors import Misconfigured
from gateway.ports import ADAPTER_API, Adapter

GROUP = "gateway.adapters"


def load_adapters(points: Iterable[EntryPoint] | None = None) -> Mapping[str, Adapter]:
    """Return every adapter of *points* by its name; None: of all that is installed.

    Raises:
        Misconfigured: a plug-in cannot be imported, is no adapter, was written for another API,
            or two different ones claim one name.
    """
    adapters: dict[str, Adapter] = {}
    values: dict[str, str] = {}
    for point in entry_points(group=GROUP) if points is None else points:
        if values.setdefault(point.name, point.value) != point.value:
            raise Misconfigured(
                f"two adapters are called `{point.name}`: {values[point.name]} and {point.value}"
            )
        if point.name not in adapters:
            adapters[point.name] = _load(point)
    return dict(sorted(adapters.items()))


def find_adapter(adapters: Mapping[str, Adapter], name: str) -> Adapter:
    """Return the adapter *name*; raise Misconfigured with the nearest known name."""
    if name in adapters:
        return adapters[name]
    near = difflib.get_close_matches(name, adapters, n=1)
    known = ", ".join(sorted(adapters)) or "none is installed"
    hint = f"did you mean `{near[0]}`?" if near else f"known: {known}"
    raise Misconfigured(f"there is no adapter `{name}`; {hint}")


def _load(point: EntryPoint) -> Adapter:
    what = f"the adapter `{point.name}` ({point.value})"
    try:
        loaded = point.load()
    except Exception as error:  # a stranger's module may fail in any way while it is imported
        raise Misconfigured(f"{what} cannot be loaded: {type(error).__name__}: {error}") from error
    api = getattr(loaded, "api", None)
    if not callable(loaded) or type(api) is not int:
        raise Misconfigured(f"{what} is no adapter: it needs `api` and must build a connection")
    if api != ADAPTER_API:
        raise Misconfigured(f"{what} speaks adapter API {api}; this gateway speaks {ADAPTER_API}")
    try:
        inspect.signature(loaded).bind(None, None)
    except (TypeError, ValueError) as error:
        raise Misconfigured(f"{what} does not take a destination and a clock") from error
    return cast("Adapter", loaded)
