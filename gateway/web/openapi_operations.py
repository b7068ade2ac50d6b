"""Every operation of the API in words: what it is for, what it takes, what it answers."""

from gateway.domain.directory import AgencyKind
from gateway.web import openapi_examples as example
from gateway.web.agency_export import MOST
from gateway.web.openapi_announcements import ANNOUNCEMENTS
from gateway.web.openapi_exchange import DOCUMENTS, EXCHANGE
from gateway.web.openapi_operation import (
    AFTER,
    API,
    BINARY,
    CODE,
    LIMIT,
    Answer,
    Operation,
    json_body,
    query,
)
from gateway.web.openapi_words import flag, number, one_of, text

_DIRECTORY = (
    Operation(
        name="listAgencies",
        method="GET",
        path=f"{API}/agencies",
        tag="Directory",
        summary="List agencies in the order of their codes",
        parameters=(
            query("parent", text(), "code of the agency directly above"),
            query("q", text(), "words of name, short name or code; accents are optional"),
            query("kind", one_of(AgencyKind), "what the participant is"),
            query("open", flag(), "exists today, or not"),
            AFTER,
            LIMIT,
        ),
        answers={200: Answer(about="A page.", of="AgencyPage")},
    ),
    Operation(
        name="addAgency",
        method="POST",
        path=f"{API}/agencies",
        tag="Directory",
        summary="Enter an agency",
        about="By administrators. Without `code` the next free one below `parent` is assigned.",
        body=json_body("NewAgency", example.NEW_AGENCY),
        answers={
            201: Answer(
                about="The agency.", of="Agency", headers=("Location",), example=example.AGENCY
            )
        },
        problems=(408, 413, 415, 422),
    ),
    Operation(
        name="getAgency",
        method="GET",
        path=f"{API}/agencies/{{code}}",
        tag="Directory",
        summary="Read one agency",
        about="A closed one is answered too, with its successor.",
        parameters=(CODE,),
        answers={200: Answer(about="The agency.", of="Agency", example=example.AGENCY)},
        problems=(404,),
    ),
    Operation(
        name="changeAgency",
        method="PATCH",
        path=f"{API}/agencies/{{code}}",
        tag="Directory",
        summary="Correct, move or close an agency",
        about=(
            "By administrators. `valid_to` (the last day) closes, with `successor` after it; "
            "`parent` moves, and where codes say where an agency stands it is answered under its "
            "new code. One request does one of the three."
        ),
        parameters=(CODE,),
        body=json_body("AgencyPatch", example.AGENCY_PATCH),
        answers={200: Answer(about="The agency as it now is.", of="Agency")},
        problems=(404, 408, 413, 415, 422),
    ),
    Operation(
        name="exportAgency",
        method="GET",
        path=f"{API}/agencies/{{code}}/export",
        tag="Directory",
        summary="Take the agency's own copy",
        about=(
            "By the agency itself: everything that it sent and received, newest first, as a ZIP in "
            "open formats: message, attachments, data and receipts of each document, a register, "
            "and a manifest of digests. `export.json` in it says what is missing, what is damaged "
            "(differs from the digest on record) and, as `next`, "
            "where the next archive begins. Content that has not arrived yet is not in it."
        ),
        parameters=(
            CODE,
            query("from", text(format="date"), "first day of submission"),
            query("to", text(format="date"), "last day of submission"),
            query("after", text(), "what `next` in `export.json` said"),
            query("limit", number(minimum=1, maximum=MOST, default=MOST), "documents in it"),
        ),
        answers={
            200: Answer(
                about="The archive.",
                media="application/zip",
                schema=BINARY,
                headers=("Content-Disposition",),
            )
        },
        problems=(404,),
    ),
)

_REFERENCE = (
    Operation(
        name="getStates",
        method="GET",
        path=f"{API}/states",
        tag="Reference",
        summary="Read the state model",
        answers={200: Answer(about="The model.", of="StateModel")},
    ),
    Operation(
        name="getDescription",
        method="GET",
        path=f"{API}/openapi.json",
        tag="Reference",
        summary="Read this description (OpenAPI 3.1)",
        answers={200: Answer(about="The description.", schema={"type": "object"})},
        anybody=True,
    ),
    Operation(
        name="getDocs",
        method="GET",
        path=f"{API}/docs",
        tag="Reference",
        summary="Read this description as a page",
        answers={200: Answer(about="The page.", media="text/html", schema=text())},
        anybody=True,
    ),
)

_QUEUE = (
    Operation(
        name="listQueue",
        method="GET",
        path=f"{API}/queue",
        tag="Operations",
        summary="List what waits to be handed over, or failed for good",
        about="For administrators, oldest first; with how each destination is doing.",
        parameters=(AFTER, LIMIT),
        answers={200: Answer(about="A page.", of="QueuePage")},
    ),
    Operation(
        name="retryQueue",
        method="POST",
        path=f"{API}/queue/retry",
        tag="Operations",
        summary="Try now",
        about=(
            "For administrators: entries by `ids`, or all that waits for a `destination`, whose "
            "pause ends. What failed for good waits again."
        ),
        body=json_body("RetryBody", {"destination": "axis:truc-quoc-gia"}),
        answers={200: Answer(about="How many are tried.", of="Tried", example={"tried": 12})},
        problems=(404, 408, 409, 413, 415),
    ),
)

_OPERATIONS = (
    Operation(
        name="getHealth",
        method="GET",
        path="/healthz",
        tag="Operations",
        summary="See that the node answers",
        answers={200: Answer(about="It does.", of="Health", example={"status": "ok"})},
        anybody=True,
    ),
    Operation(
        name="getReadiness",
        method="GET",
        path="/readyz",
        tag="Operations",
        summary="See whether the node would take a submission now",
        answers={200: Answer(about="It would.", of="Readiness")},
        anybody=True,
    ),
    Operation(
        name="getMetrics",
        method="GET",
        path="/metrics",
        tag="Operations",
        summary="Read the metrics (Prometheus)",
        about="For this machine and the networks of `http.metrics_from`; others get 404.",
        answers={200: Answer(about="The text format.", media="text/plain", schema=text())},
        problems=(404,),
        anybody=True,
    ),
)

OPERATIONS = (
    *DOCUMENTS,
    *EXCHANGE,
    *_DIRECTORY,
    *_REFERENCE,
    *_QUEUE,
    *ANNOUNCEMENTS,
    *_OPERATIONS,
)
