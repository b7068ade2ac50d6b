"""Errors as RFC 9457 problems: the only place where an error of the house gets an HTTP status."""

from collections.abc import Awaitable, Callable, Sequence

import msgspec
import structlog
from aiohttp import web

from gateway.domain.errors import (
    Conflict,
    Forbidden,
    GatewayError,
    Misconfigured,
    NotFound,
    Refused,
    Unavailable,
)
from gateway.domain.findings import Finding
from gateway.web.parts import OF_PERSON

log = structlog.get_logger()
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

TITLES = {
    400: "The request cannot be read",
    401: "No valid credential was given",
    403: "This is not allowed for this credential",
    404: "There is no such thing here",
    405: "The method is not known here",
    408: "The body did not come in time",
    409: "The present state forbids this",
    411: "The length of the body must be known",
    413: "The body is too large",
    415: "Bodies of this media type are not taken",
    416: "There is no such range",
    421: "TLS is required",
    422: "What was sent breaks rules",
    429: "Too many requests",
    431: "The header is too large",
    500: "Something failed here",
    503: "Not now",
}


class HttpProblem(GatewayError):
    """A problem of the protocol, found by a door itself."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        headers: dict[str, str] | None = None,
        close: bool = False,
    ) -> None:
        """Answer *status* with the stable *code*; *close* the connection when its rest is noise."""
        super().__init__(message, code=code)
        self.status = status
        self.headers = headers or {}
        self.close = close


_STATUS: tuple[tuple[type[GatewayError], int], ...] = (
    (NotFound, 404),
    (Refused, 422),
    (Forbidden, 403),
    (Conflict, 409),
    (Unavailable, 503),
    (Misconfigured, 503),
)


def status_of(error: GatewayError) -> int:
    """Return the HTTP status of an error of the house."""
    if isinstance(error, HttpProblem):
        return error.status
    if error.code == "unreadable":
        return 400
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def problem(
    status: int,
    code: str,
    detail: str,
    findings: Sequence[Finding] = (),
    headers: dict[str, str] | None = None,
) -> web.Response:
    """Return the answer `application/problem+json`."""
    body = {
        "type": f"urn:liaison-gateway:problem:{code}",
        "title": TITLES.get(status, "Refused"),
        "status": status,
        "code": code,
        "detail": detail,
        "findings": findings,
    }
    return web.Response(
        status=status,
        body=msgspec.json.encode(body),
        content_type="application/problem+json",
        headers=headers,
    )


def headers_of(error: GatewayError) -> dict[str, str]:
    """Return the headers that go with *error*, whoever is told."""
    headers = dict(error.headers) if isinstance(error, HttpProblem) else {}
    if isinstance(error, Unavailable):
        headers["Retry-After"] = str(max(1, round(error.retry_after_s)))
    return headers


def problem_of(error: GatewayError) -> web.Response:
    """Return the answer that tells *error*."""
    found, headers = error.findings, headers_of(error)
    response = problem(status_of(error), error.code, error.message, found, headers)
    if isinstance(error, HttpProblem) and error.close:
        response.force_close()
    return response


@web.middleware
async def tell_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn whatever a handler raises into a problem; what nobody foresaw is logged, not shown."""
    try:
        return await handler(request)
    except GatewayError as error:
        return problem_of(error)
    except web.HTTPException as error:
        return _of_aiohttp(error)
    except (ConnectionError, TimeoutError):
        response = problem(408, "body-timeout", "the body did not come to its end in time")
        response.force_close()
        return response
    except Exception:
        log.exception("request failed", method=request.method, route=_route(request))
        if OF_PERSON in request:
            return await request[OF_PERSON].fail()
        response = problem(500, "internal", "the request failed here; it was noted")
        response.force_close()
        return response


def _of_aiohttp(error: web.HTTPException) -> web.Response:
    codes = {
        404: "not-found",
        405: "method-not-allowed",
        413: "body-too-large",
        416: "range",
        426: "upgrade",
    }
    code = codes.get(error.status, "bad-request" if error.status < 500 else "internal")  # noqa: PLR2004 - the class of the server's own faults
    headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
    return problem(error.status, code, error.reason, headers=headers)


def _route(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return "?" if resource is None else resource.canonical
