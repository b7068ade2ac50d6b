"""Running commands as a person or a script does."""

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from gateway.cli.root import gateway


def run(*arguments: str, stdin: str | None = None, env: dict[str, str] | None = None) -> Result:
    """Run `gateway` with *arguments* in this process; errors of ours are not swallowed."""
    result = CliRunner(env={"GATEWAY_URL": None, "GATEWAY_TOKEN": None, **(env or {})}).invoke(
        gateway, arguments, input=stdin, prog_name="gateway"
    )
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def answer(*arguments: str, stdin: str | None = None) -> Any:  # noqa: ANN401 - JSON
    """Run `gateway` with *arguments* and `--format json`; return what it prints."""
    result = run(*arguments, "--format", "json", stdin=stdin)
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def a_node(folder: Path) -> list[str]:
    """Make a node of H13 in *folder*; return the option that names it."""
    answer("init", str(folder), "--code", "H13", "--name", "Thành phố Cần Thơ")
    return ["--config", str(folder / "gateway.toml")]
