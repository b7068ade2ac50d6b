"""Typed values out of JSON from outside, with a finding for everything that is not as it should be.

The parser keeps doubled keys, bounds numbers and depth, and takes UTF-8 only; the reader takes
fields by type. Nothing here raises for bad input but :func:`parse_json` for what is no JSON.
"""

import difflib
import json
import re
from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Never, TypeVar

from gateway.domain.characters import legible
from gateway.domain.errors import Refused
from gateway.domain.findings import Finding
from gateway.domain.rules.mechanism import Statement

_CONTRACT = "REST API /api/v1, submission metadata"
_JSON = "RFC 8259"

UNREADABLE = Statement(
    code="meta-unreadable",
    source=_JSON,
    vi="Phần metadata không phải JSON hợp lệ bằng UTF-8: {reason}.",
    en="The metadata are not valid JSON in UTF-8: {reason}.",
    remedy="Kiểm tra lại phần mềm tạo metadata.",
    remedy_en="Check the program that writes the metadata.",
)
UNKNOWN = Statement(
    code="meta-unknown",
    source=_CONTRACT,
    vi="Không có trường “{key}”.",
    en="There is no field “{key}”.",
    remedy="Bỏ trường này hoặc sửa tên{hint}.",
    remedy_en="Remove it or correct its name{hint_en}.",
)
DUPLICATE = Statement(
    code="meta-duplicate",
    source=f"{_JSON} section 4",
    vi="Trường “{key}” xuất hiện nhiều lần.",
    en="The field “{key}” is given more than once.",
    remedy="Chỉ giữ lại một giá trị.",
    remedy_en="Keep one value only.",
)
TYPE = Statement(
    code="meta-type",
    source=_CONTRACT,
    vi="Trường này phải là {expected}, không phải {found}.",
    en="This field must be {expected_en}, not {found_en}.",
    remedy="Sửa lại kiểu giá trị.",
    remedy_en="Give a value of that type.",
)
DATE = Statement(
    code="meta-date",
    source="ISO 8601; QĐ 28/2018/QĐ-TTg art. 14.4",
    vi="“{given}” không phải một ngày có thật dạng năm-tháng-ngày (YYYY-MM-DD).",
    en="“{given}” is not an existing date written as YYYY-MM-DD.",
    remedy="Ghi ngày theo dạng 2026-11-21.",
    remedy_en="Write the date like 2026-11-21.",
)
VALUE = Statement(
    code="meta-value",
    source=_CONTRACT,
    vi="Giá trị “{given}” không được chấp nhận.",
    en="The value “{given}” is not accepted.",
    remedy="Dùng một trong các giá trị: {allowed}.",
    remedy_en="Use one of: {allowed}.",
)
RANGE = Statement(
    code="meta-range",
    source="NĐ 30/2020/NĐ-CP Annex VI Part II (PageAmount, IssuedAmount)",
    vi="Số này phải từ 0 đến {largest}.",
    en="This number must lie between 0 and {largest}.",
    remedy="Kiểm tra lại số đã ghi.",
    remedy_en="Check the number.",
)
SURROGATE = Statement(
    code="meta-surrogate",
    source="RFC 8259 section 8.2; TT 39/2017/TT-BTTTT item 2.7",
    vi="Nội dung có nửa cặp thay thế lẻ (\\uD800 đến \\uDFFF), không phải ký tự Unicode.",
    en="The text holds a lone surrogate (\\uD800 to \\uDFFF), which is no Unicode character.",
    remedy="Kiểm tra lại phần mềm tạo metadata.",
    remedy_en="Check the program that writes the metadata.",
)
STATEMENTS = (UNREADABLE, UNKNOWN, DUPLICATE, TYPE, DATE, VALUE, RANGE, SURROGATE)

_LARGEST_COUNT = 999_999
_MOST_FINDINGS = 500
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SURROGATES = re.compile("[\\ud800-\\udfff]")

_Enum = TypeVar("_Enum", bound=StrEnum)


class Pairs(list[tuple[str, object]]):
    """A JSON object with its keys as written, doubles included."""


_TYPES: tuple[tuple[type, str, str], ...] = (
    (type(None), "null", "null"),
    (bool, "giá trị đúng/sai", "a boolean"),
    (int, "số", "a number"),
    (float, "số", "a number"),
    (str, "chuỗi ký tự", "a string"),
    (Pairs, "đối tượng", "an object"),
    (list, "danh sách", "an array"),
)


def parse_json(raw: bytes) -> object:
    try:
        return json.loads(
            raw.decode("utf-8-sig"),
            object_pairs_hook=Pairs,
            parse_int=_bounded_integer,
            parse_constant=_refuse_constant,
        )
    except UnicodeDecodeError as error:
        raise _unreadable(f"byte {error.start + 1}") from error
    except json.JSONDecodeError as error:
        raise _unreadable(f"{error.lineno}:{error.colno} {error.msg}") from error
    except RecursionError as error:
        raise _unreadable("nested too deeply") from error


def _bounded_integer(digits: str) -> int:
    """Read an integer; one of twenty digits or more is only known to be out of any range."""
    return int(digits[:20])


