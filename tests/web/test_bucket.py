"""A node whose documents are in a bucket: what offices see of it, also when the bucket fails."""

import asyncio
import hashlib
import shutil
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path

import aiohttp
import pytest

from gateway.domain.errors import Misconfigured
from tests.breaking import way_to
from tests.buckets import BUCKET, KEY, SECRET, BucketServer, bucket_server
from tests.nodes import OFFICE, OTHER, Answer, Node, a_form, a_metadata, serving

TEXT = "Kính gửi: Sở Tài chính\n".encode()


@pytest.fixture(name="bucket")
def _bucket(tmp_path: Path) -> Iterator[BucketServer]:
    """A server with an empty bucket."""
    with bucket_server("nanio", tmp_path / "server") as running:
        yield running


@pytest.fixture(name="folder")
def _folder(node_folder: Path) -> Path:
    """The folder of a node, with its key to the bucket."""
    (node_folder / "config" / "secrets" / "s3.key").write_text(KEY, "utf-8")
    (node_folder / "config" / "secrets" / "s3.secret").write_text(SECRET, "utf-8")
    return node_folder


def storage(bucket: BucketServer, **changes: object) -> dict[str, object]:
    """Return the settings of a node over *bucket*."""
    return {
        "minimum_free_mb": 0,
        "documents": f"s3://{BUCKET}/nut/h13",
        "cache_mb": 0,
        "s3_endpoint": bucket.endpoint,
        "s3_key_file": "config/secrets/s3.key",
        "s3_secret_file": "config/secrets/s3.secret",
        "s3_timeout_s": 1.0,
        **changes,
    }


async def attachment(node: Node, shown: Mapping[str, object], **headers: str) -> Answer:
    """Fetch the first attachment of a document as its recipient."""
    path = f"/api/v1/documents/{shown['id']}/attachments/1"
    return await node.get(path, who=OTHER, headers=headers)


async def test_a_document_comes_back_from_the_bucket(folder: Path, bucket: BucketServer) -> None:
    """Attachment and message, after a new start, byte for byte."""
    async with serving(folder, storage=storage(bucket)) as node:
        shown = (await node.submit(("cong-van.txt", TEXT))).json()
        message = await node.get(f"/api/v1/documents/{shown['id']}/envelope", who=OTHER)

    async with serving(folder, storage=storage(bucket)) as again:
        answer = await attachment(again, shown)
        same = await again.get(f"/api/v1/documents/{shown['id']}/envelope", who=OTHER)

    assert (answer.status, answer.body, same.body) == (200, TEXT, message.body)


async def test_ranges_of_a_large_file_are_served(folder: Path, bucket: BucketServer) -> None:
    """As of a file on disk."""
    async with serving(folder, storage=storage(bucket)) as node:
        shown = (await submit_large(node)).json()
    async with serving(folder, storage=storage(bucket)) as again:
        part = await attachment(again, shown, Range="bytes=5242870-5242889")
        end = await attachment(again, shown, Range="bytes=-7")
        beyond = await attachment(again, shown, Range=f"bytes={6 << 20}-")

    assert (part.status, part.body, part.headers["Content-Range"]) == (
        206,
        b"a" * 20,
        f"bytes 5242870-5242889/{6 << 20}",
    )
    assert (end.status, end.body, beyond.status) == (206, b"a" * 7, 416)


async def test_a_large_message_is_the_one_that_was_numbered(
    folder: Path, bucket: BucketServer
) -> None:
    """It is composed before the commit, and again from the bucket when it is read."""
    async with serving(folder, storage=storage(bucket)) as node:
        shown = (await submit_large(node)).json()
        answer = await node.get(f"/api/v1/documents/{shown['id']}/envelope", who=OTHER)

    assert hashlib.sha256(answer.body).hexdigest() == shown["sha256"]


async def test_a_bucket_that_comes_and_goes_loses_nothing(
    folder: Path, bucket: BucketServer
) -> None:
    """Every document that was taken is there with its bytes, numbered without a gap."""
    taken = {}
    with way_to(bucket.port) as way:
        settings = storage(bucket) | {"s3_endpoint": way.endpoint}
        async with serving(folder, storage=settings) as node:
            for n in range(30):
                if n % 6 == 5:
                    way.room, way.failures = 3000, 1 + n
                text = f"Văn bản {n}".encode() * 100
                answer = await node.submit(("a.txt", text), subject=f"V/v {n}")
                assert answer.status in {201, 503}
                if answer.status == 201:
                    taken[answer.json()["id"]] = text
            way.room, way.failures = 1 << 40, 0
            listed = (await node.get("/api/v1/documents?limit=100", who=OTHER)).json()["items"]
            found = {each["id"]: await read(node, each) for each in listed}

    numbers = sorted(int(each["code"].rpartition("/")[2]) for each in listed)
    assert 0 < len(taken) < 30
    assert (found, numbers) == (taken, list(range(1, len(taken) + 1)))


