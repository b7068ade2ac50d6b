"""The room of credentials, on a real store with real secrets."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from uuid import uuid4

import pytest

from gateway.crypto.secrets import SecretBox, hash_token, new_secret, new_token
from gateway.domain.errors import Conflict, Forbidden, NotFound, Refused
from gateway.domain.exchange import AuditRecord, Caller, Role
from gateway.pipeline.agencies import Agencies
from gateway.pipeline.clients import Credentials, Mint
from gateway.ports import Store
from gateway.storage import open_store

ZONE = timezone(timedelta(hours=7))
NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
ADMIN = Caller(actor="cli", agency="H13", role=Role.ADMIN)


class StandingClock:
    """A clock that stands still."""

    def now(self) -> datetime:
        """Return always the same instant."""
        return NOW


@pytest.fixture(name="store")
async def _store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = open_store(
        "sqlite:///gateway.db",
        folder=tmp_path,
        chain="main",
        zone=ZONE,
        checkpoint=lambda name: None,
    )
    async with opened as store:
        agencies = Agencies(store=store, clock=StandingClock(), zone=ZONE, sandbox="H13-SANDBOX")
        await agencies.add(ADMIN, name="Cần Thơ", code="H13")
        await agencies.add(ADMIN, name="Văn phòng", parent="H13")
        await agencies.add(ADMIN, name="Sở cũ", parent="H13")
        await agencies.close("H13.02", ADMIN)
        yield store


@pytest.fixture(name="room")
def _room(store: Store) -> Credentials:
    mint = Mint(
        new_id=lambda: uuid4().hex,
        new_token=new_token,
        new_secret=new_secret,
        hash_token=hash_token,
        box=SecretBox(b"k" * 32),
    )
    return Credentials(store=store, clock=StandingClock(), zone=ZONE, mint=mint)


async def _records(store: Store) -> list[AuditRecord]:
    return await store.read(lambda tx: tx.audit.after("main", 0, 100))


def _stored(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.glob("gateway.db*"))


async def test_a_token_is_recognised(room: Credentials) -> None:
    """It acts for its agency alone."""
    given = await room.add("H13.01", ADMIN, name="QLVB")

    caller = await room.authenticate(given.token, address="10.0.0.1")

    assert caller == Caller(
        actor=f"client:{given.client.id}",
        agency="H13.01",
        role=Role.OFFICE,
        address="10.0.0.1",
        client=given.client.id,
    )


@pytest.mark.parametrize("token", ["", "lg_", "lg_" + "A" * 43, "đ\udc80"])
async def test_an_unknown_token_is_nobody(room: Credentials, token: str) -> None:
    """Whatever comes in a header."""
    await room.add("H13.01", ADMIN, name="QLVB")

    assert await room.authenticate(token) is None


async def test_a_revoked_token_is_nobody(room: Credentials) -> None:
    """From the commit on."""
    given = await room.add("H13.01", ADMIN, name="QLVB")

    await room.revoke(given.client.id, ADMIN)

    assert await room.authenticate(given.token) is None


async def test_after_turning_the_old_token_is_nobody(room: Credentials) -> None:
    """The old one is dead at once."""
    given = await room.add("H13.01", ADMIN, name="QLVB")

    await room.rotate(given.client.id, ADMIN)

    assert await room.authenticate(given.token) is None


async def test_after_turning_the_new_token_is_the_same_client(room: Credentials) -> None:
    """Id and systemid stay."""
    given = await room.add("H13.01", ADMIN, name="QLVB")

    turned = await room.rotate(given.client.id, ADMIN)

    caller = await room.authenticate(turned.token)
    assert caller is not None
    assert (caller.client, turned.client.systemid) == (given.client.id, given.client.systemid)


async def test_the_secret_can_be_read_again(room: Credentials) -> None:
    """It signs requests, so a hash would not do."""
    given = await room.add("H13.01", ADMIN, name="QLVB")

    assert room.secret_of(given.client) == given.secret


async def test_after_turning_the_secret_is_another(room: Credentials) -> None:
    """Both parts are turned."""
    given = await room.add("H13.01", ADMIN, name="QLVB")

    turned = await room.rotate(given.client.id, ADMIN)

    assert room.secret_of(turned.client) == turned.secret != given.secret


async def test_neither_token_nor_secret_is_stored_in_the_clear(
    room: Credentials, tmp_path: Path
) -> None:
    """Whoever reads the disk cannot sign in."""
    given = await room.add("H13.01", ADMIN, name="QLVB")

    stored = _stored(tmp_path)

    assert (given.token.encode() in stored, given.secret.encode() in stored) == (False, False)


async def test_every_change_is_recorded(room: Credentials, store: Store) -> None:
    """Given, turned, revoked."""
    given = await room.add("H13.01", ADMIN, name="QLVB")
    await room.rotate(given.client.id, ADMIN)
    await room.revoke(given.client.id, ADMIN)

    last = (await _records(store))[-3:]

    assert [record.data["operation"] for record in last] == [
        "client-added",
        "client-rotated",
        "client-revoked",
    ]


async def test_names_need_not_be_unique(room: Credentials) -> None:
    """Two systems of one agency may have the same name; their systemid differs."""
    first = await room.add("H13.01", ADMIN, name="QLVB")
    second = await room.add("H13.01", ADMIN, name="QLVB")

    assert first.client.systemid != second.client.systemid


async def test_the_systemid_tells_the_agency(room: Credentials) -> None:
    """So that logs can be read."""
    given = await room.add("000.00.01.H13", ADMIN, name="QLVB")

    assert given.client.systemid.startswith("sys.H13.01.")


async def test_an_unknown_agency_gets_no_credential(room: Credentials) -> None:
    """It must be entered first."""
    with pytest.raises(Refused) as refusal:
        await room.add("H13.77", ADMIN, name="QLVB")

    assert refusal.value.code == "agency-unknown"


async def test_a_closed_agency_gets_no_credential(room: Credentials) -> None:
    """Nothing can be sent for it."""
    with pytest.raises(Refused) as refusal:
        await room.add("H13.02", ADMIN, name="QLVB")

    assert refusal.value.code == "agency-closed"


async def test_an_auditor_may_belong_to_a_closed_agency(room: Credentials) -> None:
    """Who oversees sends nothing."""
    given = await room.add("H13.02", ADMIN, name="Thanh tra", role=Role.AUDITOR)

    assert given.client.role is Role.AUDITOR


@pytest.mark.parametrize("role", [Role.CLERK, Role.VIEWER])
async def test_a_program_is_no_person(room: Credentials, role: Role) -> None:
    """Clerks and viewers have accounts."""
    with pytest.raises(Refused) as refusal:
        await room.add("H13.01", ADMIN, name="QLVB", role=role)

    assert [each.code for each in refusal.value.findings] == ["client-role"]


async def test_a_credential_has_a_name(room: Credentials) -> None:
    """What is wrong is said in both languages."""
    with pytest.raises(Refused) as refusal:
        await room.add("H13.01", ADMIN, name=" ")

    (finding,) = refusal.value.findings
    assert finding.code == "client-name"
    assert finding.message != finding.message_en


async def test_an_office_gives_no_credentials(room: Credentials) -> None:
    """Only administrators do."""
    office = Caller(actor="client:1", agency="H13.01", role=Role.OFFICE)

    with pytest.raises(Forbidden):
        await room.add("H13.01", office, name="QLVB")


async def test_an_unknown_credential_cannot_be_revoked(room: Credentials) -> None:
    """There is nothing to revoke."""
    with pytest.raises(NotFound):
        await room.revoke("nobody", ADMIN)


async def test_a_revoked_credential_cannot_be_turned(room: Credentials) -> None:
    """Revoked is for good."""
    given = await room.add("H13.01", ADMIN, name="QLVB")
    await room.revoke(given.client.id, ADMIN)

    with pytest.raises(Conflict):
        await room.rotate(given.client.id, ADMIN)


async def test_revoking_twice_is_recorded_once(room: Credentials, store: Store) -> None:
    """A repeat changes nothing."""
    given = await room.add("H13.01", ADMIN, name="QLVB")
    await room.revoke(given.client.id, ADMIN)
    before = len(await _records(store))

    await room.revoke(given.client.id, ADMIN)

    assert len(await _records(store)) == before
