"""`GET /agencies/{code}/export`: an agency takes its own copy of what it sent and received.

A ZIP that is written while it is sent: one file is open at a time and nothing is stored here. Each
archive holds so many documents at most; `export.json` in it says where the next begins. What is in it
is told in ``handover``.
"""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, time, timedelta
from functools import partial
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from aiohttp import web

from gateway.bootstrap.gateway import Gateway
from gateway.domain.errors import NotFound
from gateway.domain.exchange import AuditEntry, Caller
from gateway.ports import Selection, Transaction
from gateway.web.documents import day_parameter, disposition
from gateway.web.handover import Entry, Handover
from gateway.web.parts import CALLER, GATEWAY, PLACE
from gateway.web.quotas import Streams
from gateway.web.ranges import CHUNK, broken_off
from gateway.web.requests import integer, known_parameters

#: Documents in one archive.
MOST = 5000
_NEWEST = 2**63 - 1
_DAY = timedelta(days=1)


class AgencyExport:
    """The handler. Few archives are written at once, one for each agency."""

    def __init__(self, *, most: int) -> None:
        """Write *most* archives at once."""
        self._places = Streams(most=most, most_of_agency=1)

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        """Send the archive of the caller's agency; nobody gets that of another."""
        known_parameters(request, "from", "to", "after", "limit")
        gateway, caller = request.app[GATEWAY], request[CALLER]
        agency = (await gateway.run(gateway.directory)).find(request.match_info["code"])
        if agency is None or agency.code != caller.agency:
            raise NotFound("an agency takes its own copy, and no other")
        wanted = self._selection(request)
        most = integer(request, "limit", default=MOST, least=1, most=MOST)
        with self._places.place(caller.agency):
            request[
                PLACE
            ].close()  # it lasts as long as the line needs, and nobody waits behind it
            response = web.StreamResponse(headers=_headers(gateway, caller))
            if request.method == "HEAD":
                await response.prepare(request)
                return response
            await gateway.store.write(partial(_note, gateway, caller, request.query_string))
            await gateway.sealing.seal()
            with closing(Handover(gateway, caller, wanted, most=most)) as handover:
                await response.prepare(request)
                with broken_off(request):
                    await _send(gateway, handover, response)
            await response.write_eof()
            return response

    @staticmethod
    def _selection(request: web.Request) -> Selection:
        zone = request.app[GATEWAY].zone
        since, until = (day_parameter(request, name) for name in ("from", "to"))
        return Selection(
            since=None if since is None else datetime.combine(since, time(), zone),
            until=None if until is None else datetime.combine(until, time(), zone) + _DAY,
            before=integer(request, "after", default=0, least=0, most=_NEWEST) or None,
        )


class Archive:
    """A ZIP whose bytes are taken away as they are written."""

    def __init__(self, at: datetime) -> None:
        """Date every file *at*."""
        self._written: list[bytes] = []
        self._at = at.timetuple()[:6]
        self._zip = ZipFile(self, "w", ZIP_STORED)  # type: ignore[call-overload] # it needs to write only

    def write(self, data: bytes) -> int:
        """Take what the archive consists of."""
        self._written.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Do nothing: nothing is held back."""

    def packed(self, entry: Entry) -> Iterator[bytes]:
        """Put a file in; yield the bytes of the archive meanwhile. Blocks."""
        info = ZipInfo(entry.path, self._at)
        with self._zip.open(info, "w", force_zip64=True) as member:
            for chunk in entry.open():
                member.write(chunk)
                yield from self._taken()
        yield from self._taken()

    def end(self) -> bytes:
        """Return what closes the archive."""
        self._zip.close()
        return b"".join(self._taken())

    def _taken(self) -> Iterator[bytes]:
        taken, self._written = self._written, []
        yield from taken


async def _send(gateway: Gateway, handover: Handover, response: web.StreamResponse) -> None:
    archive = Archive(gateway.clock.now().astimezone(gateway.zone))
    async for entry in handover.entries():
        chunks = archive.packed(entry)
        while batch := await gateway.run(partial(_batch, chunks)):
            await response.write(batch)
    await response.write(archive.end())


def _batch(chunks: Iterator[bytes]) -> bytes:
    """Return the next bytes, many at once; nothing at the end."""
    batch = bytearray()
    for chunk in chunks:
        batch += chunk
        if len(batch) >= CHUNK:
            break
    return bytes(batch)


def _headers(gateway: Gateway, caller: Caller) -> dict[str, str]:
    day = gateway.clock.now().astimezone(gateway.zone).date()
    return {
        "Content-Type": "application/zip",
        "Content-Disposition": disposition(f"{caller.agency}-{day}.zip"),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }


def _note(gateway: Gateway, caller: Caller, query: str, tx: Transaction) -> None:
    """Record that the agency took its copy."""
    tx.audit.append(
        AuditEntry(
            at=gateway.clock.now(),
            actor=caller.actor,
            address=caller.address,
            action="exported",
            about=f"agency:{caller.agency}",
            data={"asked": query},
        )
    )
