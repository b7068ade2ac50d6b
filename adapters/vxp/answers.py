"""What an answer of an axis is worth: its envelope judged, its rows, its bytes bounded."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from gateway.domain.errors import Refused, Unavailable, UnavailableItem

GROUP_BYTES = 256 * 1024
_SPOOL_BYTES = 512 << 20
#: Codes of refusals that stay what they are when the same is sent again.
_FINAL = frozenset({"400", "404", "409", "413", "422"})
#: Codes that speak of the axis as it is now, not of what was sent.
_BUSY = frozenset({"401", "403", "408", "421", "429", "500", "502", "503", "504"})


def judged(raw: bytes, name: str, *, retry_after_s: float = 1.0) -> Mapping[str, Any]:
    """Return an answer that says OK.

    Raises:
        Refused: a final no.
        UnavailableItem: the axis is well and does not take this now.
        Unavailable: it takes nothing now, or what answered speaks another language.
    """
    try:
        answer = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Unavailable(
            f"{name}: trả lời không đúng giao thức / gave no answer of its protocol"
        ) from error
    if not isinstance(answer, dict) or "status" not in answer or "ErrorCode" not in answer:
        raise Unavailable(f"{name}: trả lời không đúng giao thức / gave no answer of its protocol")
    code = str(answer["ErrorCode"])
    if answer["status"] == "OK" and code == "0":
        return answer
    said = f"{name}: {str(answer.get('ErrorDesc') or '')[:250]} ({code})"
    if code in _FINAL:
        raise Refused(said)
    if code in _BUSY:
        raise Unavailable(said, retry_after_s=retry_after_s)
    raise UnavailableItem(said)


def rows(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the rows of a list; without a list among it the answer is no good."""
    found = answer.get("data")
    if not isinstance(found, list):
        raise Unavailable("danh sách không có dữ liệu / a list came without its data")
    return [row for row in found if isinstance(row, dict)]


def text(row: Mapping[str, Any], *names: str) -> str:
    """Return the first of *names* that the row has as text; fields may be missing or null."""
    values = (row.get(name) for name in names)
    return next((str(value).strip() for value in values if value not in {None, ""}), "")


async def spooled(chunks: AsyncIterator[bytes], path: Path) -> int:
    """Write what comes to *path*; return how much it was."""
    size = 0
    with await asyncio.to_thread(path.open, "wb") as file:
        async for chunk in chunks:
            size += await asyncio.to_thread(file.write, chunk)
            if size > _SPOOL_BYTES:
                raise Unavailable("trả lời quá dài / an answer is too long")
    return size
