"""Reminding: a reminder is stored once and told in the event stream, in the unit that finds it."""

from datetime import datetime

from gateway.domain.exchange import Document, Notice
from gateway.domain.reminders import Reminder, ReminderKind
from gateway.domain.routing import AXIS
from gateway.ports import Transaction

#: How the event stream calls a reminder; its state says which one.
KIND = "reminder"


def remind(
    tx: Transaction,
    document: Document,
    kind: ReminderKind,
    *,
    agency: str,
    at: datetime,
    to: str = "",
    note: str | None = None,
) -> bool:
    """Remind *agency* of *document*; return False when it was reminded before."""
    reminder = Reminder(
        agency=agency,
        kind=kind,
        document=document.id,
        code=document.code,
        to=to,
        note=note,
        at=at,
    )
    if not tx.reminders.add(reminder):
        return False
    tx.feed.add_notice(
        Notice(
            agency=agency,
            kind=KIND,
            document=document.id,
            code=document.code,
            state=kind.value,
            at=at,
        )
    )
    return True


def warn_of_duplicate(tx: Transaction, document: Document, *, at: datetime, note: str) -> None:
    """Warn the clerks of our offices that got *document* that something like it was there."""
    for delivery in document.deliveries:
        if delivery.route != AXIS:
            remind(
                tx,
                document,
                ReminderKind.DUPLICATE,
                agency=delivery.agency,
                at=at,
                to=delivery.to,
                note=note,
            )
