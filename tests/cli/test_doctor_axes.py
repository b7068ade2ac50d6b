"""`gateway doctor` asks every axis: there, in time, believed, and taking our credentials."""

import asyncio
import json
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from gateway.crypto.pki import Wish, issue
from tests.cli.commands import a_node, run
from tests.contract.vxp_axis import AxisMood, a_vxp_axis
from tests.nodes import free_port
from tests.vxp.peer_pki import an_authority, install

_NOW = datetime.now(UTC)  # noqa: TID251 - TLS looks at the clock of the machine


@pytest.fixture(name="node")
def _node(tmp_path: Path) -> Path:
    a_node(tmp_path / "node")
    (tmp_path / "node" / "config" / "truc").write_text("a shared secret", "utf-8")
    return tmp_path / "node"


def add_axis(node: Path, url: str, *, name: str = "truc", more: str = "") -> None:
    """Write an axis into the configuration of *node*."""
    with (node / "gateway.toml").open("a", encoding="utf-8") as file:
        file.write(
            f'[[axis]]\nname = "{name}"\nadapter = "vxp"\nendpoint = "{url}"\n'
            f'systemid = "sys.h13"\nsecret_file = "config/truc"\n{more}\n'
        )


async def examined(node: Path) -> list[dict[str, Any]]:
    """Return what the doctor says of the axes."""
    arguments = ("doctor", "--format", "json", "--config", str(node / "gateway.toml"))
    result = await asyncio.to_thread(run, *arguments)
    return [each for each in json.loads(result.stdout) if each["check"] == "axes"]


async def test_an_axis_that_answers_is_in_order(node: Path) -> None:
    """It was asked in our name, signed as it wants it; the clock is compared."""
    async with a_vxp_axis() as axis:
        add_axis(node, axis.url)
        (said,) = await examined(node)

    assert (said["result"], axis.unsigned) == ("ok", [])
    assert "takes our credentials; its clock" in said["message"]


async def test_asking_leaves_everything_as_it_was(node: Path) -> None:
    """What waits there is neither fetched nor confirmed."""
    async with a_vxp_axis() as axis:
        axis.leave(b"<edXML/>", messageType="status")
        add_axis(node, axis.url)
        await examined(node)

    assert (axis.downloads, axis.updates, axis.registered) == ([], {}, [])


async def test_an_axis_that_is_away_is_a_warning(node: Path) -> None:
    """Documents wait for it; every axis is named."""
    for name in ("truc-tinh", "truc-quoc-gia"):
        add_axis(node, f"http://127.0.0.1:{free_port()}/vxp", name=name)
    said = await examined(node)

    assert [each["result"] for each in said] == ["warning", "warning"]
    assert ["truc-tinh" in said[0]["message"], "truc-quoc-gia" in said[1]["message"]] == [True] * 2


@pytest.mark.parametrize(("mood", "fail_code"), [(AxisMood.REFUSING, "401"), (AxisMood.HTML, "")])
async def test_credentials_that_are_not_taken_are_an_error(
    node: Path, mood: AxisMood, fail_code: str
) -> None:
    """Or an answer of something that is no axis: only the operator can mend it."""
    async with a_vxp_axis() as axis:
        axis.mood, axis.fail_code = mood, fail_code
        add_axis(node, axis.url)
        (said,) = await examined(node)

    assert said["result"] == "error"
    assert "systemid" in said["remedy_vi"]


def served_with(folder: Path, *, days: int) -> tuple[ssl.SSLContext, Path]:
    """Return TLS with a certificate that ends in so many days, and the file of its authority."""
    authority = an_authority()
    wish = Wish(
        common_name="truc",
        valid_from=_NOW - timedelta(days=365),
        valid_to=_NOW + timedelta(days=days, hours=1),
        usages=("digital_signature",),
        purposes=(ExtendedKeyUsageOID.SERVER_AUTH,),
        hosts=("127.0.0.1",),
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*install(folder, issue(wish, issuer=authority.party)))
    return context, authority.believe(folder, "ca.pem")


@pytest.mark.parametrize(("days", "result"), [(300, "ok"), (9, "warning")])
async def test_the_certificate_of_an_axis_is_looked_at(
    node: Path, tmp_path: Path, days: int, result: str
) -> None:
    """Until when it is valid is said, and a month ahead it is a warning."""
    context, ca = served_with(tmp_path / "axis", days=days)
    async with a_vxp_axis(tls=context) as axis:
        add_axis(node, axis.url, more=f'ca_file = "{ca}"')
        (said,) = await examined(node)

    assert said["result"] == result
    assert f"{_NOW + timedelta(days=days, hours=1):%Y-%m-%d}" in said["message"]


async def test_a_certificate_that_is_not_believed_is_an_error(node: Path, tmp_path: Path) -> None:
    """Nothing was asked there."""
    context, _ = served_with(tmp_path / "axis", days=300)
    other = an_authority("CA khác").believe(tmp_path / "other", "ca.pem")
    async with a_vxp_axis(tls=context) as axis:
        add_axis(node, axis.url, more=f'ca_file = "{other}"')
        (said,) = await examined(node)

    assert (said["result"], "is not believed" in said["message"]) == ("error", True)


async def test_an_axis_whose_adapter_cannot_ask_is_left_alone(node: Path) -> None:
    """A folder has nobody to answer."""
    with (node / "gateway.toml").open("a", encoding="utf-8") as file:
        file.write('[[axis]]\nname = "a"\nadapter = "folder"\nendpoint = "folder:x"\n')

    assert await examined(node) == []
