"""One request of a person: who asks, in which language and theme, and whether the form is ours.

The browser bears two cookies that no script can read: a random token of the visitor, from which
the token of every form is derived, and the token of the session. A form without the right token is
answered 403, and so is one that another site sent.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from hmac import compare_digest

from aiohttp import web

from gateway.domain.errors import Forbidden
from gateway.domain.exchange import Role
from gateway.pipeline.signing_in import Person, Visit
from gateway.web.auth import Networks, client_address
from gateway.web.console.words import LOCALES, Words
from gateway.web.parts import GATEWAY

SESSION, VISITOR, LANGUAGE, THEME = (
    "gateway_session",
    "gateway_visitor",
    "gateway_language",
    "gateway_theme",
)
THEMES = ("light", "dark")
CSRF = "csrf"
_YEAR_S = 365 * 86_400
_LONGEST_TOKEN = 100
_FROM_HERE = frozenset({"same-origin", "none"})


@dataclass(slots=True, kw_only=True)
class Visiting:
    """A request of a person while it is answered; cookies are set with the answer."""

    words: Words
    theme: str
    visitor: str
    session: str
    visit: Visit
    secure: bool
    person: Person | None = None
    form: Mapping[str, object] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def csrf(self) -> str:
        """Return what every form of this visitor carries."""
        return hashlib.sha256(f"csrf:{self.visitor}:{self.session}".encode()).hexdigest()

    def check_form(self, request: web.Request, token: str) -> None:
        """Raise Forbidden for a form that is not ours."""
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in _FROM_HERE:
            raise Forbidden("the form was sent by another site")
        if not compare_digest(token.encode(), self.csrf.encode()):
            raise Forbidden("the form is too old, or was not made here")

    def enter(self, token: str) -> None:
        """Let the browser bear the session *token*; an empty one ends it."""
        self.session = self.cookies[SESSION] = token

    def text(self, name: str, *, longest: int = 500) -> str:
        """Return a field of the form, without what surrounds it."""
        value = self.form.get(name, "")
        return value.strip()[:longest] if isinstance(value, str) else ""

    def secret(self, name: str) -> str:
        """Return a field of the form exactly as typed."""
        value = self.form.get(name, "")
        return value[: _LONGEST_TOKEN * 10] if isinstance(value, str) else ""

    @property
    def known(self) -> Person:
        """Return the person behind a guard that asks for a session."""
        if self.person is None:
            raise Forbidden("nobody is signed in")
        return self.person

    def roles(self, agency: str) -> frozenset[Role]:
        """Return what the person may do for *agency*."""
        return frozenset() if self.person is None else self.person.account.roles(agency)

    def finish(self, response: web.StreamResponse) -> None:
        """Set the cookies of this visit on *response*."""
        for name, value in self.cookies.items():
            response.set_cookie(
                name,
                value,
                max_age=None if name in {SESSION, VISITOR} else _YEAR_S,
                httponly=True,
                secure=self.secure,
                samesite="Lax",
                path="/",
            )


VISITING = web.RequestKey("visiting", Visiting)


def begin(request: web.Request, proxies: Networks) -> Visiting:
    """Return the visit that *request* belongs to; its person is not looked up yet."""
    address = client_address(request, proxies)
    visitor = _token(request.cookies, VISITOR)
    visiting = Visiting(
        words=Words(_choice(request, "lang", LANGUAGE, LOCALES) or _default(request)),
        theme=_choice(request, "theme", THEME, THEMES),
        visitor=visitor or secrets.token_urlsafe(32),
        session=_token(request.cookies, SESSION),
        visit=Visit(address=address, agent=request.headers.get("User-Agent", "")[:200]),
        secure=request.secure or request.headers.get("X-Forwarded-Proto") == "https",
    )
    if not visitor:
        visiting.cookies[VISITOR] = visiting.visitor
    for name, cookie, known in (("lang", LANGUAGE, LOCALES), ("theme", THEME, THEMES)):
        if request.query.get(name) in known:
            visiting.cookies[cookie] = request.query[name]
    return visiting


def _default(request: web.Request) -> str:
    return request.app[GATEWAY].config.node.locale


def _choice(request: web.Request, name: str, cookie: str, known: tuple[str, ...]) -> str:
    for value in (request.query.get(name), request.cookies.get(cookie)):
        if value in known:
            return str(value)
    return ""


def _token(cookies: Mapping[str, str], name: str) -> str:
    value = cookies.get(name, "")
    return value if len(value) <= _LONGEST_TOKEN and value.isprintable() else ""
