"""Figures counted again from exported records, in the plainest way and by nothing of the node.

What is written here follows the public contract and docs/operate.md, line by line: it shares no code
with what the node counts by, so that both can be compared.
"""

import json
import math
import statistics
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

Record = Mapping[str, Any]
Key = tuple[object, ...]
#: States in which a delivery has entered the recipient's system.
_THERE = ("arrived", "accepted", "assigned", "in-progress", "done")
_MOVES = (
    *_THERE,
    "waiting",
    "sending",
    "handed-over",
    "refused",
    "failed",
    "cancelled",
    "recalled",
)
_USES = {"viewed": "viewed", "downloaded": "downloaded", "sign-in": "signed_in"}
_NAMES = (
    *("sent", "deliveries", "arrived", "accepted", "refused", "done", "failed", "recalled"),
    *("original", "reference", "accepted_same_day", "sent_next_morning", "turned_away"),
    *("accepted_late", "unaccepted", "sent_late", "recall_requested", "recall_refused"),
    *("signed_in", "viewed", "downloaded"),
)


def exported(bundle: Path) -> list[Record]:
    """Return the records of an exported bundle."""
    with zipfile.ZipFile(bundle) as file:
        return [json.loads(line) for line in file.read("records.jsonl").splitlines()]


def recounted(
    records: Sequence[Record],
    *,
    group: Sequence[str],
    days: tuple[str, str],
    by: str,
    today: str,
    above: Callable[[str], Sequence[str]] = lambda code: [code],
) -> dict[Key, dict[str, object]]:
    """Return the rows of a report by what they are grouped by; *above* is where an agency counts."""
    told: dict[str, list[Record]] = defaultdict(list)
    for each in sorted(records, key=lambda record: record["seq"]):
        told[each["object"]].append(each)
    cells: dict[Key, list[dict[str, Any]]] = defaultdict(list)
    for happenings in map(_happenings, told.values()):
        for each in happenings:
            if days[0] <= _day(each, by) <= days[1]:
                for key in _keys(each, group, by, above):
                    cells[key].append(each)
    return {key: _row(happened, today) for key, happened in cells.items()}


def _day(happened: Mapping[str, Any], by: str) -> str:
    at = happened["legal_at"] if by == "legal" else happened["at"]
    return str(at)[:10]


def _keys(
    happened: Mapping[str, Any],
    group: Sequence[str],
    by: str,
    above: Callable[[str], Sequence[str]],
) -> Iterator[Key]:
    """Yield where something counts: for who sent, and for who received."""
    day, sender, to = _day(happened, by), happened["sender"], happened["recipient"]
    year, month = day[:4], int(day[5:7])
    times = {
        "hour": happened["at"][11:13],
        "day": day,
        "month": day[:7],
        "quarter": f"{year}-Q{math.ceil(month / 3)}",
        "half": f"{year}-H{math.ceil(month / 6)}",
        "year": year,
    }
    sides = [{"direction": "out", "agency": sender, "counterpart": to}]
    told_once = to == sender and "direction" not in group  # what it sent itself
    if to and not told_once and {"agency", "direction", "counterpart"} & set(group):
        sides.append({"direction": "in", "agency": to, "counterpart": sender})
    for side in sides:
        for agency in above(side["agency"]):
            values = {**happened, **times, **side, "agency": agency}
            yield tuple(None if values[name] == "" else values[name] for name in group)


def _row(happened: Sequence[Mapping[str, Any]], today: str) -> dict[str, object]:
    row: dict[str, object] = dict.fromkeys(_NAMES, 0)

    def count(name: str) -> None:
        row[name] = int(str(row[name])) + 1

    for each in happened:
        event, kept = each["event"], each["kept"]
        count(event)
        if event == "sent":
            count(each["legal_value"])
            if kept is not None:
                count("sent_next_morning" if kept else "sent_late")
        if event == "accepted" and kept is not None:
            count("accepted_same_day" if kept else "accepted_late")
        if event == "arrived" and each["lies"] and each["legal_at"][:10] < today:
            count("unaccepted")
    for name in ("arrived", "accepted", "done"):
        timed = [each["seconds"] for each in happened if each["event"] == name]
        spent = sorted(seconds for seconds in timed if seconds is not None)
        row[f"{name}_median_s"] = int(statistics.median(spent)) if spent else None
        row[f"{name}_p95_s"] = spent[math.ceil(0.95 * len(spent)) - 1] if spent else None
    late = int(str(row["accepted_late"])) + int(str(row["unaccepted"]))
    row["accepted_same_day_percent"] = _percent(row["accepted_same_day"], late)
    row["sent_next_morning_percent"] = _percent(row["sent_next_morning"], row["sent_late"])
    return row


