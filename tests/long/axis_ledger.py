"""What must be true between nodes, whatever happened on the way."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence

from tests.long.api import Api, Json
from tests.long.ledger import ONCE


async def reached_once(
    sent: Sequence[Json], there: Sequence[Json], api: Api, offices: Sequence[str]
) -> int:
    """Check that each delivery of *sent* to *offices* is there once, byte for byte.

    Returns how many there are.
    """
    by_code: dict[str, list[Json]] = defaultdict(list)
    for document in there:
        by_code[document["code"]].append(document)
    count = 0
    for document in sent:
        wanted = {each["to"] for each in document["deliveries"]} & set(offices)
        if not wanted:
            assert document["code"] not in by_code, "it went where nobody was to have it"
            continue
        (found,) = by_code[document["code"]]
        reached = [each["to"] for each in found["deliveries"]]
        assert sorted(reached) == sorted(wanted), (document["code"], reached, wanted)
        office = reached[0]
        envelope = await api.call("GET", f"/documents/{found['id']}/envelope", who=office)
        assert hashlib.sha256(envelope.body).hexdigest() == document["sha256"]
        count += len(reached)
    return count


async def every_receipt_came_home(
    api: Api, offices: Sequence[str], sent: Sequence[Json], there: Sequence[Json]
) -> int:
    """Check that the feeds of *offices* tell each step that the recipient's own node knows of.

    *there* is what the other province has. Returns how many steps there are.
    """
    steps = {document["code"]: _steps(document) for document in sent}
    steps |= {document["code"]: steps.get(document["code"], set()) for document in there}
    for document in there:
        steps[document["code"]] |= _steps(document)
    told: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for office in offices:
        async for receipt in api.pages("/receipts", who=office, limit=500):
            told[receipt["code"]].add((receipt["to"], receipt["event"]))
    for document in sent:
        missing = steps[document["code"]] - told[document["code"]]
        assert not missing, (document["code"], missing)
    return sum(len(steps[document["code"]]) for document in sent)


def _steps(document: Json) -> set[tuple[str, str]]:
    return {
        (event["to"], event["event"]) for event in document["history"] if event["event"] in ONCE
    }
