"""All rules, in the order in which their findings are shown, and the table of their codes."""

from collections.abc import Iterable

from gateway.domain.rules import (
    archives,
    attachments,
    barred,
    contents,
    dangers,
    header,
    recipients,
)
from gateway.domain.rules.mechanism import Rule, Statement

ALL_RULES: tuple[Rule, ...] = (
    *header.RULES,
    *recipients.RULES,
    *attachments.RULES,
    *contents.RULES,
    *dangers.RULES,
    *archives.RULES,
    *barred.RULES,
)


def catalogue_table(statements: Iterable[Statement] | None = None) -> str:
    """Return a Markdown table of *statements* (those of all rules by default), by code."""
    rows = [
        f"| `{each.code}` | {_weight(each)} | {each.en} | {each.vi} | {each.source} |"
        for each in sorted(
            (rule.statement for rule in ALL_RULES) if statements is None else statements,
            key=lambda statement: statement.code,
        )
    ]
    head = ("| code | severity | English | tiếng Việt | source |", "|---|---|---|---|---|")
    return "\n".join([*head, *rows])


def _weight(statement: Statement) -> str:
    if statement.from_axis is None:
        return statement.severity.value
    return f"{statement.severity.value} ({statement.from_axis.value} from an axis)"
