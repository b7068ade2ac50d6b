"""The console's words: one catalogue, whole in both languages, and the words that pages ask for."""

import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from string import Formatter

import pytest

import gateway.web as package
from gateway.domain import history
from gateway.domain.accounts import PERSON_ROLES, AccountState, Why
from gateway.domain.document import Priority
from gateway.domain.exchange import LegalValue
from gateway.domain.figures import ROLL_UPS
from gateway.domain.lifecycle import DeliveryState, Recall
from gateway.pipeline.kinship import Tie
from gateway.pipeline.signing_in import Denial
from gateway.web.console.deeds import DEEDS, DONE
from gateway.web.console.words import LOCALES, catalogue

WEB = Path(package.__file__).parent
LITERAL = re.compile(r"""\b(?:t|words)\(\s*["']([a-z_]+\.[A-Za-z0-9_.-]+)["']\s*[,)]""")
#: Texts that are the same in both languages.
SAME: frozenset[str] = frozenset()
VIETNAMESE = re.compile("[\u00c0-\u01b0\u1ea0-\u1ef9]")


def asked() -> Iterator[str]:
    """Yield every key that a template or a handler names."""
    files = [*(WEB / "templates/console").glob("*.html"), *(WEB / "console").glob("*.py")]
    for file in files:
        yield from LITERAL.findall(file.read_text("utf-8"))


def put_together() -> Iterator[str]:
    """Yield the keys that are made of a family and a value."""
    families: dict[str, list[StrEnum | str]] = {
        "state": [
            *DeliveryState,
            *AccountState,
            "held",
            "replaced",
            "updated",
            "recall-requested",
            "waits",
        ],
        "event": sorted(history.EVENTS),
        "role": [*PERSON_ROLES],
        "why": [*Why],
        "denied": [*Why, *Denial],
        "priority": [*Priority],
        "value": [*LegalValue],
        "do": [*DEEDS, "recall"],
        "deed_done": sorted(DONE),
        "kin": [*Tie],
        "kin_later": [Tie.UPDATE, Tie.REPLACE],
        "recall": [*Recall, "taken"],
        "statistics": [f"roll_up_{each}" for each in ROLL_UPS],
    }
    for family, values in families.items():
        yield from (f"{family}.{value}" for value in values)
    yield from (f"statistics.rolled_{each}" for each in ROLL_UPS)
    for why in (Why.UNUSED, Why.OVERDUE, Why.IDLE):
        yield f"account.coming_{why}"
        yield f"accounts.due_{why}"
    yield from (f"role.{role}_may" for role in PERSON_ROLES)
    yield from (f"time.weekday{n}" for n in range(7))
    for status in ("403", "404", "405", "408", "409", "413", "422", "429", "503", "other"):
        yield f"error.{status}"
        yield f"error.{status}_lead"


@pytest.mark.parametrize("key", sorted({*asked(), *put_together()}))
def test_every_word_that_pages_ask_for_is_there(key: str) -> None:
    """In both languages."""
    assert all(catalogue()[key][locale].strip() for locale in LOCALES)


def test_english_is_english() -> None:
    """No text was left in Vietnamese; an example of a notation may stand in one."""
    left = [
        key
        for key, texts in catalogue().items()
        if VIETNAMESE.search(texts["en"].replace("QĐ-SNV", ""))
    ]

    assert left == []


def test_both_languages_fill_in_the_same_values() -> None:
    """So that neither loses one."""
    fields = {
        key: [
            {name for _, name, _, _ in Formatter().parse(texts[each]) if name} for each in LOCALES
        ]
        for key, texts in catalogue().items()
    }

    assert [key for key, (vi, en) in fields.items() if vi != en] == []
