"""What receipts say together: one chain for each document, and the digests of attachments."""

from pathlib import Path

import pytest

from gateway.domain.errors import Refused
from gateway.domain.findings import Severity
from gateway.domain.receipts import (
    Evidence,
    Said,
    chain_findings,
    document_findings,
    read_payload,
)

PAGE = Path(__file__).resolve().parents[2] / "docs" / "findings.md"


def said(**changes: object) -> Said:
    """Return what a receipt says, with *changes*."""
    payload: dict[str, object] = {
        "id": "r1",
        "issuer": "H13",
        "code": "H13.01/2026/1",
        "document_id": "H13.01/2026/1",
        "from": "H13.01",
        "to": "H13.02",
        "event": "arrived",
        "note": None,
        "at": "2026-11-20T09:00:00+07:00",
        "legal_at": "2026-11-20T09:00:00+07:00",
        "attachments": [{"n": 1, "name": "a.pdf", "sha256": "a" * 64}],
        "previous": None,
    }
    return read_payload(payload | changes)


def chain(*links: tuple[str, str | None], **changes: object) -> list[Evidence]:
    """Return receipts by (digest, previous), in this order."""
    return [
        Evidence(place=n, digest=digest, said=said(previous=previous, **changes))
        for n, (digest, previous) in enumerate(links)
    ]


def codes(receipts: list[Evidence], *, complete: bool = False) -> set[tuple[str, str]]:
    """Return code and weight of what is found about the chain."""
    found = chain_findings(receipts, must_be_complete=complete)
    return {(each.code, each.severity.value) for each in found}


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_a_whole_chain_holds_in_any_order(order: tuple[int, ...]) -> None:
    """Lists are newest first, feeds oldest first."""
    links = (("a", None), ("b", "a"), ("c", "b"))

    assert codes(chain(*(links[n] for n in order)), complete=True) == set()


def test_the_same_receipt_twice_is_one() -> None:
    """Two feeds were put together."""
    assert codes(chain(("a", None), ("b", "a"), ("a", None)), complete=True) == set()


def test_two_that_follow_one_cannot_both_be() -> None:
    """The chain forks: somebody was told another story."""
    assert codes(chain(("a", None), ("b", "a"), ("c", "a"))) == {("receipt-chain", "error")}


def test_two_that_begin_one_document_cannot_both_be() -> None:
    """The same code, each the first."""
    assert codes(chain(("a", None), ("b", None))) == {("receipt-chain", "error")}


def test_documents_without_code_begin_each_for_itself() -> None:
    """They were refused after being held, and nothing tells them apart."""
    assert codes(chain(("a", None), ("b", None), code=None, document_id=None)) == set()


def test_a_receipt_cannot_follow_that_of_another_document() -> None:
    """The codes differ."""
    first, second = chain(("a", None))[0], said(previous="a", code="H13.01/2026/2")

    receipts = [first, Evidence(place=1, digest="b", said=second)]

    assert codes(receipts) == {("receipt-chain", "error")}


def test_a_code_may_come_between() -> None:
    """A held document has none before it is released."""
    first = Evidence(place=0, digest="a", said=said(code=None, document_id=None))
    second = Evidence(place=1, digest="b", said=said(previous="a"))

    assert codes([first, second]) == set()


@pytest.mark.parametrize(("complete", "severity"), [(False, "info"), (True, "error")])
def test_a_missing_receipt_is_told(complete: bool, severity: str) -> None:  # noqa: FBT001
    """A recipient was not given those that speak of others; whoever wants all says so."""
    receipts = chain(("a", None), ("c", "b"))

    assert codes(receipts, complete=complete) == {("receipt-gap", severity)}


def test_files_are_compared_by_their_bytes() -> None:
    """Their names mean nothing."""
    (receipt,) = chain(("a", None))

    assert list(document_findings([receipt], {"/tmp/other-name": "a" * 64})) == []  # noqa: S108


@pytest.mark.parametrize(
    ("file", "code"),
    [("a.pdf", "receipt-document-altered"), ("in/b.pdf", "receipt-document")],
)
def test_a_file_that_no_receipt_names_is_told(file: str, code: str) -> None:
    """One that bears the name of an attachment was changed."""
    found = document_findings(chain(("a", None)), {file: "b" * 64})

    assert (code, Severity.ERROR, "/documents/0") in [
        (each.code, each.severity, each.pointer) for each in found
    ]


def test_an_attachment_whose_file_is_not_given_is_told() -> None:
    """What was compared, and what was not."""
    parts = [{"n": n, "name": f"{n}.pdf", "sha256": str(n) * 64} for n in (1, 2)]
    receipts = chain(("a", None), attachments=parts)

    (found,) = document_findings(receipts, {"1.pdf": "1" * 64})

    assert (found.code, found.pointer) == ("receipt-unchecked", "/receipts/0/attachments/2")


@pytest.mark.parametrize("key", ["id", "issuer", "event", "at", "attachments", "from"])
def test_a_payload_without_what_a_receipt_says_is_none(key: str) -> None:
    """A node signs other things, too."""
    payload: dict[str, object] = {
        "id": "r1",
        "issuer": "H13",
        "code": None,
        "document_id": None,
        "from": "H13.01",
        "to": None,
        "event": "refused",
        "note": "",
        "at": "",
        "legal_at": "",
        "attachments": [],
        "previous": None,
    }
    del payload[key]

    with pytest.raises(Refused) as refused:
        read_payload(payload)

    assert refused.value.code == "receipt-unreadable"
