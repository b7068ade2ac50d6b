"""One's own account: sessions, password, second factor, what one was told, blocking it."""

from aiohttp import web

from gateway.domain.accounts import warning
from gateway.domain.errors import Refused
from gateway.domain.findings import Finding
from gateway.web.console.pages import Pages, go
from gateway.web.console.sign_in import count_attempt
from gateway.web.console.visit import VISITING
from gateway.web.parts import GATEWAY

_BROWSERS = {"Edg/": "Edge", "coc_coc": "Cốc Cốc", "Firefox/": "Firefox", "Chrome/": "Chrome"}
_SYSTEMS = {"Android": "Android", "iPhone": "iPhone", "Windows": "Windows", "Mac OS": "macOS"}


class OwnPages:
    """The handlers."""

    def __init__(self, pages: Pages) -> None:
        """Render with *pages*."""
        self._pages = pages

    async def account(self, request: web.Request) -> web.StreamResponse:
        """Show the account of whoever is signed in."""
        return await self._page(request, ())

    async def password(self, request: web.Request) -> web.StreamResponse:
        """Change the password."""
        visiting, gateway = request[VISITING], request.app[GATEWAY]
        await count_attempt(request)
        try:
            entered = await gateway.people.own_account.change_password(
                request[VISITING].known,
                current=visiting.secret("current"),
                new=visiting.secret("password"),
                repeat=visiting.secret("repeat"),
            )
        except Refused as error:
            return await self._page(request, error.findings)
        visiting.enter(entered.token)
        return go("/account?changed=password")

    async def mail(self, request: web.Request) -> web.StreamResponse:
        """Set the address for notices of incidents and maintenance."""
        visiting, own = request[VISITING], request.app[GATEWAY].people.own_account
        try:
            await own.write_to(visiting.known, visiting.text("mail", longest=320))
        except Refused as error:
            return await self._page(request, error.findings)
        return go("/account?changed=mail")

    async def drop_second_factor(self, request: web.Request) -> web.StreamResponse:
        """Go without a second factor, where no role asks for one."""
        visiting, gateway = request[VISITING], request.app[GATEWAY]
        await count_attempt(request)
        try:
            entered = await gateway.people.own_account.drop_second_factor(
                request[VISITING].known, visiting.secret("current")
            )
        except Refused as error:
            return await self._page(request, error.findings)
        visiting.enter(entered.token)
        return go("/account?changed=second-factor")

    async def end_session(self, request: web.Request) -> web.StreamResponse:
        """End one session of one's own, or all but this."""
        visiting, room = request[VISITING], request.app[GATEWAY].people.signing_in
        wanted = visiting.text("session", longest=100)
        if wanted == "others":
            await room.end_others(request[VISITING].known)
        else:
            await room.end(request[VISITING].known, wanted)
        return go("/account?changed=sessions")

    async def read_notices(self, request: web.Request) -> web.StreamResponse:
        """Note that what was told was read."""
        upto = request[VISITING].text("upto", longest=18)
        if upto.isascii() and upto.isdigit():
            own = request.app[GATEWAY].people.own_account
            await own.read_notices(request[VISITING].known, int(upto))
        return go("/account")

    async def block(self, request: web.Request) -> web.StreamResponse:
        """Block one's own account at once."""
        visiting = request[VISITING]
        room = request.app[GATEWAY].people.signing_in
        await room.block_own(request[VISITING].known.account.user_name, visiting.visit)
        visiting.enter("")
        return go("/login?done=blocked")

    async def _page(
        self, request: web.Request, findings: tuple[Finding, ...]
    ) -> web.StreamResponse:
        gateway, person = request.app[GATEWAY], request[VISITING].known
        policy = gateway.people.accounts.keeping.policy
        return await self._pages.page(
            request,
            "account.html",
            status=422 if findings else 200,
            findings=findings,
            sessions=[
                (each, _device(each.agent))
                for each in await gateway.people.signing_in.sessions(person)
            ],
            notices=await gateway.people.own_account.notices(person),
            coming=warning(person.account, policy, gateway.clock.now()),
            least=gateway.config.accounts.password_length,
            changed=request.query.get("changed", ""),
        )


def _device(agent: str) -> str:
    """Return a browser as people know it; what it calls itself when we do not."""
    browser = next((name for mark, name in _BROWSERS.items() if mark in agent), "")
    system = next(
        (name for mark, name in (_SYSTEMS | {"Linux": "Linux"}).items() if mark in agent), ""
    )
    return " · ".join(filter(None, (browser, system))) or agent[:60] or "?"
