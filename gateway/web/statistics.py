"""`GET /statistics`: exchange statistics, for overseers of all, for an office of its own."""

from aiohttp import web

from gateway.domain.errors import Refused
from gateway.domain.figures import LEGAL, question_of
from gateway.web.errors import HttpProblem, problem
from gateway.web.parts import CALLER, GATEWAY
from gateway.web.requests import json_response, known_parameters

_FORMATS = {
    "json": "application/json",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "svg": "image/svg+xml",
    "png": "image/png",
}
_PARAMETERS = ("from", "to", "group", "by", "agency", "roll_up", "format")


async def downtime(request: web.Request) -> web.StreamResponse:
    """Answer how long outages and maintenance lasted in a period."""
    known_parameters(request, "from", "to", "group")
    query, gateway = request.query, request.app[GATEWAY]
    first, last, group = query.get("from", ""), query.get("to", ""), query.get("group", "")
    try:
        rows = await gateway.administration.downtime.of(first=first, last=last, period=group)
    except Refused as error:
        return problem(400, "bad-parameter", error.message, error.findings)
    return json_response({"from": first, "to": last, "group": group or None, "rows": rows})


async def statistics(request: web.Request) -> web.StreamResponse:
    """Answer the question in the query, in the format that is asked for."""
    known_parameters(request, *_PARAMETERS)
    query, gateway = request.query, request.app[GATEWAY]
    how = query.get("format", "json")
    if how not in _FORMATS:
        raise HttpProblem(400, "bad-parameter", f"`format` is one of {', '.join(_FORMATS)}")
    try:
        question = question_of(
            first=query.get("from", ""),
            last=query.get("to", ""),
            group=query.get("group", ""),
            by=query.get("by", LEGAL),
            agency=query.get("agency"),
            roll_up=query.get("roll_up"),
        )
    except Refused as error:
        return problem(400, "bad-parameter", error.message, error.findings)
    rooms, caller = gateway.statistics, request[CALLER]
    if how == "xlsx":
        body = await rooms.readable(question, caller, how, gateway.config.node.locale)
    else:
        body = await rooms.written(question, caller, how)
    headers = {"Cache-Control": "no-store"}
    if how != "json":
        name = f"statistics-{question.first}-{question.last}.{how}"
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    charset = "utf-8" if how == "csv" else None
    return web.Response(body=body, content_type=_FORMATS[how], charset=charset, headers=headers)
