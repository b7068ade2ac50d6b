"""The floors of the house: who may import whom, and that codes are told once and documented."""

import re
from collections import Counter
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from importlinter.application.use_cases import lint_imports, read_user_options
from importlinter.configuration import configure

from gateway.domain.rules.catalogue import ALL_RULES

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(
    file
    for folder in ("gateway", "adapters")
    for file in (ROOT / folder).rglob("*.py")
    if "__pycache__" not in file.parts
)


def test_every_import_contract_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    """The contracts of pyproject hold for the whole house."""
    configure()

    kept = lint_imports(config_filename=str(ROOT / "pyproject.toml"), cache_dir=None)

    assert kept, capsys.readouterr().out


def test_there_are_contracts() -> None:
    """An empty table would keep everything."""
    options = read_user_options(config_filename=str(ROOT / "pyproject.toml"))

    assert len(options.contracts_options) >= 8


def test_the_gateway_names_no_adapter() -> None:
    """Adapters come by their entry points; their modules are named nowhere in the gateway."""
    modules = {each.value.partition(":")[0] for each in entry_points(group="gateway.adapters")}
    names = re.compile("|".join(rf"\b{re.escape(module)}\b" for module in sorted(modules)))

    naming = [file for file in SOURCES if names.search(file.read_text("utf-8"))]

    assert [file for file in naming if file.is_relative_to(ROOT / "gateway")] == []


def test_every_rule_has_its_own_code() -> None:
    """A code says one thing."""
    counts = Counter(rule.code for rule in ALL_RULES)

    assert [code for code, count in counts.items() if count > 1] == []


def test_every_module_says_what_it_is() -> None:
    """The first thing in a file is a sentence."""
    assert [str(file) for file in SOURCES if not file.read_text("utf-8").startswith('"""')] == []
