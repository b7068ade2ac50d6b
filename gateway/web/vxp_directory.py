"""The three lists of agencies of the VXP protocol, written once for each state of the directory."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from functools import partial

from aiohttp import web

from gateway.bootstrap.gateway import Gateway
from gateway.domain.codes import is_dotted, is_sandbox
from gateway.domain.directory import Agency, Directory
from gateway.domain.errors import Refused
from gateway.web.vxp_answers import envelope, respond

Row = dict[str, object]
_INSTANT = "%d/%m/%Y %H:%M:%S"


class AgencyLists:
    """Writes the lists in worker threads and keeps them until the directory changes.

    A code is echoed as a system registered it, its other form beside it.
    """

    def __init__(self, gateway: Gateway) -> None:
        """Show the directory of *gateway*."""
        self._gateway = gateway
        self._known: Directory | None = None
        self._day = date.min
        self._written: dict[str, bytes] = {}

    async def all(self, request: web.Request) -> web.Response:
        """Answer every open agency."""
        return await self._answer(request, "all", self._open_rows)

    async def of_level(self, request: web.Request, level: str) -> web.Response:
        """Answer the open agencies of a *level* of QĐ 20/2020, 1 to 4; of all without one."""
        if level and level not in {"1", "2", "3", "4"}:
            raise Refused("level phải từ 1 đến 4 / level is 1 to 4", code="vxp-parameter")
        return await self._answer(
            request, f"level {level}", partial(self._level_rows, int(level or "0"))
        )

    async def synchronised(self, request: web.Request) -> web.Response:
        """Answer every agency, closed ones marked as deleted, with the one after them."""
        return await self._answer(request, "synchronised", self._unit_rows)

    async def _answer(
        self,
        request: web.Request,
        name: str,
        rows: Callable[[Directory, date, dict[str, tuple[str, str]]], Iterator[Row]],
    ) -> web.Response:
        return respond(request, await self._gateway.run(partial(self._write, name, rows)))

    def _write(
        self,
        name: str,
        rows: Callable[[Directory, date, dict[str, tuple[str, str]]], Iterator[Row]],
    ) -> bytes:
        """Return the list *name*. Blocks: never on the event loop."""
        directory = self._gateway.directory()
        today = self._gateway.clock.now().astimezone(self._gateway.zone).date()
        if directory is not self._known or today != self._day:
            self._known, self._day, self._written = directory, today, {}
        if name not in self._written:
            holders = self._holders()
            written = envelope(
                "OK", "0", "Thanh cong", {"data": list(rows(directory, today, holders))}
            )
            self._written[name] = written
        return self._written[name]

    def _holders(self) -> dict[str, tuple[str, str]]:
        """Return by code how it was registered, and by which system."""
        systems = {
            each.id: each.systemid
            for each in self._gateway.store.read_here(lambda tx: tx.clients.all())
        }
        held = self._gateway.store.read_here(lambda tx: tx.vxp.registrations())
        return {each.code: (each.written, systems.get(each.client, "")) for each in held}

    def _open_rows(
        self, directory: Directory, today: date, holders: dict[str, tuple[str, str]]
    ) -> Iterator[Row]:
        for agency in directory:
            if not agency.is_open(today) or is_sandbox(agency.code):
                continue
            code = holders.get(agency.code, (agency.code, ""))[0]
            other = agency.legacy_code if code == agency.code else agency.code
            yield {
                "id": agency.code,
                "pid": agency.parent or "",
                "code": code,
                "name": agency.name,
                "mail": _mail(agency),
                "oldCode": other,
            }

    def _level_rows(
        self, level: int, directory: Directory, today: date, holders: dict[str, tuple[str, str]]
    ) -> Iterator[Row]:
        for agency in directory:
            if not agency.is_open(today) or not is_dotted(agency.code):
                continue
            if level and agency.code.count(".") != level - 1:
                continue
            yield {
                "id": agency.code,
                "code": agency.code,
                "name": agency.name,
                "mail": _mail(agency),
                "code102": agency.legacy_code or "",
            }

    def _unit_rows(
        self, directory: Directory, today: date, holders: dict[str, tuple[str, str]]
    ) -> Iterator[Row]:
        for agency in directory:
            if is_sandbox(agency.code):
                continue
            code, system = holders.get(agency.code, (agency.code, ""))
            changed = agency.valid_from if agency.valid_to is None else agency.valid_to
            yield {
                "id": agency.code,
                "pid": agency.parent or "",
                "code": code,
                "name": agency.name,
                "mail": _mail(agency),
                "version": 1,
                "centerCode": system or self._gateway.config.node.code,
                "deleted": agency.is_closed(today),
                "modifyDate": datetime.combine(changed, time()).strftime(_INSTANT),
                "isAgency": True,
                "oldCode": agency.legacy_code if code == agency.code else agency.code,
                "successor": agency.successor,
            }


def _mail(agency: Agency) -> str:
    return (agency.contact or {}).get("email", "")
