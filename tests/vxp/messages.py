"""Status messages for the VXP suites."""

from datetime import UTC, date, datetime

from gateway.domain.document import Organisation, StatusMessage
from gateway.formats.status import write_status
from tests.nodes import OFFICE, OTHER


def a_status(
    code: str,
    *,
    sender: str = OTHER,
    to: str = OFFICE,
    document_id: str = "TD-1",
    number: str = "15/SNV-VP",
    note: str = "Đã xử lý",
) -> bytes:
    """Return the status *code* of *sender* about the document that `a_message` makes."""
    return write_status(
        StatusMessage(
            sender=Organisation(code=sender),
            to=to,
            code=code,
            document_id=document_id,
            number_notation=number if document_id == "TD-1" else "999/X",
            promulgated_on=date(2026, 11, 20),
            note=note,
            at=datetime(2026, 11, 21, 3, tzinfo=UTC),
        )
    )
