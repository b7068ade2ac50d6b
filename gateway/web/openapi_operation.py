"""How an operation of the API is described, and what several of them share."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.web.openapi_words import Schema, number, text

API = "/api/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter of the path, the query or the header."""

    name: str
    place: str  #: ``path``, ``query`` or ``header``
    schema: Schema
    about: str
    example: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer that is no error. *of* names a schema; otherwise *media* and *schema* tell."""

    about: str
    of: str | None = None
    media: str = "application/json"
    schema: Schema | None = None
    headers: tuple[str, ...] = ()
    example: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One row of the table of routes, described. ``problems`` are those beside the common."""

    name: str
    method: str
    path: str
    tag: str
    summary: str
    about: str = ""
    parameters: tuple[Parameter, ...] = ()
    body: Mapping[str, tuple[Schema, object]] = field(default_factory=dict)
    body_required: bool = True
    answers: Mapping[int, Answer]
    problems: tuple[int, ...] = ()
    anybody: bool = False  #: no credential is asked for


DOCUMENT_ID = Parameter(
    name="id", place="path", schema=text(pattern="^[0-9A-Za-z-]{1,40}$"), about="id of a document"
)
NUMBER = Parameter(name="n", place="path", schema=number(minimum=1), about="position from 1")
DIGEST = Parameter(
    name="sha256", place="path", schema=text(pattern="^[0-9a-f]{64}$"), about="of the bytes"
)
CODE = Parameter(
    name="code", place="path", schema=text(), about="agency code, either form", example="H13.02"
)
LIMIT = Parameter(
    name="limit",
    place="query",
    schema=number(minimum=1, maximum=500, default=50),
    about="how many at most",
)
AFTER = Parameter(name="after", place="query", schema=text(), about="what `next` said")
BINARY: Schema = {"type": "string", "contentMediaType": "application/octet-stream"}
XML: Schema = {"type": "string", "contentMediaType": "application/xml"}
FORM: Schema = {
    "type": "object",
    "required": ["metadata"],
    "properties": {
        "metadata": {"$ref": "#/components/schemas/Submission"},
        "attachment": {"type": "array", "items": BINARY},
    },
}


def query(name: str, schema: Schema, about: str) -> Parameter:
    """Return the parameter *name* of a query."""
    return Parameter(name=name, place="query", schema=schema, about=about)


def json_body(name: str, sample: object) -> dict[str, tuple[Schema, object]]:
    """Return a body in JSON of the schema *name*, with an example."""
    return {"application/json": ({"$ref": f"#/components/schemas/{name}"}, sample)}
