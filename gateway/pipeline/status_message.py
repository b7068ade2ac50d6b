"""The status message (gói tin trạng thái) that says on the wire what a receipt says."""

from gateway.domain import history
from gateway.domain.characters import legible
from gateway.domain.document import Organisation, StatusMessage
from gateway.domain.exchange import Document, Receipt
from gateway.pipeline.movement import WIRE_STATUS
from gateway.ports import Transaction

#: Characters of a note that go into a status message.
_LONGEST_NOTE = 2000


def status_of(tx: Transaction, document: Document, receipt: Receipt) -> StatusMessage:
    """Return what *receipt* says about *document*: a recipient reports to the sender.

    Of a recall that is asked for, the sender speaks to the recipient (status 13).
    """
    recipient = receipt.to or ""
    asked = receipt.event == history.RECALL_REQUESTED
    told = {receipt.to, None} if asked else {receipt.to}  # one recall may ask all recipients
    note = next(
        (
            event.note
            for event in tx.audit.history(document.id)
            if (event.event, event.at) == (receipt.event, receipt.at) and event.to in told
        ),
        None,
    )
    delivery = next((each for each in document.deliveries if each.to == recipient), None)
    metadata = document.metadata
    staff = {} if asked or delivery is None else delivery.staff or {}
    return StatusMessage(
        sender=Organisation(code=document.sender if asked else recipient),
        to=recipient if asked else document.sender,
        code=WIRE_STATUS[receipt.event],
        document_id=document.document_id,
        number_notation=f"{metadata.number or ''}/{metadata.notation}",
        promulgated_on=metadata.promulgated_on,
        note=None if note is None else legible(note, limit=_LONGEST_NOTE),
        at=receipt.at,
        staff={key: legible(value, limit=_LONGEST_NOTE) for key, value in staff.items()},
    )
