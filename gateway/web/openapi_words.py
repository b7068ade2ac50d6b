"""The words in which shapes are written: JSON Schema 2020-12 with as few marks as possible."""

from collections.abc import Iterable
from enum import StrEnum

Schema = dict[str, object]

INSTANT = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?[+-]\d\d:\d\d$"
SHA256 = "^[0-9a-f]{64}$"


def ref(name: str) -> Schema:
    """Refer to the schema *name*."""
    return {"$ref": f"#/components/schemas/{name}"}


def text(description: str = "", **more: object) -> Schema:
    """Return the schema of a string."""
    return _described({"type": "string", **more}, description)


def number(description: str = "", **more: object) -> Schema:
    """Return the schema of an integer."""
    return _described({"type": "integer", **more}, description)


def flag(description: str = "") -> Schema:
    """Return the schema of true and false."""
    return _described({"type": "boolean"}, description)


def day(description: str = "") -> Schema:
    """Return the schema of a date."""
    return text(description, format="date")


def instant(description: str = "") -> Schema:
    """Return the schema of an instant with offset."""
    return text(description, format="date-time", pattern=INSTANT)


def one_of(values: Iterable[StrEnum], description: str = "") -> Schema:
    """Return the schema of a string out of *values*."""
    return text(description, enum=[value.value for value in values])


def many(items: Schema, description: str = "") -> Schema:
    """Return the schema of a list."""
    return _described({"type": "array", "items": items}, description)


def maybe(schema: Schema) -> Schema:
    """Return *schema* or null."""
    if "type" not in schema or not isinstance(schema["type"], str):
        return {"anyOf": [schema, {"type": "null"}]}
    widened = {**schema, "type": [schema["type"], "null"]}
    if isinstance(schema.get("enum"), list):
        widened["enum"] = [*schema["enum"], None]  # type: ignore[misc] # just seen to be a list
    return widened


def thing(description: str, fields: dict[str, Schema], **more: object) -> Schema:
    """Return the schema of an object in which every one of *fields* is present."""
    return {
        "type": "object",
        "description": description,
        "required": list(fields),
        "properties": fields,
        **more,
    }


def page(of: str, description: str, *, ends: bool) -> Schema:
    """Return the schema of a page of things; *ends*: ``next`` is null on the last one."""
    following = text("give it as `after` to go on")
    return thing(
        description,
        {"items": many(ref(of)), "next": maybe(following) if ends else following},
    )


def _described(schema: Schema, description: str) -> Schema:
    return schema | ({"description": description} if description else {})
