"""The directory over HTTP."""

from datetime import timedelta
from urllib.parse import quote

from tests.nodes import ADMIN, AUDITOR, OFFICE, Node

AGENCIES = "/api/v1/agencies"
FIELDS = {
    "code",
    "name",
    "parent",
    "legacy_code",
    "legacy_provisional",
    "short_name",
    "kind",
    "valid_from",
    "valid_to",
    "successor",
    "contact",
    "decision",
}


async def codes(node: Node, **filters: str) -> list[str]:
    """Return the codes that a list with *filters* shows."""
    answer = await node.get(AGENCIES, who=OFFICE, params=filters)
    assert answer.status == 200, answer.body
    return [item["code"] for item in answer.json()["items"]]


async def added(node: Node, **fields: object) -> str:
    """Add an agency and return its code."""
    answer = await node.post(AGENCIES, who=ADMIN, json=fields)
    assert answer.status == 201, answer.body
    return str(answer.json()["code"])


async def test_the_list_shows_every_agency_in_the_order_of_codes(node: Node) -> None:
    """A list without filters is the whole directory."""
    assert await codes(node) == ["H13", "H13.01", "H13.02"]


async def test_an_agency_has_exactly_the_fields_of_the_contract(node: Node) -> None:
    """What is unknown is null, never left out."""
    answer = await node.get(f"{AGENCIES}/H13.01", who=AUDITOR)

    assert set(answer.json()) == FIELDS


async def test_pages_join_to_the_whole_list(node: Node) -> None:
    """`next` leads from page to page and is null at the end."""
    seen, after = [], ""
    while True:
        params = {"limit": "1"} | ({"after": after} if after else {})
        page = (await node.get(AGENCIES, who=OFFICE, params=params)).json()
        seen += [item["code"] for item in page["items"]]
        if page["next"] is None:
            break
        after = page["next"]

    assert seen == ["H13", "H13.01", "H13.02"]


async def test_the_search_needs_no_accents(node: Node) -> None:
    """A clerk types without diacritics and finds the office."""
    assert await codes(node, q="so noi vu") == ["H13.01"]


async def test_the_search_takes_accents_in_any_order_of_words(node: Node) -> None:
    """Every word must be there, wherever it stands."""
    assert await codes(node, q="Vụ Nội") == ["H13.01"]


async def test_the_search_finds_codes(node: Node) -> None:
    """A part of a code is enough."""
    assert await codes(node, q="h13.02") == ["H13.02"]


async def test_the_list_of_a_parent_shows_what_is_directly_below(node: Node) -> None:
    """The root itself and grandchildren are not shown."""
    await added(node, name="Phòng Tổ chức", parent="H13.01")

    assert await codes(node, parent="H13") == ["H13.01", "H13.02"]


async def test_the_list_of_a_kind_shows_that_kind_only(node: Node) -> None:
    """Participants that are no state agencies can be told apart."""
    code = await added(node, name="Công đoàn tỉnh", parent="H13", kind="union")

    assert await codes(node, kind="union") == [code]


async def test_a_closed_agency_is_not_in_the_list_of_open_ones(node: Node) -> None:
    """`open=true` shows who can be written to today."""
    today = node.gateway.clock.now().astimezone(node.gateway.zone).date()
    yesterday = (today - timedelta(days=1)).isoformat()

    await node.patch(f"{AGENCIES}/H13.02", who=ADMIN, json={"valid_to": yesterday})

    assert await codes(node, open="true") == ["H13", "H13.01"]
    assert await codes(node, open="false") == ["H13.02"]


async def test_an_agency_is_found_by_its_older_code(node: Node) -> None:
    """The form of QCVN 102:2016 is accepted everywhere."""
    answer = await node.get(f"{AGENCIES}/000.00.01.H13", who=OFFICE)

    assert answer.json()["code"] == "H13.01"


async def test_an_unknown_agency_is_told_with_a_finding(node: Node) -> None:
    """The answer is 404 `agency-unknown`."""
    answer = await node.get(f"{AGENCIES}/H99", who=OFFICE)

    assert (answer.status, answer.json()["code"]) == (404, "agency-unknown")
    assert [each["code"] for each in answer.json()["findings"]] == ["agency-unknown"]


