"""`GET /statistics`: exchange statistics, for overseers of all, for an office of its own."""

from aiohttp import web

from gateway.domain.errors import Refused
from gateway.domain.figures import LEGAL, question_of
from gateway.web.errors import HttpProblem, problem
from gateway.web.parts import CALLER, GATEWAY
from gateway.web.requests import known_parameters

_FORMATS = {
    "json": "application/json",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_PARAMETERS = ("from", "to", "group", "by", "agency", "roll_up", "format")


async def statistics(request: web.Request) -> web.StreamResponse:
    """Answer the question in the query, in the format that is asked for."""
    known_parameters(request, *_PARAMETERS)
    query, gateway = request.query, request.app[GATEWAY]
    how = query.get("format", "json")
    if how not in _FORMATS:
        raise HttpProblem(400, "bad-parameter", "`format` is json, csv or xlsx")
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
