"""All rules, in the order in which their findings are shown."""

from gateway.domain.rules import attachments, barred, header, recipients
from gateway.domain.rules.mechanism import Rule

ALL_RULES: tuple[Rule, ...] = (
    *header.RULES,
    *recipients.RULES,
    *attachments.RULES,
    *barred.RULES,
)
#: What can be judged where no node with its directory is at hand.
RULES_WITHOUT_DIRECTORY = tuple(each for each in ALL_RULES if each not in recipients.RULES)
