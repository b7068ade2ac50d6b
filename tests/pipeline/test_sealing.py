"""Sealing: attestations become receipts, each once, before anybody hears of them."""

import asyncio
import hashlib
import json
from base64 import b64encode, urlsafe_b64decode
from collections import Counter
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS

from gateway.crypto.keys import load_certificates
from gateway.domain.canonical import canonical
from gateway.domain.errors import Unavailable
from gateway.domain.exchange import Document, Receipt
from gateway.pipeline.sealing import MOST_AT_ONCE, Sealing
from tests.pipeline.rooms import (
    ADMIN,
    PUSHED,
    READER,
    SENDER,
    Rooms,
    a_message,
    lane,
    office,
    payload,
    reopened,
    rooms,
)


async def kept(node: Rooms, document: Document) -> list[Receipt]:
    """Return the receipts of *document* that lie in the feed, without asking for more."""
    return await node.read(lambda tx: tx.feed.receipts_of(document.id))


async def waits(node: Rooms) -> bool:
    """Whether anything waits to be signed."""
    return await node.read(lambda tx: tx.feed.awaits())


async def test_a_commit_leaves_the_receipt_to_be_signed(node: Rooms) -> None:
    """The one writer does not sign."""
    document = await node.sent()

    await node.report(document, "01")

    assert (await kept(node, document), await waits(node)) == ([], True)


async def test_whoever_asks_for_receipts_gets_them_signed(node: Rooms) -> None:
    """Also when nobody has signed since the commit; what he is handed is what is stored."""
    document = await node.sent()
    await node.report(document, "01")

    receipts = await node.gateway.lookup.receipts_of(document.id, office(SENDER))

    assert (["numbered", "arrived"], receipts) == (
        [each.event for each in receipts],
        await kept(node, document),
    )


async def test_receipts_of_others_are_not_waited_for(node: Rooms) -> None:
    """Who has nothing to come asks nobody to sign."""
    await node.report(await node.sent(), "01")

    assert await node.gateway.lookup.receipts(office(READER), after=0, limit=10) == []
    assert await waits(node)


async def test_nobody_is_told_of_a_receipt_that_is_not_signed(node: Rooms) -> None:
    """The event comes with it."""
    await node.report(await node.sent(), "01")
    lookup = node.gateway.lookup
    before = await lookup.notices(office(SENDER), after=0, limit=10)

    await node.gateway.sealing.seal()

    after = await lookup.notices(office(SENDER), after=0, limit=10)
    assert (before, [each.kind for each in after]) == ([], ["receipt", "receipt"])


async def test_nothing_is_sent_before_it_is_signed(node: Rooms) -> None:
    """The job comes with it."""
    document = await node.sent(sender=PUSHED)
    await node.report(document, "03")
    before = await node.gateway.queue.listing()

    await node.gateway.sealing.seal()

    queued = [(each.job.lane, each.job.item) for each in await node.gateway.queue.listing()]
    expected = [(lane(PUSHED), each.id) for each in await kept(node, document)]
    assert ([], sorted(expected)) == (before, sorted(queued))


async def test_the_payload_is_in_canonical_form(node: Rooms) -> None:
    """RFC 8785, so that whoever writes it again gets the same bytes."""
    document = await node.sent()
    await node.report(document, "02", note="Sai thẩm quyền")
    *_, receipt = await node.gateway.lookup.receipts_of(document.id, office(SENDER))

    signed = urlsafe_b64decode(receipt.jws.split(".")[1] + "==")

    assert canonical(payload(receipt.jws)) == signed


async def test_another_library_verifies_it_with_the_certificate_alone(node: Rooms) -> None:
    """ES256, as in RFC 7515; the first of `x5c` is the node's certificate."""
    document = await node.sent()
    (receipt,) = await node.gateway.lookup.receipts_of(document.id, office(SENDER))
    certificate = load_certificates(node.folder / "config" / "node.crt")[0]
    read = JWS()
    read.allowed_algs = ["ES256"]

    read.deserialize(receipt.jws, JWK.from_pem(certificate.public_bytes(Encoding.PEM)))

    assert json.loads(read.payload) == payload(receipt.jws)
    assert read.jose_header["x5c"] == [b64encode(certificate.public_bytes(Encoding.DER)).decode()]


async def test_a_receipt_names_the_digest_of_every_attachment(node: Rooms) -> None:
    """As the recipient gets them."""
    files = {"mot.txt": b"mot", "hai.txt": b"hai"}
    document = await node.sent(files=files)
    (receipt,) = await node.gateway.lookup.receipts_of(document.id, office(SENDER))

    assert payload(receipt.jws)["attachments"] == [
        {"n": n, "name": name, "sha256": hashlib.sha256(content).hexdigest()}
        for n, (name, content) in enumerate(files.items(), start=1)
    ]


