"""The ways in and out: the address to listen on, adapters, offices and peers."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import datetime
from functools import partial

import msgspec

from gateway.bootstrap.administration import open_rooms
from gateway.bootstrap.connections import connect
from gateway.bootstrap.equipment import SystemClock, is_served, noted_address
from gateway.cli.doctor.diagnosis import OK, WARNING, WRONG, Diagnosis
from gateway.cli.doctor.texts import REMEDIES, Text
from gateway.config import Axis, Config, Office, Peer
from gateway.domain.directory import Directory
from gateway.domain.errors import GatewayError, Misconfigured
from gateway.domain.peers import code_of_peer
from gateway.web import listening
from gateway.web.auth import networks
from gateway.web.peer_door import check_peers

LISTEN_FREE = Text(vi="{address}, cổng còn trống", en="{address}, the port is free")
LISTEN_ELSEWHERE = Text(
    vi="Nút đang phục vụ ở {here} (--host, --port), không phải ở {address} như trong cấu hình",
    en="the node is serving at {here} (--host, --port), not at {address} as in the settings",
)
LISTEN_SERVED = Text(vi="{address}, nút đang phục vụ", en="{address}, the node is serving")
LISTEN_SHARED = Text(
    vi="{address}: cổng đang có chương trình dùng; đúng nếu đó là nút này",
    en="{address}: something listens there already, as it should when it is this node",
)
LISTEN_TAKEN = Text(
    vi="{address}: nút không dùng được cổng này; nút báo nguyên văn: “{fault}”",
    en="{address}: the node cannot have this port: {fault}",
)
LISTEN_OTHER = Text(
    vi="Dừng chương trình đang giữ cổng, hoặc đổi [http] port (peer_port); để như vậy nút không "
    "khởi động được.",
    en="stop the program that holds the port, or change [http] port (peer_port); the node does not "
    "start like this",
)
CONNECTION_FAULT = Text(
    vi="{name}: không dựng được kết nối; nút báo nguyên văn: “{fault}”", en="{name}: {fault}"
)
CONNECTIONS = Text(vi="{offices} đơn vị, {axes} trục", en="{offices} offices, {axes} axes")
OFFICES = Text(vi="{count} mục trong cấu hình", en="{count} in the configuration")
AGENCY_UNKNOWN = Text(
    vi="{name}: danh mục không có cơ quan này",
    en="{name}: the directory does not know this agency",
)
AGENCY_ENTER = Text(
    vi="Sửa mã, hoặc nhập cơ quan bằng `gateway agency add`.",
    en="mend the code, or enter the agency with `gateway agency add`",
)
AGENCY_CODE = Text(
    vi="{name}: mã đang có hiệu lực là {code}", en="{name}: the code in force is {code}"
)
AGENCY_CODE_WRITE = Text(vi="Ghi mã đó vào cấu hình.", en="write that code")
FOLDER_MISSING = Text(
    vi="{name}: không có thư mục {folder}", en="{name}: there is no folder {folder}"
)
FOLDER_MAKE = Text(
    vi="Gắn hoặc tạo thư mục dùng chung giữa phần mềm và nút.",
    en="mount or make the folder that the office shares with the node",
)


def listen(config: Config, now: datetime) -> Iterator[Diagnosis]:
    """Look at the addresses that the node listens on."""
    http = config.http
    networks(http.trusted_proxies, key="trusted_proxies")
    networks(http.metrics_from, key="metrics_from")
    scheme = "http" if listening.check_listen(config, http.host) is None else "https"
    yield _port(config, f"{scheme}://{http.host}:{http.port}", http.port)
    if check_peers(config) is not None:
        yield _port(config, f"https://{http.host}:{http.peer_port}", http.peer_port)


def _port(config: Config, address: str, port: int) -> Diagnosis:
    """Try to have a port; one that this node holds while it serves is in order."""
    try:
        for each in listening.listen(config.http.host, port):
            each.close()
    except Misconfigured as error:
        served = is_served(config)
        if served:
            said = LISTEN_SERVED.filled(address=address)
            return Diagnosis(check="listen", result=OK, said=said)
        if served is None:
            said = LISTEN_SHARED.filled(address=address)
            return Diagnosis(check="listen", result=WARNING, said=said, remedy=LISTEN_OTHER)
        said = LISTEN_TAKEN.filled(address=address, fault=error.message)
        return Diagnosis(check="listen", result=WRONG, said=said, remedy=LISTEN_OTHER)
    if is_served(config):
        here = noted_address(config) or "?"
        said = LISTEN_ELSEWHERE.filled(here=here, address=address)
        return Diagnosis(check="listen", result=OK, said=said)
    return Diagnosis(check="listen", result=OK, said=LISTEN_FREE.filled(address=address))


def connections(config: Config, now: datetime) -> Iterator[Diagnosis]:
    """Build each adapter alone, so that all that are wrong are named and not the first only."""
    alone: list[tuple[str, tuple[Office, ...], tuple[Axis, ...]]] = [
        *((f"[[office]] {each.agency}", (each,), ()) for each in config.office),
        *((f"[[axis]] {each.name}", (), (each,)) for each in config.axis),
    ]
    faults = 0
    for name, office, axis in alone:
        try:
            asyncio.run(_connect(msgspec.structs.replace(config, office=office, axis=axis)))
        except (GatewayError, OSError) as error:
            faults += 1
            yield Diagnosis(
                check="connections",
                result=WRONG,
                said=CONNECTION_FAULT.filled(name=name, fault=error),
                remedy=REMEDIES["connections"],
            )
    if not faults:
        said = CONNECTIONS.filled(offices=len(config.office), axes=len(config.axis))
        yield Diagnosis(check="connections", result=OK, said=said)


async def _connect(config: Config) -> None:
    async with AsyncExitStack() as stack:
        await connect(config, SystemClock(), stack)


def offices(config: Config, now: datetime) -> Iterator[Diagnosis]:
    """Look at what stands in the configuration about agencies."""
    directory = asyncio.run(_directory(config))
    faults = [fault for each in config.office for fault in _office(config, each, directory)]
    faults += [fault for each in config.peer for fault in _peer(each, directory)]
    yield from faults
    if not faults:
        said = OFFICES.filled(count=len(config.office))
        yield Diagnosis(check="offices", result=OK, said=said)


def _office(config: Config, office: Office, directory: Directory) -> Iterator[Diagnosis]:
    name, agency = f"[[office]] {office.agency}", directory.find(office.agency)
    warn = partial(Diagnosis, check="offices", result=WARNING)
    if agency is None:
        yield warn(said=AGENCY_UNKNOWN.filled(name=name), remedy=AGENCY_ENTER)
    elif agency.code != office.agency:
        # Ways are looked up by the code in force: an entry under another one is never used.
        said = AGENCY_CODE.filled(name=name, code=agency.code)
        yield warn(said=said, remedy=AGENCY_CODE_WRITE)
    if office.folder and not config.path(office.folder).is_dir():
        yield warn(
            said=FOLDER_MISSING.filled(name=name, folder=config.path(office.folder)),
            remedy=FOLDER_MAKE,
        )


def _peer(peer: Peer, directory: Directory) -> Iterator[Diagnosis]:
    """Say of a peer that nobody has a credential of: a certificate is asked of no one."""
    if directory.find(code_of_peer(peer.agency)) is None:
        yield Diagnosis(
            check="offices",
            result=WARNING,
            said=AGENCY_UNKNOWN.filled(name=f"[[peer]] {peer.agency}"),
            remedy=AGENCY_ENTER,
        )


async def _directory(config: Config) -> Directory:
    async with open_rooms(config) as gateway:
        return await asyncio.to_thread(gateway.directory)
