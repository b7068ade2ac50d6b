"""The room of the directory, on a real store."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from gateway.domain.directory import AgencyKind
from gateway.domain.errors import Forbidden, NotFound, Refused
from gateway.domain.exchange import AuditRecord, Caller, Role
from gateway.pipeline.agencies import Agencies, public_form
from gateway.ports import Store
from gateway.storage import open_store

ZONE = timezone(timedelta(hours=7))
#: Half past midnight of 3 March in Viet Nam, still 2 March in UTC.
NOW = datetime(2026, 3, 2, 17, 30, tzinfo=UTC)
ADMIN = Caller(actor="cli", agency="H13", role=Role.ADMIN)
OFFICE = Caller(actor="client:1", agency="H13.01", role=Role.OFFICE)
CSV = "code,name,parent,valid_from\n"


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
        yield store


@pytest.fixture(name="room")
async def _room(store: Store) -> Agencies:
    """Return the room of a directory with H13, H13.01 and H13.02."""
    room = Agencies(store=store, clock=StandingClock(), zone=ZONE, sandbox="H13-SANDBOX")
    await room.add(ADMIN, name="Thành phố Cần Thơ", code="H13")
    await room.add(ADMIN, name="Văn phòng", parent="H13")
    await room.add(ADMIN, name="Sở Y tế", parent="H13")
    return room


async def _records(store: Store) -> list[AuditRecord]:
    return await store.read(lambda tx: tx.audit.after("main", 0, 100))


async def test_an_agency_without_code_gets_the_next_free_one(room: Agencies) -> None:
    """H13.01 and H13.02 exist, so H13.03 follows."""
    agency = await room.add(ADMIN, name="Sở Tài chính", parent="H13")

    assert agency.code == "H13.03"


async def test_no_sandbox_but_the_node_s_own_is_entered(room: Agencies) -> None:
    """What ends as its code does counts nowhere: no agency may vanish from the figures so."""
    assert (await room.add(ADMIN, name="Thử nghiệm", code="H13-SANDBOX")).code == "H13-SANDBOX"

    with pytest.raises(Refused) as refused:
        await room.add(ADMIN, name="Sở Nội vụ", code="SNV-SANDBOX")

    assert [each.code for each in refused.value.findings] == ["agency-code-sandbox"]


async def test_an_agency_is_valid_from_today_in_the_zone_of_the_node(room: Agencies) -> None:
    """In Viet Nam it is tomorrow already."""
    agency = await room.add(ADMIN, name="Sở Tài chính", parent="H13")

    assert agency.valid_from == date(2026, 3, 3)


async def test_what_was_added_is_stored(room: Agencies) -> None:
    """The directory is read from the store again."""
    assert [agency.code for agency in await room.listing()] == ["H13", "H13.01", "H13.02"]


async def test_an_agency_is_found_by_its_older_code(room: Agencies) -> None:
    """Both forms name the same agency."""
    assert (await room.show("000.00.01.H13")).code == "H13.01"


async def test_an_unknown_agency_is_not_found(room: Agencies) -> None:
    """There is nothing to show."""
    with pytest.raises(NotFound):
        await room.show("H13.99")


async def test_a_code_that_is_used_is_refused_with_findings(room: Agencies) -> None:
    """The finding says which field."""
    with pytest.raises(Refused) as refusal:
        await room.add(ADMIN, name="Khác", code="H13.01")

    assert [(each.code, each.pointer) for each in refusal.value.findings] == [
        ("agency-code-used", "/code")
    ]


async def test_a_refused_change_leaves_no_record(room: Agencies, store: Store) -> None:
    """Nothing happened, so nothing is recorded."""
    before = len(await _records(store))

    with pytest.raises(Refused):
        await room.add(ADMIN, name="Khác", code="H13.01")

    assert len(await _records(store)) == before


async def test_only_administrators_change_the_directory(room: Agencies) -> None:
    """The room itself keeps the door shut."""
    with pytest.raises(Forbidden):
        await room.add(OFFICE, name="Phòng", parent="H13.01")


async def test_a_change_is_recorded_with_what_was_before_and_after(
    room: Agencies, store: Store
) -> None:
    """The record names the decision too."""
    before = public_form(await room.show("H13.02"))

    after = await room.patch("H13.02", ADMIN, {"name": "Sở Y tế mới", "decision": "12/QĐ-UBND"})

    assert (await _records(store))[-1].data == {
        "operation": "patch",
        "before": before,
        "after": public_form(after),
        "decision": "12/QĐ-UBND",
    }


async def test_a_record_names_who_and_what(room: Agencies, store: Store) -> None:
    """Every change is attributable."""
    await room.close("H13.02", ADMIN, successor="H13.01")

    last = (await _records(store))[-1]

    assert (last.actor, last.action, last.about) == ("cli", "changed", "agency:H13.02")


async def test_a_closed_agency_names_its_successor(room: Agencies) -> None:
    """From today on it no longer exists."""
    closed = await room.close("H13.02", ADMIN, successor="H13.01")

    assert (closed.valid_to, closed.successor) == (date(2026, 3, 2), "H13.01")


async def test_a_closed_code_is_never_assigned_again(room: Agencies) -> None:
    """The next one follows after it."""
    await room.close("H13.02", ADMIN)

    agency = await room.add(ADMIN, name="Sở mới", parent="H13")

    assert agency.code == "H13.03"


async def test_a_merger_moves_what_was_below(room: Agencies) -> None:
    """The unit of the merged agency comes under the one that takes it in."""
    await room.add(ADMIN, name="Phòng Dược", parent="H13.02")

    changed = await room.merge(["H13.02"], ADMIN, into="H13.01", decision="9/NQ")

    assert {agency.code for agency in changed} == {"H13.02", "H13.02.01", "H13.01.01"}


async def test_a_moved_agency_gets_a_new_code(room: Agencies) -> None:
    """A dotted code says where its agency stands."""
    changed = await room.move("H13.02", ADMIN, parent="H13.01")

    assert {agency.code: agency.successor for agency in changed} == {
        "H13.02": "H13.01.01",
        "H13.01.01": None,
    }


async def test_every_agency_of_a_move_is_recorded(room: Agencies, store: Store) -> None:
    """One record for each that changed."""
    await room.move("H13.02", ADMIN, parent="H13.01")

    abouts = {record.about for record in (await _records(store))[-2:]}

    assert abouts == {"agency:H13.02", "agency:H13.01.01"}


async def test_a_file_is_imported(room: Agencies) -> None:
    """New lines are added, others changed, the rest left."""
    text = CSV + "H13.03,Sở Tài chính,H13,2026-01-01\nH13.02,Sở Y tế,H13,2026-01-01\n"

    done = await room.import_csv(text, ADMIN)

    assert (done.added, done.changed, done.unchanged) == (1, 1, 0)


async def test_a_file_with_bad_lines_is_not_imported_at_all(room: Agencies) -> None:
    """The good lines of a bad file are left out too."""
    text = CSV + "H13.03,Sở Tài chính,H13,2026-01-01\nH13.04,,H13,hôm qua\n"

    with pytest.raises(Refused):
        await room.import_csv(text, ADMIN)

    assert "H13.03" not in [agency.code for agency in await room.listing()]


async def test_every_bad_line_of_a_file_is_a_finding(room: Agencies) -> None:
    """Line and column say where."""
    text = CSV + "H13.03,,H13,2026-01-01\nH13.04,Sở,H13,hôm qua\n"

    with pytest.raises(Refused) as refusal:
        await room.import_csv(text, ADMIN)

    assert [(each.code, each.pointer) for each in refusal.value.findings] == [
        ("agency-csv", "2:name"),
        ("agency-csv", "3:valid_from"),
    ]


async def test_a_file_opens_no_closed_agency_again(room: Agencies) -> None:
    """A closed code is never assigned again, not by a file either."""
    await room.close("H13.02", ADMIN)

    with pytest.raises(Refused, match=r"H13\.02.* is closed"):
        await room.import_csv(CSV + "H13.02,Sở khác,H13,2026-01-01\n", ADMIN)


async def test_a_file_makes_no_circle_with_what_is_stored(room: Agencies) -> None:
    """H13 would come under its own office."""
    with pytest.raises(Refused, match="above itself"):
        await room.import_csv(CSV + "H13,Cần Thơ,H13.01,2026-01-01\n", ADMIN)


async def test_a_file_takes_no_older_code_from_another_agency(room: Agencies) -> None:
    """A stored pair belongs to one agency."""
    await room.patch("H13.02", ADMIN, {"legacy_code": "000.00.77.H13"})
    text = "code,name,legacy_code\nH13.05,Sở khác,000.00.77.H13\n"

    with pytest.raises(Refused) as refusal:
        await room.import_csv(text, ADMIN)

    assert refusal.value.code == "agency-code-used"


async def test_what_is_exported_changes_nothing_when_it_is_imported(room: Agencies) -> None:
    """Export and import are one."""
    await room.add(
        ADMIN,
        name="Công ty Cấp nước",
        code="1800151244",
        kind=AgencyKind.ENTERPRISE,
        contact={"email": "vanthu@capnuoc.example"},
    )
    await room.close("H13.02", ADMIN, successor="H13.01")

    done = await room.import_csv(await room.export_csv(), ADMIN)

    assert (done.added, done.changed, done.unchanged) == (0, 0, 4)


async def test_the_public_form_has_the_keys_of_the_contract(room: Agencies) -> None:
    """No more and no less."""
    assert list(public_form(await room.show("H13"))) == [
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
    ]
