"""The texts of a header: where they stand, what they are called, how long they may be."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from gateway.domain.document import Metadata
from gateway.domain.rules.mechanism import Candidate, Reference


@dataclass(frozen=True, slots=True)
class Field:
    """One text field of the metadata."""

    pointer: str
    name: str  #: Vietnamese
    name_en: str
    read: Callable[[Metadata], str | None]
    longest: int  #: characters after NFC
    required: bool = field(default=False, kw_only=True)
    prose: bool = field(default=False, kw_only=True)  #: may hold tabs and line ends


#: Lengths: NĐ 30/2020 Annex VI Part II; where it has none, wide enough for anything real.
FIELDS = (
    Field("/metadata/type", "Loại văn bản", "The type", lambda m: m.type, 100, required=True),
    Field(
        "/metadata/subject",
        "Trích yếu nội dung",
        "The subject",
        lambda m: m.subject,
        500,
        required=True,
        prose=True,
    ),
    Field("/metadata/number", "Số của văn bản", "The number", lambda m: m.number, 11),
    Field(
        "/metadata/notation",
        "Ký hiệu của văn bản",
        "The notation",
        lambda m: m.notation,
        30,
        required=True,
    ),
    Field(
        "/metadata/place",
        "Địa danh ban hành",
        "The place of promulgation",
        lambda m: m.place,
        100,
        required=True,
        prose=True,
    ),
    Field(
        "/metadata/signer/competence",
        "Quyền hạn của người ký",
        "The signer's competence",
        lambda m: m.signer.competence,
        100,
        prose=True,
    ),
    Field(
        "/metadata/signer/position",
        "Chức vụ của người ký",
        "The signer's position",
        lambda m: m.signer.position,
        100,
        required=True,
        prose=True,
    ),
    Field(
        "/metadata/signer/full_name",
        "Họ và tên người ký",
        "The signer's full name",
        lambda m: m.signer.full_name,
        50,
        required=True,
        prose=True,
    ),
    Field(
        "/metadata/reply_to",
        "Mã văn bản được trả lời",
        "The answered document",
        lambda m: m.reply_to,
        200,
    ),
    Field("/metadata/security", "Độ mật", "The security level", lambda m: m.security, 50),
    Field("/metadata/kind", "Nhóm văn bản khai báo", "The declared kind", lambda m: m.kind, 100),
    Field(
        "/metadata/business/of",
        "Mã văn bản trước",
        "The earlier document",
        lambda m: m.business.of,
        200,
    ),
    Field(
        "/metadata/business/reason",
        "Lý do",
        "The reason",
        lambda m: m.business.reason,
        500,
        prose=True,
    ),
)

RECIPIENT = ("Mã cơ quan nhận", "The recipient's code")
#: QĐ 20/2020 allows 35; codes of other blocks are opaque and may be longer.
_LONGEST_CODE = 100


def texts_of(candidate: Candidate, reference: Reference) -> Iterator[tuple[Field, str]]:
    """Yield every text of the header that is present, recipients included unless too many."""
    metadata = candidate.metadata
    for each in FIELDS:
        text = each.read(metadata)
        if text:
            yield each, text
    if len(metadata.to) > reference.limits.recipients:
        return
    for index, code in enumerate(metadata.to):
        yield _recipient(candidate.recipient_pointer, index), code


@lru_cache(maxsize=8192)
def _recipient(pointer: str, index: int) -> Field:
    """Return the field of the recipient of that number: the same in every document."""
    return Field(f"{pointer}/{index}", *RECIPIENT, lambda _: None, _LONGEST_CODE)
