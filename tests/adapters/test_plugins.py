"""Finding adapters: what is installed is loaded, what is broken is named."""

from importlib.metadata import EntryPoint

import pytest

from adapters.loopback import Loopback
from gateway.domain.errors import Misconfigured
from gateway.plugins import GROUP, find_adapter, load_adapters
from gateway.ports import Clock, Destined


class OfTomorrow:
    """Written for an API that does not exist yet."""

    api = 99

    def __init__(self, destined: Destined, clock: Clock) -> None:
        """Take what every adapter takes."""


class OfOneArgument:
    """Cannot be given a clock."""

    api = 1

    def __init__(self, destined: Destined) -> None:
        """Take too little."""


class NotBuildable:
    """Has the number, but an instance of it builds nothing."""

    api = 1


not_buildable = NotBuildable()


def _point(name: str, value: str) -> EntryPoint:
    return EntryPoint(name=name, value=value, group=GROUP)


def test_the_installed_adapters_are_found() -> None:
    """The adapters of this repository are installed through entry points like any other."""
    assert {"folder", "loopback", "webhook"} <= load_adapters().keys()


def test_a_loaded_adapter_is_the_one_named() -> None:
    """The entry point's value is what is called."""
    assert {"mine": Loopback} == load_adapters([_point("mine", "adapters.loopback:Loopback")])


@pytest.mark.parametrize(
    "value",
    [
        "no_such_module:Thing",
        "adapters.loopback:NoSuchClass",
        "not a path",
        "math:pi",
        "math:floor",
        "tests.adapters.test_plugins:OfTomorrow",
        "tests.adapters.test_plugins:OfOneArgument",
        "tests.adapters.test_plugins:not_buildable",
    ],
)
def test_a_broken_plug_in_is_named(value: str) -> None:
    """The operator reads which plug-in it is."""
    with pytest.raises(Misconfigured, match="`broken`"):
        load_adapters([_point("broken", value)])


def test_two_adapters_of_one_name_are_misconfigured() -> None:
    """Which of the two would serve must not depend on the order of installation."""
    points = [
        _point("office", "adapters.loopback:Loopback"),
        _point("office", "adapters.folder:Folder"),
    ]

    with pytest.raises(Misconfigured, match="two adapters"):
        load_adapters(points)


def test_one_adapter_found_twice_is_one_adapter() -> None:
    """A distribution that is visible at two places of the path is no contradiction."""
    point = _point("office", "adapters.loopback:Loopback")

    assert list(load_adapters([point, point])) == ["office"]


def test_an_unknown_name_is_told_with_its_nearest_neighbour() -> None:
    """A slip of the pen is answered with what was probably meant."""
    with pytest.raises(Misconfigured, match="did you mean `webhook`"):
        find_adapter(load_adapters(), "webhok")


def test_a_strange_name_is_told_with_all_that_is_known() -> None:
    """A name that resembles none is answered with the list."""
    with pytest.raises(Misconfigured, match=r"known: .*folder"):
        find_adapter(load_adapters(), "xyz")


def test_a_known_name_is_found() -> None:
    """The adapter asked for is the one returned."""
    assert Loopback is find_adapter(load_adapters(), "loopback")
