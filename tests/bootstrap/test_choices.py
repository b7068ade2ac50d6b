"""A value in the configuration that is none of those allowed is answered with all of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
from msgspec import Struct, structs

from gateway.config import Config, parse
from gateway.domain.errors import Misconfigured

NODE = {"node": {"code": "H13"}}
#: What a table needs beside the key that is tried.
NEEDED: dict[str, dict[str, Any]] = {
    "node": {"code": "H13"},
    "removal": {"name": "a", "days": 1},
}


def literals(kind: object) -> list[str]:
    """Return the values of a choice, or of a list of choices."""
    if get_origin(kind) is Literal:
        return [str(each) for each in get_args(kind)]
    return [value for inner in get_args(kind) for value in literals(inner)]


def choices() -> Iterator[tuple[str, str, list[str]]]:
    """Yield section, key and values of every choice of the configuration."""
    for section in structs.fields(Config):
        kinds = (section.type, *get_args(section.type))
        for kind in kinds:
            if isinstance(kind, type) and issubclass(kind, Struct):
                for field in structs.fields(kind):
                    if allowed := literals(field.type):
                        yield section.name, field.name, allowed


def refusal(section: str, key: str, value: object) -> str:
    """Return why a configuration with that value is not taken."""
    table = {**NEEDED.get(section, {}), key: value}
    raw = NODE | {section: [table] if section == "removal" else table}
    with pytest.raises(Misconfigured) as caught:
        parse(raw, file=Path("gateway.toml"))
    return caught.value.message


@pytest.mark.parametrize(("section", "key", "allowed"), [*choices()])
def test_every_choice_names_what_may_stand_there(
    section: str, key: str, allowed: list[str]
) -> None:
    """Whether it stands alone or in a list."""
    told = [refusal(section, key, value) for value in ("no such value", ["no such value"])]

    assert all(all(f"`{each}`" in one for each in allowed) for one in told)


def test_the_nearest_value_is_named_first() -> None:
    """As the nearest key is."""
    told = refusal("statistics", "reports", ["month", "quater"])

    assert "`statistics.reports[1]`; did you mean `quarter`?; allowed: `month`, `quarter`" in told


def test_a_value_that_is_no_choice_says_what_it_should_be() -> None:
    """As before."""
    told = refusal("relay", "lanes", "many")

    assert told.endswith("Expected `int`, got `str` - at `relay.lanes`")
