"""The directory as CSV: read with every bad line reported, written so that it reads the same.

UTF-8 text with a header row, with or without a byte order mark, separated by commas or, as
spreadsheets with Vietnamese settings write it, by semicolons. The columns are the fields of an
agency; its contact takes a column for each of its parts, ``contact.email`` and so on. Only
``code`` and ``name`` must be there. A parent may come after those below it.
"""

import csv
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, timedelta
from io import StringIO

from gateway.domain.codes import (
    CodeForm,
    is_dotted,
    is_mistyped,
    is_sandbox,
    parent_of,
    parse_agency_code,
)
from gateway.domain.directory import Agency, AgencyKind, default_kind
from gateway.domain.directory_lines import BadLine, bad_line, circles, doubles, lost
from gateway.domain.text import clean

COLUMNS = (
    "code",
    "name",
    "parent",
    "short_name",
    "kind",
    "legacy_code",
    "legacy_provisional",
    "valid_from",
    "valid_to",
    "successor",
    "decision",
    "source",
)
CONTACT = "contact."
#: QĐ 20/2020/QĐ-TTg came into force: the day for rows that name none.
FIRST_DAY = date(2020, 9, 15)

_BOOLEANS = {"": False, "0": False, "false": False, "1": True, "true": True}


def read_agencies(text: str, *, known: Collection[str] = ()) -> tuple[list[Agency], list[BadLine]]:
    """Return the agencies of *text* and every bad line; import nothing while any is bad.

    Args:
        text: the whole file, decoded.
        known: codes that exist already and may be named as parent or successor.
    """
    rows, bad, listed = _rows(text.removeprefix("\ufeff"))
    read: list[tuple[int, Agency]] = []
    for line, row in rows:
        reader = _Row(line, row)
        agency = reader.agency()
        bad += reader.bad
        if agency is not None:
            read.append((line, agency))
    bad += doubles(read)
    bad += lost(read, {*known, *listed})
    bad += circles(read)
    return [agency for _, agency in read], sorted(bad, key=lambda entry: entry.line)


def write_agencies(agencies: Iterable[Agency]) -> str:
    """Return *agencies* as CSV, a header and one line each, in the order given."""
    listed = list(agencies)
    parts = sorted({key for agency in listed for key in agency.contact or ()})
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*COLUMNS, *(CONTACT + part for part in parts)])
    for agency in listed:
        contact = agency.contact or {}
        fields = (_written(getattr(agency, column)) for column in COLUMNS)
        writer.writerow([*fields, *(contact.get(part, "") for part in parts)])
    return text.getvalue()


