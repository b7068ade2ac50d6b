"""Rules on dates: of promulgation, and of the reply that is asked for."""

from collections.abc import Iterator
from datetime import date

from gateway.domain.findings import Severity
from gateway.domain.rules.mechanism import Candidate, Place, Reference, at, rule

#: The day since which there are documents of this State.
_INDEPENDENCE = date(1945, 9, 2)


def _day(day: date) -> str:
    return f"{day:%d/%m}/{day.year:04}"


@rule(
    "meta-date-future",
    source="NĐ 30/2020/NĐ-CP art. 15; QĐ 28/2018/QĐ-TTg art. 6.2",
    vi="Ngày ban hành {given} muộn hơn ngày hôm nay {today}.",
    en="The date of promulgation {given_en} lies after today, {today_en}.",
    remedy="Ghi ngày văn bản được ký ban hành, không muộn hơn ngày gửi.",
    remedy_en="Give the day on which it was signed and issued, not later than today.",
    from_axis=Severity.WARNING,
)
def promulgation_date_is_not_in_the_future(
    candidate: Candidate, reference: Reference
) -> Iterator[Place]:
    """A document is sent after it was signed and issued."""
    given, today = candidate.metadata.promulgated_on, reference.today
    if given is not None and given > (reference.latest_day or today):
        yield at(
            "/metadata/promulgated_on",
            given=_day(given),
            today=_day(today),
            given_en=given.isoformat(),
            today_en=today.isoformat(),
        )


@rule(
    "meta-date-early",
    source="NĐ 30/2020/NĐ-CP Annex VI Part II (IssuedDate)",
    vi="Ngày ban hành {given} sớm hơn ngày {first}, khi chưa có cơ quan nhà nước nào ban hành.",
    en="The date of promulgation {given_en} lies before {first_en}, the first day of the State.",
    remedy="Kiểm tra lại năm ban hành.",
    remedy_en="Check the year of promulgation.",
    from_axis=Severity.WARNING,
)
def promulgation_date_is_of_this_state(
    candidate: Candidate, reference: Reference
) -> Iterator[Place]:
    """No document is older than the State: such a date is a slip, or an empty field."""
    given = candidate.metadata.promulgated_on
    if given is not None and given < _INDEPENDENCE:
        yield at(
            "/metadata/promulgated_on",
            given=_day(given),
            first=_day(_INDEPENDENCE),
            given_en=given.isoformat(),
            first_en=_INDEPENDENCE.isoformat(),
        )


@rule(
    "meta-date-type",
    source="NĐ 30/2020/NĐ-CP art. 7 and 37",
    vi="Ngày ban hành {given} sớm hơn ngày {first}, khi loại văn bản “{type}” chưa được quy định.",
    en="The date of promulgation {given_en} lies before {first_en}, when the type “{type}” came.",
    remedy="Kiểm tra lại ngày ban hành và loại văn bản.",
    remedy_en="Check the date of promulgation and the type.",
    severity=Severity.WARNING,
)
def type_existed_on_promulgation(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """A type that a decree brought is not older than that decree."""
    given, of_type = candidate.metadata.promulgated_on, candidate.metadata.type
    first = reference.types_since.get(of_type)
    if given is not None and first is not None and _INDEPENDENCE <= given < first:
        yield at(
            "/metadata/promulgated_on",
            given=_day(given),
            first=_day(first),
            given_en=given.isoformat(),
            first_en=first.isoformat(),
            type=of_type,
        )


@rule(
    "meta-due-before",
    source="NĐ 30/2020/NĐ-CP Annex VI Part II (DueDate)",
    vi="Hạn trả lời {due} sớm hơn ngày ban hành {given}.",
    en="The reply is due on {due_en}, before the promulgation on {given_en}.",
    remedy="Kiểm tra lại hạn trả lời và ngày ban hành.",
    remedy_en="Check the due date and the date of promulgation.",
    severity=Severity.WARNING,
)
def reply_is_due_after_promulgation(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """A reply cannot be due before the document was issued."""
    given, due = candidate.metadata.promulgated_on, candidate.metadata.due_on
    if given is not None and due is not None and due < given:
        yield at(
            "/metadata/due_on",
            given=_day(given),
            due=_day(due),
            given_en=given.isoformat(),
            due_en=due.isoformat(),
        )


@rule(
    "meta-reply-undated",
    source="QĐ 28/2018/QĐ-TTg art. 10.2 (o)",
    vi="Văn bản yêu cầu trả lời nhưng không ghi hạn trả lời.",
    en="A reply is requested, but no due date is given.",
    remedy="Ghi hạn trả lời nếu có.",
    remedy_en="Give the due date when there is one.",
    severity=Severity.INFO,
)
def requested_reply_has_a_due_date(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """A request for a reply normally comes with its deadline."""
    if candidate.metadata.reply_requested and candidate.metadata.due_on is None:
        yield at("/metadata/due_on")


@rule(
    "meta-due-past",
    source="NĐ 30/2020/NĐ-CP Annex VI Part II (DueDate); QĐ 28/2018/QĐ-TTg art. 10.2 (o)",
    vi="Hạn trả lời {due} đã qua trước khi văn bản được gửi.",
    en="The reply was due on {due_en}, before the document was sent.",
    remedy="Gia hạn trả lời, hoặc bỏ hạn nếu chỉ gửi lại để lưu.",
    remedy_en="Give a later day, or none when the document is only sent for the record.",
    severity=Severity.WARNING,
)
def reply_is_not_overdue(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """Nobody can answer in time what was due before it was sent."""
    due, given = candidate.metadata.due_on, candidate.metadata.promulgated_on
    is_before_all = given is not None and due is not None and due < given  # ``meta-due-before``
    if due is not None and due < reference.today and not is_before_all:
        yield at("/metadata/due_on", due=_day(due), due_en=due.isoformat())


RULES = (
    promulgation_date_is_not_in_the_future,
    promulgation_date_is_of_this_state,
    type_existed_on_promulgation,
    reply_is_due_after_promulgation,
    requested_reply_has_a_due_date,
    reply_is_not_overdue,
)
