"""Holds answers against the OpenAPI document: status, media type, headers, body."""

import json
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped] # has no types

from gateway.web.openapi import build
from tests.nodes import Answer

Json = dict[str, Any]

#: Objects that may hold more than is described: a problem has extension members.
_OPEN = frozenset({"Problem", "NotReady"})


class Description:
    """The document, ready to judge answers."""

    def __init__(self) -> None:
        self.document: Json = json.loads(json.dumps(build()))
        schemas = self.document["components"]["schemas"]
        self._strict = {
            name: schema if name in _OPEN else _strict(schema) for name, schema in schemas.items()
        }
        self.operations: dict[str, Json] = {
            operation["operationId"]: operation
            for operations in self.document["paths"].values()
            for operation in operations.values()
        }

    def violations(self, operation: str, answer: Answer) -> Iterator[str]:
        """Say what *answer* has that *operation* does not describe, and the reverse."""
        described = self.operations[operation]["responses"].get(str(answer.status))
        where = f"{operation} {answer.status}"
        if described is None:
            yield f"{where} is not described: {answer.body[:300]!r}"
            return
        if "$ref" in described:
            described = self.document["components"]["responses"][
                described["$ref"].rpartition("/")[2]
            ]
        for header in described.get("headers", ()):
            if header not in answer.headers and (header, answer.status) != ("Retry-After", 409):
                yield f"{where}: the header {header} is missing"
        media = answer.headers.get("Content-Type", "").partition(";")[0]
        content = described.get("content", {})
        if media not in content and "*/*" not in content:
            yield f"{where}: {media} is not described"
            return
        if media.endswith("json"):
            yield from (f"{where}: {each}" for each in self._faults(content[media], answer))

    def faults(self, schema: Json, value: object) -> list[str]:
        """Say where *value* differs from *schema*."""
        whole = {**schema, "components": {"schemas": self._strict}}
        return [
            f"{error.json_path}: {error.message[:200]}"
            for error in Draft202012Validator(whole).iter_errors(value)
        ]

    def _faults(self, content: Json, answer: Answer) -> list[str]:
        return self.faults(content["schema"], answer.json())


def _strict(schema: Any) -> Any:  # noqa: ANN401 - JSON is what it is
    """Return *schema* with no room for fields that it does not name."""
    if isinstance(schema, list):
        return [_strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    copy = {key: _strict(each) for key, each in schema.items()}
    if isinstance(copy.get("properties"), dict) and copy.get("type") == "object":
        copy.setdefault("additionalProperties", False)
    return copy
