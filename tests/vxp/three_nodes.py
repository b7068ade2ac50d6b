"""Two provinces and a node that plays the axis between them, all real, on loopback."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from gateway.bootstrap.administration import found, make_keys, open_rooms
from gateway.domain.exchange import Caller, Role
from tests.nodes import SHIPPED, Node, config_of, serving

AXIS, HERE, THERE = "A99", "H13", "H40"
_PATIENCE_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Provinces:
    """The three of them."""

    axis: Node
    here: Node
    there: Node

    async def settled(self) -> None:
        """Wait until each province knows the offices of the other."""
        for node, code in ((self.here, f"{THERE}.01"), (self.there, f"{HERE}.01")):
            await until(partial(_lists, node, code))


async def _lists(node: Node, code: str) -> bool:
    return code in await node.gateway.run(node.gateway.directory)


async def until(condition: Callable[[], Any]) -> Any:  # noqa: ANN401 - what it returns
    """Wait until the coroutine function *condition* returns something true; return that."""
    async with asyncio.timeout(_PATIENCE_S):
        while not (value := await condition()):  # noqa: ASYNC110 - nodes tell nobody
            await asyncio.sleep(0.05)
        return value


async def arrived(node: Node, who: str) -> Any:  # noqa: ANN401 - JSON
    """Wait for the one document in the pull box of *who*."""

    async def look() -> Any:  # noqa: ANN401 - JSON
        answer = await node.post("/api/v1/inbox/lease", who=who, json={})
        return answer.json()["items"]

    (item,) = await until(look)
    return item


async def delivery(node: Node, document: str, to: str) -> Any:  # noqa: ANN401 - JSON
    """Return how the sender sees its delivery to *to*."""
    answer = await node.get(f"/api/v1/documents/{document}", who=f"{HERE}.01")
    return next(each for each in answer.json()["deliveries"] if each["to"] == to)


async def in_state(node: Node, document: str, to: str, state: str) -> Any:  # noqa: ANN401 - JSON
    """Wait until a delivery is in *state*."""

    async def look() -> Any:  # noqa: ANN401 - JSON
        found = await delivery(node, document, to)
        return found if found["state"] == state else None

    return await until(look)


async def make_node(folder: Path, code: str, *agencies: str) -> dict[str, dict[str, str]]:
    """Found the node *code* with *agencies*; return a credential of each."""
    (folder / "config").mkdir(parents=True)
    shutil.copyfile(SHIPPED, folder / "config" / SHIPPED.name)
    config = config_of(folder, node={"code": code, "name": code})
    make_keys(config)
    operator = Caller(actor="cli", agency=code, role=Role.ADMIN)
    given: dict[str, dict[str, str]] = {}
    async with open_rooms(config) as gateway:
        await found(gateway, operator)
        for agency in agencies:
            await gateway.agencies.add(operator, name=f"Cơ quan {agency}", code=agency)
            credential = await gateway.credentials.add(agency, operator, name=agency)
            given[agency] = {
                "token": credential.token,
                "systemid": credential.client.systemid,
                "secret": credential.secret,
            }
    tokens = {agency: each["token"] for agency, each in given.items()}
    (folder / "tokens.json").write_text(json.dumps(tokens), "utf-8")
    return given


@asynccontextmanager
async def three_nodes(folder: Path) -> AsyncIterator[Provinces]:
    """Run the axis and both provinces until the test ends."""
    async with AsyncExitStack() as stack:
        given = await make_node(folder / AXIS, AXIS, HERE, THERE)
        axis = await stack.enter_async_context(
            serving(folder / AXIS, node={"code": AXIS, "name": "Trục"})
        )
        provinces = []
        for code in (HERE, THERE):
            await make_node(folder / code, code, f"{code}.01", f"{code}.02")
            provinces.append(
                await stack.enter_async_context(
                    a_province(folder / code, code, axis.url, given[code])
                )
            )
        yield Provinces(axis=axis, here=provinces[0], there=provinces[1])


@asynccontextmanager
async def a_province(
    folder: Path, code: str, axis_url: str, given: dict[str, str]
) -> AsyncIterator[Node]:
    """Run the province *code*, a system of the axis at *axis_url*."""
    (folder / "config" / "truc").write_text(given["secret"], "utf-8")
    async with serving(
        folder,
        node={"code": code, "name": code},
        relay={"poll_s": 0.1, "first_delay_s": 0.2, "directory_s": 1.0},
        axis=[
            {
                "name": "truc",
                "adapter": "vxp",
                "endpoint": f"{axis_url}/vxp",
                "systemid": given["systemid"],
                "secret_file": "config/truc",
            }
        ],
    ) as node:
        yield node
