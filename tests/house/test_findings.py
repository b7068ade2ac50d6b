"""The page of findings: it names every code that the house answers, with its words, and no other."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.domain import errors
from gateway.domain.errors import GatewayError
from gateway.domain.rules.mechanism import Statement
from gateway.web.errors import status_of
from tests.house.findings_page import page, statements

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "findings.md").read_text("utf-8").splitlines()
ROW = re.compile(r"\| `([^`]+)` \| ")
#: What a code looks like; `code="H13"` of an agency or `code="03"` of a status does not.
CODE = re.compile(r"[a-z]+(-[a-z0-9]+)*")
#: Callables that take a code as a positional argument, and at which place.
PLACES = {"rule": 0, "finding": 0, "HttpProblem": 1, "problem": 1}
#: Those that take it by the name `code`; errors of the house have a code without it, too.
NAMED = {"Statement", "Finding"}
ERRORS = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, GatewayError)
}


def nodes() -> Iterator[ast.AST]:
    """Yield every node of the sources."""
    for folder in ("gateway", "adapters"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            yield from ast.walk(ast.parse(file.read_text("utf-8")))


NODES = [node for node in nodes() if isinstance(node, ast.Call | ast.Assign)]
CALLS = [node for node in NODES if isinstance(node, ast.Call)]
#: Texts that the sources know by a name in capitals.
CONSTANTS = {
    node.targets[0].id: node.value.value
    for node in NODES
    if isinstance(node, ast.Assign)
    and isinstance(node.targets[0], ast.Name)
    and node.targets[0].id.isupper()
    and isinstance(node.value, ast.Constant)
    and isinstance(node.value.value, str)
    and CODE.fullmatch(node.value.value)
}


def name_of(call: ast.Call) -> str:
    """Return the name of what is called by its plain name, else nothing."""
    return call.func.id if isinstance(call.func, ast.Name) else ""


def given_code(call: ast.Call) -> ast.expr | None:
    """Return what *call* is given as a code."""
    place = PLACES.get(name_of(call), len(call.args))
    if place < len(call.args):
        return call.args[place]
    return next((each.value for each in call.keywords if each.arg == "code"), None)


def codes_in(node: ast.expr | None) -> set[str]:
    """Return the codes that stand literally in *node*, or in the branches of a choice there."""
    match node:
        case ast.Constant(value=str(text)) if CODE.fullmatch(text):
            return {text}
        case ast.Name(id=name) if name in CONSTANTS:
            return {CONSTANTS[name]}
        case ast.IfExp(body=body, orelse=other):
            return codes_in(body) | codes_in(other)
        case ast.Dict(values=values):
            return {code for each in values for code in codes_in(each)}
        case ast.Call(func=ast.Attribute(attr="get"), args=[_, default]):
            return codes_in(default)
        case _:
            return set()


def assigned() -> Iterator[tuple[str, ast.expr]]:
    """Yield name and value of every plain assignment."""
    for node in NODES:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value


def answered() -> set[str]:
    """Return every code that stands in the sources."""
    told = {code for call in CALLS for code in codes_in(given_code(call))}
    kept = {
        code for name, value in assigned() if name in {"code", "codes"} for code in codes_in(value)
    }
    return told | kept


def listed() -> set[str]:
    """Return every code that has a row on the page."""
    return {match[1] for line in PAGE if (match := ROW.match(line))}


def rows(code: str) -> list[str]:
    """Return the rows of *code*."""
    return [line for line in PAGE if line.startswith(f"| `{code}` |")]


def statuses() -> Iterator[tuple[str, int]]:
    """Yield code and HTTP status wherever an error with a code of its own is made."""
    for call in CALLS:
        for code in codes_in(given_code(call)):
            if name_of(call) in {"HttpProblem", "problem"}:
                status = call.args[0]
                if isinstance(status, ast.Constant) and isinstance(status.value, int):
                    yield code, status.value
            elif name_of(call) in ERRORS:
                yield code, status_of(ERRORS[name_of(call)]("", code=code))
    for kind in ERRORS.values():
        yield kind.code, status_of(kind(""))


def test_every_code_is_on_the_page() -> None:
    """Whatever code an office is answered, it can look it up."""
    assert sorted(answered() - listed()) == []


def test_the_page_names_no_code_that_is_not_answered() -> None:
    """What was given up is taken off the page."""
    assert sorted(listed() - answered()) == []


def test_no_code_is_made_where_this_test_cannot_read_it() -> None:
    """A code is a literal, or is passed on under the name `code`; it is never put together."""
    makers = [
        call
        for call in CALLS
        if name_of(call) in {*NAMED, *PLACES, *ERRORS}
        and ast.unparse(call) != "finding(each)"  # the form of a finding for JSON
    ]
    hidden = [
        ast.unparse(call)
        for call in makers
        if (given := given_code(call)) is not None
        and not codes_in(given)
        and not (isinstance(given, ast.Name) and given.id == "code")
        and not (isinstance(given, ast.Attribute) and given.attr == "code")
    ]

    assert hidden == []


def test_the_page_is_made_from_the_code() -> None:
    """Weight, texts, remedies and sources stand there as the code has them: `make findings`."""
    assert page() == "\n".join(PAGE) + "\n"


@pytest.mark.parametrize("each", [each for _, each in statements()], ids=lambda each: each.code)
def test_every_finding_has_its_words_and_its_source(each: Statement) -> None:
    """Both texts, both remedies, and the article that it comes from."""
    assert all((each.vi, each.en, each.remedy, each.remedy_en, each.source))


def test_findings_are_made_from_statements_alone() -> None:
    """So that every code is on the page, with all that belongs to it."""
    made = [
        file.relative_to(ROOT).as_posix()
        for folder in ("gateway", "adapters")
        for file in sorted((ROOT / folder).rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call) and name_of(node) == "Finding"
    ]

    assert made == ["gateway/domain/rules/mechanism.py"]


def test_every_problem_is_listed_with_its_status() -> None:
    """The row of a problem begins with the HTTP status that it has."""
    wrong = [
        (code, status)
        for code, status in statuses()
        if not code.startswith(("receipt-", "agency-csv"))  # never answered over HTTP
        and not any(str(status) in row.split(" | ")[1].split(", ") for row in rows(code))
    ]

    assert wrong == []


def test_a_code_stands_once_in_a_table() -> None:
    """No table explains a code twice."""
    tables = "\n".join(PAGE).split("\n## ")
    twice = [
        code
        for table in tables
        for code in listed()
        if sum(line.startswith(f"| `{code}` |") for line in table.splitlines()) > 1
    ]

    assert twice == []
