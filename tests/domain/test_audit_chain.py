"""Audit chains: whatever is changed, removed, put in or reordered is found, and its place named."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.domain.audit_chain import ORIGIN, ChainCheck, Point, Witness, read_line
from gateway.domain.canonical import canonical, digest
from gateway.domain.findings import Finding

LENGTH = 12
Record = dict[str, Any]


def a_chain(length: int = LENGTH, name: str = "main") -> list[Record]:
    """Return an unbroken chain."""
    records: list[Record] = []
    for seq in range(1, length + 1):
        record: Record = {
            "chain": name,
            "seq": seq,
            "at": f"2026-11-20T09:00:{seq:02}+07:00",
            "actor": "client:H13.01",
            "address": None,
            "action": "accepted",
            "object": f"d{seq}",
            "data": {"code": f"H13.01/2026/{seq}", "to": "H13.02"},
            "previous": records[-1]["hash"] if records else ORIGIN,
        }
        records.append(record | {"hash": digest(record)})
    return records


def findings_in(
    records: list[Record], *points: Point, witnesses: tuple[Witness, ...] = ()
) -> list[Finding]:
    """Return what is broken in *records*."""
    check = ChainCheck(points=points, witnesses=witnesses)
    found = [finding for record in records for finding in check.read(record)]
    return [*found, *check.end()]


def point(record: Record) -> Point:
    """Return what somebody outside knows of a chain."""
    return Point(
        chain=record["chain"], seq=record["seq"], hash=record["hash"], known_by="checkpoint"
    )


def rehashed(records: list[Record]) -> list[Record]:
    """Return *records* with every hash computed anew, as a forger would."""
    made: list[Record] = []
    for record in records:
        bound = record | {"previous": made[-1]["hash"] if made else ORIGIN}
        made.append(bound | {"hash": digest({k: v for k, v in bound.items() if k != "hash"})})
    return made


def test_an_unbroken_chain_is_intact() -> None:
    """Nothing is said about it."""
    assert findings_in(a_chain(), point(a_chain()[-1])) == []


def test_several_chains_stand_apart() -> None:
    """Each has numbers and hashes of its own."""
    assert findings_in(a_chain(name="a") + a_chain(name="b")) == []


def test_a_chain_that_no_checkpoint_knows_was_put_in() -> None:
    """Its records claim to be older than the checkpoint."""
    end = replace(point(a_chain(name="main")[-1]), at="2026-11-20T03:00:00+00:00")

    (finding,) = findings_in(a_chain(name="evil") + a_chain(name="main"), end)

    assert (finding.code, finding.pointer) == ("audit-foreign", "evil:1")


def test_a_chain_may_begin_behind_the_newest_checkpoint() -> None:
    """The next will know of it."""
    end = replace(point(a_chain(name="main")[-1]), at="2026-11-20T01:00:00+00:00")

    assert findings_in(a_chain(name="main") + a_chain(name="new"), end) == []


_TEXTS = st.sampled_from(["at", "actor", "action", "object", "previous", "hash"])

_MUTATIONS: dict[str, Callable[[list[Record], int, str], None]] = {
    "change": lambda records, n, field: records[n].update({field: records[n][field] + "x"}),
    "change data": lambda records, n, field: records[n].update(data={"code": "other"}),
    "add an address": lambda records, n, field: records[n].update(address="10.0.0.1"),
    "remove": lambda records, n, field: records.__delitem__(n),
    "repeat": lambda records, n, field: records.insert(n, dict(records[n])),
    "swap": lambda records, n, field: records.__setitem__(
        slice(n, n + 2), [records[n + 1], records[n]]
    ),
    "lose a field": lambda records, n, field: records[n].pop(field),
}


@settings(max_examples=1000, deadline=None)
@given(kind=st.sampled_from(sorted(_MUTATIONS)), n=st.integers(0, LENGTH - 2), field=_TEXTS)
def test_every_change_is_found_at_its_place(kind: str, n: int, field: str) -> None:
    """Of a thousand cases none is missed, and what lies before is not accused."""
    records = a_chain()
    last = point(records[-1])
    _MUTATIONS[kind](records, n, field)

    found = findings_in(records, last)

    assert found
    seqs = [int(each.pointer.rpartition(":")[2]) for each in found]
    assert n + 1 <= min(seqs) <= n + 2


@given(st.integers(1, LENGTH - 1))
def test_a_cut_end_is_found_behind_an_anchor(left: int) -> None:
    """The first missing record is named."""
    records = a_chain()

    (finding,) = findings_in(records[:left], point(records[-1]))

    assert (finding.code, finding.pointer) == ("audit-truncated", f"main:{left + 1}")


def test_a_chain_computed_anew_is_found_by_its_checkpoint() -> None:
    """Every hash fits, but somebody outside remembers another."""
    records = a_chain()
    known = point(records[5])
    records[2]["actor"] = "somebody"

    (finding,) = findings_in(rehashed(records), known)

    assert (finding.code, finding.pointer) == ("audit-rewritten", "main:6")


def test_a_receipt_is_an_anchor() -> None:
    """What it tells must be on record."""
    records = a_chain()
    given_out = Witness(
        code="H13.01/2026/12",
        document_id=None,
        event="accepted",
        to="H13.02",
        at=records[-1]["at"],
        known_by="r1",
    )

    assert findings_in(records, witnesses=(given_out,)) == []
    assert [each.code for each in findings_in(records[:-1], witnesses=(given_out,))] == [
        "audit-untold"
    ]


@given(st.binary(max_size=200))
def test_a_line_that_is_no_record_is_told(line: bytes) -> None:
    """Whatever bytes it has."""
    assert [finding.code for finding in findings_in([read_line(line)])] == ["audit-unreadable"]


def test_a_record_in_another_form_is_none() -> None:
    """One record has one form of bytes."""
    line = canonical(a_chain()[0])

    assert read_line(line)["seq"] == 1
    assert read_line(line.replace(b":", b": ", 1)) == {}
