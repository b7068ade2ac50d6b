"""The slow suites: marked as such, and their figures told at the end."""

from collections.abc import Callable
from pathlib import Path

import pytest

Tell = Callable[[str, object], None]
_FIGURES = pytest.StashKey[list[tuple[str, str, object]]]()


def pytest_configure(config: pytest.Config) -> None:
    """Start without figures."""
    config.stash[_FIGURES] = []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all that lies in this folder."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.long)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print every figure."""
    figures = config.stash.get(_FIGURES, [])
    if figures:
        terminalreporter.section("figures of the slow suites")
    for test, name, value in figures:
        terminalreporter.write_line(f"{test:<44} {name:<52} {value}")


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Tell:
    """Return what notes a figure for the summary."""
    figures = request.config.stash[_FIGURES]

    def note(name: str, value: object) -> None:
        figures.append((request.node.name, name, value))

    return note
