"""The lists of agencies: ours told to the axis, theirs read in bounded memory."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import ijson

from adapters.vxp.answers import GROUP_BYTES, spooled, text
from adapters.vxp.calls import Calls
from gateway.domain.directory import Agency
from gateway.domain.errors import Unavailable
from gateway.ports import Listed

_ROWS_AT_ONCE = 2000


class AgencyLists:
    """See :class:`gateway.ports.AxisDirectory`."""

    def __init__(self, calls: Calls, path: Callable[[str], Path]) -> None:
        """Ask through *calls*; *path* says where a list lies while it is read."""
        self._calls = calls
        self._path = path

    async def announce(self, agency: Agency) -> None:
        """Enter or update *agency* of ours at the axis; raise Refused when it will not have it."""
        contact = agency.contact or {}
        given = {
            "id": "",
            "pcode": agency.parent or "",
            "code": agency.code,
            "name": agency.name,
            "mail": contact.get("email", ""),
            "mobile": contact.get("phone", ""),
            "fax": contact.get("fax", ""),
        }
        body = json.dumps(given, ensure_ascii=False).encode()
        await self._calls.ask("registerAgency", {}, body=body)

    async def withdraw(self, code: str) -> None:
        """Close an agency of ours at the axis; raise Refused when that is not possible."""
        await self._calls.ask("deleteAgency", {"AgencyCode": code}, body=b"{}")

    async def listing(self) -> AsyncIterator[Sequence[Listed]]:
        """Yield the agencies of the axis in parts; the whole list lies on disk meanwhile.

        Raises:
            Unavailable: the list did not come whole. What was yielded is not all there is.
        """
        path = await asyncio.to_thread(self._path, f"listing:{secrets.token_hex(8)}")
        try:
            await self._spool(path)
            with await asyncio.to_thread(path.open, "rb") as file:
                rows = _listed(file)
                while part := await asyncio.to_thread(_part, rows):
                    yield part
        finally:
            path.unlink(missing_ok=True)

    async def _spool(self, path: Path) -> None:
        for call in ("getSynchronizeUnit", "getAgenciesList"):
            async with self._calls.raw("POST", call, {}) as response:
                await spooled(response.content.iter_chunked(GROUP_BYTES), path)
            if await asyncio.to_thread(_is_list, path):
                return
        raise Unavailable(
            f"{self._calls.name}: không trả danh mục cơ quan / gave no list of agencies"
        )


def _is_list(path: Path) -> bool:
    """Whether the answer at *path* is whole and says OK."""
    told: dict[str, str] = {}
    try:
        with path.open("rb") as file:
            for prefix, event, value in ijson.parse(file):
                if prefix in {"status", "ErrorCode"}:
                    told[prefix] = str(value)
                if (prefix, event) == ("data", "start_array"):
                    told["data"] = event
    except (ijson.JSONError, UnicodeDecodeError):
        return False
    return told == {"status": "OK", "ErrorCode": "0", "data": "start_array"}


def _listed(file: BinaryIO) -> Iterator[Listed]:
    for row in ijson.items(file, "data.item"):
        if isinstance(row, dict) and text(row, "code"):
            yield Listed(
                code=text(row, "code"),
                other=text(row, "oldCode", "code102") or None,
                name=text(row, "name") or text(row, "code"),
                mail=text(row, "mail") or None,
                deleted=text(row, "deleted").lower() == "true",
                successor=text(row, "successor") or None,
            )


def _part(rows: Iterator[Listed]) -> list[Listed]:
    return list(islice(rows, _ROWS_AT_ONCE))
