"""How long content is kept: which rule a document falls under, and when its content may go.

Message and files may go; data, receipts and records stay. Nothing goes while anybody may still
fetch it or be sent it: a period counts from the last thing that happened to a document at rest.

Source: Law on Archives 33/2024/QH15 (destruction by decision, with its record); no regulation
fixes how long a node keeps what it has delivered, so that is for whoever runs it to decide.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from gateway.domain.errors import NotFound
from gateway.domain.exchange import Delivery, Document, Removal
from gateway.domain.findings import Finding, Severity
from gateway.domain.lifecycle import (
    FINAL_DELIVERY,
    FINAL_DOCUMENT,
    DocumentState,
    Recall,
    has_arrived,
)
from gateway.domain.rules.mechanism import Statement

#: What is removed because its sender took it back, and who ordered that.
RECALL_RULE = "recall"
RECALL_DECISION = "NĐ 30/2020/NĐ-CP Annex VI Part I III.8; QĐ 28/2018/QĐ-TTg art. 9.2"

REMOVED = Statement(
    code="content-removed",
    source="Law on Archives 33/2024/QH15; policy of the node, retention",
    severity=Severity.INFO,
    vi="Nội dung đã được xóa ngày {day} theo quy tắc “{rule}” ({decision}); dữ liệu, biên nhận và "
    "nhật ký vẫn được giữ.",
    en="The content was removed on {day} by rule `{rule}` ({decision}); data, receipts and records "
    "are kept.",
    remedy="Hỏi quản trị viên của nút; nếu có gói lưu trữ thì lấy nội dung từ gói đó.",
    remedy_en="Ask the node's administrator; where there is an archive package it has the content.",
)


class Action(StrEnum):
    """What is done with content whose period is over."""

    REMOVE = "remove"
    ARCHIVE = "archive"  #: written to a package and verified there, then removed


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How long content of some documents is kept."""

    name: str
    days: int  #: 0: for good
    states: frozenset[str] = frozenset()  #: of the document; empty: any
    types: frozenset[str] = frozenset()  #: empty: any
    action: Action = Action.REMOVE
    decision: str = ""

    def fits(self, state: str, type_: str) -> bool:
        """Whether it is about documents of that *state* and type."""
        return (not self.states or state in self.states) and (
            not self.types or type_ in self.types
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A document whose content is to go."""

    document: Document
    rule: Rule
    since: datetime  #: what last happened to it


def rule_of(rules: Sequence[Rule], state: str, type_: str) -> Rule | None:
    """Return the first of *rules* that fits, None when content stays for good."""
    found = next((each for each in rules if each.fits(state, type_)), None)
    return None if found is None or not found.days else found


def due(document: Document, rules: Sequence[Rule], now: datetime) -> Due | None:
    """Return what *rules* ask for about *document* at *now*, None while its content stays."""
    rule = rule_of(rules, document.state.value, document.metadata.type)
    if rule is None or document.removal is not None or not is_at_rest(document):
        return None
    since = last_event(document)
    if not is_over(since, rule, now):
        return None
    return Due(document=document, rule=rule, since=since)


def is_over(since: datetime, rule: Rule, now: datetime) -> bool:
    """Whether the period of *rule* that began *since* is over at *now*."""
    return since + timedelta(days=rule.days) <= now


def last_event(document: Document) -> datetime:
    """Return when something last happened to *document* or to one of its deliveries."""
    return max([document.submitted_at, *(each.updated_at for each in document.deliveries)])


def is_at_rest(document: Document) -> bool:
    """Whether nobody is still to be sent the content, to fetch it, or to give it back."""
    if document.state in FINAL_DOCUMENT:
        return True
    return document.state is DocumentState.ACCEPTED and all(map(_has_it, document.deliveries))


def _has_it(delivery: Delivery) -> bool:
    """Whether the recipient has what it is to have; a lease that it has not acknowledged counts not."""
    if delivery.state in FINAL_DELIVERY:
        return True
    fetched = delivery.leased_until is None and delivery.recall is not Recall.REQUESTED
    return fetched and has_arrived(delivery.state)


def digests(document: Document) -> dict[str, object]:
    """Return what tells which bytes a document had: they stand in the record of the removal."""
    return {
        "message": {"sha256": document.sha256, "size": document.size},
        "attachments": [
            {"n": each.n, "sha256": each.sha256, "size": each.size}
            for each in document.attachments
        ],
    }


def told(removal: Removal) -> Finding:
    """Return what is said in the place of content."""
    day = removal.at.date().isoformat()
    return REMOVED.finding("/attachments", day=day, rule=removal.rule, decision=removal.decision)


def is_removed(removal: Removal) -> NotFound:
    """Return the error of content that was removed."""
    finding = told(removal)
    text = f"{finding.message} / {finding.message_en}"
    return NotFound(text, code=REMOVED.code, findings=(finding,))
