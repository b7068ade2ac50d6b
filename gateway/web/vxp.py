"""The VXP door: every call of the national axis's client SDK, under `/vxp`."""

import asyncio
import json
from collections.abc import Sequence
from functools import partial

from aiohttp import web

from gateway.bootstrap.gateway import Gateway
from gateway.domain.characters import first_unfit
from gateway.domain.errors import Refused
from gateway.domain.exchange import Caller, Role
from gateway.pipeline.vxp_systems import Registration
from gateway.web.auth import Networks, check_certificate, client_address
from gateway.web.errors import HttpProblem
from gateway.web.quotas import Uploads
from gateway.web.vxp_answers import ROOT, answer
from gateway.web.vxp_call import Call, Request
from gateway.web.vxp_directory import AgencyLists
from gateway.web.vxp_receiving import Receiving
from gateway.web.vxp_request import is_node, read_signed
from gateway.web.vxp_sending import Sending

_SMALL_BODY = 1 << 16
_LONGEST_FIELD = 500


class Vxp:
    """The door: who calls, and which call it is."""

    def __init__(self, gateway: Gateway, uploads: Uploads, proxies: Networks) -> None:
        """Serve the systems of *gateway*; trust *proxies* to have ended TLS."""
        self._gateway = gateway
        self._proxies = proxies
        self._sending = Sending(gateway, uploads)
        self._receiving = Receiving(gateway)
        self._agencies = AgencyLists(gateway)

    def calls(self) -> Sequence[tuple[str, str, Call]]:
        """Return method, name and handler of every call."""
        return (
            ("POST", "registerAgency", self.register),
            ("POST", "deleteAgency", self.delete),
            ("POST", "getAgenciesList", self.agencies),
            ("POST", "getAgenciesListQD20", self.agencies_by_level),
            ("POST", "getSynchronizeUnit", self.synchronised),
            ("POST", "sendEdoc", self._sending.send),
            ("POST", "getReceivedEdocList", self._receiving.received),
            ("POST", "getEdoc", self._receiving.fetch),
            ("GET", "downloadEdoc", self._receiving.download),
            ("POST", "updateStatus", self._receiving.update),
            ("POST", "getSentEdocList", self._receiving.sent),
            ("POST", "countReceiveEdoc", self._receiving.count_documents),
            ("POST", "countReceiveStatus", self._receiving.count_statuses),
        )

    def install(self, application: web.Application) -> None:
        """Add every call to *application*, behind the check of its signature."""
        for method, name, call in self.calls():
            application.router.add_route(method, ROOT + name, partial(self._signed, call))

    async def _signed(self, call: Call, request: web.Request) -> web.StreamResponse:
        address = client_address(request, self._proxies)
        signed = read_signed(request)
        system = await self._gateway.systems.authenticate(
            signed.value("systemid"), signed.text, signed.signature
        )
        await check_certificate(request, self._gateway, system.client.agency)
        caller = Caller(
            actor=f"client:{system.client.id}",
            agency=system.client.agency,
            role=Role.OFFICE,
            address=address,
            client=system.client.id,
        )
        return await call(
            Request(
                http=request,
                signed=signed,
                system=system,
                caller=caller,
                is_node=is_node(signed, system, self._gateway.config.node.code),
            )
        )

    async def register(self, request: Request) -> web.StreamResponse:
        """`registerAgency`: create, update, or reopen what the system gave up."""
        asked = _registration(await self._small_body(request))
        await self._gateway.systems.register(asked, request.system, request.caller)
        return answer(request.http)

    async def delete(self, request: Request) -> web.StreamResponse:
        """`deleteAgency`: close what the system registered."""
        code = request.signed.value("AgencyCode", "agencyCode", "agencycode")
        if not code:
            raise Refused("Thiếu AgencyCode / AgencyCode is needed", code="vxp-parameter")
        await self._gateway.systems.give_up(code, request.system, request.caller)
        return answer(request.http)

    async def agencies(self, request: Request) -> web.StreamResponse:
        """`getAgenciesList`: every open agency, whole."""
        return await self._agencies.all(request.http)

    async def agencies_by_level(self, request: Request) -> web.StreamResponse:
        """`getAgenciesListQD20`: the agencies of one level of QĐ 20/2020."""
        return await self._agencies.of_level(request.http, request.signed.value("level"))

    async def synchronised(self, request: Request) -> web.StreamResponse:
        """`getSynchronizeUnit`: every agency, closed ones marked."""
        return await self._agencies.synchronised(request.http)

    async def _small_body(self, request: Request) -> bytes:
        raw = bytearray()
        async with asyncio.timeout(self._gateway.config.http.body_timeout_s):
            async for chunk in request.http.content.iter_chunked(_SMALL_BODY):
                raw += chunk
                if len(raw) > _SMALL_BODY:
                    text = "Nội dung quá lớn / the body is over 64 kB"
                    raise HttpProblem(413, "body-too-large", text, close=True)
        return bytes(raw)


def _registration(raw: bytes) -> Registration:
    """Read the body of registerAgency."""
    try:
        given = json.loads(raw.decode())
    except (ValueError, RecursionError) as error:
        raise Refused(
            f"Nội dung không phải JSON / the body is no JSON: {error}", code="vxp-body"
        ) from error
    if not isinstance(given, dict):
        raise Refused("Nội dung phải là đối tượng JSON / a JSON object is needed", code="vxp-body")
    fields = {
        name: str(given[key]).strip()
        for name, key in _REGISTRATION
        if given.get(key) is not None and not isinstance(given[key], dict | list)
    }
    if not fields.get("code"):
        raise Refused("Thiếu mã đơn vị (code) / `code` is needed", code="vxp-body")
    for name, text in fields.items():
        if len(text) > _LONGEST_FIELD or first_unfit(text) is not None:
            raise Refused(
                f"Trường {name} quá dài hoặc có ký tự không được phép / "
                f"`{name}` is over {_LONGEST_FIELD} characters or holds one that is not allowed",
                code="vxp-body",
            )
    return Registration(**fields)


_REGISTRATION = (
    ("code", "code"),
    ("parent", "pcode"),
    ("name", "name"),
    ("mail", "mail"),
    ("mobile", "mobile"),
    ("fax", "fax"),
)
