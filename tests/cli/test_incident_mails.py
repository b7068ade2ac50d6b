"""Mails about an incident from a node of several processes, told by a command beside it."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.commands import a_node, answer, serving
from tests.mailboxes import Mailboxes, mailboxes

_TO = [f"vanthu{n}@example.gov.vn" for n in range(5)]


@pytest.fixture
def boxes() -> Iterator[Mailboxes]:
    """A mail server on a loop of its own."""
    ready, done, running = threading.Event(), asyncio.Event(), list[Mailboxes]()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        async with mailboxes() as opened:
            running.append(opened)
            ready.set()
            await done.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    assert ready.wait(10)
    yield running[0]
    loop.call_soon_threadsafe(done.set)
    thread.join()
    loop.close()


@pytest.fixture
def node(tmp_path: Path, boxes: Mailboxes) -> list[str]:
    """Return the option that names a node that writes to five addresses."""
    named = a_node(tmp_path / "node")
    file = tmp_path / "node" / "gateway.toml"
    text = file.read_text("utf-8")
    for key, value in (
        ("smtp_host", '"127.0.0.1"'),
        ("smtp_port", str(boxes.port)),
        ("smtp_tls", '"none"'),
        ("smtp_from", '"lienthong@example.gov.vn"'),
        ("to", str(_TO).replace("'", '"')),
    ):
        lines = [
            f"{key} = {value}" if line.startswith(f"{key} = ") else line
            for line in text.splitlines()
        ]
        text = "\n".join(lines) + "\n"
    file.write_text(text, "utf-8")
    return named


def sent(node: list[str], number: object) -> set[str]:
    """Return who was written to by now."""
    mails = answer("incident", "mails", str(number), *node)
    return {each["recipient"] for each in mails if each["state"] == "sent"}


def until_sent(node: list[str], number: object) -> None:
    """Wait until everybody was written to."""
    for _ in range(100):
        if sent(node, number) == set(_TO):
            return
    raise AssertionError("not everybody was written to")


def test_a_node_of_two_processes_writes_once_to_each(node: list[str], boxes: Mailboxes) -> None:
    """Told by a command beside the node; the node hears of it and sends at once."""
    with serving("--port", "0", "--processes", "2", *node):
        number = answer("incident", "open", "Mất điện phòng máy", *node)["id"]
        until_sent(node, number)

    assert sorted(each.recipients[0] for each in boxes.posts) == _TO


def test_what_was_told_while_the_node_was_down_is_sent_when_it_is_up(
    node: list[str], boxes: Mailboxes
) -> None:
    """Killed in the middle of sending, too: whoever has the mail may get it a second time alone."""
    number = answer("incident", "open", "Mất điện phòng máy", *node)["id"]
    with serving("--port", "0", "--processes", "1", *node) as started:
        boxes.before_answer = started.process.kill
        started.process.wait(timeout=20)
    boxes.before_answer = lambda: None
    with serving("--port", "0", "--processes", "1", *node):
        until_sent(node, number)

    written = [each.recipients[0] for each in boxes.posts]
    assert (set(written), len(written)) == (set(_TO), len(_TO) + 1)
    twice = [
        each.message["Message-ID"] for each in boxes.posts if written.count(each.recipients[0]) > 1
    ]
    assert len(set(map(str, twice))) == 1
