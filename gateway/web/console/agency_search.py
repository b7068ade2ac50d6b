"""Agencies as a desk finds them: by name, short name or code, without accents."""

from dataclasses import dataclass

from aiohttp import web

from gateway.bootstrap.gateway import Gateway
from gateway.domain.codes import code_meant, is_dotted
from gateway.domain.directory import Agency, Directory
from gateway.domain.routing import AXIS
from gateway.domain.rules.mechanism import Reference
from gateway.web.agency_list import AgencyList, Wanted
from gateway.web.parts import GATEWAY

_LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An agency that can be chosen."""

    code: str
    name: str  #: empty: the directory does not know it
    way: str  #: how it is reached: ``node``, or the name of an axis
    successor: str | None  #: code of who follows a closed one


class AgencySearch:
    """Searches the newest directory; its order and folded names are made once for each version."""

    def __init__(self) -> None:
        """Begin without a directory."""
        self._list = AgencyList(Directory())

    async def find(
        self, request: web.Request, words: str, *, limit: int, is_open: bool | None = None
    ) -> list[Agency]:
        """Return up to *limit* agencies with every one of *words* in name or code."""
        gateway = request.app[GATEWAY]

        def search() -> list[Agency]:
            reference = gateway.reference()
            if self._list.directory is not reference.directory:
                self._list = AgencyList(reference.directory)
            wanted = Wanted(words=words[:_LONGEST], limit=limit, is_open=is_open)
            return self._list.page(wanted, reference.today)[0]

        return await gateway.run(search)


def as_found(agency: Agency, gateway: Gateway, reference: Reference) -> Found:
    """Return *agency* with how it is reached."""
    way = gateway.routes.way_to(agency.code, reference.directory)
    lane = way.lane if way is not None and way.route == AXIS else None
    return Found(
        code=agency.code,
        name=agency.name,
        way=lane.partition(":")[2] if lane else ("node" if way else ""),
        successor=None if agency.is_open(reference.today) else agency.successor,
    )


def unlisted_by(words: str, gateway: Gateway, reference: Reference) -> Found | None:
    """Return what is written as a code, is in no directory here, and is reached by an axis."""
    code = code_meant(words.strip()[:_LONGEST])
    if not is_dotted(code) or reference.directory.find(code) is not None:
        return None
    way = gateway.routes.way_to(code, reference.directory)
    if way is None or way.route != AXIS or way.lane is None:
        return None
    return Found(code=code, name="", way=way.lane.partition(":")[2], successor=None)