async def test_a_code_with_odd_characters_is_unknown(node: Node) -> None:
    """Whatever stands in the address, the answer is a plain 404."""
    odd = quote("Sở “X”\t")

    answer = await node.get(f"{AGENCIES}/{odd}", who=OFFICE)

    assert answer.status == 404


async def test_a_new_agency_gets_the_next_free_code(node: Node) -> None:
    """Name and parent are enough."""
    answer = await node.post(AGENCIES, who=ADMIN, json={"name": "Sở Y tế", "parent": "H13"})

    assert (answer.status, answer.json()["code"]) == (201, "H13.03")
    assert answer.headers["Location"] == "/api/v1/agencies/H13.03"


async def test_a_new_agency_keeps_what_was_given(node: Node) -> None:
    """Every optional field comes back as it was sent."""
    given = {
        "code": "H13.50",
        "name": "Sở Xây dựng",
        "parent": "H13",
        "legacy_code": "000.00.77.H13",
        "short_name": "SXD",
        "kind": "state",
        "valid_from": "2030-03-01",
        "contact": {"email": "vanthu.sxd@example.gov.vn"},
        "decision": "12/QĐ-UBND",
    }

    answer = await node.post(AGENCIES, who=ADMIN, json=given)

    assert answer.status == 201
    assert {key: answer.json()[key] for key in given} == given


async def test_an_agency_without_a_name_is_refused_with_a_finding(node: Node) -> None:
    """A broken rule is 422, told in both languages."""
    answer = await node.post(AGENCIES, who=ADMIN, json={"parent": "H13"})

    assert (answer.status, answer.json()["code"]) == (422, "agency-name-missing")
    assert answer.json()["findings"][0]["message"] == "Chưa có tên cơ quan."


async def test_an_unknown_field_of_a_new_agency_cannot_be_read(node: Node) -> None:
    """A mistyped field is not ignored."""
    answer = await node.post(AGENCIES, who=ADMIN, json={"name": "X", "parnet": "H13"})

    assert (answer.status, answer.json()["code"]) == (400, "unreadable")


async def test_a_new_agency_is_not_born_closed(node: Node) -> None:
    """Closing is a change of its own."""
    fields = {"name": "X", "parent": "H13", "valid_to": "2026-01-01"}

    answer = await node.post(AGENCIES, who=ADMIN, json=fields)

    assert (answer.status, answer.json()["code"]) == (422, "agency-new-closed")


async def test_a_used_code_is_not_given_again(node: Node) -> None:
    """Codes are unique for ever."""
    answer = await node.post(AGENCIES, who=ADMIN, json={"name": "X", "code": "H13.01"})

    assert (answer.status, answer.json()["code"]) == (422, "agency-code-used")


async def test_an_office_does_not_change_the_directory(node: Node) -> None:
    """Writing is for administrators."""
    answer = await node.post(AGENCIES, who=OFFICE, json={"name": "X", "parent": "H13"})

    assert answer.status == 403


async def test_fields_are_corrected_and_emptied(node: Node) -> None:
    """What is sent changes, null empties, the rest stays."""
    first = {"short_name": "SNV", "contact": {"email": "a@example.gov.vn"}}
    await node.patch(f"{AGENCIES}/H13.01", who=ADMIN, json=first)

    changes = {"name": "Sở  Nội vụ ", "short_name": None, "legacy_code": "000.01.01.H13"}
    after = (await node.patch(f"{AGENCIES}/H13.01", who=ADMIN, json=changes)).json()

    assert (after["name"], after["short_name"]) == ("Sở Nội vụ", None)
    assert (after["legacy_code"], after["legacy_provisional"]) == ("000.01.01.H13", False)
    assert after["contact"] == {"email": "a@example.gov.vn"}


async def test_an_empty_change_answers_the_agency(node: Node) -> None:
    """Nothing to do is no error."""
    before = (await node.get(f"{AGENCIES}/H13.01", who=ADMIN)).json()

    after = await node.patch(f"{AGENCIES}/H13.01", who=ADMIN, json={})

    assert (after.status, after.json()) == (200, before)


