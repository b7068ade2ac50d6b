"""The shapes of agencies, of the state model, and of the node's health."""

from gateway.domain.directory import AgencyKind
from gateway.domain.lifecycle import DeliveryState, DocumentState, Recall
from gateway.web.openapi_words import (
    Schema,
    day,
    flag,
    many,
    maybe,
    one_of,
    page,
    ref,
    text,
    thing,
)


def of_reference() -> dict[str, Schema]:
    """Return the schemas by name."""
    agency = {
        "code": text("QĐ 20/2020/QĐ-TTg"),
        "name": text(),
        "parent": maybe(text("agency code")),
        "legacy_code": maybe(text("QCVN 102:2016/BTTTT")),
        "legacy_provisional": flag("the older code is only the plain reversal"),
        "short_name": maybe(text()),
        "kind": one_of(AgencyKind),
        "valid_from": day("first day"),
        "valid_to": maybe(day("last day")),
        "successor": maybe(text("agency code of what follows a closed one")),
        "contact": maybe({"type": "object", "additionalProperties": text()}),
        "decision": maybe(text("what the entry rests on")),
    }
    check = {
        "name": text(enum=["running", "database", "writer", "disk", "documents", "calendar"]),
        "status": text("a warning leaves the node ready", enum=["ok", "warning", "failed"]),
        "detail": maybe(text()),
    }
    checks: dict[str, Schema] = {"checks": many(ref("Check"))}
    return {
        "Agency": thing("An agency of the directory.", agency),
        "AgencyPage": page("Agency", "Agencies in the order of their codes.", ends=True),
        **_of_states(),
        "Health": thing("The node answers.", {"status": text(enum=["ok"])}),
        "Check": thing("One thing that was looked at.", check),
        "Readiness": thing("The node is ready.", {"status": text(enum=["ready"]), **checks}),
        "NotReady": {"allOf": [ref("Problem"), thing("What failed.", checks)]},
    }


def _of_states() -> dict[str, Schema]:
    label = {"label": text("in Vietnamese"), "label_en": text("in English")}
    rest = {"final": flag("nothing follows"), "moves_to": many(text()), "caused_by": many(text())}
    code = {"code": text(pattern="^[0-9]{2}$"), **label}
    report = code | {"state": one_of(DeliveryState), "note_required": flag()}
    answer = code | {"recall": one_of(Recall)}
    documents = thing("", {"state": one_of(DocumentState), **label, **rest})
    deliveries = thing("", {"state": one_of(DeliveryState), **label, **rest})
    return {
        "StateModel": thing(
            "Which states there are, what may follow, and who may cause it.",
            {
                "documents": many(documents),
                "deliveries": many(deliveries),
                "status_codes": many(thing("", report)),
                "recall_answers": many(thing("", answer)),
                "recalls": many(thing("", {"recall": one_of(Recall), **label, **rest})),
            },
        )
    }
