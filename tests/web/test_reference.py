"""The state model and the page of the description."""

import re
from html.parser import HTMLParser

import pytest

from gateway.domain.errors import IllegalMove
from gateway.domain.lifecycle import DeliveryState, move
from tests.nodes import AUDITOR, OFFICE, Answer, Node

VOID = {"meta", "br", "hr", "img", "link", "input"}


class Page(HTMLParser):
    """What a page holds: its tags in order, its ids and links, and whether it is well nested."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.is_nested = True
        self._open: list[str] = []
        self.feed(text)
        self.is_nested = self.is_nested and not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.is_nested = self.is_nested and bool(self._open) and self._open.pop() == tag

    def values(self, name: str) -> list[str]:
        """Return the values of every attribute *name*."""
        return [str(each[name]) for _, each in self.tags if name in each]


@pytest.fixture
async def states(node: Node) -> dict[str, list[dict[str, object]]]:
    """The state model as the node tells it."""
    answer = await node.get("/api/v1/states", who=AUDITOR)
    assert answer.status == 200
    return dict(answer.json())


@pytest.fixture
async def docs(node: Node) -> Answer:
    """The page as the node gives it."""
    return await node.get("/api/v1/docs")


States = dict[str, list[dict[str, object]]]


async def test_every_state_of_a_delivery_is_told(states: States) -> None:
    """None is left out."""
    assert [each["state"] for each in states["deliveries"]] == list(DeliveryState)


async def test_the_final_states_are_those_of_the_contract(states: States) -> None:
    """`failed` rests and is not final."""
    final = {each["state"] for each in states["deliveries"] if each["final"]}

    assert final == {"refused", "done", "cancelled", "recalled"}


async def test_nothing_follows_a_final_state(states: States) -> None:
    """Final means final, for documents and deliveries."""
    for each in states["documents"] + states["deliveries"]:
        assert bool(each["moves_to"]) != each["final"], each


async def test_the_moves_are_those_that_the_node_makes(states: States) -> None:
    """What is told and what is done have one source."""
    for each in states["deliveries"]:
        for to in DeliveryState:
            told = to in set(each["moves_to"])  # type: ignore[call-overload] # a list in JSON
            try:
                move(DeliveryState(str(each["state"])), to)
            except IllegalMove:
                assert not told, (each, to)
            else:
                assert told, (each, to)


async def test_every_state_has_a_label_in_both_languages(states: States) -> None:
    """Programs show them to clerks."""
    for each in (line for lines in states.values() for line in lines):
        assert each["label"], each
        assert each["label_en"], each


async def test_the_status_codes_are_01_to_06(states: States) -> None:
    """Each with the state that it brings; only 02 must say why."""
    codes = {each["code"]: each["state"] for each in states["status_codes"]}

    assert codes == {
        "01": "arrived",
        "02": "refused",
        "03": "accepted",
        "04": "assigned",
        "05": "in-progress",
        "06": "done",
    }
    assert [each["code"] for each in states["status_codes"] if each["note_required"]] == ["02"]


async def test_a_recall_is_answered_with_15_or_16(states: States) -> None:
    """15 agrees, 16 refuses."""
    answers = {each["code"]: each["recall"] for each in states["recall_answers"]}

    assert answers == {"15": "agreed", "16": "refused"}


async def test_the_states_are_for_those_with_a_credential(node: Node) -> None:
    """The state model is part of the API."""
    assert (await node.get("/api/v1/states")).status == 401
    assert (await node.get("/api/v1/states", who=OFFICE)).status == 200


async def test_the_page_has_a_place_for_every_operation(node: Node, docs: Answer) -> None:
    """Each can be linked to by its name."""
    paths = (await node.get("/api/v1/openapi.json")).json()["paths"]
    names = {each["operationId"] for methods in paths.values() for each in methods.values()}

    assert names <= set(Page(docs.body.decode()).values("id"))


async def test_every_link_of_the_page_has_its_target(docs: Answer) -> None:
    """The table of contents leads somewhere; only the document itself lies elsewhere."""
    page = Page(docs.body.decode())
    targets = {f"#{each}" for each in page.values("id")} | {"openapi.json"}

    assert set(page.values("href")) <= targets


async def test_every_id_of_the_page_is_there_once(docs: Answer) -> None:
    """Anchors are unique."""
    ids = Page(docs.body.decode()).values("id")

    assert len(ids) == len(set(ids))


async def test_the_page_is_well_nested(docs: Answer) -> None:
    """Every element that begins ends in its place."""
    assert Page(docs.body.decode()).is_nested


async def test_the_page_needs_nothing_from_elsewhere(docs: Answer) -> None:
    """No script, no style sheet, font or picture of another address."""
    page = Page(docs.body.decode())

    assert {tag for tag, _ in page.tags}.isdisjoint({"script", "link", "img", "iframe"})
    assert page.values("src") == []
    assert re.findall(rb"url\(|@import|https?://", docs.body) == []


async def test_the_page_forbids_everything_but_its_own_style(docs: Answer) -> None:
    """The policy names the digest of the style sheet, which is the only one."""
    policy = docs.headers["Content-Security-Policy"]

    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert docs.body.count(b"<style>") == 1
    assert b" style=" not in docs.body


async def test_the_page_is_not_sniffed_and_sends_no_referrer(docs: Answer) -> None:
    """The other headers are as strict."""
    assert docs.headers["X-Content-Type-Options"] == "nosniff"
    assert docs.headers["Referrer-Policy"] == "no-referrer"


async def test_the_page_is_html_in_utf_8(docs: Answer) -> None:
    """Vietnamese examples are readable."""
    assert docs.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "trích yếu" in docs.body.decode()
