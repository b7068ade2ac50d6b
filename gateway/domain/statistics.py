"""What is counted: facts of a document, told by its audit records and by nothing else.

The facts of a document are a function of the set of its records, so that figures kept along the
way and figures recomputed from the exported record are the same.

Source: QĐ 28/2018/QĐ-TTg art. 11 and 15; S2 art. 13.1; S4 art. 10.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from heapq import merge

from gateway.domain import history
from gateway.domain.codes import is_sandbox
from gateway.domain.document import BusinessKind
from gateway.domain.exchange import AuditRecord
from gateway.domain.lifecycle import DeliveryState, has_arrived
from gateway.domain.refusal_reasons import reason_of

#: Facts, by the names of the contract's counts. The first two and the last are of a document,
#: the others of one of its deliveries.
SENT = "sent"
DELIVERIES = "deliveries"
ARRIVED = "arrived"
TURNED_AWAY = "turned_away"
#: A document that was asked back, and a recipient that did not give it.
RECALL_REQUESTED, RECALL_REFUSED = "recall_requested", "recall_refused"
#: The way of a document whose deliveries go several ways.
SEVERAL = "several"
_COUNTED = ("accepted", "refused", "done", "failed", "recalled")
_STATES = frozenset(state.value for state in DeliveryState)
#: Facts of which the time since something before is kept, and what that is.
_SINCE = {ARRIVED: history.SUBMITTED, "accepted": ARRIVED, "done": "accepted"}
#: Uses of the system, each counted; by the actions of the record.
USES = {"viewed": "viewed", "downloaded": "downloaded", "sign-in": "signed_in"}
#: How the way over an axis begins.
_AXIS = "axis:"
#: A submission that never became a document.
SUBMISSION_REFUSED = "submission-refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that happened once; days are ISO dates in the node's zone, '' is nothing."""

    document: str
    recipient: str  #: '' for what is of the document itself
    event: str
    day: str
    legal_day: str
    hour: str  #: of the clock, 00 to 23
    sender: str
    type: str
    priority: str
    business: str
    legal_value: str
    paper: bool
    state: str  #: where the delivery is by now
    reason: str  #: of a refusal, see :func:`reason_of`
    signed: str = ""  #: `valid`, `invalid` or `none`
    account: str = ""  #: who did it, as the record names people and programs
    number: int = 0  #: of many alike, from 1
    way: str = ""  #: `inside`, the axis that was crossed, or `several` of a document
    seconds: int | None = None  #: since the event before, see `_SINCE`
    #: Whether a duty was kept; of an arrival: False as long as it is not accepted and should be.
    in_time: bool | None = None


def facts_of(records: Iterable[AuditRecord]) -> list[Fact]:
    """Return the facts that the *records* of one thing tell, in whatever order they come.

    What goes to a sandbox or comes from one is a trial and counts nowhere.
    """
    ordered = _in_order(records)
    told = [each for each in ordered if each.action in history.EVENTS]
    refusals = [each for each in ordered if each.action == SUBMISSION_REFUSED]
    numbered = _first(told, history.NUMBERED)
    uses = _uses(ordered)
    if numbered is None:
        turned_away = (_turned_away(each) for each in refusals[:1] if not _is_tried(each, ()))
        return [*turned_away, *uses]
    if _is_tried(numbered, told):
        return uses
    ways = set(_texts(numbered.data.get("ways")))
    way = "" if not ways else ways.pop() if len(ways) == 1 else SEVERAL
    sent = _fact(
        numbered, event=SENT, way=way, in_time=_flag(numbered.data.get("sent_next_morning"))
    )
    submitted = _first(told, history.SUBMITTED) or numbered
    facts = [sent]
    asked = _first(told, history.RECALL_REQUESTED)
    if asked is not None:
        facts.append(_fact(numbered, event=RECALL_REQUESTED, moment=asked, way=way))
    for delivery in _deliveries(numbered, told):
        facts += _of_delivery(delivery, numbered, submitted)
    return list({(each.recipient, each.event): each for each in reversed(facts)}.values()) + uses


def _in_order(records: Iterable[AuditRecord]) -> list[AuditRecord]:
    """Return *records* as they happened: in a chain by number, the clock may have gone back since.

    Only between chains time decides.
    """
    chains: dict[str, list[AuditRecord]] = {}
    for each in sorted(records, key=lambda each: (each.chain, each.seq)):
        chains.setdefault(each.chain, []).append(each)
    return list(merge(*chains.values(), key=lambda each: each.at))


def _uses(records: Iterable[AuditRecord]) -> list[Fact]:
    """Return how the thing was used, each time by the agency of whoever did it."""
    uses = [each for each in records if each.action in USES]
    return [
        replace(
            _fact(each, event=USES[each.action]),
            sender=str(each.data.get("agency") or ""),
            number=number,
        )
        for number, each in enumerate(uses, start=1)
    ]


@dataclass(slots=True, kw_only=True)
class _Delivery:
    """What the records tell of one delivery."""

    begun: AuditRecord  #: since when there is one
    agency: str  #: who is served; `to` is how the sender wrote it
    way: str  #: what it crosses
    moves: list[AuditRecord]
    kept: AuditRecord | None = None  #: the first time that the recipient did not give it back


