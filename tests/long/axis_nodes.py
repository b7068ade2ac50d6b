"""The three nodes as processes: made, started, killed, and started again from their disks."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from bench.axis_sites import AXIS, PROVINCES, make_three, offices_of
from bench.sites import Site
from tests.long.api import Api
from tests.long.weather import Ways
from tests.vxp.peer_pki import an_authority, install

_START_S = 60.0
_STOP_S = 15.0


@dataclass(slots=True, kw_only=True)
class AxisNodes:
    """The nodes by code."""

    ways: Ways
    sites: dict[str, Site]
    apis: dict[str, Api]
    _running: dict[str, asyncio.subprocess.Process] = field(default_factory=dict)

    async def start(self, code: str) -> None:
        """Start a node and wait until it answers."""
        site = self.sites[code]
        host, port, _ = self.ways.listening(code)
        command = ("gateway", "serve", "--host", host, "--port", str(port), "--processes", "1")
        self._running[code] = await self.ways.start(
            code,
            (sys.executable, "-m", *command, "--config", str(site.config_file)),
            site.folder / "log.txt",
        )
        async with asyncio.timeout(_START_S):
            while await self._asked(code) is None:
                assert self._running[code].returncode is None, f"{code} ended: see its log"
                await asyncio.sleep(0.1)

    async def kill(self, code: str) -> None:
        """End a node as a power cut would."""
        self._running[code].kill()
        await self._running[code].wait()

    async def stop(self) -> None:
        """End all of them as an operator would."""
        for process in self._running.values():
            with suppress(ProcessLookupError):
                process.terminate()
        for process in self._running.values():
            try:
                async with asyncio.timeout(_STOP_S):
                    await process.wait()
            except TimeoutError:
                process.kill()

    async def acquainted(self) -> None:
        """Wait until each province knows the offices of the other."""
        for here, there in (PROVINCES, PROVINCES[::-1]):
            async with asyncio.timeout(_START_S):
                for office in offices_of(there):
                    while await self._knows(here, office) is False:  # noqa: ASYNC110 - another process
                        await asyncio.sleep(0.2)

    async def _knows(self, here: str, office: str) -> bool:
        answer = await self.apis[here].once("GET", f"/agencies/{office}", who="admin")
        return answer is not None and answer.status == 200

    async def _asked(self, code: str) -> object:
        return await self.apis[code].once("GET", "/agencies?limit=1", who="admin")


@asynccontextmanager
async def axis_nodes(ways: Ways, folder: Path) -> AsyncIterator[AxisNodes]:
    """Run the three until the test ends."""
    sites = await asyncio.to_thread(_make, ways, folder)
    async with AsyncExitStack() as stack:
        apis = {}
        for code, site in sites.items():
            session = await stack.enter_async_context(
                aiohttp.ClientSession(
                    timeout=aiohttp.ClientTimeout(total=30), connector=ways.connector(code)
                )
            )
            apis[code] = Api(
                site=site,
                port=ways.listening(code)[1],
                session=session,
                patience_s=120.0,
                scheme="https",
            )
        nodes = AxisNodes(ways=ways, sites=sites, apis=apis)
        stack.push_async_callback(nodes.stop)
        for code in sites:
            await nodes.start(code)
        await nodes.acquainted()
        yield nodes


def _make(ways: Ways, folder: Path) -> dict[str, Site]:
    """Make the nodes, certificates and all."""
    authority = an_authority()
    settings = {}
    for code in (AXIS, *PROVINCES):
        home = folder / "certificates" / code
        certificate, key = install(home, authority.certify(code, *ways.hosts(code)))
        trusted = authority.believe(home / "trust" / "peers").parent.parent
        settings[code] = _settings(
            certificate=certificate, key=key, trust=str(trusted), peer_port=ways.listening(code)[2]
        )
    settings[AXIS] += "".join(f'[[peer]]\nagency = "{each}"\n' for each in PROVINCES)
    places = {each: ways.endpoint(AXIS, each) for each in PROVINCES}
    return make_three(
        folder,
        endpoint={each: f"https://{host}:{port}/vxp" for each, (host, port) in places.items()},
        settings=settings,
        axis={
            each: "\n".join(
                (
                    f'ca_file = "{folder}/certificates/{each}/trust/peers/peers.crt"',
                    f'client_certificate = "{folder}/certificates/{each}/tls.pem"',
                    f'client_key = "{folder}/certificates/{each}/tls.key"',
                )
            )
            for each in PROVINCES
        },
    )


def _settings(*, certificate: str, key: str, trust: str, peer_port: int) -> str:
    return f"""
[http]
tls_certificate = "{certificate}"
tls_key = "{key}"
peer_port = {peer_port}
[signatures]
trust = {json.dumps([trust])}
[storage]
minimum_free_mb = 0
[relay]
poll_s = 0.5
first_delay_s = 0.5
longest_delay_s = 10.0
send_timeout_s = 10.0
directory_s = 30.0
"""
