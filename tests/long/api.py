"""A node as its users see it: calls that wait while it is down, pages read to their end."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from bench.sites import Site

Json = dict[str, Any]
_BROKEN = (aiohttp.ClientError, ConnectionError, TimeoutError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Json:
        """Return the body as a JSON object."""
        value: Json = json.loads(self.body)
        return value


@dataclass(slots=True, kw_only=True)
class Api:
    """The API of a node that may be down for a while."""

    site: Site
    port: int
    session: aiohttp.ClientSession
    patience_s: float = 60.0
    scheme: str = "http"

    async def once(
        self,
        method: str,
        path: str,
        *,
        who: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer | None:
        """Ask once; None when the connection broke before the answer was whole."""
        sent = {"Authorization": f"Bearer {self.site.tokens[who]}", **(headers or {})}
        url = f"{self.scheme}://127.0.0.1:{self.port}/api/v1{path}"
        data = body
        if body is not None and not isinstance(body, bytes):
            data, sent = json.dumps(body).encode(), sent | {"Content-Type": "application/json"}
        try:
            async with self.session.request(method, url, data=data, headers=sent) as answer:
                content = await answer.read()
                return Answer(status=answer.status, headers=answer.headers, body=content)
        except _BROKEN:
            return None

    async def call(self, method: str, path: str, **how: Any) -> Answer:  # noqa: ANN401 - as once
        """Ask until there is an answer that is not 503."""
        async with asyncio.timeout(self.patience_s):
            while True:
                answer = await self.once(method, path, **how)
                if answer is not None and answer.status != 503:
                    return answer
                await asyncio.sleep(0.02)

    async def get(self, path: str, *, who: str) -> Json:
        """Return the JSON at *path*."""
        answer = await self.call("GET", path, who=who)
        assert answer.status == 200, (path, answer.status, answer.body[:300])
        return answer.json

    async def pages(self, path: str, *, who: str, limit: int = 200) -> AsyncIterator[Json]:
        """Yield every item of a list that is paged by a cursor."""
        after = ""
        while True:
            mark = "&" if "?" in path else "?"
            page = await self.get(f"{path}{mark}limit={limit}{after}", who=who)
            for item in page["items"]:
                yield item
            if not page["items"] or page["next"] is None:
                return
            after = f"&after={page['next']}"


@asynccontextmanager
async def an_api(site: Site, port: int) -> AsyncIterator[Api]:
    """Open the API of the node of *site* that listens on *port*, now or later."""
    timeout = aiohttp.ClientTimeout(total=30)
    connector = aiohttp.TCPConnector(limit=0, force_close=True)
    async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:
        yield Api(site=site, port=port, session=session)
