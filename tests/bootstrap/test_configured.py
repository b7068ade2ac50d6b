"""What was changed by an editor is in the audit record."""

from pathlib import Path

from gateway.bootstrap.configured import ConfigurationDuty
from gateway.domain.exchange import AuditRecord
from gateway.pipeline.relay import node_caller
from tests.pipeline.rooms import Rooms, rooms


def duty(house: Rooms) -> ConfigurationDuty:
    """Return the duty of the node."""
    return ConfigurationDuty(gateway=house.gateway, caller=node_caller("H13"))


async def noted(house: Rooms) -> list[AuditRecord]:
    """Return the records of changed files."""
    records = await house.gateway.store.read(lambda tx: tx.audit.after("", 0, 1000))
    return [each for each in records if each.data.get("operation") == "configuration"]


async def test_what_an_editor_changed_is_recorded_once(tmp_path: Path) -> None:
    """By name and digest: what is new, what is other, what is gone; no secret, no private key."""
    async with rooms(tmp_path) as house:
        config = tmp_path / "config"
        (config / "secrets").mkdir(exist_ok=True)
        await duty(house)()
        (config / "trust").mkdir()
        (config / "trust" / "new.pem").write_text("certificate", "utf-8")
        (config / "secrets" / "axis").write_text("secret", "utf-8")
        (config / "tls.key").write_text("key", "utf-8")
        (config / "calendar-vn.toml").unlink()
        await duty(house)()
        await duty(house)()

        (record,) = await noted(house)

    assert set(record.data["files"]) == {"config/trust/new.pem"}  # type: ignore[call-overload]
    assert record.data["removed"] == ["config/calendar-vn.toml"]


async def test_the_first_look_records_nothing(tmp_path: Path) -> None:
    """There is nothing to compare with."""
    async with rooms(tmp_path) as house:
        await duty(house)()

        assert await noted(house) == []
