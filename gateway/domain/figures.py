"""Figures of a period: counts, medians and shares, from tallies of facts.

A document to n recipients is one `sent` and n `deliveries`. Every count lies in the period of its
own event. Source: the counts of the public contract; QĐ 28/2018/QĐ-TTg art. 11, 15; S2 art. 13.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date

from gateway.domain.directory import Directory
from gateway.domain.errors import Refused
from gateway.domain.findings import Finding
from gateway.domain.rules.mechanism import Statement
from gateway.domain.statistics import (
    ARRIVED,
    DELIVERIES,
    RECALL_REFUSED,
    RECALL_REQUESTED,
    SENT,
    TURNED_AWAY,
    USES,
)

#: What figures may be grouped by, in the order of the contract.
GROUPS = (
    "agency",
    "direction",
    "counterpart",
    "account",
    "type",
    "priority",
    "business",
    "legal_value",
    "signed",
    "paper",
    "way",
    "state",
    "reason",
    "hour",
    "day",
    "month",
    "quarter",
    "half",
    "year",
)
#: Those of them that are stretches of time.
PERIODS = frozenset({"hour", "day", "month", "quarter", "half", "year"})
LEGAL, ACTUAL = "legal", "actual"
HIERARCHY, SUCCESSORS, BOTH = "hierarchy", "successors", "both"
ROLL_UPS = (HIERARCHY, SUCCESSORS, BOTH)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
#: With these an agency that received is a row beside the one that sent.
_OF_BOTH_SIDES = frozenset({"agency", "counterpart", "direction"})
#: Facts that are counted under their own name.
_COUNTED = (DELIVERIES, ARRIVED, "accepted", "refused", "done", "failed", "recalled")
#: Facts of which medians are given: from posting to arrival, on to acceptance, on to the end.
TIMED = (ARRIVED, "accepted", "done")
COUNTS = (
    SENT,
    *_COUNTED,
    "original",
    "reference",
    "accepted_same_day",
    "sent_next_morning",
    TURNED_AWAY,
    "accepted_late",
    "unaccepted",
    "sent_late",
    RECALL_REQUESTED,
    RECALL_REFUSED,
    *USES.values(),
)
#: Duties, each with the counts of what missed it.
DUTIES = {
    "accepted_same_day": ("accepted_late", "unaccepted"),
    "sent_next_morning": ("sent_late",),
}
#: How a fact that was judged counts, when the duty was kept and when it was missed.
_JUDGED = {
    SENT: ("sent_next_morning", "sent_late"),
    "accepted": ("accepted_same_day", "accepted_late"),
    ARRIVED: (None, "unaccepted"),
}
MEASURES = (
    *(f"{name}_{what}_s" for name in TIMED for what in ("median", "p95")),
    *(f"{name}_percent" for name in DUTIES),
)

#: How groups, counts and intervals are called by those who read reports.
HEADINGS = {
    "agency": "Cơ quan",
    "direction": "Chiều",
    "counterpart": "Bên kia",
    "account": "Tài khoản",
    "type": "Loại văn bản",
    "priority": "Độ khẩn",
    "business": "Nghiệp vụ",
    "legal_value": "Giá trị pháp lý",
    "signed": "Ký số",
    "paper": "Có bản giấy",
    "way": "Qua trục",
    "state": "Trạng thái",
    "reason": "Lý do từ chối",
    "hour": "Giờ",
    "day": "Ngày",
    "month": "Tháng",
    "quarter": "Quý",
    "half": "Sáu tháng",
    "year": "Năm",
    "sent": "Văn bản gửi",
    "deliveries": "Lượt nhận",
    "arrived": "Lượt đã đến",
    "accepted": "Đã tiếp nhận",
    "refused": "Bị từ chối",
    "done": "Đã hoàn thành",
    "failed": "Gửi lỗi",
    "recalled": "Đã thu hồi",
    "original": "Gửi thay bản giấy",
    "reference": "Gửi để biết, tham khảo",
    "accepted_same_day": "Tiếp nhận trong ngày",
    "sent_next_morning": "Gửi đúng hạn",
    "turned_away": "Không cho gửi",
    "accepted_late": "Tiếp nhận chậm",
    "unaccepted": "Quá ngày chưa tiếp nhận",
    "sent_late": "Gửi chậm",
    "viewed": "Lượt xem",
    "downloaded": "Lượt tải tệp",
    "signed_in": "Lượt đăng nhập",
    "recall_requested": "Văn bản xin thu hồi",
    "recall_refused": "Không đồng ý thu hồi",
    "accepted_same_day_percent": "Tiếp nhận trong ngày (%)",
    "sent_next_morning_percent": "Gửi đúng hạn (%)",
    "arrived_median_s": "Gửi → đến, trung vị (giây)",
    "arrived_p95_s": "Gửi → đến, 95% (giây)",
    "accepted_median_s": "Đến → tiếp nhận, trung vị (giây)",
    "accepted_p95_s": "Đến → tiếp nhận, 95% (giây)",
    "done_median_s": "Tiếp nhận → xong, trung vị (giây)",
    "done_p95_s": "Tiếp nhận → xong, 95% (giây)",
}

Value = str | bool | int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked for: days inclusive, in the node's zone."""

    first: date
    last: date
    group: tuple[str, ...] = ()
    by: str = LEGAL
    agency: str | None = None  #: only what it sent or received
    roll_up: str | None = None  #: one of :data:`ROLL_UPS`: figures count there, too
    timed: bool = True  #: whether intervals are asked for, too
    today: date = date.max  #: what arrived from this day on may still be accepted in time

    @property
    def is_of_both_sides(self) -> bool:
        """Whether what an agency received counts beside what it sent."""
        return self.agency is not None or bool(_OF_BOTH_SIDES.intersection(self.group))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many facts are alike: the values of the groups, the event, and what was measured."""

    keys: tuple[Value, ...]
    event: str
    legal_value: str
    in_time: bool | None  #: whether a duty was kept; of an arrival: False while not accepted
    count: int
    spent: Mapping[int, int] = field(default_factory=dict)  #: how often it took so many seconds


@dataclass(slots=True)
class _Cell:
    """Figures of one row as they are summed up."""

    counts: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, dict[int, int]] = field(default_factory=dict)

    def add(self, tally: Tally) -> None:
        if tally.spent and tally.event in TIMED:
            spent = self.seconds.setdefault(tally.event, {})
            for seconds, count in tally.spent.items():
                spent[seconds] = spent.get(seconds, 0) + count
        self.counts[tally.event] += tally.count
        if tally.event == SENT:
            self.counts[tally.legal_value] += tally.count
        if tally.in_time is not None and tally.event in _JUDGED:
            kept, missed = _JUDGED[tally.event]
            name = kept if tally.in_time else missed
            if name is not None:
                self.counts[name] += tally.count

    def row(self) -> dict[str, Value]:
        row: dict[str, Value] = {name: self.counts[name] for name in COUNTS}
        for name in TIMED:
            spent = dict(sorted(self.seconds.get(name, {}).items()))
            row[f"{name}_median_s"] = middle(spent)
            row[f"{name}_p95_s"] = quantile(spent, 19, 20)
        for kept, missed in DUTIES.items():
            late = sum(self.counts[each] for each in missed)
            row[f"{kept}_percent"] = _percent(self.counts[kept], late)
        return row


def _percent(kept: int, missed: int) -> int | None:
    """Return the whole percent of *kept*, rounded down: never 100 while something was missed."""
    return 100 * kept // (kept + missed) if kept + missed else None


def rows_of(
    question: Question, tallies: Iterable[Tally], directory: Directory
) -> list[dict[str, Value]]:
    """Return the rows of a report, by their groups; without groups one row, also of nothing."""
    cells: dict[tuple[Value, ...], _Cell] = {} if question.group else {(): _Cell()}
    spread = _spread(question, directory)
    for tally in tallies:
        for keys in spread(tally.keys):
            cells.setdefault(keys, _Cell()).add(tally)
    ordered = sorted(cells.items(), key=lambda each: [_order(key) for key in each[0]])
    return [dict(zip(question.group, keys, strict=True)) | cell.row() for keys, cell in ordered]


def answer(
    question: Question, tallies: Callable[[Question], Iterable[Tally]], directory: Directory
) -> list[dict[str, Value]]:
    """Return the rows that answer *question* from *tallies* of what has to be counted for it.

    One agency, rolled up, is the row that it has among all: what is below it counts there.
    """
    if question.agency is None or question.roll_up is None:
        return rows_of(question, tallies(question), directory)
    named = question.group if "agency" in question.group else ("agency", *question.group)
    everybody = replace(question, agency=None, group=named)
    rows = rows_of(everybody, tallies(everybody), directory)
    own = [row for row in rows if row["agency"] == question.agency]
    if "agency" not in question.group:
        own = [{name: row[name] for name in row if name != "agency"} for row in own]
    return own if own or question.group else rows_of(question, (), directory)


def quantile(spent: Mapping[int, int], numerator: int, denominator: int) -> int | None:
    """Return the nearest-rank quantile of values, in order, with their counts; None of none."""
    return _ranked(spent, -(-sum(spent.values()) * numerator // denominator))


def middle(spent: Mapping[int, int]) -> int | None:
    """Return the median of values, in order: of an even number the mean of the two in the middle."""
    total = sum(spent.values())
    lower, upper = _ranked(spent, (total + 1) // 2), _ranked(spent, total // 2 + 1)
    return None if lower is None or upper is None else (lower + upper) // 2


def _ranked(spent: Mapping[int, int], rank: int) -> int | None:
    for value, count in spent.items():
        rank -= count
        if rank <= 0:
            return value
    return None


def _spread(
    question: Question, directory: Directory
) -> Callable[[tuple[Value, ...]], Iterable[tuple[Value, ...]]]:
    """Return where the figures of a row count: there, and where they are rolled up to."""
    if question.roll_up is None or "agency" not in question.group:
        return lambda keys: (keys,)
    place = question.group.index("agency")
    places: dict[str, list[str]] = {}

    def spread(keys: tuple[Value, ...]) -> Iterable[tuple[Value, ...]]:
        code = str(keys[place])
        if code not in places:
            places[code] = counts_for(code, question.roll_up, question.last, directory)
        for each in places[code]:
            yield (*keys[:place], each, *keys[place + 1 :])

    return spread


def counts_for(code: str, roll_up: str | None, last: date, directory: Directory) -> list[str]:
    """Return *code* and where its figures count, too, as of the day *last*, each once.

    With both roll-ups they count above a successor, and for the successor of an agency above.
    """
    found = [code]
    for each in found:  # grows as it is gone through
        further: list[str] = []
        if roll_up in {HIERARCHY, BOTH}:
            further += [agency.code for agency in directory.ancestors(each)]
        agency = directory.find(each) if roll_up in {SUCCESSORS, BOTH} else None
        successor = None if agency is None else directory.successor_of(agency, last)
        further += [] if successor is None else [successor.code]
        found += [other for other in dict.fromkeys(further) if other not in found]
    return found


def _order(value: Value) -> tuple[int, str]:
    return (value is not None, "" if value is None else str(value))


NO_DAY = Statement(
    code="statistics-day",
    vi="“{given}” không phải là ngày.",
    en="`{given}` is no date.",
    remedy="Ghi ngày dạng NĂM-THÁNG-NGÀY, ví dụ 2026-01-31.",
    remedy_en="Write a date as YEAR-MONTH-DAY, for example 2026-01-31.",
    source="ISO 8601",
)
BACKWARDS = Statement(
    code="statistics-period",
    vi="Ngày cuối kỳ đứng trước ngày đầu kỳ.",
    en="The last day of the period is before its first.",
    remedy="Kiểm tra lại hai ngày.",
    remedy_en="Look at the two dates again.",
    source="QĐ 28/2018/QĐ-TTg art. 11",
)
UNKNOWN_WORD = Statement(
    code="statistics-word",
    vi="Không thống kê được theo “{given}”.",
    en="Figures cannot be had by `{given}`.",
    remedy="Chọn trong: {known}.",
    remedy_en="Choose among: {known}.",
    source="QĐ 28/2018/QĐ-TTg art. 11",
)


def question_of(
    *,
    first: str,
    last: str,
    group: str = "",
    by: str = LEGAL,
    agency: str | None = None,
    roll_up: str | None = None,
) -> Question:
    """Read a question as people write it.

    Raises:
        Refused: with every finding; pointers name the parameters.
    """
    findings: list[Finding] = []
    days = [_day(text, place, findings) for text, place in ((first, "/from"), (last, "/to"))]
    names = tuple(dict.fromkeys(each.strip() for each in group.split(",") if each.strip()))
    for each in names:
        _known(each, GROUPS, "/group", findings)
    _known(by, (LEGAL, ACTUAL), "/by", findings)
    if roll_up is not None:
        _known(roll_up, ROLL_UPS, "/roll_up", findings)
    begin, end = days
    if begin is not None and end is not None and begin > end:
        findings.append(BACKWARDS.finding("/to"))
    if findings or begin is None or end is None:
        raise Refused("the figures asked for cannot be had", findings=findings)
    return Question(first=begin, last=end, group=names, by=by, agency=agency, roll_up=roll_up)


def _known(given: str, known: Sequence[str], place: str, findings: list[Finding]) -> None:
    if given not in known:
        findings.append(UNKNOWN_WORD.finding(place, given=given, known=", ".join(known)))


def _day(text: str, place: str, findings: list[Finding]) -> date | None:
    with suppress(ValueError):
        if _DAY.fullmatch(text) and (day := date.fromisoformat(text)).year < date.max.year:
            return day  # there is a day after it, and a month
    findings.append(NO_DAY.finding(place, given=text))
    return None