def _percent(kept: object, missed: object) -> int | None:
    part, rest = int(str(kept)), int(str(missed))
    return 100 * part // (part + rest) if part + rest else None


def _happenings(told: Sequence[Record]) -> Iterator[dict[str, Any]]:
    """Yield what happened to one thing."""
    for each in told:
        if each["action"] in _USES:
            use = {**_about(each, each), "event": _USES[each["action"]]}
            yield {**use, "sender": each["data"].get("agency", "")}
    numbered = next((each for each in told if each["action"] == "numbered"), None)
    if numbered is None:
        for each in told:
            if each["action"] == "submission-refused":
                reason = _reason(each["data"]["reason"])
                yield {**_about(each, each), "event": "turned_away", "reason": reason}
    else:
        yield from _exchange(numbered, told)


def _exchange(numbered: Record, told: Sequence[Record]) -> Iterator[dict[str, Any]]:
    """Yield what happened to a document that was sent."""
    ways = numbered["data"]["ways"]
    way = ways[0] if len(set(ways)) == 1 else "several"
    yield {
        **_about(numbered, numbered),
        "event": "sent",
        "way": way,
        "kept": numbered["data"].get("sent_next_morning"),
    }
    asked = [each for each in told if each["action"] == "recall-requested"]
    if asked:
        yield {**_about(numbered, asked[0]), "event": "recall_requested", "way": way}
    submitted = next(each for each in told if each["action"] == "submitted")
    data = numbered["data"]
    for to, agency, its in zip(data["recipients"], data["agencies"], ways, strict=True):
        moves = [
            each for each in told if each["action"] in _MOVES and each["data"].get("to") == to
        ]
        state = moves[-1]["action"] if moves else "waiting"
        fixed = {"recipient": agency, "way": its, "state": state}
        for each in _delivery(numbered, submitted, moves):
            yield {**each, **fixed, "lies": state == "arrived" and its == "inside"}


def _delivery(
    numbered: Record, submitted: Record, moves: Sequence[Record]
) -> Iterator[dict[str, Any]]:
    """Yield what happened to one delivery, each once."""
    yield {**_about(numbered, numbered), "event": "deliveries"}
    since = {"arrived": submitted}
    for name in ("arrived", "accepted", "done", "refused", "failed", "recalled"):
        wanted = _THERE if name == "arrived" else (name,)
        move = next((each for each in moves if each["action"] in wanted), None)
        if move is None:
            continue
        note = move["data"].get("note") or ""
        yield {
            **_about(numbered, move),
            "event": name,
            "seconds": _seconds(since[name], move) if name in since else None,
            "reason": _reason(note) if name == "refused" else "",
            "kept": move["data"].get("accepted_same_day") if name == "accepted" else None,
        }
        since |= {{"arrived": "accepted", "accepted": "done"}.get(name, ""): move}


def _seconds(earlier: Record, later: Record) -> int:
    passed = datetime.fromisoformat(later["at"]) - datetime.fromisoformat(earlier["at"])
    return int(passed.total_seconds())


def _reason(note: str) -> str:
    """Return the standard reason, of the notes that the story uses."""
    coded = {"agency-unknown": "wrong-addressee", "Gửi nhầm": "wrong-addressee"}
    return coded.get(note) or (note.partition(":")[0] if ":" in note else "other")


def _about(document: Record, moment: Record) -> dict[str, Any]:
    data = document["data"]
    return {
        "sender": data.get("from", ""),
        "recipient": "",
        "type": data.get("type", ""),
        "priority": data.get("priority", ""),
        "business": data.get("business", ""),
        "legal_value": data.get("legal_value", ""),
        "paper": bool(data.get("paper")),
        "signed": data.get("signed", ""),
        "account": moment["actor"],
        "way": "",
        "state": "",
        "reason": "",
        "at": moment["at"],
        "legal_at": moment["data"].get("legal_at") or moment["at"],
        "kept": None,
        "lies": False,
        "seconds": None,
    }
