"""The OpenAPI 3.1 document, built from the operations and the shapes.

What every operation may answer (an unreadable request, a missing credential, a node that is busy)
is added here once, so that no operation forgets it.
"""

from gateway.web import openapi_examples as example
from gateway.web.errors import TITLES
from gateway.web.openapi_operation import Answer, Operation, Parameter
from gateway.web.openapi_operations import OPERATIONS
from gateway.web.openapi_schemas import components
from gateway.web.openapi_words import Schema, number, ref, text

Json = dict[str, object]

VERSION = "1.0.0"
PROBLEM = "application/problem+json"

_ALWAYS = (400, 405, 431, 500, 503)
_WITH_CREDENTIAL = (401, 403, 421)
_PROBLEM_HEADERS = {
    401: ("WWW-Authenticate",),
    405: ("Allow",),
    409: ("Retry-After",),
    416: ("Content-Range",),
    429: ("Retry-After",),
    503: ("Retry-After",),
}
_HEADERS: dict[str, tuple[str, Schema]] = {
    "Location": ("address of the thing", text()),
    "Retry-After": ("seconds after which another try is worth while", number(minimum=1)),
    "WWW-Authenticate": ("the scheme, Bearer", text()),
    "Allow": ("the methods that are known at this address", text()),
    "ETag": ("changes when the bytes change", text()),
    "Content-Disposition": ("the file name", text()),
    "Content-Range": ("which bytes of how many", text()),
    "Accept-Ranges": ("`bytes`", text()),
}
_TAGS = {
    "Documents": "Submit, list and read documents.",
    "Exchange": "Take in what comes, report on it, recall it, follow receipts.",
    "Directory": "Agencies, their codes, and who follows whom.",
    "Oversight": "For auditors and administrators.",
    "Reference": "The state model and this description.",
    "Operations": "For those who keep the node running.",
}
_ABOUT = """\
The liaison gateway exchanges official documents between agencies.

Bodies are JSON in UTF-8; instants are ISO 8601 with offset. In answers what is unknown is null,
never left out. Lists are paged: give `next` as `after`. Errors are `application/problem+json`
with a stable `code` and all `findings`, each in Vietnamese and English. HEAD is answered wherever
GET is. A query parameter that is not described here is refused.

A credential acts for one agency: its token sees that agency's documents and no others. Beyond
loopback only TLS is served.
"""


def build() -> Json:
    """Return the document."""
    paths: dict[str, Json] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Liaison gateway", "version": VERSION, "description": _ABOUT},
        "servers": [{"url": "/", "description": "this node"}],
        "tags": [{"name": name, "description": about} for name, about in _TAGS.items()],
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "schemas": components(),
            "responses": {_problem_name(status): _problem(status) for status in TITLES},
            "headers": {
                name: {"description": about, "schema": schema}
                for name, (about, schema) in _HEADERS.items()
            },
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "the token of a credential (`gateway client add`)",
                }
            },
        },
    }


def _operation(operation: Operation) -> Json:
    described: Json = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": operation.summary,
    }
    if operation.about:
        described["description"] = operation.about
    if operation.parameters:
        described["parameters"] = [_parameter(each) for each in operation.parameters]
    if operation.body:
        described["requestBody"] = {
            "required": operation.body_required,
            "content": {
                media: {"schema": schema} | ({} if sample is None else {"example": sample})
                for media, (schema, sample) in operation.body.items()
            }
            | _parts(operation),
        }
    if operation.anybody:
        described["security"] = []
    described["responses"] = _responses(operation)
    return described


def _parts(operation: Operation) -> Json:
    """Return how the parts of a form are written, when *operation* takes one."""
    if "multipart/form-data" not in operation.body:
        return {}
    schema, _ = operation.body["multipart/form-data"]
    encoding = {"metadata": {"contentType": "application/json"}}
    sample = {"metadata": example.SUBMISSION, "attachment": ["Báo cáo CCHC quý IV.pdf"]}
    return {"multipart/form-data": {"schema": schema, "encoding": encoding, "example": sample}}


def _parameter(parameter: Parameter) -> Json:
    described: Json = {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.place == "path",
        "description": parameter.about,
        "schema": parameter.schema,
    }
    if parameter.example is not None:
        described["example"] = parameter.example
    return described


def _responses(operation: Operation) -> Json:
    answers: Json = {str(status): _answer(answer) for status, answer in operation.answers.items()}
    credential = () if operation.anybody else _WITH_CREDENTIAL
    for status in sorted({*_ALWAYS, *credential, *operation.problems}):
        answers[str(status)] = {"$ref": f"#/components/responses/{_problem_name(status)}"}
    if operation.name == "getReadiness":
        answers["503"] = {
            "description": "It would not; `checks` say why.",
            "headers": _headers(("Retry-After",)),
            "content": {PROBLEM: {"schema": ref("NotReady")}},
        }
    return answers


def _answer(answer: Answer) -> Json:
    described: Json = {"description": answer.about}
    if answer.headers:
        described["headers"] = _headers(answer.headers)
    schema = ref(answer.of) if answer.of is not None else answer.schema
    if schema is not None:
        content: Json = {"schema": schema}
        if answer.example is not None:
            content["example"] = answer.example
        described["content"] = {answer.media: content}
    return described


def _problem_name(status: int) -> str:
    return f"Problem{status}"


def _problem(status: int) -> Json:
    content: Json = {"schema": ref("Problem")}
    if status == example.PROBLEM["status"]:
        content["example"] = example.PROBLEM
    described: Json = {"description": f"{TITLES[status]}.", "content": {PROBLEM: content}}
    if status in _PROBLEM_HEADERS:
        described["headers"] = _headers(_PROBLEM_HEADERS[status])
    return described


def _headers(names: tuple[str, ...]) -> Json:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
