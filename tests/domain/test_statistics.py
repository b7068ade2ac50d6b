"""Facts and figures: a function of the records, whatever their order."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.directory import Agency, Directory
from gateway.domain.errors import Refused
from gateway.domain.exchange import AuditRecord
from gateway.domain.figures import Question, Tally, Value, middle, quantile, question_of, rows_of
from gateway.domain.refusal_reasons import reason_of
from gateway.domain.statistics import Fact, facts_of

BEGIN = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
BASE = {"from": "H13.01", "type": "CV", "priority": "normal", "business": "new"}
NUMBERED = {"recipients": ["H13.02", "000.00.03.H13"], "agencies": ["H13.02", "H13.03"]}
MOVES = ["arrived", "accepted", "assigned", "in-progress", "done", "refused", "failed", "waiting"]


def record(seq: int, action: str, minutes: int = 0, **data: object) -> AuditRecord:
    """Return a record of the document `d`."""
    at = (BEGIN + timedelta(minutes=minutes)).isoformat()
    about = {"legal_value": "original", "paper": False, "legal_at": at}
    return AuditRecord(
        chain="main",
        seq=seq,
        at=at,
        actor="x",
        address=None,
        action=action,
        about="d",
        data=BASE | about | data,
        previous="",
        hash="",
    )


def a_document(*moves: AuditRecord) -> list[AuditRecord]:
    """Return the records of a document to two agencies."""
    return [record(1, "submitted"), record(2, "numbered", 1, **NUMBERED), *moves]


def by_event(facts: list[Fact]) -> Mapping[tuple[str, str], Fact]:
    """Return *facts* by recipient and event."""
    return {(each.recipient, each.event): each for each in facts}


def test_a_document_to_two_is_one_sent_and_two_deliveries() -> None:
    """Both are kept, and told apart (rules of the field, counts)."""
    assert set(by_event(facts_of(a_document()))) == {
        ("", "sent"),
        ("H13.02", "deliveries"),
        ("H13.03", "deliveries"),
    }


def test_a_trial_with_a_sandbox_counts_nowhere() -> None:
    """Whoever sends or receives it; a real recipient beside a sandbox counts as ever."""
    ours: dict[str, Any] = {"recipients": ["H13-SANDBOX"], "agencies": ["H13-SANDBOX"]}
    both: dict[str, Any] = {
        "recipients": ["H13-SANDBOX", "H13.03"],
        "agencies": ["H13-SANDBOX", "H13.03"],
    }
    theirs: dict[str, Any] = {**NUMBERED, "from": "H13-SANDBOX"}

    assert (
        facts_of([record(1, "numbered", 0, **ours), record(2, "arrived", to="H13-SANDBOX")]) == []
    )
    assert facts_of([record(1, "numbered", 0, **theirs)]) == []
    assert set(by_event(facts_of([record(1, "numbered", 0, **both)]))) == {
        ("", "sent"),
        ("H13.03", "deliveries"),
    }


def test_a_document_that_a_sandbox_got_first_counts_once_somebody_real_gets_it() -> None:
    """Its sending, and the delivery that is no trial."""
    tried: dict[str, Any] = {"recipients": ["H13-SANDBOX"], "agencies": ["H13-SANDBOX"]}
    added = record(2, "arrived", 5, to="H13.02", agency="H13.02")

    facts = by_event(facts_of([record(1, "numbered", 0, **tried), added]))

    assert set(facts) == {("", "sent"), ("H13.02", "deliveries"), ("H13.02", "arrived")}


def unaccepted(*moves: AuditRecord, **about: object) -> Value:
    """Return how many deliveries lie unaccepted after their day."""
    numbered = record(2, "numbered", 1, **{**NUMBERED, **about})
    facts = [each for each in facts_of([numbered, *moves]) if each.legal_day < "2026-11-21"]
    question = Question(first=date(2026, 1, 1), last=date(2026, 12, 31))
    tallies = [
        Tally(
            keys=(),
            event=each.event,
            legal_value=each.legal_value,
            in_time=each.in_time,
            count=1,
        )
        for each in facts
    ]
    (row,) = rows_of(question, tallies, Directory())
    return row["unaccepted"]


ARRIVED = record(3, "arrived", 10, to="H13.02", agency="H13.02")


def test_what_arrived_and_was_never_accepted_has_missed_its_day() -> None:
    """NĐ 30/2020 art. 21.2c: it is acknowledged the same day."""
    assert unaccepted(ARRIVED) == 1


@pytest.mark.parametrize("state", ["accepted", "refused", "recalled", "done"])
def test_what_was_answered_does_not_lie(state: str) -> None:
    """Late or not, another count says so."""
    assert unaccepted(ARRIVED, record(4, state, 20, to="H13.02", agency="H13.02")) == 0


@pytest.mark.parametrize(
    "about", [{"business": "recall"}, {"ways": ["axis:truc", "inside"]}], ids=["recall", "axis"]
)
def test_who_need_not_accept_misses_nothing(about: dict[str, Any]) -> None:
    """A recall message, and what another node is to accept."""
    assert unaccepted(ARRIVED, **about) == 0


def test_intervals_are_from_posting_to_arrival_and_on_to_acceptance() -> None:
    """In whole seconds of actual time."""
    facts = by_event(
        facts_of(
            a_document(
                record(3, "arrived", 10, to="H13.02", agency="H13.02"),
                record(4, "accepted", 25, to="H13.02", agency="H13.02"),
            )
        )
    )

    assert facts["H13.02", "arrived"].seconds == 10 * 60
    assert facts["H13.02", "accepted"].seconds == 15 * 60


def test_a_state_reached_at_once_says_that_it_arrived() -> None:
    """An acceptance without an arrival before it is both."""
    facts = by_event(facts_of(a_document(record(3, "accepted", 5, to="H13.02", agency="H13.02"))))

    assert facts["H13.02", "arrived"].seconds == 5 * 60


def test_a_state_is_that_of_the_last_record_after_the_clock_went_back() -> None:
    """Records of one chain are as old as their numbers say; what they tell of time may be wrong."""
    facts = by_event(
        facts_of(
            a_document(
                record(3, "arrived", 600, to="H13.02", agency="H13.02"),
                record(4, "accepted", 20, to="H13.02", agency="H13.02"),
            )
        )
    )

    assert facts["H13.02", "deliveries"].state == "accepted"


def test_between_chains_time_decides() -> None:
    """Each node writes to its own, and numbers of one say nothing to another."""
    facts = by_event(
        facts_of(
            a_document(
                replace(record(1, "done", 30, to="H13.02", agency="H13.02"), chain="a"),
                record(3, "accepted", 20, to="H13.02", agency="H13.02"),
            )
        )
    )

    assert facts["H13.02", "deliveries"].state == "done"


def test_what_was_asked_back_and_not_given_is_counted() -> None:
    """The request once of the document, the refusal of each recipient that refused."""
    facts = by_event(
        facts_of(
            a_document(
                record(3, "arrived", 10, to="H13.02", agency="H13.02"),
                record(4, "recall-requested", 20, to="H13.02"),
                record(5, "recall-refused", 30, to="H13.02"),
            )
        )
    )

    assert {("", "recall_requested"), ("H13.02", "recall_refused")} <= set(facts)


def test_each_delivery_knows_the_axis_that_it_crosses() -> None:
    """And the document that it goes several ways; one that was added later goes the first."""
    ways = {"ways": ["inside", "axis:truc"], "signed": "valid"}
    facts = by_event(
        facts_of(
            [
                record(1, "submitted"),
                record(2, "numbered", 1, **NUMBERED, **ways),
                record(3, "arrived", 9, to="H13.04", agency="H13.04"),
            ]
        )
    )

    assert [facts[each, "deliveries"].way for each in ("H13.02", "H13.03", "H13.04")] == [
        "inside",
        "axis:truc",
        "inside",
    ]
    assert (facts["", "sent"].way, facts["", "sent"].signed) == ("several", "valid")


def test_the_share_in_time_is_of_what_was_judged() -> None:
    """A document without a date of signing is not."""
    question = Question(first=date(2026, 1, 1), last=date(2026, 12, 31))
    tallies = [replace(tally(""), keys=(), in_time=judged) for judged in (True, True, False, None)]

    (row,) = rows_of(question, tallies, Directory())

    assert (row["sent"], row["sent_late"], row["sent_next_morning_percent"]) == (4, 1, 66)


def test_a_held_document_counts_once_it_is_numbered() -> None:
    """Until then nothing was sent."""
    assert facts_of([record(1, "submitted"), record(2, "held")]) == []


def test_a_delivery_that_was_added_later_counts_from_then() -> None:
    """A node brings a document that it brought before to a further recipient."""
    added = record(3, "arrived", 60 * 24, to="H13.04", agency="H13.04")

    facts = by_event(facts_of(a_document(added)))

    assert facts["H13.04", "deliveries"].day == "2026-11-21"


def test_the_state_is_the_newest() -> None:
    """Of every fact of the delivery."""
    moves = [record(3, "arrived", 1, to="H13.02"), record(4, "done", 2, to="H13.02")]

    facts = by_event(facts_of(a_document(*moves)))

    assert facts["H13.02", "deliveries"].state == "done"


@given(
    moves=st.lists(
        st.tuples(
            st.sampled_from(MOVES), st.sampled_from(["H13.02", "H13.03"]), st.integers(0, 99)
        )
    ),
    data=st.data(),
)
def test_facts_do_not_depend_on_the_order_of_records(
    moves: list[tuple[str, str, int]], data: st.DataObject
) -> None:
    """Records of one document may lie in several chains."""
    records = a_document(
        *(
            record(n, action, minutes, to=to, agency=to)
            for n, (action, to, minutes) in enumerate(moves, start=3)
        )
    )

    mixed = data.draw(st.permutations(records))

    assert facts_of(mixed) == facts_of(records)


@given(st.lists(st.integers(0, 1000), min_size=1))
def test_the_median_is_that_of_every_other_program(values: list[int]) -> None:
    """Of an even number the mean of the two in the middle, in whole seconds."""
    spent = {value: values.count(value) for value in sorted(values)}

    assert middle(spent) == int(median(values))


def test_the_quantile_of_nothing_is_unknown() -> None:
    """Not nought."""
    assert quantile({}, 19, 20) is None
    assert middle({}) is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("sig-tampered: …", "integrity"),
        ("sig-untrusted", "authenticity"),
        ("agency-unknown", "wrong-addressee"),
        ("file-too-large", "size"),
        ("barred-secret", "barred"),
        ("zip-path", "format"),
        ("wrong-addressee: gửi cho Sở Nội vụ", "wrong-addressee"),
        ("size", "size"),
        ("Gửi nhầm", "wrong-addressee"),
        ("Không thuộc thẩm quyền của Sở", "wrong-addressee"),
        ("van ban gui nham noi nhan", "wrong-addressee"),
        ("Tệp không mở được", "integrity"),
        ("Văn bản thiếu phụ lục", "integrity"),
        ("Chữ ký số không hợp lệ, tệp sai định dạng", "authenticity"),
        ("Chưa ký số", "authenticity"),
        ("Tệp vượt quá dung lượng", "size"),
        ("Văn bản mật, không gửi qua trục", "barred"),
        ("Tài liệu mất trang cuối", "integrity"),
        ("Văn bản mất hiệu lực", "other"),
        ("Sai thể thức", "format"),
        ("The signature is not valid", "authenticity"),
        ("Đã nhận bản giấy", "other"),
        ("formatted well", "other"),
        (None, "other"),
    ],
)
def test_reasons_are_sorted_by_the_code_of_the_finding(text: str | None, kind: str) -> None:
    """Integrity, authenticity, wrong addressee, format, size, barred content."""
    assert reason_of(text) == kind


def tally(agency: str, count: int = 1) -> Tally:
    """Return documents sent by *agency*."""
    return Tally(
        keys=(agency,),
        event="sent",
        legal_value="original",
        in_time=True,
        count=count,
    )


def sent(roll_up: str | None, directory: Directory) -> dict[Value, Value]:
    """Return how many documents each agency sent."""
    question = Question(
        first=date(2026, 1, 1), last=date(2026, 12, 31), group=("agency",), roll_up=roll_up
    )
    rows = rows_of(question, [tally("H13.01.01", 3), tally("H13.02", 2)], directory)
    return {row["agency"]: row["sent"] for row in rows}


def test_figures_count_for_those_above() -> None:
    """Rolled up over the hierarchy."""
    codes = ("H13", "H13.01", "H13.01.01", "H13.02")
    parents = (None, "H13", "H13.01", "H13")
    directory = Directory(
        Agency(code=code, name=code, parent=parent, valid_from=date(2020, 1, 1))
        for code, parent in zip(codes, parents, strict=True)
    )

    assert sent("hierarchy", directory) == {
        "H13": 5,
        "H13.01": 3,
        "H13.01.01": 3,
        "H13.02": 2,
    }


def test_figures_of_a_closed_agency_can_be_added_to_its_successor() -> None:
    """And stay under its own code."""
    directory = Directory(
        (
            Agency(code="H13.02", name="mới", valid_from=date(2020, 1, 1)),
            Agency(
                code="H13.01.01",
                name="cũ",
                valid_from=date(2020, 1, 1),
                valid_to=date(2026, 6, 30),
                successor="H13.02",
            ),
        )
    )

    assert sent("successors", directory) == {"H13.01.01": 3, "H13.02": 5}


def test_figures_count_over_hierarchy_and_successors_at_once() -> None:
    """Each place once: above the closed one, at its successor, and above that."""
    directory = Directory(
        Agency(
            code=code,
            name=code,
            parent=parent,
            valid_from=date(2020, 1, 1),
            valid_to=date(2026, 6, 30) if successor else None,
            successor=successor,
        )
        for code, parent, successor in (
            ("H13", None, None),
            ("H13.01", "H13", "H13.02"),
            ("H13.01.01", "H13.01", "H13.02.01"),
            ("H13.02", "H13", None),
            ("H13.02.01", "H13.02", None),
        )
    )

    assert sent("both", directory) == {
        "H13": 5,
        "H13.01": 3,
        "H13.01.01": 3,
        "H13.02": 5,
        "H13.02.01": 3,
    }


def test_without_groups_there_is_a_row_of_nothing() -> None:
    """So that a report of an empty month is a report."""
    question = Question(first=date(2026, 1, 1), last=date(2026, 1, 31))

    (row,) = rows_of(question, [], Directory())

    assert (row["sent"], row["arrived_median_s"]) == (0, None)


@pytest.mark.parametrize(
    ("words", "pointers"),
    [
        ({"first": "2026-02-30"}, ["/from"]),
        ({"first": "20260101"}, ["/from"]),
        ({"last": "2025-12-31"}, ["/to"]),
        ({"group": "agency,colour"}, ["/group"]),
        ({"by": "moon"}, ["/by"]),
        ({"roll_up": "all", "group": "x"}, ["/group", "/roll_up"]),
    ],
)
def test_a_question_that_cannot_be_read_is_told_where(
    words: dict[str, str], pointers: list[str]
) -> None:
    """All findings at once."""
    asked = {"first": "2026-01-01", "last": "2026-01-31"} | words

    with pytest.raises(Refused) as refused:
        question_of(**asked)

    assert [each.pointer for each in refused.value.findings] == pointers
