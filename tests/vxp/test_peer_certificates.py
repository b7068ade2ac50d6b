"""Nodes that show each other their certificates, over real TLS with certificates of a test PKI."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from adapters.vxp.connection import Vxp
from gateway.bootstrap.gateway import Gateway
from gateway.crypto.pki import Party
from gateway.domain.errors import Misconfigured, Unavailable, Unreachable
from gateway.pipeline.clients import Credential
from gateway.ports import Destined
from tests.contract.packets import a_clock
from tests.nodes import OFFICE, Node, config_of, free_port, serving
from tests.vxp.conftest import OPERATOR
from tests.vxp.peer_pki import Authority, an_authority, install
from tests.vxp.three_nodes import make_node, until

PEER = "H40"
READER = "H40.01"
_LOOKS_S = 8.0  #: longer than a node takes to look at its files


@dataclass(frozen=True, slots=True, kw_only=True)
class Rig:
    """A node H13 that asks for certificates, and what a node H40 needs to come."""

    node: Node
    port: int
    folder: Path
    authority: Authority  #: that both believe
    given: Credential
    stack: AsyncExitStack

    def connect(self, party: Party | None, *, port: int | None = None, **files: str) -> Vxp:
        """Return a connection of the node H40 that shows the certificate of *party*."""
        certificate, key = ("", "") if party is None else install(self.folder / "h40", party)
        destined = Destined(
            name="h13",
            is_axis=True,
            url=f"https://127.0.0.1:{port or self.port}/vxp",
            systemid=self.given.client.systemid,
            secret=self.given.secret,
            node=PEER,
            timeout_s=5.0,
            ca_file=files.get("ca_file", str(self.folder / "h40" / "ca.pem")),
            client_certificate=certificate,
            client_key=key,
        )
        connection = Vxp(destined, a_clock())
        self.stack.push_async_callback(connection.aclose)
        return connection


@asynccontextmanager
async def rig(node_folder: Path, **sections: Any) -> AsyncIterator[Rig]:  # noqa: ANN401 - as `serving`
    """Run the node H13 with a port for nodes; *sections* is more of its settings."""
    authority, port = an_authority(), free_port()
    install(node_folder, authority.certify("H13", "127.0.0.1", "localhost"))
    authority.believe(node_folder / "config" / "trust" / "peers")
    authority.believe(node_folder / "h40", "ca.pem")
    http = {"tls_certificate": "tls.pem", "tls_key": "tls.key", "peer_port": port}
    async with AsyncExitStack() as stack:
        node = await stack.enter_async_context(serving(node_folder, http=http, **sections))
        await node.gateway.agencies.add(OPERATOR, name="Tỉnh bên", code=PEER)
        given = await node.gateway.credentials.add(PEER, OPERATOR, name="nút H40")
        yield Rig(
            node=node,
            port=port,
            folder=node_folder,
            authority=authority,
            given=given,
            stack=stack,
        )


async def ask(connection: Vxp) -> int:
    """Ask for the list of agencies; return how many there are."""
    return sum([len(part) async for part in connection.directory.listing()])


async def refused(connection: Vxp) -> str:
    """Announce nothing new and return why that was not taken."""
    with pytest.raises(Unavailable) as caught:
        await connection.directory.withdraw("H40.99")
    return caught.value.message


async def test_a_node_with_its_certificate_is_served(node_folder: Path) -> None:
    """It names the node by its code."""
    async with rig(node_folder) as peers:
        assert await ask(peers.connect(peers.authority.certify(PEER))) > 0


async def test_a_certificate_of_another_authority_is_turned_away(node_folder: Path) -> None:
    """The peer reads why, and so does the operator of the node."""
    async with rig(node_folder) as peers:
        with capture_logs() as told:
            reason = await refused(peers.connect(an_authority("CA lạ").certify(PEER)))

    assert "does not believe our certificate" in reason
    assert "a peer was turned away" in {each["event"] for each in told}


async def test_a_node_without_a_certificate_is_turned_away(node_folder: Path) -> None:
    """At the port for nodes one is needed."""
    async with rig(node_folder) as peers:
        assert "does not believe our certificate" in await refused(peers.connect(None))


async def test_a_certificate_of_another_node_opens_nothing(node_folder: Path) -> None:
    """The answer names whose it is and whose system asks."""
    async with rig(node_folder) as peers:
        reason = await refused(peers.connect(peers.authority.certify("H41")))

    assert "h41" in reason
    assert PEER in reason


async def test_a_host_name_may_stand_for_a_node(node_folder: Path) -> None:
    """As public authorities certify; the operator writes it down."""
    peer = {"agency": PEER, "names": ["lienthong.h40.gov.vn"]}
    async with rig(node_folder, peer=[peer]) as peers:
        party = peers.authority.certify("UBND tỉnh", "lienthong.h40.gov.vn")

        assert await ask(peers.connect(party)) > 0


async def test_a_node_that_must_show_one_does_not_come_without(node_folder: Path) -> None:
    """Not by the port of offices either."""
    async with rig(node_folder, peer=[{"agency": PEER}]) as peers:
        port = int(peers.node.url.rpartition(":")[2])

        assert "vxp-certificate" in await refused(peers.connect(None, port=port))


@pytest.mark.parametrize("written", ["H40", "h40", "000.00.00.H40"])
async def test_the_api_asks_for_the_certificate_too(node_folder: Path, written: str) -> None:
    """However the code of the node is written; offices are served without."""
    async with rig(node_folder, peer=[{"agency": written}]) as peers:
        bearer = {"Authorization": f"Bearer {peers.given.token}"}
        called = await peers.node.post("/api/v1/inbox/lease", who=None, headers=bearer, json={})
        office = await peers.node.post("/api/v1/inbox/lease", who=OFFICE, json={})

    assert (called.status, called.json()["code"]) == (403, "vxp-certificate")
    assert office.status == 200


@pytest.mark.parametrize("written", [["H4"], ["tỉnh bên"], ["H40", "h40"]])
def test_a_peer_that_no_code_names_stops_the_start(node_folder: Path, written: list[str]) -> None:
    """And so does one that stands twice."""
    http = {"tls_certificate": "tls.pem", "tls_key": "tls.key", "peer_port": 8443}
    peers = [{"agency": each} for each in written]

    with pytest.raises(Misconfigured, match=r"\[\[peer\]\]"):
        config_of(node_folder, http=http, peer=peers)


async def test_offices_are_asked_for_no_certificate(node_folder: Path) -> None:
    """A browser that is asked for one asks the person before it."""
    async with rig(node_folder) as peers:
        answer = await peers.node.get("/healthz")

    assert answer.status == 200


async def test_a_revoked_certificate_opens_nothing(node_folder: Path) -> None:
    """As soon as the list lies beside the authority."""
    async with rig(node_folder) as peers:
        party = peers.authority.certify(PEER)
        peers.authority.revoke(node_folder / "config" / "trust" / "peers", party)
        await asyncio.sleep(2.5)

        assert "vxp-certificate" in await refused(peers.connect(party))


async def test_a_new_authority_is_believed_without_a_restart(node_folder: Path) -> None:
    """And one that was taken away is not."""
    async with rig(node_folder) as peers:
        fresh, trust = an_authority("CA mới"), node_folder / "config" / "trust" / "peers"
        fresh.believe(trust)

        async def is_in() -> bool:
            try:
                return await ask(peers.connect(fresh.certify(PEER))) > 0
            except Unavailable:
                return False

        assert await until(is_in)
        assert "does not believe our certificate" in await refused(
            peers.connect(peers.authority.certify(PEER))
        )


async def test_a_renewed_certificate_is_shown_without_a_restart(node_folder: Path) -> None:
    """Our own, that we show to others."""
    async with rig(node_folder) as peers:
        connection = peers.connect(peers.authority.certify("H41"))
        assert "h41" in await refused(connection)

        install(node_folder / "h40", peers.authority.certify(PEER))
        await asyncio.sleep(6)

        assert await ask(connection) > 0


async def test_a_server_of_another_authority_is_not_believed(node_folder: Path) -> None:
    """The reason stands in the queue."""
    async with rig(node_folder) as peers:
        strange = an_authority("CA lạ").believe(node_folder / "strange")
        connection = peers.connect(peers.authority.certify(PEER), ca_file=str(strange))

        with pytest.raises(Unreachable, match="not believed"):
            await connection.directory.withdraw("H40.99")


def test_files_that_are_no_certificates_are_told_at_once(tmp_path: Path) -> None:
    """An operator reads it at the start."""
    (tmp_path / "half.pem").write_text("half a certificate", "utf-8")
    destined = Destined(
        name="h13",
        is_axis=True,
        url="https://127.0.0.1:1/vxp",
        systemid="s",
        secret="s",
        ca_file=str(tmp_path / "half.pem"),
    )

    with pytest.raises(Misconfigured, match=r"half\.pem"):
        Vxp(destined, a_clock())


async def test_a_port_for_nodes_needs_an_authority(node_folder: Path) -> None:
    """Otherwise nobody could come."""
    install(node_folder, an_authority().certify("H13", "127.0.0.1"))
    http = {"tls_certificate": "tls.pem", "tls_key": "tls.key", "peer_port": free_port()}

    with pytest.raises(Misconfigured, match="peers"):
        async with serving(node_folder, http=http):
            pass


async def test_two_provinces_exchange_directly(node_folder: Path, tmp_path: Path) -> None:
    """A document there, its status home, both over connections that were proved both ways."""
    async with rig(node_folder, peer=[{"agency": PEER}], relay=_QUICK) as peers:
        other = tmp_path / PEER
        await make_node(other, PEER, READER)
        certificate, key = install(other, peers.authority.certify(PEER))
        (other / "config" / "h13").write_text(peers.given.secret, "utf-8")
        axis = {
            "name": "h13",
            "adapter": "vxp",
            "endpoint": f"https://127.0.0.1:{peers.port}/vxp",
            "codes": ["H13"],
            "systemid": peers.given.client.systemid,
            "secret_file": "config/h13",
            "ca_file": str(peers.folder / "h40" / "ca.pem"),
            "client_certificate": certificate,
            "client_key": key,
        }
        async with serving(
            other, node={"code": PEER, "name": PEER}, relay=_QUICK, axis=[axis]
        ) as there:
            await until(_knows(peers.node.gateway, READER))
            sent = (await peers.node.submit(to=[READER])).json()
            item = await until(_in_box(there))
            await there.post(
                f"/api/v1/documents/{item['id']}/status", who=READER, json={"code": "03"}
            )

            async def accepted() -> bool:
                shown = await peers.node.get(f"/api/v1/documents/{sent['id']}", who=OFFICE)
                return bool(shown.json()["deliveries"][0]["state"] == "accepted")

            assert await until(accepted)
            assert item["code"] == sent["code"]


_QUICK = {"poll_s": 0.1, "first_delay_s": 0.2, "directory_s": 1.0}


def _knows(gateway: Gateway, code: str) -> Callable[[], object]:
    async def look() -> bool:
        return code in await gateway.run(gateway.directory)

    return look


def _in_box(node: Node) -> Callable[[], object]:
    async def look() -> object:
        answer = await node.post("/api/v1/inbox/lease", who=READER, json={})
        return next(iter(answer.json()["items"]), None)

    return look
