"""The disk is full, for files, for the database, for the log: refused for now, nothing half kept."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bench.papers import FORM, XML, a_pdf, form, message, metadata
from bench.processes import Program, free_port, running
from bench.sites import Site, make_site
from tests.long import ledger
from tests.long.api import Answer, Api, an_api
from tests.long.conftest import Tell
from tests.long.disks import a_small_disk, files_limited
from tests.long.senders import Submission

SENDER, RECIPIENT, FOLDER = "H13.01", "H13.02", "H13.04"
#: Messages that are refused, each with a line in the log: more than its last page could take.
BROKEN = 120
_SETTINGS = """
[storage]
documents = "file:documents"
minimum_free_mb = 0
[relay]
poll_s = 0.1
"""


@dataclass(slots=True, kw_only=True)
class Stage:
    """A node that runs, and what was posted to it."""

    site: Site
    program: Program
    api: Api
    submissions: list[Submission] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)

    async def post(self, size: int = 50_000) -> Answer:
        """Post a document of *size* bytes, as a form and as a message by turns."""
        paper, n = a_pdf(size), len(self.submissions)
        if n % 2:
            media_type, body = FORM, _form(paper)
        else:
            media_type, body = XML, _message(paper, f"so-{n}")
        submission = Submission(
            sender=SENDER,
            to=(RECIPIENT,),
            body=body,
            media_type=media_type,
            paper=paper,
            is_repeated=False,
        )
        self.submissions.append(submission)
        headers = {"Content-Type": media_type}
        answer = await self.api.once("POST", "/documents", who=SENDER, body=body, headers=headers)
        assert answer is not None, "the connection broke"
        submission.answers.append(answer.status)
        self.answers[answer.status] += 1
        if answer.status == 201:
            submission.id, submission.code = answer.json["id"], answer.json["code"]
        return answer

    async def check(self, tell: Tell) -> None:
        """Look at what is there: all that was taken, nothing of what was not."""
        documents = await ledger.all_documents(self.api)
        taken = ledger.each_is_there_once(documents, self.submissions)
        assert taken == len(documents) == self.answers[201]
        await ledger.bytes_are_the_same(self.api, documents, self.submissions)
        tell("answers by status", dict(sorted(self.answers.items())))
        tell("codes 1 to n, no gap, no double", ledger.codes_have_no_gap(documents))
        tell("files on disk, none orphaned", ledger.no_file_is_orphaned(self.site))
        tell("audit records, chain recomputed", await ledger.audit_chain_holds(self.api))
        ledger.database_is_sound(self.site)


def _form(paper: bytes) -> bytes:
    return form(metadata(to=[RECIPIENT], subject="Về việc họp"), [("a.pdf", paper)])


def _message(paper: bytes, document_id: str) -> bytes:
    return message(
        sender=SENDER,
        to=[RECIPIENT],
        document_id=document_id,
        subject="Về việc họp",
        files=[paper],
    )


@asynccontextmanager
async def a_stage(folder: Path, *, log: Path, more: str = "") -> AsyncIterator[Stage]:
    """Run the node of *folder*, whose log goes to *log*."""
    site = await asyncio.to_thread(
        make_site, folder, settings=_SETTINGS + more, documents="documents"
    )
    port = free_port()
    arguments = ["-m", "gateway", "serve", "--config", str(site.config_file), "--port", str(port)]
    async with (
        running(arguments, port=port, log=log) as program,
        an_api(site, port) as api,
    ):
        yield Stage(site=site, program=program, api=api)


def _is_refused_for_now(answer: Answer) -> bool:
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert int(answer.headers["Retry-After"]) >= 1
    return answer.status == 503


@pytest.mark.parametrize("place", ["documents", "data"])
async def test_a_full_disk_refuses_for_now_and_keeps_nothing_half(
    place: str, tmp_path: Path, tell: Tell
) -> None:
    """Post until the disk of files, or of the database, is full; make room; post again."""
    node = tmp_path / "node"
    async with AsyncExitStack() as stack:
        disk = await stack.enter_async_context(a_small_disk(node / place, 3))
        stage = await stack.enter_async_context(a_stage(node, log=tmp_path / "node.log"))
        while (await stage.post()).status == 201:
            assert len(stage.submissions) < 2000, "the disk does not fill"
        for _ in range(30):
            answer = await stage.post()
            assert answer.status == 201 or _is_refused_for_now(answer), answer.body
        page = await stage.api.once("GET", "/documents", who=SENDER)
        assert page is not None
        assert page.status == 200
        await disk.resize(64)
        for _ in range(20):
            assert (await stage.post()).status == 201
        await stage.check(tell)


async def test_a_limit_on_the_size_of_files_refuses_for_now(tmp_path: Path, tell: Tell) -> None:
    """No file of the node may grow, whether of documents, database or log; then it may again."""
    async with a_stage(tmp_path / "node", log=tmp_path / "node.log") as stage:
        for _ in range(10):
            assert (await stage.post()).status == 201
        for size in (20_000, 0, 60_000):
            with files_limited(stage.program.process.pid, size):
                for _ in range(10):
                    answer = await stage.post()
                    assert answer.status == 201 or _is_refused_for_now(answer), answer.body
            assert (await stage.post()).status == 201
        await stage.check(tell)


async def test_a_full_log_stops_nothing(tmp_path: Path, tell: Tell) -> None:
    """What makes the node log, a refused message of a folder, is done though no log is kept."""
    folder = tmp_path / "office"
    more = f'[[office]]\nagency = "{FOLDER}"\ndelivery = "folder"\nfolder = "{folder}"\n'
    async with AsyncExitStack() as stack:
        disk = await stack.enter_async_context(a_small_disk(tmp_path / "log", 1))
        stage = await stack.enter_async_context(
            a_stage(tmp_path / "node", log=disk.path / "node.log", more=more)
        )
        disk.fill()
        chance = random.Random(3)  # noqa: S311 - no secret
        for n in range(BROKEN):
            name = f"{n}.edxml"
            text = f"<broken{chance.random()}"
            await asyncio.to_thread(_drop, folder / "out", name, text)
        async with asyncio.timeout(30):
            while len(list(folder.glob("out/*.refused.json"))) < BROKEN:  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.1)
        for _ in range(10):
            assert (await stage.post()).status == 201
        await stage.check(tell)
        stage.program.process.terminate()
        async with asyncio.timeout(10):
            assert await stage.program.process.wait() == 0
        arguments = ["-m", "gateway", "serve", "--config", str(stage.site.config_file)]
        log = disk.path / "node.log"
        async with running(
            [*arguments, "--port", str(stage.api.port)], port=stage.api.port, log=log
        ):
            assert (await stage.post()).status == 201


def _drop(folder: Path, name: str, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f".{name}").write_text(text, "utf-8")
    (folder / f".{name}").rename(folder / name)
