"""Content that was removed, as programs and people see it: told, never a failure."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.bootstrap.retention import retention_of
from gateway.domain.exchange import Caller, Role
from gateway.web.representation import Representation
from tests.nodes import OFFICE, OTHER, Node, serving

RULES = [{"name": "con-lai", "days": 10, "action": "remove", "decision": "16/QĐ-SNV"}]
ADMIN = Caller(actor="cli", agency="H13", role=Role.ADMIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """A node that runs, and a document whose content was removed there."""

    node: Node
    id: str

    async def shown(self, who: str) -> Any:  # noqa: ANN401 - JSON
        """Return the document as *who* sees it."""
        return (await self.node.get(f"/api/v1/documents/{self.id}", who=who)).json()


@pytest.fixture(name="removed")
async def _removed(node_folder: Path) -> AsyncIterator[Removed]:
    async with serving(node_folder, removal=RULES) as node:
        id_ = (await node.submit()).json()["id"]
        path = f"/api/v1/documents/{id_}/status"
        await node.post(path, who=OTHER, json={"code": "06"})
        room = retention_of(node.gateway, Representation(node.gateway.zone))
        later = node.gateway.clock.now() + timedelta(days=11)
        assert (await room.carry_out(ADMIN, now=later)).removed == 1
        yield Removed(node=node, id=id_)


@pytest.mark.parametrize("who", [OFFICE, OTHER])
@pytest.mark.parametrize("what", ["envelope", "attachments/1"])
async def test_who_asks_for_it_hears_when_it_went_and_why(
    removed: Removed, who: str, what: str
) -> None:
    """404 with a code of its own, and the finding."""
    answer = await removed.node.get(f"/api/v1/documents/{removed.id}/{what}", who=who)

    said = answer.json()
    assert (answer.status, said["code"]) == (404, "content-removed")
    assert "con-lai" in said["detail"]


@pytest.mark.parametrize("who", [OFFICE, OTHER])
async def test_a_document_tells_it_among_its_findings(removed: Removed, who: str) -> None:
    """The data are there, with the names and digests of its files."""
    said = await removed.shown(who)

    (finding,) = [each for each in said["findings"] if each["code"] == "content-removed"]
    assert (finding["severity"], len(said["attachments"])) == ("info", 1)
    assert "16/QĐ-SNV" in finding["message"]


async def test_what_is_there_has_no_such_finding(node: Node) -> None:
    """As long as it is there."""
    said = (await node.submit()).json()

    assert "content-removed" not in {each["code"] for each in said["findings"]}