def _deliveries(numbered: AuditRecord, told: list[AuditRecord]) -> list[_Delivery]:
    """Return the deliveries, also those that were added later."""
    found: dict[str, _Delivery] = {}
    named = _texts(numbered.data.get("recipients"))
    served = _texts(numbered.data.get("agencies")) or named
    ways = _ways(numbered, len(named))
    for name, agency, way in zip(named, served, ways, strict=False):
        found[name] = _Delivery(begun=numbered, agency=agency, way=way, moves=[])
    for each in told:
        to = each.data.get("to")
        if each.action in _STATES and isinstance(to, str):
            agency = str(each.data.get("agency") or to)
            known = found.setdefault(
                to, _Delivery(begun=each, agency=agency, way=_ways(numbered, 1)[0], moves=[])
            )
            known.moves.append(each)
        elif each.action == history.RECALL_REFUSED and isinstance(to, str) and to in found:
            found[to].kept = found[to].kept or each
    return [each for each in found.values() if not is_sandbox(each.agency)]


def _ways(numbered: AuditRecord, count: int) -> list[str]:
    """Return what *count* deliveries cross; '' where the record does not tell."""
    ways = _texts(numbered.data.get("ways"))
    return (ways + ways[:1] * count + [""] * count)[:count]


def _of_delivery(
    delivery: _Delivery, numbered: AuditRecord, submitted: AuditRecord
) -> Iterator[Fact]:
    moves = delivery.moves
    state = moves[-1].action if moves else DeliveryState.WAITING.value
    # What a document is was settled when it was numbered; only the moment is the move's own.
    fact = partial(_fact, numbered, recipient=delivery.agency, way=delivery.way, state=state)
    yield fact(event=DELIVERIES, moment=delivery.begun)
    arrival = next((each for each in moves if _is_arrival(each.action)), None)
    happened = [] if arrival is None else [(ARRIVED, arrival)]
    happened += [(name, each) for name in _COUNTED if (each := _first(moves, name)) is not None]
    if delivery.kept is not None:
        yield fact(event=RECALL_REFUSED, moment=delivery.kept)
    lies = False if _lies(delivery, numbered) else None
    instants = {history.SUBMITTED: submitted.at}
    for name, each in happened:
        instants[name] = each.at
        yield fact(
            event=name,
            moment=each,
            reason=reason_of(each.data.get("note")) if name == "refused" else "",
            seconds=_between(instants.get(_SINCE.get(name, "")), each.at),
            in_time=lies if name == ARRIVED else _flag(each.data.get("accepted_same_day")),
        )


def _is_tried(record: AuditRecord, told: Iterable[AuditRecord]) -> bool:
    """Whether a sandbox sends, or nobody but sandboxes receives, also of those added later."""
    to = _texts(record.data.get("recipients"))
    added = [each.data.get("to") for each in told if each.action in _STATES]
    to += [name for name in added if isinstance(name, str)]
    return is_sandbox(str(record.data.get("from") or "")) or (
        bool(to) and all(map(is_sandbox, to))
    )


def _lies(delivery: _Delivery, numbered: AuditRecord) -> bool:
    """Whether what arrived is still to be accepted: here, or at an agency that this node serves.

    What went out by an axis is accepted elsewhere, and a recall message is not accepted at all.
    Source: NĐ 30/2020/NĐ-CP art. 21.2c.
    """
    went_out = delivery.way.startswith(_AXIS) and numbered.actor != delivery.way
    is_recall = numbered.data.get("business") == BusinessKind.RECALL.value
    last = delivery.moves[-1].action if delivery.moves else ""
    return last == DeliveryState.ARRIVED.value and not went_out and not is_recall


def _is_arrival(state: str) -> bool:
    """Whether a delivery in *state* has entered the system of its recipient."""
    return state != "refused" and state in _STATES and has_arrived(DeliveryState(state))


def _fact(
    record: AuditRecord,
    *,
    event: str,
    moment: AuditRecord | None = None,
    recipient: str = "",
    way: str = "",
    state: str = "",
    reason: str = "",
    seconds: int | None = None,
    in_time: bool | None = None,
) -> Fact:
    """Return a fact of the document of *record*, which happened when *moment* says."""
    moment, data = moment or record, record.data
    return Fact(
        document=record.about,
        recipient=recipient,
        event=event,
        day=moment.at[:10],
        hour=moment.at[11:13],
        legal_day=str(moment.data.get("legal_at") or moment.at)[:10],
        sender=str(data.get("from") or ""),
        type=str(data.get("type") or ""),
        priority=str(data.get("priority") or ""),
        business=str(data.get("business") or ""),
        legal_value=str(data.get("legal_value") or ""),
        paper=bool(data.get("paper")),
        state=state,
        reason=reason,
        signed=str(data.get("signed") or ""),
        account=moment.actor,
        way=way,
        seconds=seconds,
        in_time=in_time,
    )


def _turned_away(record: AuditRecord) -> Fact:
    return _fact(record, event=TURNED_AWAY, reason=reason_of(record.data.get("reason")))


def _first(records: Iterable[AuditRecord], action: str) -> AuditRecord | None:
    return next((each for each in records if each.action == action), None)


def _texts(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list | tuple) else []


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _between(earlier: str | None, later: str) -> int | None:
    """Return whole seconds; a clock that was put back in between counts as none at all."""
    if earlier is None:
        return None
    passed = datetime.fromisoformat(later) - datetime.fromisoformat(earlier)
    return max(0, int(passed.total_seconds()))
