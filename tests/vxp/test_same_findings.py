"""Every accepted message and file has the same findings at every door and in the check."""

import asyncio
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.nodes import OFFICE, Node, serving
from tests.samples.corpus import PASSING, TOLD, WARNED
from tests.samples.edxml_corpus import DOCUMENTS
from tests.vxp.conftest import credential
from tests.vxp.sdk import Sdk

IDENTIFIER = b"2026/11/20,7816/"
#: Told of the moment and of other documents, not of the message: the sixth in a row is a duplicate.
PASSING_BY = frozenset({"meta-late-sending", "meta-duplicate"})
#: Files that pass, with what is said of them.
SAMPLES = {
    **PASSING,
    **{name: made for name, (_, made) in [*WARNED.items(), *TOLD.items()]},
}
Found = Mapping[str, list[dict[str, str]]]


def messages(door: int) -> dict[str, bytes]:
    """Return every form of the document, each as a document of its own for each *door*."""
    return {
        name: message.replace(IDENTIFIER, f"2026/11/20,{door}{n:03}/".encode()).replace(
            b"000.00.12.G22", b"H13"
        )
        for n, (name, message) in enumerate(DOCUMENTS.items())
    }


async def submitted(node: Node) -> None:
    """Send all by the REST API."""
    headers = {"Content-Type": "application/xml"}
    for name, message in messages(1).items():
        answer = await node.post("/api/v1/documents", who=OFFICE, headers=headers, data=message)
        assert answer.status == 201, (name, answer.body)


async def sent(node: Node) -> None:
    """Send all as the SDK does."""
    given = await credential(node, OFFICE)
    sdk = Sdk(url=f"{node.url}/vxp", systemid=given.client.systemid, secret=given.secret)
    for name, message in messages(2).items():
        answer = (await sdk.send(message, {"from": OFFICE})).json()
        assert answer["status"] == "OK", (name, answer)


async def dropped(node: Node, folder: Path) -> None:
    """Put all into the folder of the office and wait until they are taken."""
    out = folder / "shared" / "out"
    out.mkdir(parents=True, exist_ok=True)
    for n, message in enumerate(messages(3).values()):
        (folder / "shared" / "part").write_bytes(message)
        (folder / "shared" / "part").rename(out / f"{n:03}.edxml")
    async with asyncio.timeout(60):
        while len(await known(node, door=3)) < len(DOCUMENTS):
            assert not list(out.glob("*.refused.json"))
            await asyncio.sleep(0.2)


async def known(node: Node, *, door: int) -> Found:
    """Return what the node says of the documents that came by *door*."""
    path = "/api/v1/documents?box=out&limit=500"
    items = (await node.get(path, who=OFFICE)).json()["items"]
    names = list(DOCUMENTS)
    found = {}
    for item in items:
        came = re.search(rf"2026/11/20,{door}(\d{{3}})/", item["document_id"])
        if came is not None:
            found[names[int(came[1])]] = of_message(item["findings"])
    return found


def of_message(findings: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return those of *findings* that the message itself gives rise to."""
    return [each for each in findings if each["code"] not in PASSING_BY]


async def attached(node: Node) -> Found:
    """Submit every sample as the only file of a document; return what is said of it."""
    found = {}
    for name, made in SAMPLES.items():
        answer = await node.submit((name, made()))
        assert answer.status == 201, (name, answer.body)
        said = answer.json()["findings"]
        found[name] = [each for each in said if each["pointer"].startswith("/attachments")]
    return found


def checked(folder: Path, contents: Mapping[str, bytes], *, named: str = "") -> Found:
    """Return what `gateway check` says with the configuration of the node in *folder*.

    The files are called as *contents* say, or *named* after their number.
    """
    files = {}
    for n, (name, content) in enumerate(contents.items()):
        file = folder / str(n) / (named or name)
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(content)
        files[str(file)] = name
    command = [sys.executable, "-m", "gateway", "check", "--format", "json"]
    done = subprocess.run(  # noqa: S603 - the command is ours
        [*command, "--config", str(folder / "gateway.toml"), *files],
        capture_output=True,
        check=False,
        timeout=120,
    )
    said = map(json.loads, done.stdout.splitlines())
    return {files[each["file"]]: of_message(each["findings"]) for each in said}


@pytest.fixture(name="told", scope="module")
def _told(founded_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Found]:
    """Send all by every door of one node, and check them afterwards."""
    folder = Path(shutil.copytree(founded_folder, tmp_path_factory.mktemp("doors") / "node"))
    office = {"agency": OFFICE, "delivery": "folder", "folder": "shared"}

    async def by_every_door() -> dict[str, Found]:
        async with serving(folder, office=[office]) as node:
            await submitted(node)
            await sent(node)
            await dropped(node, folder)
            doors = ("rest", "vxp", "folder")
            told = {each: await known(node, door=n) for n, each in enumerate(doors, start=1)}
            return told | {"attached": await attached(node)}

    told = asyncio.run(by_every_door())
    settings = '[node]\ncode = "H13"\nname = "UBND tỉnh"\n[storage]\nminimum_free_mb = 0\n'
    (folder / "gateway.toml").write_text(settings, "utf-8")
    samples = {name: made() for name, made in SAMPLES.items()}
    return told | {
        "check": checked(folder, messages(4), named="m.edxml"),
        "file": checked(folder, samples),
    }


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_door_and_the_check_say_the_same(told: Mapping[str, Found], name: str) -> None:
    """To the letter, pointers included, of a message that is accepted."""
    assert told["rest"][name] == told["vxp"][name] == told["folder"][name] == told["check"][name]


@pytest.mark.parametrize("name", SAMPLES)
def test_a_file_is_judged_alone_as_it_is_attached(told: Mapping[str, Found], name: str) -> None:
    """To the letter, with its only attachment as the place."""
    assert told["attached"][name] == told["file"][name]
