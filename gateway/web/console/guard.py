"""What stands before every page: who may see it, whose form it is, and how errors are told."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import quote

import structlog
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.typedefs import Middleware

from gateway.domain.errors import Forbidden, GatewayError, NotFound, Refused, Unavailable
from gateway.domain.exchange import Caller, Role
from gateway.domain.sessions import Stage
from gateway.pipeline.signing_in import Person
from gateway.web.auth import Networks
from gateway.web.console.pages import Pages, go
from gateway.web.console.visit import CSRF, VISITING, begin
from gateway.web.errors import HttpProblem, headers_of, status_of
from gateway.web.parts import CALLER, GATEWAY, OF_PERSON, OfPerson

log = structlog.get_logger()
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

#: Where a session goes on that has not come to its last stage.
STAGES = {
    Stage.CODE: "/login/code",
    Stage.PASSWORD: "/login/password",
    Stage.ENROL: "/login/second-factor",
    Stage.OPEN: "/",
}
#: Below these, errors are told to programs.
_OF_PROGRAMS = ("/api/", "/vxp", "/static/", "/healthz", "/readyz", "/metrics")
#: Statuses that the console has words for.
_TOLD = frozenset({403, 404, 405, 408, 409, 413, 422, 429, 503})


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who may: at which stages, and in which roles for the agency of the address."""

    stages: frozenset[Stage] = field(default_factory=frozenset)  #: none: everybody
    roles: frozenset[Role] = field(default_factory=frozenset)  #: none: any
    streams: bool = False  #: the body is a form with files, read by the handler
    at_node: bool = False  #: the role must be held for the node itself, not for one agency


EVERYBODY = Access()
SIGNED_IN = Access(stages=frozenset({Stage.OPEN}))
DESK = Access(stages=frozenset({Stage.OPEN}), roles=frozenset({Role.CLERK, Role.VIEWER}))
CLERKS = Access(stages=frozenset({Stage.OPEN}), roles=frozenset({Role.CLERK}))
CLERKS_SEND = Access(stages=CLERKS.stages, roles=CLERKS.roles, streams=True)
ADMINS = Access(stages=frozenset({Stage.OPEN}), roles=frozenset({Role.ADMIN}))
NODE_ADMINS = Access(stages=ADMINS.stages, roles=ADMINS.roles, at_node=True)
NODE_ADMINS_SEND = Access(stages=ADMINS.stages, roles=ADMINS.roles, at_node=True, streams=True)
OVERSEERS = Access(stages=ADMINS.stages, roles=frozenset({Role.ADMIN, Role.AUDITOR}), at_node=True)


def at(*stages: Stage) -> Access:
    """Return the access of sessions at *stages*."""
    return Access(stages=frozenset(stages))


