"""Credentials of programs, and whom the node trusts."""

from collections.abc import Mapping, Sequence

from aiohttp import web

from gateway.bootstrap.certificates import next_end
from gateway.bootstrap.verification import read_trust
from gateway.domain.errors import Refused
from gateway.domain.exchange import Role
from gateway.domain.findings import Finding
from gateway.domain.signatures import days_left, is_expiring
from gateway.domain.text import fold
from gateway.pipeline.clients import PROGRAM_ROLES, Credential
from gateway.web.console.pages import Pages, go
from gateway.web.console.visit import VISITING
from gateway.web.errors import HttpProblem
from gateway.web.parts import CALLER, GATEWAY

_FIELDS = ("agency", "name", "role", "decision")


class CredentialPages:
    """The handlers."""

    def __init__(self, pages: Pages) -> None:
        """Render with *pages*."""
        self._pages = pages

    async def listing(self, request: web.Request) -> web.StreamResponse:
        """Show every credential, without its secrets."""
        return await self._listing(request, {}, (), 200)

    async def add(self, request: web.Request) -> web.StreamResponse:
        """Give a program a credential and show it once."""
        visiting = request[VISITING]
        given = {name: visiting.text(name) for name in _FIELDS}
        try:
            credential = await request.app[GATEWAY].credentials.add(
                given["agency"],
                request[CALLER],
                name=given["name"],
                role=Role(given["role"]) if given["role"] in set(PROGRAM_ROLES) else Role.CLERK,
                decision=given["decision"] or None,
            )
        except Refused as error:
            return await self._listing(request, given, error.findings, 422)
        return await self._once(request, credential)

    async def act(self, request: web.Request) -> web.StreamResponse:
        """Turn a credential, or revoke it."""
        visiting, room = request[VISITING], request.app[GATEWAY].credentials
        client, deed = request.match_info["id"], visiting.text("deed")
        if deed == "rotate":
            return await self._once(request, await room.rotate(client, request[CALLER]))
        if deed == "revoke":
            await room.revoke(client, request[CALLER])
            return go("/admin/credentials?done=revoked")
        raise HttpProblem(400, "bad-parameter", "there is no such deed")

    async def trust(self, request: web.Request) -> web.StreamResponse:
        """Show whom the node trusts, and what ends soon."""
        gateway = request.app[GATEWAY]
        now = gateway.clock.now()
        found = await gateway.run(lambda: read_trust(gateway.config))
        end = await gateway.run(lambda: next_end(gateway.config))
        certificates = sorted(found.listing(), key=lambda each: each.valid_to)
        return await self._pages.page(
            request,
            "admin_trust.html",
            certificates=[
                (each, days_left(each, now), is_expiring(each, now)) for each in certificates
            ],
            lists=len(found.crls),
            faults=found.faults,
            end=end,
            end_days=(end - now).days,
            folders=gateway.config.signatures.trust,
        )

    async def _once(self, request: web.Request, credential: Credential) -> web.StreamResponse:
        return await self._pages.page(request, "admin_credential.html", credential=credential)

    async def _listing(
        self,
        request: web.Request,
        given: Mapping[str, str],
        findings: Sequence[Finding],
        status: int,
    ) -> web.StreamResponse:
        gateway, query = request.app[GATEWAY], request.query
        clients = await gateway.credentials.listing()
        words, state = fold(query.get("q", "")[:100]).split(), query.get("state", "active")
        fitting = [
            each
            for each in reversed(clients)
            if all(word in fold(f"{each.name} {each.agency} {each.id}") for word in words)
            and (state not in {"active", "revoked"} or _is_active(each.revoked_at, state))
        ]
        return await self._pages.page(
            request,
            "admin_credentials.html",
            status=status,
            clients=fitting[:200],
            total=len(fitting),
            state=state,
            given={name: given.get(name, "") for name in _FIELDS},
            roles=PROGRAM_ROLES,
            findings=findings,
            done=query.get("done", ""),
        )


def _is_active(revoked_at: object, state: str) -> bool:
    return (revoked_at is None) is (state == "active")
