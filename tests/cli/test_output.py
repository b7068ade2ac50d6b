"""How lists look in windows of different widths."""

import pytest

from tests.cli.commands import a_node, answer, on_terminal, run

NARROW, WIDE = 80, 250


@pytest.fixture(name="node", scope="module")
def _node(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return the option that names a node with a credential."""
    config = a_node(tmp_path_factory.mktemp("output") / "node")
    answer("client", "add", "H13", "--name", "Phần mềm quản lý văn bản và điều hành", *config)
    return config


@pytest.fixture(name="shown", scope="module")
def _shown(node: list[str]) -> dict[int, str]:
    """Return the list of credentials in windows of so many columns."""
    return {
        columns: on_terminal("client", "list", *node, columns=columns)
        for columns in (NARROW, WIDE)
    }


@pytest.mark.parametrize("columns", [NARROW, WIDE])
def test_an_id_is_never_cut_into_pieces(
    node: list[str], shown: dict[int, str], columns: int
) -> None:
    """It is there to be copied."""
    (client,) = answer("client", "list", *node)

    assert client["id"] in shown[columns]


def test_a_row_is_a_record_in_a_narrow_window(shown: dict[int, str]) -> None:
    """A line for each value."""
    lines = [line.strip() for line in shown[NARROW].splitlines()]

    assert "Cơ quan / agency: H13" in lines


def test_a_row_is_a_line_in_a_wide_window(shown: dict[int, str]) -> None:
    """With a heading above it."""
    assert "H13" in shown[WIDE]
    assert "agency:" not in shown[WIDE]


@pytest.mark.parametrize("columns", [NARROW, WIDE])
def test_instants_are_short(node: list[str], shown: dict[int, str], columns: int) -> None:
    """To the second, with the offset; JSON has all of it."""
    (client,) = answer("client", "list", *node)
    day, _, clock = client["created_at"].partition("T")

    assert f"{day} {clock[:8]}{clock[-6:]}" in shown[columns]


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
