"""The beginning of a node, on a real store."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from gateway.domain.errors import Conflict, Refused
from gateway.domain.exchange import Caller, Role
from gateway.pipeline.initialise import Founded, initialise
from gateway.ports import Store
from gateway.storage import open_store

ZONE = timezone(timedelta(hours=7))
CLI = Caller(actor="cli", agency="H13", role=Role.ADMIN)


class StandingClock:
    """A clock that stands still."""

    def now(self) -> datetime:
        """Return always the same instant."""
        return datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


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
        yield store


async def _found(store: Store, code: str = "H13") -> Founded:
    return await initialise(
        code=code,
        name="Cần Thơ",
        caller=CLI,
        store=store,
        clock=StandingClock(),
        zone=ZONE,
        new_password=lambda: "once",
        hash_password=lambda password: f"hash of {password}",
    )


async def test_the_first_administrator_is_told_once(store: Store) -> None:
    """Name and one-time password."""
    assert await _found(store) == Founded(user_name="quantri.h13", one_time_password="once")


async def test_the_first_administrator_is_stored(store: Store) -> None:
    """The name is taken from now on."""
    founded = await _found(store)

    assert await store.read(lambda tx: tx.accounts.find(founded.user_name))


async def test_the_root_agency_is_stored(store: Store) -> None:
    """With the code of the node."""
    await _found(store)

    assert [each.code for each in await store.read(lambda tx: tx.directory.all())] == ["H13"]


async def test_a_node_of_a_lower_level_has_a_root_too(store: Store) -> None:
    """A department may run a node of its own; those above are not in its directory."""
    await _found(store, "H13.01")

    (root,) = await store.read(lambda tx: tx.directory.all())
    assert (root.code, root.parent) == ("H13.01", None)


async def test_the_beginning_is_recorded_without_the_password(store: Store) -> None:
    """Agency and account, neither password nor hash."""
    await _found(store)

    records = await store.read(lambda tx: tx.audit.after("main", 0, 10))

    assert [record.about for record in records] == ["agency:H13", "account:quantri.h13"]
    assert "once" not in str(records)


async def test_a_node_begins_once(store: Store) -> None:
    """A second time is a conflict."""
    await _found(store)

    with pytest.raises(Conflict):
        await _found(store)


async def test_a_code_that_is_none_begins_nothing(store: Store) -> None:
    """Neither agency nor account is there afterwards."""
    with pytest.raises(Refused):
        await _found(store, "h13")

    assert not await store.read(lambda tx: tx.accounts.find("quantri.h13"))