async def test_an_agency_sent_back_as_it_is_does_not_change(node: Node) -> None:
    """Fields with the value that they have are no change, also not two at once."""
    before = (await node.get(f"{AGENCIES}/H13.01", who=ADMIN)).json()
    fixed = {"code", "valid_from", "legacy_provisional"}
    same = {key: value for key, value in before.items() if key not in fixed}

    after = await node.patch(f"{AGENCIES}/H13.01", who=ADMIN, json=same)

    assert (after.status, after.json()) == (200, before)


async def test_an_agency_is_closed_with_its_successor(node: Node) -> None:
    """`valid_to` is the last day; the successor stands beside it when it is read again."""
    body = {"valid_to": "2030-06-30", "successor": "H13.01", "decision": "9/QĐ-UBND"}

    closed = await node.patch(f"{AGENCIES}/H13.02", who=ADMIN, json=body)

    assert closed.status == 200
    assert body == {key: closed.json()[key] for key in body}
    assert closed.json() == (await node.get(f"{AGENCIES}/H13.02", who=OFFICE)).json()


async def test_a_successor_alone_is_refused(node: Node) -> None:
    """Who follows is said in the closing."""
    answer = await node.patch(f"{AGENCIES}/H13.02", who=ADMIN, json={"successor": "H13.01"})

    assert (answer.status, answer.json()["code"]) == (422, "agency-successor-alone")


async def test_the_last_day_of_the_calendar_closes_nothing(node: Node) -> None:
    """There is no day after it on which the agency no longer exists."""
    answer = await node.patch(f"{AGENCIES}/H13.02", who=ADMIN, json={"valid_to": "9999-12-31"})

    assert (answer.status, answer.json()["code"]) == (422, "agency-end-missing")


async def test_a_moved_agency_answers_under_its_new_code(node: Node) -> None:
    """The code says where an agency stands; the old one is closed with the new one after it."""
    unit = await added(node, name="Chi cục Văn thư", parent="H13.01")

    moved = await node.patch(f"{AGENCIES}/{unit}", who=ADMIN, json={"parent": "H13.02"})

    assert (moved.status, moved.json()["code"]) == (200, "H13.02.01")
    old = (await node.get(f"{AGENCIES}/{unit}", who=ADMIN)).json()
    assert old["successor"] == "H13.02.01"


async def test_an_agency_is_not_moved_out_of_the_tree(node: Node) -> None:
    """A parent is needed."""
    answer = await node.patch(f"{AGENCIES}/H13.01", who=ADMIN, json={"parent": None})

    assert (answer.status, answer.json()["code"]) == (422, "agency-parent-missing")


async def test_a_change_does_one_thing(node: Node) -> None:
    """Moving and correcting in one request is refused, and nothing is stored."""
    body = {"name": "Tên khác", "parent": "H13.02"}

    answer = await node.patch(f"{AGENCIES}/H13.01", who=ADMIN, json=body)

    assert (answer.status, answer.json()["code"]) == (422, "agency-one-change")
    assert (await node.get(f"{AGENCIES}/H13.01", who=ADMIN)).json()["name"] == "Sở Nội vụ"


async def test_an_unknown_kind_is_a_bad_parameter(node: Node) -> None:
    """A filter that means nothing is refused rather than ignored."""
    answer = await node.get(AGENCIES, who=OFFICE, params={"kind": "club"})

    assert (answer.status, answer.json()["code"]) == (400, "bad-parameter")


async def test_open_is_true_or_false(node: Node) -> None:
    """Nothing else is understood."""
    answer = await node.get(AGENCIES, who=OFFICE, params={"open": "yes"})

    assert (answer.status, answer.json()["code"]) == (400, "bad-parameter")


async def test_a_change_is_seen_in_the_list_at_once(node: Node) -> None:
    """The list follows the newest directory."""
    assert await codes(node, q="cong thuong") == []

    code = await added(node, name="Sở Công Thương", parent="H13")

    assert await codes(node, q="cong thuong") == [code]