class Guard:
    """Wraps handlers of pages."""

    def __init__(self, pages: Pages, proxies: Networks) -> None:
        """Tell errors by *pages*; trust *proxies* to have ended TLS."""
        self._pages = pages
        self._proxies = proxies

    def __call__(self, handler: Handler, access: Access) -> Handler:
        """Return *handler* behind *access*."""

        async def handle(request: web.Request) -> web.StreamResponse:
            visiting = request[VISITING] = begin(request, self._proxies)
            request[OF_PERSON] = OfPerson(
                fail=partial(self._fail, request), still=partial(self._still, request)
            )
            try:
                response = await self._admit(request, access) or await handler(request)
            except GatewayError as error:
                response = await self._tell(request, error)
            if not response.prepared:
                visiting.finish(response)
            return response

        return handle

    async def nowhere(self, request: web.Request, error: web.HTTPException) -> web.Response:
        """Tell a person that there is no such page, or not for this way of asking."""
        visiting = request[VISITING] = begin(request, self._proxies)
        if visiting.session:
            with suppress(Unavailable):
                signing_in = request.app[GATEWAY].people.signing_in
                visiting.person = await signing_in.find(visiting.session)
        codes = {404: "not-found", 405: "method-not-allowed"}
        response = await self._pages.page(
            request,
            "error.html",
            status=error.status,
            code=codes[error.status],
            known=str(error.status),
            findings=(),
        )
        if "Allow" in error.headers:
            response.headers["Allow"] = error.headers["Allow"]
        visiting.finish(response)
        return response

    async def _admit(self, request: web.Request, access: Access) -> web.StreamResponse | None:
        """Return where somebody must go first; None lets the request in."""
        visiting, gateway = request[VISITING], request.app[GATEWAY]
        if visiting.session:
            visiting.person = await gateway.people.signing_in.find(visiting.session)
        if request.method == "POST" and not access.streams:
            await self._read_form(request)
        if not access.stages:
            return None
        person = visiting.person
        if person is None:
            back = request.path_qs if request.method in {"GET", "HEAD"} else "/"
            return go(f"/login?next={quote(back, safe='/')}")
        if person.session.stage not in access.stages:
            return go(STAGES[person.session.stage])
        if access.roles:
            request[CALLER] = _caller(request, person, access)
        return None

    async def _still(self, request: web.Request) -> bool:
        """Whether the session lasts, and still has the role that opened a stream."""
        caller, room = request[CALLER], request.app[GATEWAY].people.signing_in
        person = await room.find(request[VISITING].session)
        return person is not None and caller.role in person.account.roles(caller.agency)

    async def _read_form(self, request: web.Request) -> None:
        visiting = request[VISITING]
        limit_s = request.app[GATEWAY].config.http.body_timeout_s
        try:
            async with asyncio.timeout(limit_s):
                posted = await request.post()
        except TimeoutError as error:
            raise HttpProblem(408, "body-timeout", "the form did not come", close=True) from error
        except web.HTTPRequestEntityTooLarge as error:
            raise HttpProblem(
                413, "body-too-large", "the form is too large", close=True
            ) from error
        except (ValueError, LookupError, RuntimeError, HttpProcessingError) as error:
            raise HttpProblem(400, "unreadable", "this is no form", close=True) from error
        visiting.form = posted
        visiting.check_form(request, visiting.text(CSRF))

    async def _fail(self, request: web.Request) -> web.Response:
        return await self._pages.page(
            request, "error.html", status=500, code="internal", known="other", findings=()
        )

    async def _tell(self, request: web.Request, error: GatewayError) -> web.StreamResponse:
        status = status_of(error)
        findings = error.findings if isinstance(error, Refused) else ()
        response = await self._pages.page(
            request,
            "error.html",
            status=status,
            code=error.code,
            known=str(status) if status in _TOLD else "other",
            findings=findings,
        )
        response.headers.update(headers_of(error))
        return response


def told_to_people(guard: Guard) -> Middleware:
    """Return what answers people with a page where an address leads nowhere; programs read JSON."""

    @web.middleware
    async def tell(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except (web.HTTPNotFound, web.HTTPMethodNotAllowed) as error:
            if not _reads_pages(request):
                raise
            return await guard.nowhere(request, error)

    return tell


def _reads_pages(request: web.Request) -> bool:
    """Whether a browser asks, and not for what belongs to programs."""
    accepts = request.headers.get("Accept", "")
    return "text/html" in accepts and not request.path.startswith(_OF_PROGRAMS)


def _caller(request: web.Request, person: Person, access: Access) -> Caller:
    """Return the person as a caller; an agency of the address that is not one's own is not there."""
    agency, roles = request.match_info.get("agency"), access.roles
    if agency is None:
        return _at_widest(request, person, access)
    held = person.account.roles(agency)
    if not held:
        raise NotFound(f"there is no desk of {agency}")
    fitting = sorted(held & roles)
    if not fitting:
        raise Forbidden("this role does not allow this")
    return person.caller(agency, fitting[0])


def _at_widest(request: web.Request, person: Person, access: Access) -> Caller:
    """Return the person in a role of *access* at the node itself, or at the first agency."""
    root = request.app[GATEWAY].config.node.code
    grants = [
        grant
        for grant in person.account.in_force
        if grant.role in access.roles and (grant.agency == root or not access.at_node)
    ]
    if not grants:
        raise NotFound("there is no such page for this account")
    widest = next((grant for grant in grants if grant.agency == root), grants[0])
    return person.caller(widest.agency, widest.role)
