"""A node with an administrator, an auditor and troubles, for browsers.

Beside the desks of H13.01 and H13.02 there is the office H13.03, which is reached by a webhook that
nobody answers, so that what is sent there fails.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.domain.exchange import Role
from gateway.domain.lifecycle import DeliveryState
from gateway.ports import Clock
from tests.browser.desks import DESKS, OPERATOR, Desks, desks, hired, send
from tests.nodes import OFFICE, OTHER

UNREACHED = "H13.03"
#: Nobody listens at this port of this machine.
_NOBODY = "http://127.0.0.1:9/hook"
_PATIENCE_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Offices:
    """The people at their desks, and an auditor."""

    people: Desks
    auditor: str  #: user name


@asynccontextmanager
async def offices(folder: Path, *, clock: Clock | None = None) -> AsyncIterator[Offices]:
    """Serve the node of *folder* with its people, by *clock*."""
    (folder / "hook.secret").write_text("bi-mat-cua-webhook", "utf-8")
    (folder / "gateway.toml").write_text('[node]\ncode = "H13"\nname = "UBND tỉnh"\n', "utf-8")
    hook = {
        "agency": UNREACHED,
        "delivery": "webhook",
        "url": _NOBODY,
        "secret_file": "hook.secret",
    }
    relay = {
        "poll_s": 0.1,
        "first_delay_s": 0.1,
        "longest_delay_s": 0.2,
        "least_attempts": 1,
        "deadline_h": 0.00001,
    }
    async with desks(folder, office=[*DESKS, hook], relay=relay, clock=clock) as people:
        await people.node.gateway.agencies.add(OPERATOR, name="Ban Quản lý dự án", code=UNREACHED)
        auditor, _ = await hired(people.node.gateway, "Đỗ Thu Ngân", "H13", Role.AUDITOR)
        yield Offices(people=people, auditor=auditor)


async def failed(served: Offices, **changes: object) -> str:
    """Send a document to the office that is not reached; return its id once it has failed."""
    gateway = served.people.node.gateway
    document = await send(served.people.node, OFFICE, UNREACHED, **changes)
    async with asyncio.timeout(_PATIENCE_S):
        while DeliveryState.FAILED not in await gateway.store.read(  # noqa: ASYNC110
            lambda tx: tx.documents.delivery_states(document)
        ):
            await asyncio.sleep(0.05)  # the relay tells nobody
    return document


async def held(served: Offices, **changes: object) -> str:
    """Send what a person must decide about; return its id."""
    given = {"subject": "Đơn khiếu nại của ông Nguyễn Văn Bảy", "kind": "complaint"} | changes
    return await send(served.people.node, OFFICE, OTHER, **given)
