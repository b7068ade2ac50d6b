"""Agencies through the VXP door: registered, updated, given up, listed; codes granted."""

import json
from typing import Any

import pytest

from gateway.bootstrap.sandbox import open_sandbox
from tests.nodes import OFFICE, OTHER, Node
from tests.pipeline.rooms import a_message
from tests.vxp.conftest import OPERATOR, Connect
from tests.vxp.sdk import Sdk


async def register(system: Sdk, code: str, **more: str) -> Any:  # noqa: ANN401 - JSON
    """Register *code* as the SDK's example does."""
    given = {"id": "", "pcode": "", "code": code, "name": f"Đơn vị {code}", "mail": ""} | more
    body = json.dumps(given, ensure_ascii=False).encode()
    return (await system.call("registerAgency", body=body)).json()


async def delete(system: Sdk, code: str) -> Any:  # noqa: ANN401 - JSON
    """Give *code* up."""
    return (await system.call("deleteAgency", {"AgencyCode": code}, body=b"{}")).json()


async def listed(system: Sdk, call: str = "getAgenciesList") -> dict[str, dict[str, Any]]:
    """Return a list of agencies by the code it shows."""
    rows = (await system.call(call)).json()["data"]
    return {row["code"]: row for row in rows}


async def client_of(node: Node, system: Sdk) -> str:
    """Return the id of the credential of *system*."""
    clients = await node.gateway.credentials.listing()
    return next(each.id for each in clients if each.systemid == system.systemid)


async def test_a_system_registers_below_its_code(sender: Sdk) -> None:
    """Levels between need not exist."""
    assert (await register(sender, "H13.01.02.03"))["status"] == "OK"
    assert (await listed(sender))["H13.01.02.03"]["name"] == "Đơn vị H13.01.02.03"


@pytest.mark.parametrize("code", ["H13.03", "H13.011", "H14.01", "vxp.saas.03", "H13"])
async def test_a_code_that_is_not_below_is_refused(sender: Sdk, code: str) -> None:
    """Nobody takes the mail of others."""
    answer = await register(sender, code, pcode=OFFICE)

    assert answer["status"] == "FAIL"


async def test_another_system_s_code_is_refused(connect: Connect, sender: Sdk) -> None:
    """Even one of the same agency."""
    other = await connect(OFFICE)
    await register(sender, "H13.01.05")

    answer = await register(other, "H13.01.05")

    assert answer["status"] == "FAIL"


async def test_another_system_of_the_agency_does_not_see_its_documents(
    connect: Connect, sender: Sdk, receiver: Sdk
) -> None:
    """Codes belong to systems, not to agencies."""
    other = await connect(OFFICE)
    await register(sender, "H13.01.05")
    await receiver.send(a_message("H13.01.05", sender=OTHER), {"from": OTHER})

    assert (len(await sender.received()), await other.received()) == (1, [])


async def test_an_update_changes_name_and_contact(sender: Sdk) -> None:
    """The call registerAgency creates and updates."""
    await register(sender, "H13.01.05")

    await register(sender, "H13.01.05", name="Tên mới", mail="a@example.gov.vn")

    row = (await listed(sender))["H13.01.05"]
    assert (row["name"], row["mail"]) == ("Tên mới", "a@example.gov.vn")


async def test_an_old_code_is_echoed_as_registered(sender: Sdk, receiver: Sdk) -> None:
    """The mapped one stands beside it, in lists and in rows."""
    await register(sender, "000.05.01.H13")

    await receiver.send(a_message("H13.01.05", sender=OTHER), {"from": OTHER})

    (row,) = await sender.received()
    assert (await listed(sender))["000.05.01.H13"]["oldCode"] == "H13.01.05"
    assert (row["to"], row["toCode"]) == ("000.05.01.H13", "H13.01.05")


