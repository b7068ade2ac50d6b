"""Rules on the header: mandatory data, types, lengths, dates and characters.

Agency codes are judged in ``recipients.py``, secrecy and declared kinds in ``barred.py``. What
JSON or XML could not be read as at all was reported by the reader.
"""

import difflib
import unicodedata
from collections.abc import Iterator

from gateway.domain.characters import first_unfit
from gateway.domain.document import BusinessKind
from gateway.domain.findings import Severity
from gateway.domain.rules.fields import FIELDS, Field
from gateway.domain.rules.mechanism import Candidate, Place, Reference, at, rule
from gateway.domain.text import fold

_RECIPIENT = ("Mã cơ quan nhận", "The recipient's code")
#: Ð (eth) and Ɖ (African D) look like Đ.
_LIKE_D = {0xD0: "Đ", 0x189: "Đ", 0xF0: "đ", 0x256: "đ"}
#: QĐ 20/2020 allows 35; codes of other blocks are opaque and may be longer.
_LONGEST_CODE = 100


def _texts(candidate: Candidate, reference: Reference) -> Iterator[tuple[Field, str]]:
    """Yield every text of the header that is present, recipients included unless too many."""
    metadata = candidate.metadata
    for each in FIELDS:
        text = each.read(metadata)
        if text:
            yield each, text
    if len(metadata.to) > reference.limits.recipients:
        return
    for index, code in enumerate(metadata.to):
        pointer = f"{candidate.recipient_pointer}/{index}"
        yield Field(pointer, *_RECIPIENT, lambda _: None, _LONGEST_CODE), code


