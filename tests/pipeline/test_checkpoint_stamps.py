"""Checkpoints with time stamps: asked of a real authority, verified in the node and from a bundle."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from gateway.bootstrap.auditing import export_bundle, verify_bundle, verify_node
from gateway.bootstrap.equipment import SystemClock
from gateway.domain.errors import Unavailable
from gateway.pipeline.auditing import Verified
from tests.crypto.authority import Stamper, a_stamper, stamping
from tests.pipeline.rooms import Rooms, rooms


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A node whose authority can be started."""

    node: Rooms
    stamper: Stamper
    port: int

    async def stamped(self) -> None:
        """Sign a checkpoint, and have it stamped."""
        await self.node.sent()
        await self.node.gateway.auditing.checkpoint()
        async with stamping(self.stamper, port=self.port):
            await self.node.gateway.auditing.stamp()

    @property
    def files(self) -> list[Path]:
        """Return the time stamps."""
        return sorted((self.node.folder / "data" / "checkpoints").glob("*.tsr"))

    async def verified(self) -> Verified:
        """Verify the node."""
        gateway = self.node.gateway
        await gateway.sealing.seal()
        look = partial(verify_node, gateway, anchors=(), trust=(), progress=lambda _: None)
        return await gateway.run(look)


@pytest.fixture(name="place")
async def _place(tmp_path: Path) -> AsyncIterator[Stage]:
    now = SystemClock().now()
    stamper = a_stamper(now)
    async with stamping(stamper) as url:
        pass
    keys = {"tsa_url": url, "tsa_trust": [stamper.trust(tmp_path / "trust")]}
    async with rooms(tmp_path / "node", at=now, keys=keys) as node:
        port = int(url.split(":")[2].partition("/")[0])
        yield Stage(node=node, stamper=stamper, port=port)


async def test_the_newest_checkpoint_is_stamped(place: Stage) -> None:
    """Beside it, under its name."""
    await place.stamped()

    (file,) = place.files
    assert file.with_suffix(".jws").exists()


async def test_it_is_stamped_once(place: Stage) -> None:
    """The authority is not asked again about the same."""
    await place.stamped()
    async with stamping(place.stamper, port=place.port):
        await place.node.gateway.auditing.stamp()

    assert len(place.stamper.asked) == 1


async def test_a_stamp_is_verified_with_the_record(place: Stage) -> None:
    """It is counted, and holds."""
    await place.stamped()

    verified = await place.verified()

    assert (verified.stamps, verified.findings) == (1, ())


async def test_an_authority_that_is_away_is_asked_again(place: Stage) -> None:
    """The checkpoint is there all the same."""
    await place.node.sent()
    await place.node.gateway.auditing.checkpoint()

    with pytest.raises(Unavailable):
        await place.node.gateway.auditing.stamp()

    await place.stamped()
    assert len(place.files) == 1


async def test_a_changed_stamp_is_found(place: Stage) -> None:
    """By the name of its checkpoint."""
    await place.stamped()
    (file,) = place.files
    file.write_bytes(file.read_bytes()[:-20] + bytes(20))

    (finding,) = (await place.verified()).findings

    assert (finding.code, finding.pointer) == ("audit-stamp", file.with_suffix(".jws").name)


async def test_the_stamp_of_another_checkpoint_is_found(place: Stage) -> None:
    """It was asked about other bytes."""
    await place.stamped()
    await place.stamped()
    first, second = place.files
    second.write_bytes(first.read_bytes())

    assert [each.code for each in (await place.verified()).findings] == ["audit-stamp"]


async def test_a_checkpoint_that_went_from_under_its_stamp_is_found(place: Stage) -> None:
    """The stamp says that there was one."""
    await place.stamped()
    (file,) = place.files
    file.with_suffix(".jws").unlink()

    assert [each.code for each in (await place.verified()).findings] == ["audit-stamp"]


async def test_a_bundle_has_stamps_and_proves_them(place: Stage, tmp_path: Path) -> None:
    """With the certificates of the authority."""
    await place.stamped()
    gateway, file = place.node.gateway, tmp_path / "bundle.zip"
    await gateway.sealing.seal()
    await gateway.auditing.checkpoint()
    await gateway.run(partial(export_bundle, gateway, file, progress=lambda _: None))

    trust = [place.node.folder / "config" / "node.crt"]
    look = partial(verify_bundle, file, anchors=(), trust=trust, progress=lambda _: None)
    verified = await gateway.run(look)

    assert (verified.stamps, verified.findings) == (1, ())
