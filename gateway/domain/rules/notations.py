"""Rules on number and notation (số, ký hiệu): their form, their year, their type.

Four forms are in use (``domain/notation.py``). Offices write many more than any decree foresees,
and what an office has issued it cannot rename: nothing here refuses.
"""

import re
from collections.abc import Iterator

from gateway.domain.findings import Severity
from gateway.domain.notation import Block, parse_notation
from gateway.domain.rules.mechanism import Candidate, Place, Reference, at, rule

#: Digits, with the letters that offices append: ``15``, ``05a``, ``7816``.
_NUMBER = re.compile(r"[0-9]{1,9}[A-Za-zĐđ]{0,2}")
#: Official letters and courtesy letters begin with the agency, which may look like a type.
_WITHOUT_ABBREVIATION = frozenset({"CV", "ThC"})


@rule(
    "meta-notation",
    source="NĐ 30/2020/NĐ-CP Annex I II.3; Quy định 66-QĐ/TW of 2017",
    vi="Ký hiệu “{given}” không theo cách ghi của văn bản nhà nước, Đảng hay đoàn thể.",
    en="The notation “{given}” has none of the forms of state, Party and union documents.",
    remedy="Ghi ký hiệu liền nhau, ví dụ QĐ-UBND, UBND-VX, 2026/QĐ-UBND, CV/TU; số ghi riêng.",
    remedy_en="Write it without spaces, like QĐ-UBND, 2026/QĐ-UBND, CV/TU; the number apart.",
    severity=Severity.WARNING,
)
def notation_has_a_known_form(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """Groups of letters, joined by hyphens or, in Party documents, slashes."""
    given = candidate.metadata.notation
    if given.strip() and parse_notation(given.strip()) is None:
        yield at("/metadata/notation", given=given)


@rule(
    "meta-notation-year",
    source="NĐ 30/2020/NĐ-CP art. 15.1 (a)",
    vi="Năm {year} trong ký hiệu khác năm ban hành {issued}.",
    en="The year {year} in the notation is not that of the promulgation, {issued}.",
    remedy="Kiểm tra lại ký hiệu và ngày ban hành.",
    remedy_en="Check the notation and the date of promulgation.",
    severity=Severity.WARNING,
)
def year_of_the_notation_is_that_of_issue(
    candidate: Candidate, reference: Reference
) -> Iterator[Place]:
    """A legal normative document bears the year in which it was issued."""
    issued = candidate.metadata.promulgated_on
    notation = parse_notation(candidate.metadata.notation)
    if issued is None or notation is None or notation.block is not Block.NORMATIVE:
        return
    if notation.year != issued.year:
        yield at("/metadata/notation", year=notation.year, issued=issued.year)


@rule(
    "meta-notation-type",
    source="NĐ 30/2020/NĐ-CP Annex I II.3 and Annex III",
    vi="Ký hiệu bắt đầu bằng “{found}” ({found_name}) nhưng loại văn bản là “{type}”.",
    en="The notation begins with “{found}” ({found_name}), but the type is “{type}”.",
    remedy="Kiểm tra lại loại văn bản và ký hiệu; chữ Đ và chữ hoa, chữ thường có nghĩa.",
    remedy_en="Check type and notation; Đ and case matter.",
    severity=Severity.WARNING,
)
def notation_agrees_with_the_type(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """A notation that begins with the abbreviation of a type begins with that of this type."""
    of_type, types = candidate.metadata.type, reference.types
    if of_type in _WITHOUT_ABBREVIATION or of_type not in types:
        return
    notation = parse_notation(candidate.metadata.notation)
    if notation is None or notation.first == of_type:
        return
    if notation.first in types and notation.first not in _WITHOUT_ABBREVIATION:
        found = notation.first
        yield at("/metadata/notation", found=found, found_name=types[found], type=of_type)


@rule(
    "meta-number",
    source="NĐ 30/2020/NĐ-CP Annex I II.3",
    vi="Số “{given}” không phải chữ số Ả Rập.",
    en="The number “{given}” is not written in Arabic digits.",
    remedy="Chỉ ghi số thứ tự, ví dụ 05 hoặc 128; ký hiệu ghi ở trường riêng.",
    remedy_en="Give the running number alone, like 05 or 128; the notation has its own field.",
    severity=Severity.WARNING,
)
def number_is_a_number(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """The number is written in Arabic digits, perhaps with a letter behind."""
    given = (candidate.metadata.number or "").strip()
    if given and not _NUMBER.fullmatch(given):
        yield at("/metadata/number", given=given)


RULES = (
    number_is_a_number,
    notation_has_a_known_form,
    year_of_the_notation_is_that_of_issue,
    notation_agrees_with_the_type,
)
