"""What an agency is reminded of: duties that were missed, and what a clerk should look at."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class ReminderKind(StrEnum):
    """Why an agency is reminded."""

    #: arrived and not accepted the same day (NĐ 30/2020/NĐ-CP art. 21.2c)
    LATE_ACKNOWLEDGEMENT = "late-acknowledgement"
    #: not sent by the morning of the next working day (QĐ 28/2018/QĐ-TTg art. 6.2)
    LATE_SENDING = "late-sending"
    #: the day by which an answer was asked for is over (NĐ 30/2020/NĐ-CP art. 24.2)
    OVERDUE = "overdue"
    #: identifier, or number, notation and agency, known before (NĐ 30/2020 Annex VI III.1h)
    DUPLICATE = "duplicate"
    #: asked back by its sender and not answered the same day (QĐ 28/2018/QĐ-TTg art. 9.2)
    RECALL_UNANSWERED = "recall-unanswered"
    #: a recipient refused a recall, for which the texts give it no right (NĐ 30/2020 art. 18.4b)
    RECALL_REFUSED = "recall-refused"


#: Reminders of what cannot be made good are settled by themselves after so long.
SHOWN = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """One thing that an agency is reminded of, once for each document and recipient."""

    seq: int = 0
    agency: str  #: that is reminded
    kind: ReminderKind
    document: str
    code: str | None  #: document code
    to: str = ""  #: recipient that it is about, "" for the document as a whole
    note: str | None = None
    at: datetime
