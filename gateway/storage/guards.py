"""The guards of the audit record: the triggers by which the database refuses to change it.

Whoever has the database's own shell may drop one, and nothing that is stored shows it. What must be
there stands in the migrations and nowhere else; the database tells what is.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from gateway.storage.migrate import migrations

#: The definitions of triggers, and of what they run, as migrations write them.
_STEPS = {
    "sqlite": re.compile(
        r"^(?P<verb>CREATE|DROP) (?P<kind>TRIGGER) (?P<name>\w+)(?:;|.*?^END;)",
        re.MULTILINE | re.DOTALL,
    ),
    "postgres": re.compile(
        r"^(?P<verb>CREATE|DROP) (?P<kind>TRIGGER|FUNCTION) (?P<name>\w+)"
        r"[^;$]*(?:\$\$(?P<body>.*?)\$\$)?;",
        re.MULTILINE | re.DOTALL,
    ),
}
_EVENTS = re.compile(r"BEFORE (?P<events>[A-Z ]+) ON (?P<table>\w+)")
_RUNS = re.compile(r"EXECUTE FUNCTION (\w+)")
#: The bits by which PostgreSQL writes down when a trigger acts.
_BITS = {"INSERT": 4, "DELETE": 8, "UPDATE": 16, "TRUNCATE": 32}
_BEFORE, _EACH_ROW = 2, 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """One trigger."""

    name: str
    mark: str  #: how the database tells of it, blanks aside
    script: tuple[str, ...]  #: the statements that put it back, whatever took its place


@cache
def guards(dialect: str) -> tuple[Guard, ...]:
    """Return every trigger that a database of *dialect* must have."""
    known: dict[str, re.Match[str]] = {}
    for script in migrations(dialect).values():
        for step in _STEPS[dialect].finditer(script):
            if step["verb"] == "CREATE":
                known[step["name"]] = step
            else:
                del known[step["name"]]
    triggers = [step for step in known.values() if step["kind"] == "TRIGGER"]
    if dialect == "sqlite":
        return tuple(map(_of_sqlite, triggers))
    return tuple(_of_postgres(step, known) for step in triggers)


def told(texts: Sequence[object]) -> str:
    """Return what a row tells of a trigger, in the form of :attr:`Guard.mark`."""
    return " ".join(" ".join(map(str, texts)).split())


def _of_sqlite(step: re.Match[str]) -> Guard:
    return Guard(
        name=step["name"],
        mark=told([step[0].removesuffix(";")]),
        script=(f"DROP TRIGGER IF EXISTS {step['name']}", step[0]),
    )


def _of_postgres(step: re.Match[str], known: dict[str, re.Match[str]]) -> Guard:
    (acts,), (runs,) = _EVENTS.finditer(step[0]), _RUNS.findall(step[0])
    bits = _BEFORE | (_EACH_ROW if "FOR EACH ROW" in step[0] else 0)
    bits |= sum(_BITS[event] for event in acts["events"].split(" OR "))
    function = known[runs]
    return Guard(
        name=step["name"],
        mark=told([acts["table"], bits, function["body"]]),
        script=(
            function[0].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1),
            f"DROP TRIGGER IF EXISTS {step['name']} ON {acts['table']}",
            step[0],
        ),
    )