@pytest.mark.parametrize("what", ["attachments/1", "envelope"])
async def test_what_breaks_off_on_the_way_is_not_taken_for_whole(
    folder: Path, bucket: BucketServer, what: str
) -> None:
    """The connection breaks off with it: no other answer is written into the bytes."""
    with way_to(bucket.port) as way:
        settings = storage(bucket) | {"s3_endpoint": way.endpoint}
        async with serving(folder, storage=settings) as node:
            shown = (await submit_large(node)).json()
            way.room, way.failures = 3500, 10_000

            with pytest.raises(aiohttp.ClientPayloadError):
                await node.get(f"/api/v1/documents/{shown['id']}/{what}", who=OTHER)


async def test_a_client_that_has_the_file_is_not_sent_it(
    folder: Path, bucket: BucketServer
) -> None:
    """It names the tag that it was given."""
    async with serving(folder, storage=storage(bucket)) as node:
        shown = (await node.submit()).json()
        tag = (await attachment(node, shown)).headers["ETag"]

        answer = await attachment(node, shown, **{"If-None-Match": tag})

    assert (answer.status, answer.body) == (304, b"")


async def test_nothing_is_taken_while_the_bucket_is_away(
    folder: Path, bucket: BucketServer
) -> None:
    """503 with the time to come again, no number used; afterwards all goes on."""
    async with serving(folder, storage=storage(bucket)) as node:
        first = (await node.submit()).json()
        bucket.stop()

        refused = [await node.submit() for _ in range(2)]
        bucket.start()
        second = await accepted(node)
        listed = (await node.get("/api/v1/documents", who=OFFICE)).json()["items"]

    assert [(each.status, "Retry-After" in each.headers) for each in refused] == [(503, True)] * 2
    assert [each["code"] for each in listed] == [second["code"], first["code"]]
    assert (first["code"][-2:], second["code"][-2:]) == ("/1", "/2")


async def test_a_bucket_that_answers_nothing_holds_nobody_up(
    folder: Path, bucket: BucketServer
) -> None:
    """It is given up in time; the document goes in later, and what was just kept is at hand."""
    async with serving(folder, storage=storage(bucket, cache_mb=1)) as node:
        shown = (await node.submit()).json()
        with bucket.halted():
            refused = await node.submit()
            alive = await node.get(f"/api/v1/documents/{shown['id']}", who=OFFICE)
            fetched = await attachment(node, shown)
        later = await accepted(node)

    assert (refused.status, alive.status, fetched.status) == (503, 200, 200)
    assert later["code"].endswith("/2")


async def submit_large(node: Node) -> Answer:
    """Submit a file of 6 MB, which goes into the bucket in parts."""
    form = a_form(a_metadata())
    form.add_field("attachment", BytesIO(b"a" * (6 << 20)), filename="to-trinh.txt")
    return await node.post("/api/v1/documents", who=OFFICE, data=form)


async def read(node: Node, shown: Mapping[str, object]) -> bytes:
    """Fetch the first attachment until the bucket is believed to answer again; seconds."""
    for _ in range(20):
        answer = await attachment(node, shown)
        if answer.status == 200:
            return answer.body
        await asyncio.sleep(0.5)
    pytest.fail("it cannot be read for ten seconds")


async def accepted(node: Node) -> dict[str, str]:
    """Submit until it is taken, as an office does that is told to come again; seconds."""
    for _ in range(20):
        answer = await node.submit()
        if answer.status == 201:
            shown: dict[str, str] = answer.json()
            return shown
        await asyncio.sleep(0.5)
    pytest.fail("it is not taken for ten seconds")


async def test_a_node_that_hears_nothing_is_not_ready(folder: Path, bucket: BucketServer) -> None:
    """A balancer sends submissions elsewhere."""
    async with serving(folder, storage=storage(bucket)) as node:
        before = await node.get("/readyz")
        bucket.stop()
        await node.submit()

        after = await node.get("/readyz")

    assert (before.status, after.status) == (200, 503)


async def test_the_bucket_of_another_node_is_refused(
    folder: Path, bucket: BucketServer, tmp_path: Path
) -> None:
    """Before anything is written there."""
    other = Path(shutil.copytree(folder, tmp_path / "other"))
    async with serving(folder, storage=storage(bucket)) as node:
        await node.submit()

    with pytest.raises(Misconfigured, match="do not belong together"):
        async with serving(other, storage=storage(bucket)):
            pass


async def test_what_is_refused_leaves_nothing_in_the_bucket(
    folder: Path, bucket: BucketServer, tmp_path: Path
) -> None:
    """It is judged before it is put there."""
    async with serving(folder, storage=storage(bucket)) as node:
        answer = await node.submit(("virus.exe", b"MZ"))

    found = [each.name for each in (tmp_path / "server").rglob("nut/h13/20*/*/*/*")]
    assert (answer.status, found) == (422, [])


async def test_no_file_stays_where_it_was_on_its_way(folder: Path, bucket: BucketServer) -> None:
    """The folder is that of one life of one process."""
    async with serving(folder, storage=storage(bucket, cache_mb=64)) as node:
        await submit_large(node)

    assert list((folder / "data" / "spool").iterdir()) == []
