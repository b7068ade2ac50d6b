"""Rules on the sender and the recipients: codes, listed, open, reachable, not doubled, not too many.

In a message from an axis only our own recipients are judged; the others are for other nodes.
With more recipients than the node takes, only their number is reported.
"""

from collections.abc import Iterator
from itertools import count

from gateway.domain.codes import from_legacy, parse_agency_code
from gateway.domain.directory import Agency, Unknown
from gateway.domain.findings import Severity
from gateway.domain.rules.mechanism import Candidate, Place, Reference, at, rule

_SENDER = "/from"
#: Longer codes are none (``meta-length``); nothing is looked up for them.
_LONGEST_CODE = 100
#: Looking for what was meant costs time: only the first unknown codes get a suggestion.
_MOST_HINTS = 10


def _recipients(candidate: Candidate, reference: Reference) -> Iterator[tuple[int, str]]:
    """Yield position, from 0, and code of every recipient that is judged here."""
    recipients = candidate.metadata.to
    if len(recipients) > reference.limits.recipients:
        return
    for index, code in enumerate(recipients):
        if not code.strip() or len(code) > _LONGEST_CODE:
            continue
        if candidate.local or reference.is_ours(code):
            yield index, code


def _pointer(candidate: Candidate, index: int) -> str:
    """Return where the recipient stands; there may be thousands, and few are spoken of."""
    return f"{candidate.recipient_pointer}/{index}"


