"""Incidents and maintenance in the description of the API: operations and shapes."""

from gateway.domain.announcements import AnnouncementKind, AnnouncementState, Severity
from gateway.domain.downtime import PERIODS
from gateway.web.openapi_operation import (
    AFTER,
    API,
    LIMIT,
    NUMBER,
    Answer,
    Operation,
    json_body,
    query,
)
from gateway.web.openapi_words import (
    Schema,
    day,
    instant,
    many,
    maybe,
    number,
    one_of,
    page,
    text,
    thing,
)

_TAG = "Operations"
_ONE = f"{API}/announcements/{{n}}"
_INCIDENT = {
    "kind": "incident",
    "severity": "major",
    "text": "Mất kết nối với trục liên thông của tỉnh",
    "text_en": "The axis of the province cannot be reached",
    "until": "2026-11-23T10:00:00+07:00",
    "meanwhile": "Văn bản khẩn gửi bản giấy",
    "afterwards": "Văn bản đã gửi được chuyển tiếp tự động, không cần gửi lại",
}

ANNOUNCEMENTS = (
    Operation(
        name="listAnnouncements",
        method="GET",
        path=f"{API}/announcements",
        tag=_TAG,
        summary="List incidents and maintenance",
        about="For every credential; newest first, those that are over included.",
        parameters=(AFTER, LIMIT),
        answers={200: Answer(about="A page.", of="AnnouncementPage")},
    ),
    Operation(
        name="addAnnouncement",
        method="POST",
        path=f"{API}/announcements",
        tag=_TAG,
        summary="Open an incident, or plan maintenance",
        about="By administrators. Everybody is told at once: by events, by mail, by webhook.",
        body=json_body("NewAnnouncement", _INCIDENT),
        answers={201: Answer(about="The notice.", of="Announcement", headers=("Location",))},
        problems=(408, 413, 415, 422),
    ),
    Operation(
        name="getDowntime",
        method="GET",
        path=f"{API}/statistics/downtime",
        tag="Oversight",
        summary="How long outages and maintenance lasted",
        about="Read from the audit records; two incidents at once count once.",
        parameters=(
            query("from", day(), "first day"),
            query("to", day(), "last day, inclusive"),
            query("group", text(enum=list(PERIODS)), "a row for each; without it one for all"),
        ),
        answers={200: Answer(about="The figures.", of="Downtime")},
    ),
    Operation(
        name="getAnnouncement",
        method="GET",
        path=_ONE,
        tag=_TAG,
        summary="Read one notice",
        parameters=(NUMBER,),
        answers={200: Answer(about="The notice.", of="Announcement")},
        problems=(404,),
    ),
    Operation(
        name="changeAnnouncement",
        method="PATCH",
        path=_ONE,
        tag=_TAG,
        summary="Tell something otherwise",
        about="By administrators. Everybody is told what changed; what changes nothing tells nobody.",
        parameters=(NUMBER,),
        body=json_body("AnnouncementPatch", {"until": "2026-11-23T14:00:00+07:00"}),
        answers={200: Answer(about="The notice as it now is.", of="Announcement")},
        problems=(404, 408, 409, 413, 415, 422),
    ),
    Operation(
        name="acknowledgeAnnouncement",
        method="POST",
        path=f"{_ONE}/acknowledge",
        tag=_TAG,
        summary="Take an incident on",
        about="By administrators: no further contact is called. A repeat changes nothing.",
        parameters=(NUMBER,),
        answers={200: Answer(about="The incident.", of="Announcement")},
        problems=(404, 409),
    ),
    Operation(
        name="endAnnouncement",
        method="POST",
        path=f"{_ONE}/end",
        tag=_TAG,
        summary="Close an incident, or end or cancel maintenance",
        about="By administrators. Everybody is told.",
        parameters=(NUMBER,),
        body=json_body("EndBody", {"note": "Đã thay thiết bị mạng"}),
        answers={200: Answer(about="The notice as it ended.", of="Announcement")},
        problems=(404, 408, 409, 413, 415),
    ),
)


def of_announcements() -> dict[str, Schema]:
    """Return the schemas by name."""
    mails = thing(
        "Messages about a notice.",
        {"sent": number(), "waiting": number(), "failed": number("for good")},
    )
    announcement = {
        "id": number("of the notice"),
        "kind": one_of(AnnouncementKind),
        "state": one_of(AnnouncementState),
        "severity": maybe(one_of(Severity, "of an incident")),
        "text": text("what happened, or will be done; in Vietnamese"),
        "text_en": text("the same in English, or empty"),
        "begins_at": instant(),
        "until": maybe(instant("when it is expected to be over")),
        "meanwhile": text("what to do in the meantime"),
        "afterwards": text("how documents are entered when work goes on"),
        "meanwhile_en": text("in English, or empty"),
        "afterwards_en": text("the same"),
        "by": maybe(text("who gave it; for administrators")),
        "at": instant("when it was given"),
        "cause": maybe(text("what the node saw when it opened the incident by itself")),
        "changed_at": maybe(instant()),
        "acknowledged_at": maybe(instant("when an administrator took it on")),
        "acknowledged_by": maybe(text("for administrators")),
        "ended_at": maybe(instant()),
        "ended_by": maybe(text("for administrators")),
        "note": text("how it ended"),
        "mails": maybe(mails),
    }
    row = {
        "period": text("`2026-11`, `2026-Q4`, or both days"),
        "incidents": number("that began in the period"),
        "critical": number("of them"),
        "by_node": number("of them, found by the node itself"),
        "incident_s": number("in which any incident was open"),
        "critical_s": number("in which a critical one was"),
        "longest_s": number("of one incident within the period"),
        "acknowledged_median_s": maybe(number("from opening until somebody took it on")),
        "maintenance": number("that began in the period"),
        "maintenance_s": number(),
        "available": maybe({"type": "number", "description": "per cent without a critical one"}),
    }
    figures = {
        "from": day(),
        "to": day(),
        "group": maybe(text()),
        "rows": many(thing("One period.", row)),
    }
    return {
        "Downtime": thing("How long outages and maintenance lasted.", figures),
        "Announcement": thing("A notice of an incident or of maintenance.", announcement),
        "AnnouncementPage": page("Announcement", "Notices, newest first.", ends=True),
    }
