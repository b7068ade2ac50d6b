"""All rules, in the order in which their findings are shown."""

from gateway.domain.rules import (
    archive_names,
    archives,
    attached_text,
    attachments,
    barred,
    contents,
    dangers,
    dates,
    file_names,
    header,
    missing_signatures,
    notations,
    recipients,
    references,
    regulation,
    signatures,
    signers,
    texts,
)
from gateway.domain.rules.mechanism import Rule, Statement

ALL_RULES: tuple[Rule, ...] = (
    *header.RULES,
    *dates.RULES,
    *texts.RULES,
    *notations.RULES,
    *recipients.RULES,
    *attachments.RULES,
    *file_names.RULES,
    *contents.RULES,
    *dangers.RULES,
    *archives.RULES,
    *archive_names.RULES,
    *signatures.RULES,
    *missing_signatures.RULES,
    *signers.RULES,
    *barred.RULES,
    *regulation.RULES,
)
#: With what those say who read the text of files, or look other documents up.
ALL_STATEMENTS: tuple[Statement, ...] = (
    *(each.statement for each in ALL_RULES),
    *attached_text.STATEMENTS,
    *references.STATEMENTS,
)
#: What can be judged where no node with its directory is at hand.
RULES_WITHOUT_DIRECTORY = tuple(
    each for each in ALL_RULES if each not in recipients.RULES or each in recipients.FORM_RULES
)