@rule(
    "agency-too-many",
    source="limit of the node, [limits] recipients",
    vi="Có {count} cơ quan nhận, quá mức {limit}.",
    en="There are {count} recipients, more than the {limit} allowed.",
    remedy="Chia thành nhiều lần gửi.",
    remedy_en="Send to them in several parts.",
)
def recipients_are_not_too_many(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """There are at most as many recipients as the node takes."""
    number, limit = len(candidate.metadata.to), reference.limits.recipients
    if number > limit:
        yield at(candidate.recipient_pointer, count=number, limit=limit)


@rule(
    "agency-unknown",
    source="QĐ 28/2018/QĐ-TTg art. 8.2; QĐ 20/2020/QĐ-TTg",
    vi="Không có cơ quan nhận mang mã “{code}” mà hệ thống chuyển tới được.",
    en="“{code}” is no agency that this node can deliver to.",
    remedy="Kiểm tra mã cơ quan nhận trong danh bạ{hint}.",
    remedy_en="Look the code up in the directory{hint_en}.",
)
def recipient_is_known(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """A recipient of ours is in the directory; any other is served by some axis."""
    hints = count()
    for index, code in _recipients(candidate, reference):
        if _can_be_served(code, reference):
            continue
        nearest = _nearest(code, reference) if next(hints) < _MOST_HINTS else ""
        yield at(
            _pointer(candidate, index),
            code=code,
            hint=f" (có phải {nearest}?)" if nearest else "",
            hint_en=f" (is it {nearest}?)" if nearest else "",
        )


def _can_be_served(code: str, reference: Reference) -> bool:
    if reference.is_ours(code):
        return _exists(code, reference)
    return _is_a_code(code) and reference.is_reachable(code)


def _is_a_code(text: str) -> bool:
    """Whether *text* can be a code of any block; an axis that serves the rest serves no nonsense."""
    try:
        parse_agency_code(text)
    except ValueError:
        return False
    return True


def _exists(code: str, reference: Reference) -> bool:
    """Whether the directory knows *code* as open or closed; an agency of the future is neither."""
    agency = reference.directory.find(code)
    return agency is not None and agency.valid_from <= reference.today


def _nearest(code: str, reference: Reference) -> str:
    resolution = reference.directory.resolve(code, reference.today)
    if not isinstance(resolution, Unknown):
        return ""
    return ", ".join(each.code for each in resolution.nearest if each.code != code)


@rule(
    "agency-closed",
    source="QĐ 09/2025/QĐ-TTg; QĐ 28/2018/QĐ-TTg art. 16.1",
    vi="Mã cơ quan nhận “{code}” đã đóng, hết hiệu lực sau ngày {until}{successor}.",
    en="The recipient's code “{code}” was closed after {until_en}{successor_en}.",
    remedy="{remedy}",
    remedy_en="{remedy_en}",
)
def recipient_is_open(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """No recipient has a closed code; the agency that follows it is named."""
    for index, code in _recipients(candidate, reference):
        agency = reference.directory.find(code)
        if agency is not None and agency.is_closed(reference.today):
            yield at(_pointer(candidate, index), code=code, **_closure(agency, reference))


def _closure(agency: Agency, reference: Reference) -> dict[str, object]:
    """Return the texts about the end of *agency* and about who follows it."""
    until = agency.valid_to or reference.today
    texts: dict[str, object] = {
        "until": f"{until:%d/%m}/{until.year}",
        "until_en": until.isoformat(),
    }
    successor = reference.directory.successor_of(agency, reference.today)
    if successor is None:
        return texts | {
            "successor": "",
            "successor_en": "",
            "remedy": "Hỏi cơ quan cấp trên về đơn vị kế thừa.",
            "remedy_en": "Ask the agency above it who follows.",
        }
    return texts | {
        "successor": f"; đơn vị kế thừa là {successor.code}",
        "successor_en": f"; its successor is {successor.code}",
        "remedy": f"Gửi tới {successor.code} ({successor.name[:40]}).",
        "remedy_en": f"Send to {successor.code} ({successor.name[:40]}).",
    }


@rule(
    "agency-duplicate",
    source="NĐ 30/2020/NĐ-CP Annex VI Part I III.1 (h)",
    vi="Mã “{code}” và mã ở vị trí {first} là cùng một cơ quan nhận.",
    en="“{code}” and the code at position {first} are the same recipient.",
    remedy="Chỉ ghi mỗi cơ quan nhận một lần, kể cả khi có mã cũ và mã mới.",
    remedy_en="Name each recipient once, also where it has an old and a new code.",
    from_axis=Severity.WARNING,
)
def recipients_differ(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """No agency is named twice, be it under its old and its new code."""
    seen: dict[str, int] = {}
    for index, code in _recipients(candidate, reference):
        first = seen.setdefault(_canonical(code, reference), index)
        if first != index:
            yield at(_pointer(candidate, index), code=code, first=first + 1)


def _canonical(code: str, reference: Reference) -> str:
    """Return the one code of an agency: that of the directory, else the plain reversal."""
    agency = reference.directory.find(code)
    return from_legacy(code) or code if agency is None else agency.code


@rule(
    "agency-self",
    source="QĐ 28/2018/QĐ-TTg art. 3",
    vi="Cơ quan gửi cũng là cơ quan nhận ({code}).",
    en="The sender is among the recipients ({code}).",
    remedy="Bỏ mã này nếu không chủ ý gửi cho chính mình.",
    remedy_en="Remove this code unless it is meant.",
    severity=Severity.INFO,
)
def sender_is_no_recipient(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """A document normally goes to somebody else."""
    sender = _canonical(candidate.sender, reference)
    for index, code in _recipients(candidate, reference):
        if _canonical(code, reference) == sender:
            yield at(_pointer(candidate, index), code=code)


@rule(
    "agency-none",
    source="QĐ 28/2018/QĐ-TTg art. 8.2; NĐ 30/2020/NĐ-CP art. 21.2",
    vi="Không cơ quan nhận nào của văn bản thuộc nút này hoặc chuyển tiếp được từ đây.",
    en="None of the recipients belongs to this node or can be reached from here.",
    remedy="Trục liên thông cần chuyển văn bản tới nút của cơ quan nhận.",
    remedy_en="The axis should hand it to the node of the recipient.",
)
def some_recipient_can_be_served(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """A message from an axis names at least one recipient that this node can do something for."""
    recipients = candidate.metadata.to
    if candidate.local or len(recipients) > reference.limits.recipients:
        return
    if not any(
        reference.is_ours(code) or reference.is_reachable(code)
        for code in recipients
        if len(code) <= _LONGEST_CODE
    ):
        yield at(candidate.recipient_pointer)


@rule(
    "agency-sender-form",
    source="QĐ 20/2020/QĐ-TTg; QCVN 102:2016/BTTTT (OrganId)",
    vi="Mã cơ quan gửi “{code}” không phải là mã định danh cơ quan.",
    en="The sender's code “{code}” is no code of an agency.",
    remedy="Ghi mã như H13.01 hoặc 000.00.01.H13: tối đa 50 chữ cái không dấu, chữ số, “.”, “_”, “-”.",
    remedy_en="Write a code such as H13.01 or 000.00.01.H13: at most 50 letters without accents, "
    "digits, “.”, “_”, “-”.",
    from_axis=Severity.WARNING,
)
def sender_has_a_code(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """The sender's code can be one of any block, whether or not a directory is at hand."""
    if candidate.sender.strip() and not _is_a_code(candidate.sender):
        yield at(_SENDER, code=candidate.sender)


@rule(
    "agency-sender-unknown",
    source="QĐ 28/2018/QĐ-TTg art. 9.1, 10.2 (a)",
    vi="Cơ quan gửi “{code}” không có trong danh bạ.",
    en="The sender “{code}” is not in the directory.",
    remedy="Kiểm tra mã cơ quan gửi hoặc bổ sung vào danh bạ.",
    remedy_en="Check the sender's code or add it to the directory.",
    from_axis=Severity.INFO,
)
def sender_is_known(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """The sender is listed; one from elsewhere need not be."""
    is_code = candidate.sender.strip() and _is_a_code(candidate.sender)
    if is_code and not _exists(candidate.sender, reference):
        yield at(_SENDER, code=candidate.sender)


@rule(
    "agency-sender-closed",
    source="QĐ 09/2025/QĐ-TTg; QĐ 28/2018/QĐ-TTg art. 16.1",
    vi="Mã cơ quan gửi “{code}” đã đóng, hết hiệu lực sau ngày {until}{successor}.",
    en="The sender's code “{code}” was closed after {until_en}{successor_en}.",
    remedy="Gửi bằng mã đang hiệu lực của cơ quan.",
    remedy_en="Send under the code that is valid now.",
    from_axis=Severity.WARNING,
)
def sender_is_open(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """A closed agency sends nothing new."""
    agency = reference.directory.find(candidate.sender)
    if agency is not None and agency.is_closed(reference.today):
        yield at(_SENDER, code=candidate.sender, **_closure(agency, reference))


RULES = (
    recipients_are_not_too_many,
    recipient_is_known,
    recipient_is_open,
    recipients_differ,
    sender_is_no_recipient,
    some_recipient_can_be_served,
    sender_has_a_code,
    sender_is_known,
    sender_is_open,
)
#: What needs no directory.
FORM_RULES = (sender_has_a_code,)
