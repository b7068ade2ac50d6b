"""The client of a node's REST API, as an office system would be one."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from urllib.parse import quote

import aiohttp
import click
import msgspec

from gateway.cli.output import Answered
from gateway.domain.errors import NotFound, Unavailable
from gateway.domain.findings import Finding

T = TypeVar("T")

_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=120)
_LARGEST_PROBLEM = 4 << 20
_UNREACHABLE = (aiohttp.ClientError, TimeoutError, OSError)


class Rest:
    """Calls of the API below ``/api/v1`` with one credential."""

    def __init__(self, session: aiohttp.ClientSession, root: str) -> None:
        """Speak with the node at *root* in *session*."""
        self._session = session
        self._root = f"{root.rstrip('/')}/api/v1"

    async def get(self, path: str, query: Mapping[str, str | int | None] | None = None) -> Any:  # noqa: ANN401 - JSON
        """Return the JSON at *path*; None in *query* is left out."""
        given = {key: str(value) for key, value in (query or {}).items() if value is not None}
        async with self._call("GET", path, params=given) as answer:
            return await answer.json()

    async def post(self, path: str, body: object) -> Any:  # noqa: ANN401 - JSON
        """Post *body* as JSON; return the answer."""
        async with self._call("POST", path, json=body) as answer:
            return await answer.json()

    async def submit(self, form: aiohttp.MultipartWriter, key: str) -> Any:  # noqa: ANN401 - JSON
        """Submit *form* under the idempotency *key*; return the document."""
        headers = {"Idempotency-Key": key}
        async with self._call("POST", "/documents", data=form, headers=headers) as answer:
            return await answer.json()

    @asynccontextmanager
    async def download(self, path: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """Open the bytes at *path*."""
        async with self._call("GET", path) as answer:
            yield answer.content.iter_any()

    @asynccontextmanager
    async def _call(
        self,
        method: str,
        path: str,
        **request: Any,  # noqa: ANN401 - as in aiohttp
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        try:
            async with self._session.request(
                method, self._root + path, allow_redirects=False, **request
            ) as answer:
                if answer.status // 100 != 2:  # noqa: PLR2004 - the class of success
                    raise await _problem(answer)
                yield answer
        except _UNREACHABLE as error:
            why = str(error) or type(error).__name__
            raise Unavailable(f"{self._root}: no answer: {why}") from error


def with_rest(url: str | None, token: str | None, work: Callable[[Rest], Awaitable[T]]) -> T:
    """Run *work* with a client of the node at *url*; raise as :func:`opened_rest` does."""

    async def session() -> T:
        async with opened_rest(url, token) as rest:
            return await work(rest)

    return asyncio.run(session())


@asynccontextmanager
async def opened_rest(url: str | None, token: str | None) -> AsyncIterator[Rest]:
    """Open a client of the node at *url*.

    Raises:
        UsageError: address or token are missing, or no address.
    """
    if not url or not url.startswith(("http://", "https://")):
        raise click.UsageError("give the node's address with --url or GATEWAY_URL, as https://…")
    if not token:
        raise click.UsageError("give the credential's token with --token or GATEWAY_TOKEN")
    token = token.strip()
    if not token.isascii() or not token.isprintable() or " " in token:
        raise click.UsageError("the token holds a blank or line break: copy it as it was printed")
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
    async with aiohttp.ClientSession(headers=headers, timeout=_TIMEOUT) as opened:
        yield Rest(opened, url)


async def find_id(rest: Rest, given: str) -> str:
    """Return the id of a document that is *given* by its id or its code."""
    if "/" not in given:
        return quote(given, safe="")
    found = await rest.get("/documents", {"code": given})
    if not found["items"]:
        raise NotFound(f"there is no document {given}")
    return str(found["items"][0]["id"])


async def _problem(answer: aiohttp.ClientResponse) -> Answered | Unavailable:
    """Return the error that the *answer* tells, whoever wrote it."""
    raw = await answer.content.read(_LARGEST_PROBLEM)
    try:
        body = json.loads(raw)
    except ValueError:
        body = None
    problem = body if isinstance(body, dict) else {}
    detail = str(problem.get("detail") or problem.get("title") or answer.reason or "no reason")
    code = str(problem.get("code") or "http")
    message = f"{answer.status} {code}: {detail}"
    if answer.status in (429, 502, 503, 504):
        retry = answer.headers.get("Retry-After")
        return Unavailable(f"{message} (again in {retry} s)" if retry else message, code=code)
    try:
        findings = msgspec.convert(problem.get("findings") or [], list[Finding])
    except msgspec.ValidationError:
        findings = []
    return Answered(message, code=code, findings=findings, body=body)
