"""Answers of the VXP protocol: always 200, JSON in ASCII, and never null.

The SDK looks at no HTTP status, reads some answers as ASCII, and loses a whole answer that holds
a null. So an error is `status` FAIL with its `ErrorDesc`, and what is unknown is left out. An
`ErrorCode` is 0, or the number that the REST API would answer with: 4xx stays as it is when it is
sent again, 429 and 503 may work later.
"""

import json
from collections.abc import Mapping

import structlog
from aiohttp import web

from gateway.domain.errors import GatewayError, Refused, Unavailable
from gateway.domain.findings import Finding, Severity
from gateway.web.errors import Handler, HttpProblem, status_of

log = structlog.get_logger()

ROOT = "/vxp/"
#: What the SDK needs to find in an answer to understand a refusal.
_ALWAYS = {"sendEdoc": {"DocId": "0"}, "getEdoc": {"data": ""}}
_LONGEST_TEXT = 2000
_SDK = "JAVASDKAgent"


def answer(request: web.Request, **more: object) -> web.Response:
    """Answer that the call succeeded, with what it asked for."""
    return respond(request, envelope("OK", "0", "Thanh cong", more))


def respond(request: web.Request, body: bytes) -> web.Response:
    """Answer *body*; the SDK opens a connection for every call and never closes it, so we do."""
    response = web.Response(body=body, content_type="application/json")
    if request.headers.get("User-Agent", "").startswith(_SDK):
        response.force_close()
    return response


def envelope(status: str, code: str, text: str, more: Mapping[str, object]) -> bytes:
    """Return the JSON of an answer."""
    whole = {"status": status, "ErrorCode": code, "ErrorDesc": text, **more}
    return json.dumps(_present(whole), separators=(",", ":")).encode("ascii")


def failure(request: web.Request, error: GatewayError) -> web.Response:
    """Answer what *error* says, readably; all findings go to the log."""
    call = request.path.removeprefix(ROOT)
    if call == "downloadEdoc":  # whatever it is given, the SDK saves it as the document
        return web.Response(body=b"")
    findings = error.findings if isinstance(error, Refused) else ()
    code = str(status_of(error))
    log.info(
        "vxp call refused",
        call=call[:40],
        code=error.code,
        reason=error.message,
        findings=[
            {"code": each.code, "pointer": each.pointer, "message": each.message_en}
            for each in findings
        ],
    )
    text = f"{_words(error, findings)} [{error.code}]"
    response = respond(request, envelope("FAIL", code, text, _ALWAYS.get(call, {})))
    if isinstance(error, Unavailable):
        response.headers["Retry-After"] = str(max(1, round(error.retry_after_s)))
    if isinstance(error, HttpProblem):
        response.headers.update(error.headers)
        if error.close:
            response.force_close()
    return response


@web.middleware
async def speak_vxp(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what fails under `/vxp/` into answers of its protocol."""
    if not request.path.startswith(ROOT):
        return await handler(request)
    try:
        return await handler(request)
    except GatewayError as error:
        return failure(request, error)
    except web.HTTPException as error:
        text = f"Không có lời gọi này / there is no such call: {error.reason}"
        return failure(request, HttpProblem(error.status, "vxp-call", text))
    except (ConnectionError, TimeoutError):
        text = "Nội dung không đến đủ / the body did not come to its end in time"
        return failure(request, HttpProblem(408, "body-timeout", text, close=True))
    except Exception:
        log.exception("vxp call failed", call=request.path[:60])
        text = "Lỗi tại nút, đã ghi nhận / the call failed here; it was noted"
        return failure(request, HttpProblem(500, "internal", text, close=True))


def _words(error: GatewayError, findings: tuple[Finding, ...]) -> str:
    errors = [each for each in findings if each.severity is Severity.ERROR]
    said = [f"{each.message} {each.remedy}".strip() for each in errors] or [error.message]
    text = "; ".join(dict.fromkeys(said))
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"


def _present(value: object) -> object:
    """Return *value* without what is null: a null costs the SDK the whole answer."""
    if isinstance(value, Mapping):
        return {key: _present(each) for key, each in value.items() if each is not None}
    if isinstance(value, list | tuple):
        return [_present(each) for each in value if each is not None]
    return value
