"""A restore rehearsed: copied under load, killed, brought back elsewhere, and no code comes twice."""

import asyncio
import json
import random
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bench.processes import Program, free_port, running
from bench.sites import Site, make_site
from gateway.storage.copied_files import blobs
from tests.long import ledger
from tests.long.api import Api, an_api
from tests.long.conftest import Tell
from tests.long.senders import Sender, Submission

SENDERS, RECIPIENTS = ("H13.01", "H13.05", "H13.06"), ("H13.02", "H13.03")
_BEFORE_S, _AFTER_S = 3.0, 2.0
_COMMAND_S = 120.0


async def gateway(*arguments: str) -> str:
    """Run a command beside the node; return what it prints."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway", *arguments), stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(_COMMAND_S):
        printed, _ = await process.communicate()
    assert process.returncode == 0, (arguments, printed.decode())
    return printed.decode()


@asynccontextmanager
async def serving(site: Site) -> AsyncIterator[Program]:
    """Run the node of *site*."""
    port = free_port()
    where = ("--host", "127.0.0.1", "--port", str(port), "--processes", "1")
    arguments = ("-m", "gateway", "serve", "--config", str(site.config_file), *where)
    async with running(arguments, port=port, log=site.folder / "node.log") as program:
        yield program


@asynccontextmanager
async def offices(api: Api, *, seed: int) -> AsyncIterator[list[Sender]]:
    """Let offices send for as long as this lasts; what is under way in the end is given up."""
    senders = [
        Sender(
            api=api,
            agency=agency,
            recipients=RECIPIENTS,
            chance=random.Random(seed + n),  # noqa: S311 - no secret
            stopping=asyncio.Event(),
            pause_s=0.01,
        )
        for n, agency in enumerate(SENDERS)
    ]
    working = [asyncio.create_task(each.run()) for each in senders]
    try:
        yield senders
    finally:
        for each in working:
            each.cancel()
        await asyncio.wait(working)


def answered(senders: Sequence[Sender]) -> dict[str, Submission]:
    """Return what was numbered, by its code."""
    return {each.code: each for sender in senders for each in sender.submissions if each.code}


def highest(codes: Sequence[str]) -> list[str]:
    """Return the highest of *codes* in each series."""
    series: dict[str, int] = defaultdict(int)
    for code in codes:
        head, _, number = code.rpartition("/")
        series[head] = max(series[head], int(number))
    return [f"{head}/{number}" for head, number in series.items()]


def content(folder: Path) -> dict[str, bytes]:
    """Return every file of a document that the database in *folder* refers to."""
    data = folder / "data"
    return {key: (data / "documents" / key).read_bytes() for key, _ in blobs(data / "gateway.db")}


@pytest.mark.parametrize("kind", ["plain", "encrypted"])
async def test_a_node_that_was_killed_comes_back_from_a_chosen_backup(
    tmp_path: Path, tell: Tell, kind: str
) -> None:
    """Every document of the backup byte for byte, an intact record, and no code given twice."""
    old, new = tmp_path / "old", tmp_path / "new"
    settings = "[storage]\nminimum_free_mb = 0\n"
    key: list[str] = []
    if kind == "encrypted":
        key = ["--key", str(tmp_path / "key")]
        made = await gateway("backup", "new-key", key[1])
        settings += made.replace("[backup] ", "[backup]\n")
    site = await asyncio.to_thread(make_site, old, settings=settings)
    before, given, copied = await _work_and_die(site, tmp_path / "backups", tell)

    await gateway("restore", copied, *key, "--config", str(new / "gateway.toml"))
    here = ("--config", str(new / "gateway.toml"))
    await gateway("audit", "verify", *here)
    restored, original = await asyncio.to_thread(lambda: (content(new), content(old)))
    assert restored
    assert restored == {each: original[each] for each in restored}
    tell(f"{kind}: files brought back, all the same", len(restored))

    known = [word for code in highest(list(given)) for word in ("--highest", code)]
    lost = json.loads(await gateway("restore", "--resume", "--format", "json", *known, *here))
    tell(f"{kind}: numbers left out and recorded as lost", sum(_width(each) for each in lost))
    there = Site(folder=new, tokens=site.tokens, documents=new / "data" / "documents")
    await _goes_on(there, before, given, tell, kind)
    await gateway("audit", "verify", *here)


async def _work_and_die(
    site: Site, backups: Path, tell: Tell
) -> tuple[dict[str, Submission], dict[str, Submission], str]:
    """Work, copy under load twice, and be killed.

    Returns what was numbered before the first copy began, all that was, and that copy.
    """
    async with (
        serving(site) as node,
        an_api(site, node.port) as api,
        offices(api, seed=1) as senders,
    ):
        await asyncio.sleep(_BEFORE_S)
        before = answered(senders)
        where = ("--to", str(backups), "--config", str(site.config_file))
        first = await gateway("backup", "--format", "json", *where)
        await asyncio.sleep(_AFTER_S)
        await gateway("backup", *where)
        await asyncio.sleep(_AFTER_S)
        node.process.kill()
        await node.process.wait()
        given = answered(senders)
    assert before
    assert len(given) > len(before)
    tell("numbered before the copy, and before the end", (len(before), len(given)))
    return before, given, str(json.loads(first)["folder"])


async def _goes_on(
    site: Site,
    before: dict[str, Submission],
    given: dict[str, Submission],
    tell: Tell,
    kind: str,
) -> None:
    """Check that the restored node has what it must, and gives no code that was given."""
    async with serving(site) as node, an_api(site, node.port) as api:
        there = {each["code"]: each for each in await ledger.all_documents(api)}
        for code, submission in before.items():
            assert there[code]["id"] == submission.id
            path = f"/documents/{submission.id}/attachments/1"
            assert (await api.call("GET", path, who=submission.sender)).body == submission.paper
        async with offices(api, seed=100) as senders:
            await asyncio.sleep(_AFTER_S)
        anew = answered(senders)
        assert anew
        assert not set(anew) & set(given)
        tell(f"{kind}: codes given anew, none that was given before", len(anew))
        tell(f"{kind}: audit records, chain recomputed", await ledger.audit_chain_holds(api))


def _width(lost: Any) -> int:  # noqa: ANN401 - JSON
    return int(lost["last"]) - int(lost["first"]) + 1
