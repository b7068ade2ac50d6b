"""Three nodes: an axis, and two provinces that are systems of it."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from bench.sites import Site, make_site
from gateway.bootstrap.administration import open_rooms
from gateway.config import load
from gateway.domain.exchange import Caller, Role
from gateway.pipeline.clients import Credential

AXIS = "A99"
PROVINCES = ("H13", "H40")


def offices_of(province: str) -> tuple[str, str]:
    """Return the codes of the offices of *province*."""
    return f"{province}.01", f"{province}.02"


def make_three(
    folder: Path,
    *,
    endpoint: Mapping[str, str],
    settings: Mapping[str, str],
    axis: Mapping[str, str] | None = None,
) -> dict[str, Site]:
    """Make the nodes in *folder* and return them by code.

    *endpoint* is where each province finds the axis, *settings* is more TOML of each node, and
    *axis* more keys of the table `[[axis]]` of each.
    """
    sites = {
        AXIS: make_site(folder / AXIS, settings=settings[AXIS], agencies=PROVINCES, root=AXIS)
    }
    for province in PROVINCES:
        given = asyncio.run(_credential(sites[AXIS], province))
        home = folder / province
        home.mkdir()
        (home / "secret").write_text(given.secret, "utf-8")
        table = (
            f'\n[[axis]]\nname = "truc"\nadapter = "vxp"\nendpoint = "{endpoint[province]}"\n'
            f'systemid = "{given.client.systemid}"\nsecret_file = "secret"\n{(axis or {}).get(province, "")}\n'
        )
        sites[province] = make_site(
            home, settings=settings[province] + table, agencies=offices_of(province), root=province
        )
    return sites


async def _credential(site: Site, province: str) -> Credential:
    caller = Caller(actor="cli", agency=AXIS, role=Role.ADMIN)
    async with open_rooms(load(site.config_file)) as gateway:
        return await gateway.credentials.add(province, caller, name=f"nút {province}")