async def test_many_are_signed_in_turns_and_stay_chained(node: Rooms) -> None:
    """More than fit into one commit, of many documents, each with its own chain."""
    documents = [await node.sent() for _ in range(MOST_AT_ONCE // 2 + 1)]
    for code in ("01", "03"):
        for document in documents:
            await node.report(document, code)

    receipts = await node.gateway.lookup.receipts(office(SENDER), after=0, limit=1000)

    last: dict[str, str] = {}
    for each in receipts:
        assert payload(each.jws)["previous"] == last.get(each.document)
        last[each.document] = hashlib.sha256(each.jws.encode()).hexdigest()
    assert (len(receipts), len(last)) == (3 * len(documents), len(documents))


async def test_two_that_sign_at_once_sign_each_once(node: Rooms) -> None:
    """As two processes of a node do; the chain holds whoever was quicker."""
    document = await node.sent()
    for code in ("01", "03", "04", "05", "06"):
        await node.report(document, code)
    gateway = node.gateway
    sealings = [replace(gateway.sealing, _turn=asyncio.Lock()) for _ in range(4)]

    async with asyncio.TaskGroup() as group:
        for each in sealings:
            group.create_task(each.seal())

    receipts = await kept(node, document)
    digests = [None, *(hashlib.sha256(each.jws.encode()).hexdigest() for each in receipts)]
    assert {1} == set(Counter(each.event for each in receipts).values())
    assert [payload(each.jws)["previous"] for each in receipts] == digests[:-1]


async def test_what_a_crash_left_is_signed_by_the_next_process(tmp_path: Path) -> None:
    """The commit is on disk, the signature was not made: each receipt comes once, chained."""
    async with rooms(tmp_path / "node") as node:
        document = await node.sent()
        await node.report(document, "01")
        *_, first = await node.gateway.lookup.receipts_of(document.id, office(SENDER))
        await node.report(document, "03")

    async with reopened(tmp_path / "node") as node:
        receipts = await node.gateway.lookup.receipts_of(document.id, office(SENDER))

    assert [first.jws, "accepted"] == [receipts[1].jws, receipts[2].event]
    assert payload(receipts[2].jws)["previous"] == hashlib.sha256(first.jws.encode()).hexdigest()


async def test_signatures_that_were_not_stored_are_made_again(node: Rooms) -> None:
    """A failure between signing and its commit leaves nothing of what was signed."""
    document = await node.sent()
    await node.report(document, "01")
    store = node.gateway.store

    class FullDisk:
        """The store on a day on which nothing can be written."""

        read = staticmethod(store.read)

        @staticmethod
        async def write(_unit: object, **_: object) -> None:
            raise Unavailable("the disk is full")

    with pytest.raises(Unavailable):
        await replace(node.gateway.sealing, store=FullDisk()).seal()  # type: ignore[arg-type]
    assert (await kept(node, document), await waits(node)) == ([], True)

    await node.gateway.sealing.seal()

    assert [each.event for each in await kept(node, document)] == ["numbered", "arrived"]


async def test_a_full_disk_hides_no_receipt_that_is_signed(node: Rooms) -> None:
    """Those that wait come later; their places in the feed do, too."""
    document = await node.sent()
    await node.report(document, "01")
    await node.gateway.sealing.seal()
    await node.report(document, "03")

    async def full() -> None:
        raise Unavailable("the disk is full")

    lookup = replace(node.gateway.lookup, seal=full)
    receipts = await lookup.receipts(office(SENDER), after=0, limit=10)
    rest = await node.gateway.lookup.receipts(office(SENDER), after=receipts[-1].seq, limit=10)

    assert [[each.event for each in page] for page in (receipts, rest)] == [
        ["numbered", "arrived"],
        ["accepted"],
    ]


async def test_a_stop_leaves_nothing_to_be_signed(node: Rooms) -> None:
    """The key may be another one when the node starts again."""
    stopping = asyncio.Event()
    document = await node.sent()

    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        group.create_task(node.gateway.sealing.attend(stopping))
        await asyncio.sleep(0.05)
        await node.report(document, "01")
        stopping.set()

    assert not await waits(node)


async def test_receipts_are_signed_without_being_asked_for(node: Rooms) -> None:
    """Soon after the commit, for as long as the node runs."""
    sealing: Sealing = node.gateway.sealing
    stopping = asyncio.Event()
    node.gateway.store.on_commit(sealing.wake)
    document = await node.sent()

    async with asyncio.TaskGroup() as group:
        group.create_task(sealing.attend(stopping))
        await node.report(document, "01")
        async with asyncio.timeout(10):
            while not await kept(node, document):  # noqa: ASYNC110 - a row tells nobody
                await asyncio.sleep(0.01)
        stopping.set()

    assert not await waits(node)


async def test_a_number_is_proved_as_soon_as_it_is_given(node: Rooms) -> None:
    """Before anybody received anything: code, times and files, the first of the chain."""
    document = await node.sent(files={"mot.txt": b"mot"})

    (receipt,) = await node.gateway.lookup.receipts_of(document.id, office(SENDER))

    said = payload(receipt.jws)
    assert (said["event"], said["code"], said["to"], said["previous"]) == (
        "numbered",
        document.code,
        None,
        None,
    )
    assert document.sent_at == datetime.fromisoformat(str(said["at"]))
    assert document.legal_sent_at == datetime.fromisoformat(str(said["legal_at"]))
    digest = hashlib.sha256(b"mot").hexdigest()
    assert said["attachments"] == [{"n": 1, "name": "mot.txt", "sha256": digest}]


async def test_what_came_by_an_axis_is_not_numbered_here(node: Rooms) -> None:
    """Its home node says so."""
    assert await node.take_in("axis:truc", a_message(sender="H40.01"))

    receipts = await node.gateway.lookup.receipts(ADMIN, after=0, limit=10)

    assert "numbered" not in {each.event for each in receipts}
