"""Rules on the header: mandatory data, types and lengths.

Dates are judged in ``dates.py``, characters in ``texts.py``, notations in ``notations.py``, agency
codes in ``recipients.py``, secrecy and declared kinds in ``barred.py``. What JSON or XML could not
be read as at all was reported by the reader.
"""

import difflib
import unicodedata
from collections.abc import Callable, Iterator

from gateway.domain.document import BusinessKind, Metadata, Priority
from gateway.domain.findings import Severity
from gateway.domain.marks import bears_urgency_mark
from gateway.domain.rules.fields import FIELDS, RECIPIENT, texts_of
from gateway.domain.rules.mechanism import Candidate, Place, Reference, at, rule
from gateway.domain.text import fold

_COUNTS: tuple[tuple[str, str, str, Callable[[Metadata], int | None]], ...] = (
    ("/metadata/pages", "Số trang", "The number of pages", lambda m: m.pages),
    ("/metadata/copies", "Số lượng bản", "The number of copies", lambda m: m.copies),
)
_LARGEST_COUNT = 999
#: Ð (eth) and Ɖ (African D) look like Đ.
_LIKE_D = {0xD0: "Đ", 0x189: "Đ", 0xF0: "đ", 0x256: "đ"}
#: Legal normative documents that are not among the 29 administrative types and have no
#: abbreviation in Annex III; edXML names them in full (Luật 64/2025/QH15 art. 4).
_NORMATIVE = frozenset(
    {
        "hien phap",
        "bo luat",
        "luat",
        "phap lenh",
        "lenh",
        "nghi dinh",
        "nghi quyet lien tich",
        "thong tu",
        "thong tu lien tich",
    }
)


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
    if not candidate.sender.strip():
        yield at("/from", name="Mã cơ quan gửi", name_en="The code of the sender")
    yield from _missing_recipients(candidate, reference)
    if metadata.business.kind is not BusinessKind.RECALL:
        yield from _missing_data(metadata)
    changes_another = metadata.business.kind is not BusinessKind.NEW
    if changes_another and not (metadata.business.of or "").strip():
        yield at(
            "/metadata/business/of",
            name="Mã của văn bản được thu hồi, cập nhật hoặc thay thế",
            name_en="The code of the document that is recalled, updated or replaced",
        )


def _missing_data(metadata: Metadata) -> Iterator[Place]:
    """Go through what a document must say of itself; a recall only names the one that it recalls."""
    for each in FIELDS:
        if each.required and not (each.read(metadata) or "").strip():
            yield at(each.pointer, name=each.name, name_en=each.name_en)
    if metadata.promulgated_on is None:
        yield at(
            "/metadata/promulgated_on",
            name="Ngày ban hành văn bản",
            name_en="The date of promulgation",
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
                    name=RECIPIENT[0],
                    name_en=RECIPIENT[1],
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
    if not given.strip() or given in reference.types or is_normative(given):
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


def is_normative(given: str) -> bool:
    """Whether *given* names a type of legal normative documents, which have no abbreviation."""
    return fold(given[:100]) in _NORMATIVE


@rule(
    "meta-type-normative",
    source="Luật 64/2025/QH15 art. 4; NĐ 30/2020/NĐ-CP art. 7",
    vi="“{given}” là văn bản quy phạm pháp luật, không có chữ viết tắt trong danh mục.",
    en="“{given}” is a legal normative document; the list of abbreviations has none for it.",
    remedy="Không cần làm gì nếu đúng loại văn bản; tên loại được giữ nguyên.",
    remedy_en="Nothing need be done when the type is right; its name is kept as given.",
    severity=Severity.INFO,
)
def normative_type_is_told(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """Normative documents are sent too; NĐ 30/2020 lists the administrative types alone."""
    given = candidate.metadata.type
    if given not in reference.types and is_normative(given):
        yield at("/metadata/type", given=given)


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
    for each, text in texts_of(candidate, reference):
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
    "meta-count",
    source="NĐ 30/2020/NĐ-CP Annex VI Part II (PageAmount, IssuedAmount)",
    vi="{name} là {count}, nhiều hơn ba chữ số.",
    en="{name_en} is {count}, more than three digits.",
    remedy="Kiểm tra lại số đã ghi.",
    remedy_en="Check the number.",
    severity=Severity.WARNING,
)
def numbers_fit_their_fields(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """Pages and copies have the three digits of their fields; a larger number is odd, not wrong."""
    for pointer, name, name_en, read in _COUNTS:
        count = read(candidate.metadata)
        if count is not None and count > _LARGEST_COUNT:
            yield at(pointer, name=name, name_en=name_en, count=count)


@rule(
    "meta-priority-mark",
    source="QĐ 28/2018/QĐ-TTg art. 6.2; NĐ 30/2020/NĐ-CP Annex I III.2 (b)",
    vi="Trích yếu có dấu độ khẩn nhưng độ khẩn khai là thường.",
    en="The subject bears a mark of urgency, but the priority is normal.",
    remedy="Khai độ khẩn: urgent (khẩn), very-urgent (thượng khẩn) hoặc express (hỏa tốc).",
    remedy_en="State the priority: urgent, very-urgent or express.",
    severity=Severity.WARNING,
)
def marked_urgency_is_declared(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """Only a declared urgency puts a document first."""
    metadata = candidate.metadata
    if metadata.priority is Priority.NORMAL and bears_urgency_mark(metadata.subject):
        yield at("/metadata/priority")


RULES = (
    mandatory_data_are_present,
    type_is_official,
    normative_type_is_told,
    texts_fit_their_fields,
    numbers_fit_their_fields,
    marked_urgency_is_declared,
)
