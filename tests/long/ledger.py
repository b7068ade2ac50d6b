"""What must be true of a node whatever happened to it, looked at through its API and on its disk.

Every check raises AssertionError with what is wrong and returns a figure for the summary.
"""

import base64
import hashlib
import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from contextlib import closing
from typing import Any

import psycopg
import rfc8785

from bench.sites import Site
from gateway.config import load
from gateway.storage import is_shared
from tests.long.api import Api, Json
from tests.long.senders import Submission

ONCE = ("arrived", "accepted", "assigned", "in-progress", "done")


async def all_documents(api: Api) -> list[Json]:
    """Return every document that the node has, as an administrator sees it."""
    return [item async for item in api.pages("/documents", who="admin")]


def numbers_have_no_gap(numbers: Iterable[int]) -> int:
    """Check that *numbers* are 1 to n, each once; return n."""
    ordered = sorted(numbers)
    assert ordered == list(range(1, len(ordered) + 1)), _gaps(ordered)
    return len(ordered)


def codes_have_no_gap(documents: Sequence[Json]) -> dict[str, int]:
    """Check the codes of each agency and year; return how many each has."""
    series: dict[str, list[int]] = defaultdict(list)
    for document in documents:
        head, _, sequence = document["code"].rpartition("/")
        assert head.startswith(f"{document['from']}/")
        series[head].append(int(sequence))
    return {head: numbers_have_no_gap(series[head]) for head in sorted(series)}


def arrival_numbers_have_no_gap(site: Site) -> dict[str, int]:
    """Check the arrival numbers of each agency and year, on disk; return how many each has."""
    series: dict[str, list[int]] = defaultdict(list)
    rows = _query(
        site,
        "SELECT agency, arrival_year, arrival_number FROM delivery WHERE arrival_number IS NOT NULL",
    )
    for agency, year, number in rows:
        series[f"{agency}/{year}"].append(number)
    return {head: numbers_have_no_gap(series[head]) for head in sorted(series)}


def events_of(site: Site, agency: str) -> list[int]:
    """Return the places of all events of *agency*, in order."""
    rows = _query(site, "SELECT agency, seq FROM notice ORDER BY seq")
    return [seq for owner, seq in rows if owner == agency]


def each_is_there_once(documents: Sequence[Json], submissions: Sequence[Submission]) -> int:
    """Check that what was answered is there exactly once, the rest at most once or not at all.

    What was dropped into a folder is there once. Returns how many were taken.
    """
    by_file: dict[str, list[Json]] = defaultdict(list)
    for document in documents:
        by_file[document["attachments"][0]["sha256"]].append(document)
    taken = 0
    for submission in submissions:
        found = by_file.pop(submission.sha256, [])
        assert len(found) <= 1, f"{len(found)} documents of one submission"
        if submission.is_dropped:
            assert found, "a dropped message is lost"
            submission.id, submission.code = found[0]["id"], found[0]["code"]
        if submission.id is not None:
            assert [each["id"] for each in found] == [submission.id]
            assert found[0]["code"] == submission.code
            taken += 1
        elif 422 in submission.answers:
            assert not found, "what was refused is stored"
    assert not by_file, "documents that nobody submitted"
    return taken


async def bytes_are_the_same(
    api: Api, documents: Sequence[Json], submissions: Sequence[Submission]
) -> int:
    """Fetch file and message of every answered submission and compare; return the bytes."""
    stored = {document["id"]: document for document in documents}
    fetched = 0
    for submission in (each for each in submissions if each.id is not None):
        base = f"/documents/{submission.id}"
        paper = await api.call("GET", f"{base}/attachments/1", who=submission.sender)
        assert paper.body == submission.paper
        envelope = await api.call("GET", f"{base}/envelope", who=submission.sender)
        digest = hashlib.sha256(envelope.body).hexdigest()
        assert digest == stored[submission.id or ""]["sha256"]
        if submission.is_message:
            assert envelope.body == submission.body
        fetched += len(paper.body) + len(envelope.body)
    return fetched


async def receipts_took_effect_once(api: Api, senders: Iterable[str]) -> int:
    """Check the feeds of *senders*: each event once, each receipt chained to the one before."""
    seen: Counter[tuple[str, str, str]] = Counter()
    last: dict[str, str] = {}
    for sender in senders:
        async for receipt in api.pages("/receipts", who=sender, limit=500):
            seen[receipt["document"], receipt["to"], receipt["event"]] += 1
            payload = _payload(receipt["jws"])
            assert payload["previous"] == last.get(receipt["document"])
            last[receipt["document"]] = hashlib.sha256(receipt["jws"].encode()).hexdigest()
    doubled = {key: times for key, times in seen.items() if times > 1}
    assert not doubled, doubled
    return sum(seen.values())


def deliveries_are_done(documents: Sequence[Json]) -> int:
    """Check that every delivery is final and its history tells each step once."""
    count = 0
    for document in documents:
        assert document["state"] == "closed", (document["code"], document["state"])
        steps = Counter(
            (event["event"], event["to"])
            for event in document["history"]
            if event["event"] in ONCE
        )
        assert set(steps.values()) == {1}, steps
        for delivery in document["deliveries"]:
            assert delivery["state"] == "done", (document["code"], delivery)
            count += 1
    return count


async def audit_chain_holds(api: Api) -> int:
    """Recompute every hash of the chain; return how many records it has."""
    previous, seq = "0" * 64, 0
    async for record in api.pages("/audit", who="auditor", limit=500):
        hashed = {key: value for key, value in record.items() if key != "hash"}
        assert record["previous"] == previous
        assert record["seq"] == seq + 1
        assert hashlib.sha256(rfc8785.dumps(hashed)).hexdigest() == record["hash"]
        previous, seq = record["hash"], record["seq"]
    return seq


def no_file_is_orphaned(site: Site) -> int:
    """Check that the files on disk are those that documents refer to; return how many."""
    rows = _query(
        site,
        "SELECT blob FROM attachment UNION SELECT envelope FROM document WHERE envelope NOT NULL",
    )
    known = {str(row[0]) for row in rows}
    there = {
        path.relative_to(site.documents).as_posix()
        for path in site.documents.glob("[0-9]*/*/*/*")
        if path.is_file()
    }
    assert there == known, f"{len(there - known)} orphans, {len(known - there)} missing"
    return len(there)


def database_is_sound(site: Site) -> None:
    """Let SQLite check its own file."""
    assert _query(site, "PRAGMA integrity_check") == [("ok",)]
    assert _query(site, "PRAGMA foreign_key_check") == []


def _query(site: Site, statement: str) -> list[tuple[Any, ...]]:
    url = load(site.config_file).storage.database
    if is_shared(url):
        with psycopg.connect(url) as shared:
            return shared.execute(statement.encode()).fetchall()
    with closing(sqlite3.connect(site.database)) as connection:
        return connection.execute(statement).fetchall()


def _payload(jws: str) -> Json:
    part = jws.split(".")[1]
    payload: Json = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return payload


def _gaps(ordered: Sequence[int]) -> str:
    doubles = [number for number, times in Counter(ordered).items() if times > 1]
    missing = sorted(set(range(1, len(ordered) + 1)) - set(ordered))
    return f"doubles {doubles[:10]}, gaps {missing[:10]} among {len(ordered)}"
