"""`gateway serve --processes`: several processes are one node."""

import json
import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bench.papers import FORM, a_pdf, form, metadata
from bench.sites import Site, make_site
from tests.cli.commands import Started, answer, serving

SENDER = "H13.01"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Return a node with six agencies."""
    return make_site(tmp_path / "node")


def options(site: Site) -> list[str]:
    """Return what starts it as three processes."""
    return ["--port", "0", "--processes", "3", "--config", str(site.config_file)]


def ask(url: str, token: str, body: bytes | None = None) -> tuple[int, bytes]:
    """Ask over a connection of its own, so that any process may answer."""
    headers = {"Authorization": f"Bearer {token}", "Connection": "close"}
    if body is not None:
        headers["Content-Type"] = FORM
    request = urllib.request.Request(url, data=body, headers=headers)  # noqa: S310 - http
    try:
        with urllib.request.urlopen(request, timeout=20) as answered:  # noqa: S310 - http
            return answered.status, answered.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def submit(started: Started, site: Site, *to: str) -> dict[str, object]:
    """Post a document; return what was answered."""
    raw = metadata(to=to or ("H13.02",), subject="Về việc phối hợp")
    body = form(raw, [("cong-van.pdf", a_pdf(2000))])
    status, text = ask(f"{started.url}/api/v1/documents", site.tokens[SENDER], body)
    assert status == 201, text
    answered: dict[str, object] = json.loads(text)
    return answered


def is_alive(process: int) -> bool:
    """Whether *process* runs; one that nobody has buried yet does not."""
    try:
        status = Path(f"/proc/{process}/stat").read_text("utf-8")
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def nursery(started: Started) -> int:
    """Return the child that forks workers."""
    [found] = [each for each in started.children() if each not in serving_ones(started)]
    return found


def serving_ones(started: Started) -> list[int]:
    """Return the children that serve: they are forked, so that they bear the same command."""
    command = command_of(started.process.pid)
    return [each for each in started.children() if command_of(each) == command]


def command_of(process: int) -> bytes:
    """Return the command of *process*, nothing of one that has ended."""
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def living(started: Started) -> list[int]:
    """Return the children that serve and run."""
    return [each for each in serving_ones(started) if is_alive(each)]


def until(holds: Callable[[], bool]) -> None:
    """Wait until something *holds*, ten seconds at most."""
    give_up = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < give_up
        time.sleep(0.05)


def test_numbers_have_no_gap_whoever_gives_them(site: Site) -> None:
    """Forty documents over as many connections."""
    with serving(*options(site)) as started, ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(lambda _: submit(started, site)["code"], range(40)))

    year = str(codes[0]).split("/")[1]
    assert sorted(codes, key=lambda code: int(str(code).rsplit("/", 1)[1])) == [
        f"{SENDER}/{year}/{n}" for n in range(1, 41)
    ]


def test_a_new_agency_is_known_to_all_at_once(site: Site) -> None:
    """Whichever process entered it."""
    with serving(*options(site)) as started:
        config = ["--config", str(site.config_file)]
        for n in range(10, 20):
            answer("agency", "add", f"Sở thứ {n}", "--code", f"H13.{n}", *config)
            for _ in range(3):
                submit(started, site, f"H13.{n}")


def test_a_revoked_token_is_refused_by_all_at_once(site: Site) -> None:
    """None of them remembers it."""
    with serving(*options(site)) as started:
        url = f"{started.url}/api/v1/documents"
        before = {ask(url, site.tokens[SENDER])[0] for _ in range(12)}
        (mine,) = (
            each
            for each in answer("client", "list", "--config", str(site.config_file))
            if each["agency"] == SENDER
        )
        answer("client", "revoke", mine["id"], "--config", str(site.config_file))
        after = {ask(url, site.tokens[SENDER])[0] for _ in range(12)}

    assert (before, after) == ({200}, {401})


def test_what_all_counted_is_one_figure(site: Site) -> None:
    """Whoever is asked for the metrics."""
    with serving(*options(site)) as started:
        for _ in range(12):
            submit(started, site)
        texts = [ask(f"{started.url}/metrics", "none")[1].decode() for _ in range(6)]

    assert all('gateway_submissions_total{outcome="accepted"} 12.0' in text for text in texts)


def test_a_process_that_dies_is_started_again(site: Site) -> None:
    """Also the one with the duties; the others go on meanwhile."""
    with serving(*options(site)) as started:
        before = serving_ones(started)
        for each in before:
            os.kill(each, signal.SIGKILL)
            until(lambda each=each: each not in living(started))  # type: ignore[misc]
            until(lambda: len(living(started)) == len(before))
        submitted = submit(started, site)

        assert (set(before) & set(started.children()), submitted["state"]) == (set(), "accepted")


def test_workers_come_of_another_nursery_when_theirs_died(site: Site) -> None:
    """The node goes on, and files that need a worker are taken as before."""
    with serving(*options(site)) as started:
        os.kill(nursery(started), signal.SIGKILL)
        risky = a_pdf(2000).replace(b"%PDF-1.4", b"%PDF-1.5").replace(b"%%EOF", b"%%EOF\n%/JS \n")
        raw = metadata(to=("H13.02",), subject="Về việc phối hợp")
        body = form(raw, [("cong-van.pdf", risky)])
        answers = [ask(f"{started.url}/api/v1/documents", site.tokens[SENDER], body)[0]]
        answers += [ask(f"{started.url}/readyz", "none")[0] for _ in range(6)]

    assert answers == [201] + [200] * 6


def test_all_die_with_the_first(site: Site) -> None:
    """Nobody serves on without it, and the node can be started again at once."""
    with serving(*options(site)) as started:
        children = started.children()
        started.process.kill()
        started.process.wait()
        with serving(*options(site)) as again:
            submitted = submit(again, site)

    assert submitted["code"]
    assert not [each for each in children if is_alive(each)]


def test_they_stop_together(site: Site) -> None:
    """SIGTERM to the first ends all of them, in time and in peace."""
    with serving(*options(site)) as started:
        children = started.children()
        started.process.terminate()
        code = started.process.wait(timeout=10)

    assert (code, [each for each in children if is_alive(each)]) == (0, [])
