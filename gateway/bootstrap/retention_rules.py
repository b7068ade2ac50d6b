"""The rules of retention as the settings have them, judged before anything goes by them."""

from gateway.config import Config
from gateway.domain.errors import Misconfigured
from gateway.domain.retention import Action, Rule
from gateway.domain.rules.header import is_normative
from gateway.formats.codelists import document_types


def rules_of(config: Config) -> tuple[Rule, ...]:
    """Return the rules of the settings.

    Raises:
        Misconfigured: a type is none that documents have. What it was meant to keep would fall
            under a later rule, and go.
    """
    for each in config.removal:
        for type_ in each.types:
            if type_ not in document_types() and not is_normative(type_):
                raise Misconfigured(
                    f"[[removal]] `{each.name}`: `{type_}` is no type of document; "
                    f"known are {', '.join(document_types())}"
                )
    return tuple(
        Rule(
            name=each.name,
            days=each.days,
            states=frozenset(each.states),
            types=frozenset(each.types),
            action=Action(each.action),
            decision=each.decision,
        )
        for each in config.removal
    )
