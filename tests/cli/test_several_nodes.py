"""Two nodes over one PostgreSQL database and one bucket: what one takes in the other gives out."""

import hashlib
import itertools
import json
import shutil
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bench.papers import FORM, form, metadata
from bench.sites import Site, make_site
from tests.buckets import BUCKET, KEY, SECRET, BucketServer, bucket_server
from tests.cli.commands import Started, run, serving
from tests.postgres import Server, programs, server

SENDER, RECIPIENT = "H13.01", "H13.02"
SETTINGS = """
[http]
port = 0
[storage]
minimum_free_mb = 0
database = "{database}"
documents = "s3://{bucket}/nut/h13"
cache_mb = 0
s3_endpoint = "{endpoint}"
s3_key_file = "../s3.key"
s3_secret_file = "../s3.secret"
"""


@pytest.fixture(name="postgres", scope="module")
def _postgres() -> Iterator[Server]:
    """A PostgreSQL server."""
    if programs() is None:
        pytest.skip("no PostgreSQL here: its programs were not found")
    with server() as running:
        yield running


@pytest.fixture(name="bucket")
def _bucket(tmp_path: Path) -> Iterator[BucketServer]:
    """A server with an empty bucket."""
    with bucket_server("nanio", tmp_path / "bucket") as running:
        yield running


@pytest.fixture(name="site")
def _site(tmp_path: Path, postgres: Server, bucket: BucketServer) -> Site:
    """A node over both, on one machine."""
    (tmp_path / "s3.key").write_text(KEY, "utf-8")
    (tmp_path / "s3.secret").write_text(SECRET, "utf-8")
    settings = SETTINGS.format(
        database=postgres.database(), bucket=BUCKET, endpoint=bucket.endpoint
    )
    return make_site(tmp_path / "one", settings=settings)


def another(site: Site, name: str = "two") -> Site:
    """Return the same node on another machine: settings and keys, nothing else."""
    folder = site.folder.with_name(name)
    shutil.copytree(site.folder, folder, ignore=shutil.ignore_patterns("data"))
    return Site(folder=folder, tokens=site.tokens, documents=folder / "none")


def ask(url: str, token: str, body: bytes | None = None) -> tuple[int, bytes]:
    """Ask; return status and body, 0 when nobody answers."""
    headers = {"Authorization": f"Bearer {token}", "Connection": "close"}
    if body is not None:
        headers["Content-Type"] = FORM
    request = urllib.request.Request(url, data=body, headers=headers)  # noqa: S310 - http
    try:
        with urllib.request.urlopen(request, timeout=30) as answered:  # noqa: S310 - http
            return answered.status, answered.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except OSError:
        return 0, b""


def text_of(n: int) -> bytes:
    """Return the *n*-th text; no two are alike."""
    return f"Kính gửi: Sở Tài chính. Văn bản thứ {n}.\n".encode() * (1 + n % 50)


@dataclass(slots=True)
class Load:
    """Offices that submit to nodes in turn until they have sent enough, in threads of their own."""

    urls: list[str]
    token: str
    accepted: dict[str, str] = field(default_factory=dict)  #: digest of the text, by code
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def submit(self, count: int) -> None:
        """Submit *count* documents; who is not answered, or told to come again, goes on."""
        for _ in range(count):
            n = next(self._numbers)
            text = text_of(n)
            body = form(metadata(to=(RECIPIENT,), subject=f"Văn bản {n}"), [("a.txt", text)])
            url = self.urls[n % len(self.urls)]
            status, answer = ask(f"{url}/api/v1/documents", self.token, body)
            if status == 201:
                self.accepted[json.loads(answer)["code"]] = hashlib.sha256(text).hexdigest()


def listed(url: str, token: str) -> list[dict[str, object]]:
    """Return all documents that an office sees."""
    found: list[dict[str, object]] = []
    after = ""
    while True:
        status, answer = ask(f"{url}/api/v1/documents?limit=200{after}", token)
        assert status == 200, answer
        page = json.loads(answer)
        found += page["items"]
        if page["next"] is None:
            return found
        after = f"&after={page['next']}"


def started(stack: ExitStack, site: Site, *more: str) -> Started:
    """Start a node."""
    return stack.enter_context(serving("--config", str(site.config_file), "--port", "0", *more))


def test_what_one_takes_the_other_gives(site: Site) -> None:
    """The very bytes, at once."""
    with ExitStack() as stack:
        one = started(stack, site, "--processes", "1")
        two = started(stack, another(site), "--processes", "2")
        body = form(metadata(to=(RECIPIENT,), subject="Về việc"), [("a.txt", text_of(7))])
        _, answer = ask(f"{one.url}/api/v1/documents", site.tokens[SENDER], body)
        shown = json.loads(answer)

        path = f"/api/v1/documents/{shown['id']}/attachments/1"
        found = ask(two.url + path, site.tokens[RECIPIENT])

    assert found == (200, text_of(7))


def test_a_node_that_dies_under_load_loses_nothing(site: Site) -> None:
    """Numbers without gaps, every document with its bytes, the record intact."""
    with ExitStack() as stack:
        one = started(stack, site, "--processes", "1")
        two = started(stack, another(site), "--processes", "2")
        load = Load(urls=[one.url, two.url], token=site.tokens[SENDER])
        offices = [threading.Thread(target=load.submit, args=(15,)) for _ in range(4)]
        for each in offices:
            each.start()
        while len(load.accepted) < 12 and any(each.is_alive() for each in offices):
            offices[0].join(timeout=0.05)
        two.process.kill()
        for each in offices:
            each.join()
        again = started(stack, another(site, "three"), "--processes", "1")
        documents = listed(again.url, site.tokens[RECIPIENT])
        bytes_of = {
            str(each["code"]): ask(
                f"{again.url}/api/v1/documents/{each['id']}/attachments/1", site.tokens[RECIPIENT]
            )[1]
            for each in documents
        }

    digests = {code: hashlib.sha256(found).hexdigest() for code, found in bytes_of.items()}
    numbers = sorted(int(code.rpartition("/")[2]) for code in digests)
    assert numbers == list(range(1, len(numbers) + 1))
    assert load.accepted.items() <= digests.items()
    assert set(digests.values()) <= {hashlib.sha256(text_of(n)).hexdigest() for n in range(60)}
    assert run("audit", "verify", "--config", str(site.config_file)).exit_code == 0