def _written(value: object) -> str:
    """Return a field as the reader expects it."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _rows(text: str) -> tuple[list[tuple[int, dict[str, str]]], list[BadLine], set[str]]:
    """Return the lines by column, each with its number, what is wrong with their shape, and codes.

    One mistake is told once: under a wrong header no line is read, and none of a wrong length. A
    line that cannot be read still says that its code exists.
    """
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    rows: list[tuple[int, dict[str, str]]] = []
    bad: list[BadLine] = []
    header: list[str] | None = None
    listed: set[str] = set()
    for line, cells in _cells(text, delimiter):
        if isinstance(cells, csv.Error):
            bad.append(bad_line(line, "", f"Không đọc được: {cells}.", f"Unreadable: {cells}."))
        elif header is None:
            header = [clean(cell) for cell in cells]
            bad += _header_faults(header)
            if bad:
                return [], bad, listed
        elif any(cell.strip() for cell in cells):
            row = dict(zip(header, cells, strict=False))
            listed.add(clean(row.get("code", "")))
            if len(cells) == len(header):
                rows.append((line, row))
            else:
                bad.append(_wrong_length(line, len(cells), len(header)))
    if header is None:
        bad += _header_faults([])
    return rows, bad, listed


def _cells(text: str, delimiter: str) -> Iterator[tuple[int, list[str] | csv.Error]]:
    """Go through the lines; one that is no CSV gives its error, and the next is read."""
    lines = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = lines.line_num + 1
        try:
            yield line, next(lines)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, error


def _header_faults(header: list[str]) -> Iterator[BadLine]:
    """Report columns that are missing, unknown or there twice."""
    for column in ("code", "name"):
        if column not in header:
            yield bad_line(1, column, f"Thiếu cột “{column}”.", f"Column {column!r} is missing.")
    for position, column in enumerate(header):
        is_contact = column.startswith(CONTACT) and column != CONTACT
        if column not in COLUMNS and not is_contact:
            yield bad_line(
                1, column, f"Không có cột “{column}”.", f"Column {column!r} is unknown."
            )
        if column in header[:position]:
            yield bad_line(1, column, f"Cột “{column}” bị lặp.", f"Column {column!r} is repeated.")


def _wrong_length(line: int, cells: int, expected: int) -> BadLine:
    return bad_line(
        line,
        "",
        f"Dòng có {cells} ô, cần {expected} ô.",
        f"The line has {cells} cells, {expected} are expected.",
    )


class _Row:
    """One line while it is read; what is wrong gathers in ``bad``."""

    def __init__(self, line: int, row: Mapping[str, str]) -> None:
        self._line = line
        self._row = {column: clean(cell) for column, cell in row.items()}
        self.bad: list[BadLine] = []

    def agency(self) -> Agency | None:
        """Return the agency of the line, None when something is wrong with it."""
        code = self._code("code", required=True) or ""
        valid_from = self._date("valid_from") or FIRST_DAY
        valid_to = self._date("valid_to")
        if valid_to is not None and valid_to < valid_from - timedelta(1):
            self._fault("valid_to", "Ngày đóng trước ngày có hiệu lực.", "Ends before it begins.")
        name = self._row.get("name", "")
        if not name:
            self._fault("name", "Chưa có tên cơ quan.", "The agency has no name.")
        parent = self._code("parent") or (parent_of(code) if is_dotted(code) else None)
        agency = Agency(
            code=code,
            name=name,
            parent=parent,
            legacy_code=self._legacy(),
            legacy_provisional=self._boolean("legacy_provisional"),
            short_name=self._text("short_name"),
            kind=self._kind(code),
            valid_from=valid_from,
            valid_to=valid_to,
            successor=self._code("successor"),
            contact=self._contact(),
            decision=self._text("decision"),
            source=self._text("source"),
        )
        return None if self.bad else agency

    def _fault(self, column: str, message: str, message_en: str) -> None:
        self.bad.append(bad_line(self._line, column, message, message_en))

    def _text(self, column: str) -> str | None:
        return self._row.get(column) or None

    def _contact(self) -> dict[str, str] | None:
        parts = {
            column.removeprefix(CONTACT): cell
            for column, cell in self._row.items()
            if column.startswith(CONTACT) and cell
        }
        return parts or None

    def _code(self, column: str, *, required: bool = False) -> str | None:
        code = self._row.get(column, "")
        if not code:
            if required:
                self._fault(column, "Chưa có mã định danh.", "The agency has no code.")
            return None
        if _is_code(code):
            return code
        self._fault(
            column,
            f"Mã “{code}” không đúng cấu trúc, ví dụ đúng: H13.01.",
            f"{code!r} is no agency code, H13.01 would be one.",
        )
        return None

    def _legacy(self) -> str | None:
        code = self._code("legacy_code")
        if code is not None and parse_agency_code(code).form is not CodeForm.QCVN102:
            self._fault(
                "legacy_code",
                f"Mã cũ “{code}” không đúng dạng 000.00.01.H13.",
                f"{code!r} has not the older form, 000.00.01.H13 would have it.",
            )
        return code

    def _date(self, column: str) -> date | None:
        text = self._row.get(column, "")
        if not text:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            self._fault(
                column,
                f"Ngày “{text}” không hợp lệ, cần dạng 2025-07-01.",
                f"{text!r} is no date, write 2025-07-01.",
            )
            return None

    def _boolean(self, column: str) -> bool:
        text = self._row.get(column, "").lower()
        if text not in _BOOLEANS:
            self._fault(
                column, f"“{text}” không phải true hoặc false.", f"{text!r} is not true or false."
            )
        return _BOOLEANS.get(text, False)

    def _kind(self, code: str) -> AgencyKind:
        text = self._row.get("kind", "")
        if not text:
            return default_kind(code)
        if text in set(AgencyKind):
            return AgencyKind(text)
        known = ", ".join(AgencyKind)
        self._fault(
            "kind",
            f"Không có loại cơ quan “{text}”, chọn một trong: {known}.",
            f"{text!r} is no kind of agency, choose of: {known}.",
        )
        return AgencyKind.OTHER


def _is_code(text: str) -> bool:
    try:
        parse_agency_code(text)
    except ValueError:
        return False
    return not is_mistyped(text) and not is_sandbox(text)
