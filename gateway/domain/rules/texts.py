"""Rules on characters: Unicode that is right Vietnamese, and nothing that hides in it.

What can be mended without doubt was mended before the rules see it (``domain/mending.py``) and is
only told here; the rest is for the sender to type again.

Source: TCVN 6909:2001 by QĐ 72/2002/QĐ-TTg; TT 39/2017/TT-BTTTT items 2.7 and 3.14.
"""

from collections.abc import Callable, Iterator

from gateway.domain.characters import first_unfit
from gateway.domain.findings import Severity
from gateway.domain.legacy import old_encoding
from gateway.domain.mending import has_false_d, is_decomposed, is_half_composed
from gateway.domain.rules.fields import FIELDS, Field, texts_of
from gateway.domain.rules.mechanism import Candidate, Matter, Place, Reference, at, rule

#: Kept as the sender gave it, so that nothing may hide in it.
_IDENTIFIER = Field(
    "/document_id", "Mã định danh văn bản", "The document's identifier", lambda _: None, 200
)


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
    identifier = candidate.document_id
    identified = [(_IDENTIFIER, identifier)] if identifier else []
    for each, text in (*texts_of(candidate, reference), *identified):
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


def _mended(candidate: Candidate, has: Callable[[str], bool]) -> Iterator[Place]:
    """Yield the fields that were mended and whose text, as it was given, *has* a flaw."""
    if candidate.given is None:
        return
    for each in FIELDS:
        text = each.read(candidate.given)
        if text and text != each.read(candidate.metadata) and has(text):
            yield at(each.pointer, name=each.name, name_en=each.name_en)


@rule(
    "meta-decomposed",
    source="TCVN 6909:2001; TT 39/2017/TT-BTTTT item 3.14",
    vi="{name} dùng chữ tổ hợp (dấu rời); đã chuyển sang chữ dựng sẵn, nội dung không đổi.",
    en="{name_en} was written with combining marks; it is kept composed, the text is the same.",
    remedy="Không cần làm gì; nên chọn Unicode dựng sẵn trong bộ gõ.",
    remedy_en="Nothing need be done; composed Unicode (NFC) is preferred.",
    severity=Severity.INFO,
    about=Matter.MENDED,
)
def letters_are_composed(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """Letters taken apart throughout are as good as composed ones, and are told."""
    yield from _mended(candidate, lambda text: is_decomposed(text) and not is_half_composed(text))


@rule(
    "meta-half-composed",
    source="TCVN 6909:2001; TT 39/2017/TT-BTTTT item 3.14",
    vi="{name} có chữ ghép nửa chừng (kiểu Windows-1258); đã chuyển sang chữ dựng sẵn.",
    en="{name_en} has half-composed letters, as Windows-1258 writes them; it is kept composed.",
    remedy="Kiểm tra lại nội dung và chọn Unicode dựng sẵn trong bộ gõ.",
    remedy_en="Check the text, and choose composed Unicode (NFC).",
    severity=Severity.WARNING,
    about=Matter.MENDED,
)
def letters_are_not_half_composed(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """A composed letter with one more mark is what converters leave behind."""
    yield from _mended(candidate, is_half_composed)


@rule(
    "meta-look-alike",
    source="NĐ 30/2020/NĐ-CP Annex III; TCVN 6909:2001",
    vi="{name} có chữ Ð hoặc Ɖ chỉ giống chữ Đ; đã thay bằng chữ Đ đúng.",
    en="{name_en} has a letter that only looks like Đ (eth or African D); it is kept as Đ.",
    remedy="Gõ chữ Đ bằng bộ gõ tiếng Việt Unicode.",
    remedy_en="Type Đ (U+0110) with a Vietnamese input method.",
    severity=Severity.WARNING,
    about=Matter.MENDED,
)
def every_d_is_the_right_one(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """Đ carries meaning in symbols, so its look-alikes are replaced, and told."""
    yield from _mended(candidate, has_false_d)


@rule(
    "meta-legacy",
    source="QĐ 72/2002/QĐ-TTg; TCVN 6909:2001; TT 39/2017/TT-BTTTT items 2.7 and 3.14",
    vi="{name} có dấu vết bảng mã cũ {encoding} (ví dụ “{example}”), không đọc được đúng.",
    en="{name_en} holds remains of {encoding} (such as “{example}”) and cannot be read rightly.",
    remedy="Chuyển nội dung sang Unicode (TCVN 6909:2001) hoặc gõ lại rồi gửi lại.",
    remedy_en="Convert the text to Unicode (TCVN 6909:2001), or type it again.",
    from_axis=Severity.WARNING,
)
def texts_are_in_unicode(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """No text is TCVN3, VNI, Windows-1258 or UTF-8 that was read as something else."""
    # judged as given: mending an eth would hide what Windows-1258 leaves behind
    metadata = candidate.given or candidate.metadata
    for each in FIELDS:
        text = each.read(metadata)
        old = old_encoding(text) if text else None
        if old is not None:
            yield at(
                each.pointer,
                name=each.name,
                name_en=each.name_en,
                encoding=old.name,
                example=old.example,
            )


RULES = (
    texts_hold_only_text,
    letters_are_composed,
    letters_are_not_half_composed,
    every_d_is_the_right_one,
    texts_are_in_unicode,
)
