"""`gateway serve --processes`: several processes are one node."""

import json
import os
import re
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.client import HTTPConnection
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


@pytest.fixture(name="shared", scope="module")
def _shared(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Return a node for the tests that end none of its processes."""
    return make_site(tmp_path_factory.mktemp("shared") / "node")


@pytest.fixture(name="started", scope="module")
def _started(shared: Site) -> Iterator[Started]:
    """Run it."""
    with serving(*options(shared)) as started:
        yield started


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


def test_numbers_have_no_gap_whoever_gives_them(started: Started, shared: Site) -> None:
    """Forty documents over as many connections."""
    with ThreadPoolExecutor(8) as pool:
        codes = [
            str(each["code"]) for each in pool.map(lambda _: submit(started, shared), range(40))
        ]

    numbers = sorted(int(code.rsplit("/", 1)[1]) for code in codes)
    assert {code.rsplit("/", 1)[0] for code in codes} == {codes[0].rsplit("/", 1)[0]}
    assert numbers == list(range(numbers[0], numbers[0] + 40))


def test_a_new_agency_is_known_to_all_at_once(started: Started, shared: Site) -> None:
    """Whichever process entered it."""
    config = ["--config", str(shared.config_file)]
    for n in range(10, 20):
        answer("agency", "add", f"Sở thứ {n}", "--code", f"H13.{n}", *config)
        for _ in range(3):
            submit(started, shared, f"H13.{n}")


def test_a_revoked_token_is_refused_by_all_at_once(started: Started, shared: Site) -> None:
    """None of them remembers it."""
    url, config = f"{started.url}/api/v1/documents", ["--config", str(shared.config_file)]
    given = answer("client", "add", SENDER, "--name", "Phần mềm khác", *config)
    before = {ask(url, given["token"])[0] for _ in range(12)}
    answer("client", "revoke", given["id"], *config)
    after = {ask(url, given["token"])[0] for _ in range(12)}

    assert (before, after) == ({200}, {401})


def accepted(started: Started) -> set[float]:
    """Return the figures of accepted documents that six answers tell."""
    texts = [ask(f"{started.url}/metrics", "none")[1].decode() for _ in range(6)]
    counted = re.compile(r'^gateway_submissions_total\{outcome="accepted"\} (.*)$', re.MULTILINE)
    return {sum(map(float, counted.findall(text))) for text in texts}


def test_what_all_counted_is_one_figure(started: Started, shared: Site) -> None:
    """Whoever is asked for the metrics."""
    submit(started, shared)
    [before] = accepted(started)
    for _ in range(12):
        submit(started, shared)

    assert accepted(started) == {before + 12}


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


def sockets_of(process: int) -> int:
    """Return how many sockets *process* has open."""
    places = Path(f"/proc/{process}/fd").iterdir()
    return sum(str(place.readlink()).startswith("socket:") for place in places)


def test_connections_that_stay_are_spread(site: Site) -> None:
    """Of thirty that come at once none of three processes is left with a few."""
    with serving(*options(site)) as started, ExitStack() as stack:
        host, port = started.url.removeprefix("http://").split(":")
        before = {child: sockets_of(child) for child in living(started)}
        for _ in range(30):
            connection = HTTPConnection(host, int(port), timeout=20)
            stack.callback(connection.close)
            connection.connect()
            connection.request("GET", "/healthz")
            connection.getresponse().read()
        taken = [sockets_of(child) - known for child, known in before.items()]

    assert sum(taken) == 30
    assert min(taken) >= 8