def _refuse_constant(name: str) -> Never:
    raise _unreadable(name)


def _unreadable(reason: str) -> Refused:
    finding = UNREADABLE.finding("/metadata", reason=reason)
    return Refused(finding.message_en, code="unreadable", findings=[finding])


class JsonReader:
    """Takes values out of parsed JSON by type, keeping what it has to complain about."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def say(self, statement: Statement, pointer: str, **values: object) -> None:
        if len(self.findings) < _MOST_FINDINGS:
            self.findings.append(statement.finding(pointer, local=True, **values))

    def wrong_type(self, pointer: str, value: object, expected: str, expected_en: str) -> None:
        found, found_en = next(
            ((vi, en) for kind, vi, en in _TYPES if isinstance(value, kind)), ("", "")
        )
        self.say(
            TYPE,
            pointer,
            expected=expected,
            expected_en=expected_en,
            found=found,
            found_en=found_en,
        )

    def inner(self, value: object, pointer: str, known: Sequence[str]) -> dict[str, object]:
        """Return the fields of an object inside; none when it is absent or of another type."""
        if value is None:
            return {}
        if not isinstance(value, Pairs):
            self.wrong_type(pointer, value, "đối tượng", "an object")
            return {}
        return self.fields(value, pointer, known)

    def fields(self, pairs: Pairs, pointer: str, known: Sequence[str]) -> dict[str, object]:
        """Return the fields with a *known* key; of doubled ones the first."""
        seen: dict[str, object] = {}
        doubled: set[str] = set()
        for key, value in pairs:
            if key not in seen:
                seen[key] = value
                if key not in known and len(self.findings) < _MOST_FINDINGS:
                    hint, hint_en = _hint(key, known)
                    self.say(
                        UNKNOWN, f"{pointer}/{_step(key)}", key=key, hint=hint, hint_en=hint_en
                    )
            elif key not in doubled:
                doubled.add(key)
                self.say(DUPLICATE, f"{pointer}/{_step(key)}", key=key)
        return {key: seen[key] for key in known if key in seen}

    def text(self, fields: dict[str, object], pointer: str) -> str | None:
        value = fields.get(_last(pointer))
        return None if value is None else self.string(value, pointer)

    def string(self, value: object, pointer: str) -> str:
        """Return a string as given; empty, and reported, when it is none."""
        if not isinstance(value, str):
            self.wrong_type(pointer, value, "chuỗi ký tự", "a string")
            return ""
        if _SURROGATES.search(value):
            self.say(SURROGATE, pointer)
            return ""
        return value

    def codes(self, value: object, pointer: str) -> tuple[str, ...]:
        if value is None:
            return ()
        if isinstance(value, Pairs) or not isinstance(value, list):
            self.wrong_type(pointer, value, "danh sách mã cơ quan", "an array of agency codes")
            return ()
        return tuple(self.string(code, f"{pointer}/{n}") for n, code in enumerate(value))

    def day(self, fields: dict[str, object], pointer: str) -> date | None:
        value = self.text(fields, pointer)
        if not value:
            return None
        try:
            if _ISO_DATE.fullmatch(value):
                return date.fromisoformat(value)
        except ValueError:
            pass
        self.say(DATE, pointer, given=value)
        return None

    def flag(self, fields: dict[str, object], pointer: str) -> bool:
        value = fields.get(_last(pointer))
        if value is None or isinstance(value, bool):
            return bool(value)
        self.wrong_type(pointer, value, "true hoặc false", "true or false")
        return False

    def count(self, fields: dict[str, object], pointer: str) -> int | None:
        value = fields.get(_last(pointer))
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            self.wrong_type(pointer, value, "số nguyên", "an integer")
            return None
        if not 0 <= value <= _LARGEST_COUNT:
            self.say(RANGE, pointer, largest=_LARGEST_COUNT)
            return None
        return value

    def choice(
        self, fields: dict[str, object], pointer: str, default: _Enum, *barred: _Enum
    ) -> _Enum:
        """Return one of the values of the kind of *default*, but none that is *barred*."""
        value = self.text(fields, pointer)
        if value is None or self._complained_of(pointer):
            return default
        allowed = {each.value: each for each in type(default) if each not in barred}
        if value not in allowed:
            self.say(VALUE, pointer, given=value, allowed=", ".join(allowed))
        return allowed.get(value, default)

    def _complained_of(self, pointer: str) -> bool:
        return any(finding.pointer == pointer for finding in self.findings)


def _last(pointer: str) -> str:
    return pointer.rpartition("/")[2]


def _step(key: str) -> str:
    """Write *key* as one step of a JSON Pointer (RFC 6901 section 3)."""
    return legible(key).replace("~", "~0").replace("/", "~1")


def _hint(key: str, known: Sequence[str]) -> tuple[str, str]:
    nearest = difflib.get_close_matches(key[:40].lower(), known, n=1, cutoff=0.6)
    if not nearest:
        return "", ""
    return f" (có phải “{nearest[0]}”?)", f" (is it “{nearest[0]}”?)"