async def test_a_system_sends_for_what_it_registered(sender: Sdk, receiver: Sdk) -> None:
    """In the form that it registered."""
    await register(sender, "000.05.01.H13")

    answer = (
        await sender.send(a_message(sender="000.05.01.H13"), {"from": "000.05.01.H13"})
    ).json()

    (row,) = await receiver.received()
    assert (answer["status"], row["from"], row["fromCode"]) == ("OK", "000.05.01.H13", "H13.01.05")


async def test_deleting_closes(sender: Sdk) -> None:
    """A repeat is answered alike; the code stays known."""
    await register(sender, "H13.01.05")

    answers = [(await delete(sender, "H13.01.05"))["status"] for _ in range(2)]

    assert answers == ["OK", "OK"]
    assert "H13.01.05" not in await listed(sender)
    assert (await listed(sender, "getSynchronizeUnit"))["H13.01.05"]["deleted"] is True


async def test_the_same_system_reopens(sender: Sdk, receiver: Sdk) -> None:
    """Nobody else does."""
    await register(sender, "H13.01.05")
    await delete(sender, "H13.01.05")
    foreign = await register(receiver, "H13.01.05")

    again = await register(sender, "H13.01.05")

    assert (foreign["status"], again["status"]) == ("FAIL", "OK")
    assert "H13.01.05" in await listed(sender)


async def test_what_an_administrator_closed_stays_closed(node: Node, sender: Sdk) -> None:
    """Only what the system gave up itself reopens."""
    await register(sender, "H13.01.05")
    await node.gateway.agencies.close("H13.01.05", OPERATOR)

    assert (await register(sender, "H13.01.05"))["status"] == "FAIL"


@pytest.mark.parametrize("code", [OFFICE, OTHER, "H13.99"])
async def test_only_what_was_registered_is_deleted(sender: Sdk, code: str) -> None:
    """Neither a granted code, nor another's, nor none."""
    assert (await delete(sender, code))["status"] == "FAIL"


async def test_a_granted_code_is_sent_and_received_for(
    node: Node, sender: Sdk, receiver: Sdk
) -> None:
    """By name, until it is withdrawn."""
    client = await client_of(node, receiver)
    await node.gateway.systems.grant(client, "H13", OPERATOR)
    await sender.send(a_message("H13"), {"from": OFFICE})
    before = len(await receiver.received())

    await node.gateway.systems.withdraw(client, "H13", OPERATOR)

    assert (before, await receiver.received()) == (1, [])


@pytest.mark.parametrize(
    "body",
    [
        b'{"code":"H13.01.05","mail":cc""}',
        b"[]",
        b"",
        b"{}",
        b'{"code":"H13.01.05","name":"\\ud800"}',
        b'{"code":"H13.01.05","name":"a\\u0000b"}',
        b'{"code":"H13.01.05","name":"' + b"x" * 600 + b'"}',
    ],
)
async def test_a_malformed_registration_is_told_so(sender: Sdk, body: bytes) -> None:
    """The SDK's own example is malformed."""
    answer = (await sender.call("registerAgency", body=body)).json()

    assert (answer["status"], answer["ErrorCode"]) == ("FAIL", "422")


async def test_the_list_of_a_level(sender: Sdk) -> None:
    """QĐ 20/2020, with the older code beside."""
    rows = (await sender.call("getAgenciesListQD20", {"level": "2"})).json()["data"]

    assert {row["code"]: row["code102"] for row in rows} == {
        OFFICE: "000.00.01.H13",
        OTHER: "000.00.02.H13",
    }


async def test_nothing_in_a_list_is_null(sender: Sdk) -> None:
    """A null costs the SDK the whole list."""
    for call in ("getAgenciesList", "getAgenciesListQD20", "getSynchronizeUnit"):
        assert b"null" not in (await sender.call(call)).body


async def test_a_sandbox_is_in_no_list(node: Node, sender: Sdk) -> None:
    """Other nodes read these lists: a partner for trials is not told to them."""
    await open_sandbox(node.gateway, OPERATOR)

    for call in ("getAgenciesList", "getAgenciesListQD20", "getSynchronizeUnit"):
        assert b"SANDBOX" not in (await sender.call(call)).body
