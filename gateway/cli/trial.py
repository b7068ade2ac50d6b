"""The steps by which an office system is tried against the sandbox, each through the public API.

Both sides are played with a token each: the office's own, and the sandbox's, which answers with
every status there is. What the office system itself must do (take a webhook, empty a folder) is
left to it and waited for. A step says what was expected, what came, and how to mend it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any
from uuid import uuid4

import aiohttp

from gateway.cli.rest import Rest
from gateway.domain.errors import GatewayError, Refused

Json = dict[str, Any]

_POLL_S = 0.2
_LEASE_S = 2
_CONTENT = "Văn bản thử nghiệm, không có giá trị. / A trial, worth nothing.\n".encode()


class Unexpected(Exception):
    """A step did not end as it must; the message says what came."""


@dataclass(slots=True, kw_only=True)
class Stage:
    """Where a trial happens, and the documents that it has sent so far."""

    office: Rest
    sandbox: Rest
    agency: str
    partner: str  #: code of the sandbox
    delivery: str  #: how the office is reached: pull, desk, webhook, folder, …
    today: date
    patience_s: float
    name: str = "thu-nghiem.txt"
    content: bytes = _CONTENT
    sent: dict[str, str] = field(default_factory=dict)  #: ids by what each is for
    codes: list[str] = field(default_factory=list)  #: numbers that the trial has used

    async def submit(self, by: Rest, to: str, purpose: str, **more: object) -> Json:
        """Submit a document; keep its id under *purpose*."""
        metadata = {
            "to": [to],
            "type": "CV",
            "subject": f"[THỬ NGHIỆM] V/v thử kết nối phần mềm ({purpose})",
            "notation": "TN-KN",
            "promulgated_on": self.today.isoformat(),
            "place": "Thử nghiệm",
            "signer": {"full_name": "Nguyễn Thử Nghiệm", "position": "Người thử"},
            **more,
        }
        key = uuid4().hex
        document = await by.submit(self._form(metadata), key)
        self.sent[purpose] = document["id"]
        if by is self.office and document["code"]:
            self.codes.append(document["code"])
        again = await by.submit(self._form(metadata), key)
        if again["id"] != document["id"]:
            raise Unexpected(f"the repeat made another document: {again['id']}")
        return dict(document)

    def _form(self, metadata: Mapping[str, object]) -> aiohttp.MultipartWriter:
        form = aiohttp.MultipartWriter("form-data")
        form.append_json(metadata).set_content_disposition("form-data", name="metadata")
        part = form.append(self.content, {"Content-Type": "application/octet-stream"})
        part.set_content_disposition(
            "form-data", quote_fields=False, name="attachment", filename=self.name
        )
        return form

    async def delivery_of(self, by: Rest, purpose: str) -> Json:
        """Return the delivery of a document as *by* sees it."""
        document = await by.get(f"/documents/{self.sent[purpose]}")
        return dict(document["deliveries"][0])

    async def until(self, by: Rest, purpose: str, states: Collection[str]) -> str:
        """Wait until the delivery is in one of *states*; return it."""
        deadline = asyncio.get_running_loop().time() + self.patience_s
        while (found := await self.delivery_of(by, purpose))["state"] not in states:
            if asyncio.get_running_loop().time() > deadline:
                said = f" ({found['note']})" if found["note"] else ""
                raise Unexpected(f"{found['state']}, {found['attempts']} attempts{said}")
            await asyncio.sleep(_POLL_S)
        return str(found["state"])

    async def report(self, by: Rest, purpose: str, code: str, **more: object) -> None:
        """Report status *code* on a document."""
        body = {"code": code, "note": "thử nghiệm", **more}
        await by.post(f"/documents/{self.sent[purpose]}/status", body)

    async def recall(self, by: Rest, purpose: str) -> Json:
        """Ask a document back; return its delivery."""
        path = f"/documents/{self.sent[purpose]}/recall"
        document = await by.post(path, {"reason": "thử nghiệm"})
        return dict(document["deliveries"][0])

    async def take(self, by: Rest, purpose: str) -> str:
        """Let *by* fetch and acknowledge a document; return the digest of its first file."""
        id_, digest = self.sent[purpose], sha256()
        async with by.download(f"/documents/{id_}/attachments/1") as chunks:
            async for chunk in chunks:
                digest.update(chunk)
        answer = await by.post("/inbox/ack", {"ids": [id_]})
        if id_ not in answer["acknowledged"]:
            raise Unexpected("the acknowledgement is not known")
        return digest.hexdigest()

    async def leased(self, purpose: str) -> None:
        """Wait until the document lies in the pull box of the sandbox."""
        deadline = asyncio.get_running_loop().time() + self.patience_s
        while True:
            box = await self.sandbox.post("/inbox/lease", {"limit": 500, "lease_s": _LEASE_S})
            if any(each["id"] == self.sent[purpose] for each in box["items"]):
                return
            if asyncio.get_running_loop().time() > deadline:
                raise Unexpected("it is not in the pull box")
            await asyncio.sleep(_POLL_S)

    async def events(self, by: Rest, purpose: str) -> set[str]:
        """Return what the receipts of a document tell *by*."""
        page = await by.get(f"/documents/{self.sent[purpose]}/receipts")
        return {each["event"] for each in page["items"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that is tried."""

    category: str
    vi: str
    en: str
    expected: str
    mend: str  #: Vietnamese / English
    act: Callable[[Stage], Awaitable[str]]  #: returns what came


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """How a step ended; *got* is None for one that was not tried."""

    step: Step
    got: str | None
    is_good: bool


async def try_all(stage: Stage, steps: Sequence[Step], tell: Callable[[int], None]) -> list[Tried]:
    """Try *steps* in order; after a category in which one failed nothing more is tried."""
    tried: list[Tried] = []
    failed: str | None = None
    for n, step in enumerate(steps, start=1):
        if failed is not None:
            tried.append(Tried(step=step, got=None, is_good=False))
            continue
        tell(n)
        result = await _attempt(stage, step)
        tried.append(result)
        failed = None if result.is_good else step.category
    return tried


async def _attempt(stage: Stage, step: Step) -> Tried:
    try:
        return Tried(step=step, got=await step.act(stage), is_good=True)
    except Unexpected as error:
        return Tried(step=step, got=str(error), is_good=False)
    except Refused as error:
        first = "; ".join(f"{each.code} {each.message}" for each in error.findings[:3])
        return Tried(step=step, got=f"{error.message} {first}".strip(), is_good=False)
    except GatewayError as error:
        return Tried(step=step, got=error.message, is_good=False)


def must(value: object, expected: object) -> str:
    """Return *value* as text; raise Unexpected when it is not what was *expected*."""
    if value != expected:
        raise Unexpected(str(value))
    return str(value)