@rule(
    "meta-missing",
    source="QĐ 28/2018/QĐ-TTg art. 10.2; NĐ 30/2020/NĐ-CP Annex I, Annex VI Part II",
    vi="{name} chưa có.",
    en="{name_en} is missing.",
    remedy="Bổ sung thông tin này rồi gửi lại.",
    remedy_en="Fill it in and send again.",
    from_axis=Severity.WARNING,
)
def mandatory_data_are_present(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """Every datum that QĐ 28/2018 art. 10.2 asks of the sender is given and not blank."""
    metadata = candidate.metadata
    yield from _missing_recipients(candidate, reference)
    for each in FIELDS:
        if each.required and not (each.read(metadata) or "").strip():
            yield at(each.pointer, name=each.name, name_en=each.name_en)
    if metadata.promulgated_on is None:
        yield at(
            "/metadata/promulgated_on",
            name="Ngày ban hành văn bản",
            name_en="The date of promulgation",
        )
    changes_another = metadata.business.kind is not BusinessKind.NEW
    if changes_another and not (metadata.business.of or "").strip():
        yield at(
            "/metadata/business/of",
            name="Mã của văn bản được thu hồi, cập nhật hoặc thay thế",
            name_en="The code of the document that is recalled, updated or replaced",
        )


def _missing_recipients(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    recipients = candidate.metadata.to
    if not recipients:
        yield at(
            candidate.recipient_pointer, name="Cơ quan nhận", name_en="The list of recipients"
        )
    elif len(recipients) <= reference.limits.recipients:
        for index, code in enumerate(recipients):
            if not code.strip():
                yield at(
                    f"{candidate.recipient_pointer}/{index}",
                    name=_RECIPIENT[0],
                    name_en=_RECIPIENT[1],
                )


@rule(
    "meta-type-unknown",
    source="NĐ 30/2020/NĐ-CP art. 7 and Annex III",
    vi="“{given}” không phải chữ viết tắt tên loại văn bản theo quy định.",
    en="“{given}” is not an official abbreviation of a document type.",
    remedy="Dùng đúng chữ viết tắt, kể cả chữ Đ và chữ hoa, chữ thường; công văn ghi CV.{hint}",
    remedy_en="Use the official abbreviation; Đ and case matter; CV for công văn.{hint_en}",
    from_axis=Severity.WARNING,
)
def type_is_official(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """The type is one of the abbreviations of Annex III, ``CV`` for công văn."""
    given = candidate.metadata.type
    if not given.strip() or given in reference.types:
        return
    nearest = _nearest_types(given, reference)
    vi = " hoặc ".join(f"“{each}”" for each in nearest)
    en = " or ".join(f"“{each}”" for each in nearest)
    yield at(
        "/metadata/type",
        given=given,
        hint=f" Có phải {vi}?" if nearest else "",
        hint_en=f" Is it {en}?" if nearest else "",
    )


def _nearest_types(given: str, reference: Reference) -> list[str]:
    """Return the types that may be meant: the same but for case, for Đ, by name, or nearly so."""
    given = given[:100].strip()
    same_but_case = [each for each in reference.types if each.casefold() == given.casefold()]
    if same_but_case:
        return same_but_case
    key = fold(given.translate(_LIKE_D))
    same_key = [each for each, name in reference.types.items() if key in (fold(each), fold(name))]
    return same_key or difflib.get_close_matches(given, reference.types, n=2, cutoff=0.5)


@rule(
    "meta-length",
    source="NĐ 30/2020/NĐ-CP Annex VI Part II",
    vi="{name} dài {length} ký tự, quá mức {longest} ký tự.",
    en="{name_en} has {length} characters, more than the {longest} allowed.",
    remedy="Rút gọn còn tối đa {longest} ký tự.",
    remedy_en="Shorten it to at most {longest} characters.",
    from_axis=Severity.WARNING,
)
def texts_fit_their_fields(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """No text is longer, counted in characters after NFC, than the field that receives it."""
    for each, text in _texts(candidate, reference):
        length = _length(text, each.longest)
        if length > each.longest:
            yield at(
                each.pointer,
                name=each.name,
                name_en=each.name_en,
                length=length,
                longest=each.longest,
            )


def _length(text: str, longest: int) -> int:
    """Count *text* after NFC, unless it is far too long in any form.

    NFC makes a text at most four times shorter, and takes quadratic time for endless accents.
    """
    if len(text) <= longest or len(text) > 4 * longest:
        return len(text)
    return len(unicodedata.normalize("NFC", text))


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
    if given is not None and given > today:
        yield at(
            "/metadata/promulgated_on",
            given=f"{given:%d/%m}/{given.year}",
            today=f"{today:%d/%m}/{today.year}",
            given_en=given.isoformat(),
            today_en=today.isoformat(),
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
            given=f"{given:%d/%m}/{given.year}",
            due=f"{due:%d/%m}/{due.year}",
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
    "meta-characters",
    source="TT 39/2017/TT-BTTTT items 2.7 and 3.14 (UTF-8, TCVN 6909:2001); XML 1.0 section 2.2",
    vi="{name} có {kind} ({code_point}) ở vị trí {position}.",
    en="{name_en} holds {kind_en} ({code_point}) at position {position}.",
    remedy="Xóa ký tự đó hoặc gõ lại nội dung bằng bộ gõ Unicode.",
    remedy_en="Delete that character, or type the text again.",
    from_axis=Severity.WARNING,
)
def texts_hold_only_text(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """No text holds control, invisible, direction or broken characters."""
    for each, text in _texts(candidate, reference):
        unfit = first_unfit(text, prose=each.prose)
        if unfit is not None:
            yield at(
                each.pointer,
                name=each.name,
                name_en=each.name_en,
                kind=unfit.kind,
                kind_en=unfit.kind_en,
                code_point=unfit.code_point,
                position=unfit.position,
            )


RULES = (
    mandatory_data_are_present,
    type_is_official,
    texts_fit_their_fields,
    promulgation_date_is_not_in_the_future,
    reply_is_due_after_promulgation,
    requested_reply_has_a_due_date,
    texts_hold_only_text,
)
