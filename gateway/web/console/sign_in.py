"""The pages on which people come in: password, one-time code, first password, second factor."""

from urllib.parse import urlsplit

import segno
from aiohttp import web
from markupsafe import Markup

from gateway.domain.errors import Refused
from gateway.domain.findings import Finding
from gateway.pipeline.signing_in import Denial, Denied, Entered
from gateway.web.console.guard import STAGES
from gateway.web.console.pages import Pages, go, home
from gateway.web.console.visit import VISITING
from gateway.web.errors import HttpProblem
from gateway.web.parts import GATEWAY


class SignInPages:
    """The handlers."""

    def __init__(self, pages: Pages) -> None:
        """Render with *pages*."""
        self._pages = pages

    async def start(self, request: web.Request) -> web.StreamResponse:
        """Send whoever is signed in home, and everybody else to the sign-in."""
        visiting = request[VISITING]
        person = visiting.person
        if person is None:
            return go("/login")
        stage = STAGES[person.session.stage]
        node = request.app[GATEWAY].config.node.code
        return go(home(visiting, node) if stage == "/" else stage)

    async def form(self, request: web.Request) -> web.StreamResponse:
        """Show the form for name and password."""
        return await self._pages.page(
            request,
            "login.html",
            why="",
            minutes=0,
            denied=None,
            user_name="",
            next=_safe(request.query.get("next")),
        )

    async def sign_in(self, request: web.Request) -> web.StreamResponse:
        """Try name and password."""
        visiting = request[VISITING]
        await count_attempt(request)
        name, after = visiting.text("user_name", longest=64), _safe(visiting.text("next"))
        outcome = await request.app[GATEWAY].people.signing_in.sign_in(
            name, visiting.secret("password"), visiting.visit
        )
        if isinstance(outcome, Denied):
            return await self._pages.page(
                request,
                "login.html",
                status=403,
                why=why_denied(outcome),
                minutes=request.app[GATEWAY].config.accounts.failures_lock_minutes,
                denied=outcome.account,
                user_name=name,
                next=after,
            )
        return self._enter(request, outcome, after)

    async def code_form(self, request: web.Request) -> web.StreamResponse:
        """Show the form for the one-time code."""
        recovery = "recovery" in request.query
        return await self._pages.page(request, "code.html", wrong=False, recovery=recovery)

    async def code(self, request: web.Request) -> web.StreamResponse:
        """Try a one-time code or a recovery code."""
        visiting = request[VISITING]
        await count_attempt(request)
        outcome = await request.app[GATEWAY].people.signing_in.second_factor(
            visiting.session, visiting.text("code", longest=40), visiting.visit
        )
        if isinstance(outcome, Denied):
            recovery = visiting.text("kind") == "recovery"
            return await self._pages.page(
                request, "code.html", status=403, wrong=True, recovery=recovery
            )
        return self._enter(request, outcome, "")

    async def password_form(self, request: web.Request) -> web.StreamResponse:
        """Show the form of the first password."""
        return await self._password_page(request, ())

    async def password(self, request: web.Request) -> web.StreamResponse:
        """Set the password that its owner chose."""
        visiting, gateway = request[VISITING], request.app[GATEWAY]
        try:
            entered = await gateway.people.own_account.change_password(
                request[VISITING].known,
                current=None,
                new=visiting.secret("password"),
                repeat=visiting.secret("repeat"),
            )
        except Refused as error:
            return await self._password_page(request, error.findings)
        return self._enter(request, entered, "")

    async def enrol_form(self, request: web.Request) -> web.StreamResponse:
        """Show the secret of the second factor, as a picture and to type."""
        return await self._enrol_page(request, ())

    async def enrol(self, request: web.Request) -> web.StreamResponse:
        """Put the second factor in force and show the recovery codes once."""
        visiting, gateway = request[VISITING], request.app[GATEWAY]
        await count_attempt(request)
        try:
            entered, recovery = await gateway.people.own_account.confirm_second_factor(
                request[VISITING].known, visiting.text("code", longest=40)
            )
        except Refused as error:
            return await self._enrol_page(request, error.findings)
        visiting.enter(entered.token)
        visiting.person = entered.person
        return await self._pages.page(request, "recovery.html", codes=recovery)

    async def block_form(self, request: web.Request) -> web.StreamResponse:
        """Show how an owner blocks a lost account."""
        return await self._pages.page(request, "block.html", outcome=None, user_name="")

    async def block(self, request: web.Request) -> web.StreamResponse:
        """Block a lost account at once."""
        visiting = request[VISITING]
        await count_attempt(request)
        name = visiting.text("user_name", longest=64)
        done = await request.app[GATEWAY].people.signing_in.block(
            name, visiting.secret("proof"), visiting.visit
        )
        return await self._pages.page(
            request,
            "block.html",
            status=200 if done else 403,
            outcome="done" if done else "wrong",
            user_name=name,
        )

    async def sign_out(self, request: web.Request) -> web.StreamResponse:
        """End the session."""
        visiting = request[VISITING]
        if visiting.person is not None:
            await request.app[GATEWAY].people.signing_in.sign_out(visiting.person)
        visiting.enter("")
        return go("/login")

    def _enter(self, request: web.Request, entered: Entered, after: str) -> web.StreamResponse:
        visiting = request[VISITING]
        visiting.enter(entered.token)
        visiting.person = entered.person
        stage = STAGES[entered.person.session.stage]
        node = request.app[GATEWAY].config.node.code
        return go((after or home(visiting, node)) if stage == "/" else stage)

    async def _password_page(
        self, request: web.Request, findings: tuple[Finding, ...]
    ) -> web.StreamResponse:
        least = request.app[GATEWAY].config.accounts.password_length
        return await self._pages.page(
            request,
            "password.html",
            status=422 if findings else 200,
            findings=findings,
            least=least,
            first=True,
        )

    async def _enrol_page(
        self, request: web.Request, findings: tuple[Finding, ...]
    ) -> web.StreamResponse:
        gateway = request.app[GATEWAY]
        secret, uri = await gateway.people.own_account.begin_second_factor(request[VISITING].known)
        picture = await gateway.run(lambda: _picture(uri))
        return await self._pages.page(
            request,
            "enrol.html",
            status=422 if findings else 200,
            findings=findings,
            secret=" ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
            picture=picture,
        )


async def count_attempt(request: web.Request) -> None:
    """Count an attempt of an address to come in; raise HttpProblem 429 beyond the limit."""
    address = request[VISITING].visit.address or ""
    wait_s = await request.app[GATEWAY].people.attempts.count(address)
    if wait_s is not None:
        raise HttpProblem(
            429,
            "too-many-attempts",
            "too many attempts to sign in from this address",
            headers={"Retry-After": str(round(wait_s))},
        )


def why_denied(denied: Denied) -> str:
    """Return the key of the words that tell why nobody came in."""
    account = denied.account
    if denied.denial is Denial.SHUT and account is not None and account.why is not None:
        return f"denied.{account.why.value}"
    return f"denied.{denied.denial.value}"


def _picture(uri: str) -> Markup:
    code = segno.make(uri, micro=False, error="m")
    svg = code.svg_inline(scale=5, border=2, svgclass="qr", lineclass=None, omitsize=True)
    return Markup(svg)  # noqa: S704 - drawn here, of squares


def _safe(target: str | None) -> str:
    """Return *target* when it is an address of this site, else nothing."""
    text = target or ""
    parts = urlsplit(text)
    fits = text.startswith("/") and not text.startswith(("//", "/\\"))
    return text if fits and not parts.netloc and text.isprintable() else ""
