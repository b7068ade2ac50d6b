"""Accounts as administrators keep them, on pages."""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from gateway.domain.account_findings import chosen_role
from gateway.domain.accounts import PERSON_ROLES, Account, due
from gateway.domain.errors import Refused
from gateway.domain.exchange import Caller, Role
from gateway.domain.findings import Finding
from gateway.domain.text import fold
from gateway.pipeline.accounts import Issued
from gateway.web.console.pages import Pages, go
from gateway.web.console.visit import VISITING, Visiting
from gateway.web.errors import HttpProblem
from gateway.web.parts import CALLER, GATEWAY

_FIELDS = ("name", "agency", "role", "chosen", "decision")
#: Of the forms of all deeds.
_OF_DEEDS = ("deed", "decision", "agency", "role", "receiver")


class StaffPages:
    """The handlers."""

    def __init__(self, pages: Pages) -> None:
        """Render with *pages*."""
        self._pages = pages

    async def listing(self, request: web.Request) -> web.StreamResponse:
        """Show the accounts that the administrator keeps."""
        gateway = request.app[GATEWAY]
        accounts = await gateway.people.accounts.listing(request[CALLER])
        words = fold(request.query.get("q", "")[:100]).split()
        state = request.query.get("state", "")
        policy = gateway.people.accounts.keeping.policy
        return await self._pages.page(
            request,
            "accounts.html",
            accounts=[
                (each, due(each, policy))
                for each in accounts
                if _fits(each, words) and state in {"", each.state.value}
            ],
            total=len(accounts),
            state=state,
        )

    async def new(self, request: web.Request) -> web.StreamResponse:
        """Show the form of a new account."""
        return await self._form(request, {}, (), 200)

    async def add(self, request: web.Request) -> web.StreamResponse:
        """Give a person an account and show its password once."""
        visiting, gateway = request[VISITING], request.app[GATEWAY]
        given = {name: visiting.text(name) for name in _FIELDS}
        try:
            issued = await gateway.people.accounts.add(
                request[CALLER],
                name=given["name"],
                agency=given["agency"],
                role=_role(given["role"]),
                chosen=given["chosen"],
                decision=given["decision"],
            )
        except Refused as error:
            return await self._form(request, given, error.findings, 422)
        return await self._issued(request, issued)

    async def one(self, request: web.Request) -> web.StreamResponse:
        """Show one account with what can be done to it."""
        return await self._one(request, (), 200, {})

    async def act(self, request: web.Request) -> web.StreamResponse:
        """Do one deed to an account."""
        visiting, caller = request[VISITING], request[CALLER]
        name = request.match_info["name"]
        deeds: Mapping[str, Callable[[], Awaitable[Account | Issued]]] = _deeds(
            request, name, visiting, caller
        )
        deed = deeds.get(visiting.text("deed"))
        if deed is None:
            raise HttpProblem(400, "bad-parameter", "there is no such deed")
        try:
            done = await deed()
        except Refused as error:
            given = {field: visiting.text(field) for field in _OF_DEEDS}
            return await self._one(request, error.findings, 422, given)
        if isinstance(done, Issued):
            return await self._issued(request, done)
        return go(f"/admin/accounts/{done.user_name}")

    async def _one(
        self,
        request: web.Request,
        findings: tuple[Finding, ...],
        status: int,
        given: Mapping[str, str],
    ) -> web.StreamResponse:
        """Show the page; of a deed that was refused with what was *given*, to be mended."""
        gateway, caller = request.app[GATEWAY], request[CALLER]
        account = await gateway.people.accounts.find(request.match_info["name"], caller)
        policy = gateway.people.accounts.keeping.policy
        return await self._pages.page(
            request,
            "account_one.html",
            status=status,
            account=account,
            coming=due(account, policy),
            findings=findings,
            given={field: given.get(field, "") for field in _OF_DEEDS},
            me=caller.actor,
            own=caller.actor == account.actor,
            four_eyes=policy.four_eyes,
            roles=PERSON_ROLES,
            agencies=await self._agencies(request),
            names=await gateway.administration.naming.of(_people(account)),
        )

    async def _form(
        self,
        request: web.Request,
        given: Mapping[str, str],
        findings: tuple[Finding, ...],
        status: int,
    ) -> web.StreamResponse:
        gateway, proposed = request.app[GATEWAY], ""
        if given.get("name") and given.get("agency"):
            proposed = await gateway.people.accounts.propose(
                given["name"], given["agency"], request[CALLER]
            )
        return await self._pages.page(
            request,
            "account_new.html",
            status=status,
            given={name: given.get(name, "") for name in _FIELDS},
            findings=findings,
            proposed=proposed,
            roles=PERSON_ROLES,
            agencies=await self._agencies(request),
        )

    async def _issued(self, request: web.Request, issued: Issued) -> web.StreamResponse:
        return await self._pages.page(request, "account_issued.html", issued=issued)

    async def _agencies(self, request: web.Request) -> list[tuple[str, str]]:
        """Return the open agencies that the administrator reaches, for a choice."""
        gateway, caller = request.app[GATEWAY], request[CALLER]
        directory = (await gateway.run(gateway.reference)).directory
        today = gateway.clock.now().astimezone(gateway.zone).date()
        keeping = gateway.people.accounts.keeping
        return [
            (each.code, each.name)
            for each in directory
            if each.is_open(today) and keeping.reaches(directory, caller, each.code)
        ]


def _deeds(
    request: web.Request, name: str, visiting: Visiting, caller: Caller
) -> Mapping[str, Callable[[], Awaitable[Account | Issued]]]:
    people, text = request.app[GATEWAY].people, visiting.text
    decision, agency = text("decision"), text("agency")
    return {
        "lock": lambda: people.accounts.lock(name, caller, decision=decision),
        "unlock": lambda: people.accounts.unlock(name, caller, decision=decision),
        "revoke": lambda: people.accounts.revoke(name, caller, decision=decision),
        "reset": lambda: people.accounts.reset(
            name, caller, second_factor=bool(text("second_factor"))
        ),
        "approve": lambda: people.rights.approve(name, caller),
        "grant": lambda: people.rights.grant(
            name, caller, agency=agency, role=_role(text("role")), decision=decision
        ),
        "end-grant": lambda: people.rights.end_grant(
            name, caller, agency=agency, role=chosen_role(_role(text("role"))), decision=decision
        ),
        "transfer": lambda: people.rights.transfer(
            name,
            caller,
            receiver=text("receiver"),
            decision=decision,
            agency=agency or None,
            role=_role(text("role")),
        ),
    }


def _role(text: str) -> Role | None:
    """Return the role named *text*, None for none; what people cannot have the room refuses."""
    return Role(text) if text in set(Role) else None


def _people(account: Account) -> list[str]:
    """Return who did what an account shows, as records name them."""
    rights = [name for each in account.grants for name in (each.by, each.ended_by) if name]
    return [account.state_by, *rights]


def _fits(account: Account, words: list[str]) -> bool:
    about = fold(f"{account.name} {account.user_name} {account.agency}")
    return all(word in about for word in words)
