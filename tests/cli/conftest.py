"""Where the commands are run."""

from pathlib import Path

import pytest

from tests.cli.commands import a_node
from tests.cli.examining import change
from tests.nodes import free_port


@pytest.fixture(name="elsewhere")
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder without a configuration."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(name="node")
def _node(tmp_path: Path) -> Path:
    """The folder of a new node of one's own."""
    a_node(tmp_path / "node")
    change(tmp_path / "node", "port = 8080", f"port = {free_port()}")
    return tmp_path / "node"
