"""The OpenAPI document laid out for reading: chapters of operations, then the shapes."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

Described = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One field of a shape, or one parameter."""

    name: str
    kind: str
    link: str | None  #: the shape that the kind refers to
    required: bool
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer of an operation."""

    status: str
    about: str
    link: str | None
    headers: str
    example: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One operation."""

    name: str
    method: str
    path: str
    summary: str
    about: str
    credential: bool
    parameters: tuple[Line, ...]
    bodies: tuple[tuple[str, str | None, str | None], ...]  #: media type, shape, example
    replies: tuple[Reply, ...]
    problems: tuple[tuple[str, str], ...]  #: status, what it means


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """The operations of one tag."""

    name: str
    about: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One schema by name."""

    name: str
    about: str
    values: tuple[str, ...]
    lines: tuple[Line, ...]


def chapters(document: Described) -> tuple[Chapter, ...]:
    """Return the operations of *document* by tag, in its order."""
    entries = [
        (operation["tags"][0], _entry(document, path, method, operation))
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    ]
    return tuple(
        Chapter(
            name=tag["name"],
            about=tag["description"],
            entries=tuple(entry for name, entry in entries if name == tag["name"]),
        )
        for tag in document["tags"]
    )


def schemas(document: Described) -> tuple[Shape, ...]:
    """Return the shapes of *document* in the order of their names."""
    known = document["components"]["schemas"]
    return tuple(_shape(name, known[name]) for name in sorted(known))


def _entry(document: Described, path: str, method: str, operation: Described) -> Entry:
    bodies = operation.get("requestBody", {"content": {}})["content"]
    responses = operation["responses"]
    return Entry(
        name=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        about=operation.get("description", ""),
        credential="security" not in operation,
        parameters=tuple(
            _line(f"{each['name']}", each["schema"], required=each["required"], of=each)
            for each in operation.get("parameters", ())
        ),
        bodies=tuple(
            (media, _target(body["schema"]), _pretty(body.get("example")))
            for media, body in bodies.items()
        ),
        replies=tuple(
            _reply(status, response)
            for status, response in responses.items()
            if not _is_problem(response)
        ),
        problems=tuple(
            (status, _problem(document, response))
            for status, response in responses.items()
            if _is_problem(response)
        ),
    )


def _is_problem(response: Described) -> bool:
    return "$ref" in response


def _problem(document: Described, response: Described) -> str:
    name = response["$ref"].rpartition("/")[2]
    return str(document["components"]["responses"][name]["description"])


def _reply(status: str, response: Described) -> Reply:
    contents: list[tuple[str, Described]] = [*response.get("content", {}).items(), ("", {})]
    media, body = contents[0]
    link = _target(body.get("schema", {}))
    about = response["description"] + ("" if link or not media else f" ({media})")
    return Reply(
        status=status,
        about=about,
        link=link,
        headers=", ".join(response.get("headers", ())),
        example=_pretty(body.get("example")),
    )


def _shape(name: str, schema: Described) -> Shape:
    parts = schema.get("allOf", [schema])
    lines = [line for part in parts for line in _lines(part, "")]
    about = schema.get("description", "")
    inherited = [_target(part) for part in parts if _target(part)]
    if inherited:
        about = f"{about} All fields of {', '.join(str(each) for each in inherited)}, and:".strip()
    return Shape(name=name, about=about, values=tuple(schema.get("enum", ())), lines=tuple(lines))


def _lines(schema: Described, above: str) -> Iterator[Line]:
    """Go through the fields of an object, those of objects inside it under their full names."""
    required = schema.get("required", ())
    for key, each in schema.get("properties", {}).items():
        yield _line(above + key, each, required=key in required, of=each)
        for inner in (each, *each.get("anyOf", ())):
            yield from _lines(inner, f"{above}{key}.")
            yield from _lines(inner.get("items", {}), f"{above}{key}[].")


def _line(name: str, schema: Described, *, required: bool, of: Described) -> Line:
    place = f"{of['in']}: " if "in" in of else ""
    return Line(
        name=name,
        kind=place + _kind(schema),
        link=_target(schema),
        required=required,
        about=of.get("description", "") or schema.get("description", ""),
    )


def _kind(schema: Described) -> str:
    """Return the type of *schema* in words."""
    if "anyOf" in schema:
        return " or ".join(_kind(each) for each in schema["anyOf"])
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "enum" in schema:
        return " | ".join("null" if each is None else str(each) for each in schema["enum"])
    kinds = schema.get("type", "any")
    words = kinds if isinstance(kinds, list) else [kinds]
    shown = [_detailed(str(word), schema) for word in words]
    return " or ".join(shown)


def _detailed(word: str, schema: Described) -> str:
    if word == "array":
        return f"list of {_kind(schema['items'])}"
    if word == "string" and schema.get("format"):
        return str(schema["format"])
    if word == "integer" and "maximum" in schema:
        return f"integer, {schema.get('minimum', '')} to {schema['maximum']}"
    return word


def _target(schema: Described) -> str | None:
    """Return the shape that *schema* is, holds a list of, or may be."""
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    for inner in (schema.get("items"), *schema.get("anyOf", ()), *_held(schema)):
        if inner is not None and (found := _target(inner)):
            return found
    return None


def _held(schema: Described) -> tuple[Described, ...]:
    """Return the parts of a form; the fields of any other object have lines of their own."""
    properties = schema.get("properties", {})
    return (properties["metadata"],) if "metadata" in properties else ()


def with_code(text: str) -> Markup:
    """Return *text* as markup: escaped, and what stands between backticks as code."""
    pieces = text.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(piece) if place % 2 else piece
        for place, piece in enumerate(pieces)
    )


def _pretty(example: object) -> str | None:
    if example is None or isinstance(example, str):
        return example
    return json.dumps(example, ensure_ascii=False, indent=2)
