"""Offices that receive: they lease, look at the bytes, acknowledge, and report 03 to 06."""

import asyncio
import hashlib
import random
from collections import Counter
from dataclasses import dataclass, field

from tests.long.api import Api, Json

REPORTS = ("03", "04", "05", "06")


@dataclass(slots=True, kw_only=True)
class Recipient:
    """An office that takes what it is sent and works it off."""

    api: Api
    agency: str
    chance: random.Random
    stopping: asyncio.Event
    is_pulling: bool = True
    lease_s: int = 1
    counts: Counter[str] = field(default_factory=Counter)
    done: set[str] = field(default_factory=set)

    async def run(self) -> None:
        """Take and report until told to stop."""
        while not self.stopping.is_set():
            worked = await self.take()
            await asyncio.sleep(0.01 if worked else 0.05)

    async def take(self) -> bool:
        """Take and work off some of what there is; return whether there was anything."""
        return await (self._pull() if self.is_pulling else self._list())

    async def finish(self) -> None:
        """Work off everything that there is."""
        async for item in self.api.pages("/documents?box=in", who=self.agency):
            if item["id"] not in self.done:
                await self._work_off(item)

    async def _pull(self) -> bool:
        body = {"limit": 5, "lease_s": self.lease_s}
        answer = await self.api.once("POST", "/inbox/lease", who=self.agency, body=body)
        if answer is None or answer.status != 200:
            return False
        items = answer.json["items"]
        for item in items:
            if self.chance.random() < 0.1:
                continue  # forgotten: it must come again
            await self._look(item)
            await self._acknowledge(item["id"])
            await self._work_off(item)
        return bool(items)

    async def _list(self) -> bool:
        """Look at what lies in the office already: it is sent to, it does not fetch."""
        answer = await self.api.once("GET", "/documents?box=in&limit=20", who=self.agency)
        if answer is None or answer.status != 200:
            return False
        fresh = [item for item in answer.json["items"] if item["id"] not in self.done]
        for item in fresh:
            if self._own(item)["state"] not in {"waiting", "sending"}:
                await self._work_off(item)
        return bool(fresh)

    async def _look(self, item: Json) -> None:
        path = f"/documents/{item['id']}/attachments/1"
        answer = await self.api.call("GET", path, who=self.agency)
        assert answer.status == 200, answer.body[:300]
        assert hashlib.sha256(answer.body).hexdigest() == item["attachments"][0]["sha256"]
        self.counts["files fetched"] += 1

    async def _acknowledge(self, document: str) -> None:
        answer = await self.api.call(
            "POST", "/inbox/ack", who=self.agency, body={"ids": [document]}
        )
        assert answer.json == {"acknowledged": [document], "unknown": []}

    async def _work_off(self, item: Json) -> None:
        """Report every status, each until it is answered: a repeat must be harmless."""
        path = f"/documents/{item['id']}/status"
        for code in REPORTS:
            for _ in range(self.chance.choice((1, 1, 2))):
                answer = await self.api.call("POST", path, who=self.agency, body={"code": code})
                self.counts["reports answered"] += 1
                assert answer.status == 200, (code, answer.status, answer.body[:300])
        self.done.add(item["id"])

    def _own(self, item: Json) -> Json:
        own: Json = next(each for each in item["deliveries"] if each["to"] == self.agency)
        return own
