"""How lists look in windows of different widths."""

from pathlib import Path

import pytest

from tests.cli.commands import a_node, answer, on_terminal, run


@pytest.fixture(name="node")
def _node(tmp_path: Path) -> list[str]:
    """Return the option that names a node with a credential."""
    config = a_node(tmp_path / "node")
    answer("client", "add", "H13", "--name", "Phần mềm quản lý văn bản và điều hành", *config)
    return config


@pytest.mark.parametrize("columns", [80, 250])
def test_an_id_is_never_cut_into_pieces(node: list[str], columns: int) -> None:
    """It is there to be copied."""
    (client,) = answer("client", "list", *node)

    shown = on_terminal("client", "list", *node, columns=columns)

    assert client["id"] in shown


def test_a_row_is_a_record_in_a_narrow_window(node: list[str]) -> None:
    """A line for each value."""
    shown = on_terminal("client", "list", *node, columns=80)

    assert "Cơ quan / agency: H13" in [line.strip() for line in shown.splitlines()]


def test_a_row_is_a_line_in_a_wide_window(node: list[str]) -> None:
    """With a heading above it."""
    shown = on_terminal("client", "list", *node, columns=250)

    assert "agency:" not in shown


@pytest.mark.parametrize("columns", [80, 250])
def test_instants_are_short(node: list[str], columns: int) -> None:
    """To the second, with the offset; JSON has all of it."""
    (client,) = answer("client", "list", *node)
    day, _, clock = client["created_at"].partition("T")

    shown = on_terminal("client", "list", *node, columns=columns)

    assert f"{day} {clock[:8]}{clock[-6:]}" in shown


@pytest.mark.parametrize(("columns", "is_table"), [(None, False), ("400", True)])
def test_what_goes_to_a_file_is_as_wide_as_a_page(
    node: list[str], columns: str | None, *, is_table: bool
) -> None:
    """Or as COLUMNS says; an id is whole either way."""
    (client,) = answer("client", "list", *node)

    shown = run("client", "list", *node, env={"COLUMNS": columns}).stdout

    assert client["id"] in shown
    assert max(map(len, shown.splitlines())) <= int(columns or 160)
    assert ("agency:" not in shown) is is_table
