"""`gateway init`: a new node, whole or not at all."""

import tomllib
from pathlib import Path

import msgspec
import pytest

import gateway as package
from gateway.config import Config, load, parse
from tests.cli.commands import a_node, answer, run


def _make(folder: Path, code: str = "H13") -> dict[str, str]:
    made: dict[str, str] = answer("init", str(folder), "--code", code, "--name", "Cần Thơ")
    return made


def _live_keys(file: Path) -> dict[str, set[str]]:
    return {name: set(table) for name, table in tomllib.loads(file.read_text("utf-8")).items()}


def _all_keys() -> dict[str, set[str]]:
    sections = msgspec.to_builtins(parse({"node": {"code": "H13"}}, file=Path("x")), enc_hook=str)
    return {name: set(keys) for name, keys in sections.items() if isinstance(keys, dict)}


def test_init_answers_with_the_administrator(tmp_path: Path) -> None:
    """Exactly the keys of the contract."""
    made = _make(tmp_path / "node")

    assert set(made) == {"directory", "user_name", "one_time_password"}


def test_the_first_administrator_is_named_after_the_node(tmp_path: Path) -> None:
    """`quantri` and the code."""
    assert _make(tmp_path / "node")["user_name"] == "quantri.h13"


@pytest.mark.parametrize(
    "part",
    [
        "gateway.toml",
        "config/calendar-vn.toml",
        "config/agencies-vn.csv",
        "config/profiles/default.toml",
        "config/trust",
        "config/node.crt",
        "config/secrets/node.key",
        "config/secrets/node.secret",
        "data/gateway.db",
    ],
)
def test_a_new_node_has_every_part(tmp_path: Path, part: str) -> None:
    """Configuration, calendar, directory to import, profiles, trust, keys, data."""
    _make(tmp_path / "node")

    assert (tmp_path / "node" / part).exists()


def test_nothing_hidden_is_left(tmp_path: Path) -> None:
    """The folder in which the node was made is gone."""
    _make(tmp_path / "node")

    assert {file.name for file in (tmp_path / "node").iterdir()} == {
        "config",
        "data",
        "gateway.toml",
    }


def test_the_configuration_that_is_written_can_be_read(tmp_path: Path) -> None:
    """With the code and the name that were given."""
    _make(tmp_path / "node")

    node = load(tmp_path / "node" / "gateway.toml").node

    assert (node.code, node.name) == ("H13", "Cần Thơ")


def test_every_key_is_live_in_the_configuration(tmp_path: Path) -> None:
    """An operator sees all that can be set."""
    _make(tmp_path / "node")

    assert _live_keys(tmp_path / "node" / "gateway.toml") == _all_keys()


def test_the_configuration_has_the_defaults(tmp_path: Path) -> None:
    """Writing them down changes nothing."""
    _make(tmp_path / "node")
    file = tmp_path / "node" / "gateway.toml"

    expected = parse({"node": {"code": "H13", "name": "Cần Thơ"}}, file=file)

    assert load(file) == expected


def test_every_key_is_explained(tmp_path: Path) -> None:
    """One line each, with its description behind."""
    _make(tmp_path / "node")
    lines = (tmp_path / "node" / "gateway.toml").read_text("utf-8").splitlines()

    assert [line for line in lines if " = " in line and "  # " not in line] == []


@pytest.mark.parametrize("table", ["axis", "office"])
def test_the_examples_can_be_made_live(tmp_path: Path, table: str) -> None:
    """Removing the # in front makes a valid table."""
    _make(tmp_path / "node")
    text = (tmp_path / "node" / "gateway.toml").read_text("utf-8")
    example = text[text.index(f"# [[{table}]]") :].partition("\n\n")[0]
    live = "\n".join(line.removeprefix("# ") for line in example.splitlines())

    config = parse(
        {"node": {"code": "H13"}, **tomllib.loads(live)}, file=tmp_path / "gateway.toml"
    )

    assert len(getattr(config, table)) == 1


def test_the_code_of_the_node_is_its_root_agency(tmp_path: Path) -> None:
    """With its older code."""
    config = a_node(tmp_path / "node")

    listed = answer("agency", "list", *config)

    assert [(each["code"], each["parent"], each["legacy_code"]) for each in listed] == [
        ("H13", None, "000.00.00.H13")
    ]


def test_the_secrets_are_for_their_owner_alone(tmp_path: Path) -> None:
    """Nobody else may read or enter."""
    _make(tmp_path / "node")
    secrets = tmp_path / "node" / "config" / "secrets"

    modes = {file.name: file.stat().st_mode & 0o777 for file in (secrets, *secrets.iterdir())}

    assert modes == {"secrets": 0o700, "node.key": 0o600, "node.secret": 0o600}


def test_the_data_are_for_their_owner_alone(tmp_path: Path) -> None:
    """Documents lie there."""
    _make(tmp_path / "node")

    assert (tmp_path / "node" / "data").stat().st_mode & 0o777 == 0o700


def test_init_here_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a folder the node is made in this one."""
    monkeypatch.chdir(tmp_path)

    made = answer("init", "--code", "H13", "--name", "Cần Thơ")

    assert (made["directory"], (tmp_path / "gateway.toml").exists()) == (str(tmp_path), True)


def test_init_refuses_to_overwrite(tmp_path: Path) -> None:
    """A node is never made over another."""
    _make(tmp_path / "node")
    before = (tmp_path / "node" / "config" / "secrets" / "node.key").read_bytes()

    result = run("init", str(tmp_path / "node"), "--code", "H14", "--name", "Khác")

    after = (tmp_path / "node" / "config" / "secrets" / "node.key").read_bytes()
    assert (result.exit_code, before) == (1, after)


@pytest.mark.parametrize("part", ["gateway.toml", "config", "data"])
def test_init_refuses_beside_a_part_of_a_node(tmp_path: Path, part: str) -> None:
    """Whatever lies there may be somebody's."""
    (tmp_path / part).mkdir()

    result = run("init", str(tmp_path), "--code", "H13", "--name", "Cần Thơ")

    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)


@pytest.mark.parametrize("code", ["h13", "H1", "có dấu", ""])
def test_a_failed_init_leaves_nothing(tmp_path: Path, code: str) -> None:
    """A code that is none is refused, and no half node remains."""
    result = run("init", str(tmp_path / "node"), "--code", code, "--name", "Cần Thơ")

    assert (result.exit_code, list(tmp_path.iterdir())) == (1, [])


def test_a_node_needs_a_name(tmp_path: Path) -> None:
    """It is what others see."""
    result = run("init", str(tmp_path / "node"), "--code", "H13", "--name", "  ")

    assert (result.exit_code, list(tmp_path.iterdir())) == (1, [])


def test_a_name_with_quotes_is_written_as_it_is(tmp_path: Path) -> None:
    """Quotes and backslashes do not break the configuration."""
    name = 'Sở "X" \\ Y'

    answer("init", str(tmp_path / "node"), "--code", "H13", "--name", name)

    assert load(tmp_path / "node" / "gateway.toml").node.name == name


def test_the_development_node_that_is_shipped_has_every_key() -> None:
    """`make serve` starts with a file that shows all that can be set."""
    file = Path(package.__file__).parent.parent / "gateway.toml"

    assert _live_keys(file) == _all_keys()


def test_the_development_node_keeps_all_it_makes_below_data() -> None:
    """Removing `data/` makes it new; nothing secret lies beside the sources."""
    config: Config = load(Path(package.__file__).parent.parent / "gateway.toml")

    made = (config.keys.certificate, config.keys.key_file, config.keys.secret_file)

    assert {Path(path).parts[0] for path in made} == {"data"}
