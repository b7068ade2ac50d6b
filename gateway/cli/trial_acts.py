"""What is done at each step of a trial: every function acts on the stage and returns what came."""

from collections.abc import Awaitable, Callable
from hashlib import sha256

from gateway.cli.trial import Stage, Unexpected, must
from gateway.domain.routing import DESK, PULL

#: What reports of a recipient say, in their order.
REPORTS = {"03": "accepted", "04": "assigned", "05": "in-progress", "06": "done"}
_ARRIVED = ("arrived", *REPORTS.values())

Act = Callable[[Stage], Awaitable[str]]


async def token(stage: Stage) -> str:
    await stage.office.get("/documents", {"limit": 1})
    return "200"


async def listed(stage: Stage) -> str:
    agency = await stage.office.get(f"/agencies/{stage.agency}")
    return must(agency["valid_to"] is None and agency["code"], stage.agency)


async def send(stage: Stage) -> str:
    document = await stage.submit(stage.office, stage.partner, "send")
    if document["from"] != stage.agency:
        raise Unexpected(f"the token is of {document['from']}")
    if document["code"] is None:
        raise Unexpected(f"{document['state']}, no number")
    return str(document["code"])


async def received(stage: Stage) -> str:
    await stage.leased("send")
    got = await stage.take(stage.sandbox, "send")
    return must(got, sha256(stage.content).hexdigest())[:16]


async def numbered(stage: Stage) -> str:
    events = await stage.events(stage.office, "send")
    if not {"numbered", "arrived"} <= events:
        raise Unexpected(", ".join(sorted(events)))
    return "numbered, arrived"


def told(code: str, state: str) -> Act:
    async def act(stage: Stage) -> str:
        await stage.report(stage.sandbox, "send", code)
        found = must((await stage.delivery_of(stage.office, "send"))["state"], state)
        if state not in await stage.events(stage.office, "send"):
            raise Unexpected(f"{found}, but no receipt tells of it")
        return found

    return act


async def refused(stage: Stage) -> str:
    await stage.submit(stage.office, stage.partner, "refuse")
    await stage.report(stage.sandbox, "refuse", "02", note="thử từ chối")
    found = await stage.delivery_of(stage.office, "refuse")
    must(found["note"], "thử từ chối")
    return must(found["state"], "refused")


async def recalled_at_once(stage: Stage) -> str:
    await stage.submit(stage.office, stage.partner, "recall at once")
    return must((await stage.recall(stage.office, "recall at once"))["state"], "recalled")


async def asked_back(stage: Stage) -> str:
    await stage.submit(stage.office, stage.partner, "recall")
    await stage.take(stage.sandbox, "recall")
    must((await stage.recall(stage.office, "recall"))["recall"], "requested")
    if "recall-requested" not in await stage.events(stage.sandbox, "recall"):
        raise Unexpected("requested, but the recipient was not told")
    return "requested"


async def kept(stage: Stage) -> str:
    await stage.report(stage.sandbox, "recall", "16")
    return must((await stage.delivery_of(stage.office, "recall"))["recall"], "refused")


async def given_back(stage: Stage) -> str:
    await stage.recall(stage.office, "recall")
    await stage.report(stage.sandbox, "recall", "15")
    return must((await stage.delivery_of(stage.office, "recall"))["state"], "recalled")


def later(kind: str, answer: str) -> Act:
    async def act(stage: Stage) -> str:
        earlier = await stage.submit(stage.office, stage.partner, f"before the {kind}")
        await stage.take(stage.sandbox, f"before the {kind}")
        business = {"kind": kind, "of": earlier["code"], "reason": "thử nghiệm"}
        later = await stage.submit(stage.office, stage.partner, kind, business=business)
        await stage.take(stage.sandbox, kind)
        await stage.report(stage.sandbox, kind, answer)
        before = await stage.office.get(f"/documents/{earlier['id']}")
        return must(before["replaced_by"], later["code"])

    return act


async def incoming(stage: Stage) -> str:
    return str((await stage.submit(stage.sandbox, stage.agency, "receive"))["code"])


async def arrived(stage: Stage) -> str:
    if stage.delivery == PULL:
        listed = await stage.office.get("/documents", {"box": "in", "limit": 100})
        if all(each["id"] != stage.sent["receive"] for each in listed["items"]):
            raise Unexpected("it is not among the incoming documents")
        must(await stage.take(stage.office, "receive"), sha256(stage.content).hexdigest())
    return await stage.until(stage.sandbox, "receive", _ARRIVED)


def reported(code: str, state: str) -> Act:
    async def act(stage: Stage) -> str:
        await stage.report(stage.office, "receive", code)
        return must((await stage.delivery_of(stage.sandbox, "receive"))["state"], state)

    return act


async def sent_back(stage: Stage) -> str:
    await stage.submit(stage.sandbox, stage.agency, "send back")
    await stage.report(stage.office, "send back", "02", note="thử từ chối")
    return must((await stage.delivery_of(stage.sandbox, "send back"))["state"], "refused")


async def obeyed(stage: Stage) -> str:
    await stage.submit(stage.sandbox, stage.agency, "obey")
    if stage.delivery in {PULL, DESK}:
        await stage.take(stage.office, "obey")
    await stage.until(stage.sandbox, "obey", _ARRIVED)
    must((await stage.recall(stage.sandbox, "obey"))["recall"], "requested")
    await stage.report(stage.office, "obey", "15")
    return must((await stage.delivery_of(stage.sandbox, "obey"))["state"], "recalled")
