"""A CSV file of agencies against the directory that is stored: all of it is taken, or nothing.

A line overwrites the agency of its code, but opens no closed one again, takes no older code from
another agency, and closes no circle with what is stored.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from gateway.domain.directory import Agency, Directory
from gateway.domain.directory_checks import legacy_findings
from gateway.domain.directory_csv import read_agencies
from gateway.domain.directory_lines import BadLine
from gateway.domain.directory_moving import with_free_reversal
from gateway.domain.errors import Refused
from gateway.domain.findings import Finding
from gateway.domain.rules.mechanism import Statement


def read_import(text: str, directory: Directory, day: date) -> tuple[int, list[Agency]]:
    """Return how many agencies the file *text* has, and those that are new or differ.

    Raises:
        Refused: a finding `agency-csv` for each bad line.
    """
    given, bad = read_agencies(text, known={agency.code for agency in directory})
    if bad:
        raise _unreadable(bad)
    return len(given), _taken(directory, given, day)


def read_text(raw: bytes) -> str:
    """Return the text of a file; raise Refused with the finding `agency-csv-text` for no text."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _no_text(raw[: error.start].count(b"\n") + 1) from error
    if "\0" in text:
        raise _no_text(text[: text.index("\0")].count("\n") + 1)
    return text


def _no_text(line: int) -> Refused:
    found = _NO_TEXT.finding(str(line), line=line)
    return Refused(found.message_en, code=found.code, findings=[found])


def _taken(directory: Directory, given: Sequence[Agency], day: date) -> list[Agency]:
    """Return those of the agencies *given* by a file that are new or differ."""
    after = directory.changed(given)
    findings = [
        *_reopened(directory, given, day),
        *_circles(after, given),
        *_older_codes(directory, given),
    ]
    if findings:
        raise Refused(findings[0].message_en, code=findings[0].code, findings=findings)
    complete = [with_free_reversal(after, agency) for agency in given]
    stored = {agency.code: agency for agency in directory}
    return [agency for agency in complete if stored.get(agency.code) != agency]


def _older_codes(directory: Directory, given: Sequence[Agency]) -> Iterator[Finding]:
    replaced = {agency.code for agency in given}
    others = Directory(agency for agency in directory if agency.code not in replaced)
    for agency in given:
        if not agency.legacy_provisional:
            yield from legacy_findings(others, agency.legacy_code, agency.code)


def _reopened(directory: Directory, given: Iterable[Agency], day: date) -> Iterator[Finding]:
    stored = {agency.code: agency for agency in directory}
    for agency in given:
        earlier = stored.get(agency.code)
        if earlier is not None and earlier.is_closed(day) and not agency.is_closed(day):
            yield _REOPENED.finding(agency.code, code=agency.code)


def _circles(after: Directory, given: Iterable[Agency]) -> Iterator[Finding]:
    for agency in given:
        top = agency
        for above in after.ancestors(agency.code):
            top = above
        if top.parent is not None:  # the way up ends at a root, or came back to where it was
            yield _CIRCLE.finding(agency.code, code=agency.code)


def _unreadable(bad: Sequence[BadLine]) -> Refused:
    findings = [
        _BAD_LINE.finding(
            f"{line.line}:{line.column}" if line.column else str(line.line),
            line=line.line,
            reason=line.message,
            reason_en=line.message_en,
        )
        for line in bad
    ]
    lines = {line.line for line in bad}
    return Refused(
        f"the file has {len(lines)} bad lines, nothing was imported; "
        f"the first: {findings[0].message_en}",
        code="agency-csv",
        findings=findings,
    )


_NO_TEXT = Statement(
    code="agency-csv-text",
    source="QĐ 28/2018/QĐ-TTg art. 16.1, 19.1c; RFC 4180",
    vi="Tệp không phải CSV dạng văn bản UTF-8: từ dòng {line} không đọc được.",
    en="The file is no CSV in UTF-8: from line {line} on it cannot be read.",
    remedy="Chọn tệp CSV; từ bảng tính, lưu thành “CSV UTF-8”. Không dùng tệp PDF, Word hay XLSX.",
    remedy_en="Choose a CSV file; from a spreadsheet, save as CSV UTF-8. PDF, Word or XLSX will not do.",
)
_BAD_LINE = Statement(
    code="agency-csv",
    source="QĐ 28/2018/QĐ-TTg art. 16.1, 19.1c; RFC 4180",
    vi="Dòng {line}: {reason}",
    en="Line {line}: {reason_en}",
    remedy="Sửa dòng này rồi nhập lại toàn bộ tệp.",
    remedy_en="Mend the line and import the whole file again.",
)
_REOPENED = Statement(
    code="agency-csv",
    source="QĐ 28/2018/QĐ-TTg art. 16.1, 19.1c",
    vi="Mã “{code}” đã đóng, không được cấp lại.",
    en="The code {code!r} is closed; a closed code is never assigned again.",
    remedy="Sửa dòng này rồi nhập lại toàn bộ tệp.",
    remedy_en="Mend the line and import the whole file again.",
)
_CIRCLE = Statement(
    code="agency-csv",
    source="QĐ 28/2018/QĐ-TTg art. 16.1, 19.1c",
    vi="Cơ quan “{code}” trở thành cấp trên của chính nó.",
    en="The agency {code!r} would lie above itself.",
    remedy="Sửa dòng này rồi nhập lại toàn bộ tệp.",
    remedy_en="Mend the line and import the whole file again.",
)
