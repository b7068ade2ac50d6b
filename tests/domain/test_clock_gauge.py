"""How far the clock is off: what time servers say, what axes say, and who is believed."""

import struct
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.clock_gauge import Reading, ahead_by, judged, request_packet
from gateway.domain.trouble import Health

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
EPOCH_S = 2_208_988_800


def answer_to(question: bytes, *, at_s: float, first: int = 0x24, stratum: int = 2) -> bytes:
    """Return what a time server answers that has the time *at_s*."""
    words = struct.unpack(">BBBb11I", question)[4:]
    stamp = ((int(at_s) + EPOCH_S) % (1 << 32), int(at_s % 1 * (1 << 32)))
    return struct.pack(
        ">BBBb11I", first, stratum, 0, 0, 0, 0, 0, *stamp, *words[9:], *stamp, *stamp
    )


def read(source: str, ahead_s: float, *, ago: timedelta = timedelta()) -> Reading:
    """Return a reading."""
    return Reading(source=source, ahead_s=ahead_s, at=NOW - ago)


def health(*readings: Reading) -> Health:
    """Return how a clock is that may be 30 seconds off."""
    return judged(readings, tolerance_s=30.0, now=NOW)


@given(
    st.floats(min_value=1_000_000_000, max_value=3_000_000_000),
    st.floats(min_value=-86_400, max_value=86_400),
    st.floats(min_value=0, max_value=2),
)
def test_the_offset_is_read_to_the_millisecond(
    sent_s: float, ahead_s: float, travel_s: float
) -> None:
    """Whatever the way takes, if it takes as long there as back; beyond the turn of the era, too."""
    question = request_packet(sent_s)
    answer = answer_to(question, at_s=sent_s + travel_s - ahead_s)

    got = ahead_by(answer, sent_s=sent_s, received_s=sent_s + 2 * travel_s)
    assert got == pytest.approx(ahead_s, abs=0.001)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\0" * 47,
        answer_to(request_packet(5.0), at_s=5.0),
        answer_to(request_packet(1.5e9), at_s=1.5e9, first=0xE4),
        answer_to(request_packet(1.5e9), at_s=1.5e9, stratum=0),
        answer_to(request_packet(1.5e9), at_s=1.5e9, first=0x23),
    ],
    ids=["empty", "short", "another question", "unsynchronised", "kiss of death", "no server"],
)
def test_what_is_no_answer_is_not_believed(answer: bytes) -> None:
    """A datagram may come from anybody."""
    with pytest.raises(ValueError, match=r"short|another|know"):
        ahead_by(answer, sent_s=1.5e9, received_s=1.5e9)


@given(st.binary(max_size=100))
def test_any_bytes_are_an_offset_or_no_answer(answer: bytes) -> None:
    """Nothing else is raised."""
    try:
        ahead_by(answer, sent_s=1.5e9, received_s=1.5e9)
    except ValueError:
        return


def test_nobody_to_ask_says_nothing() -> None:
    """Neither well nor ill."""
    assert health() is Health.BETWEEN


def test_a_clock_that_everybody_finds_wrong_is_wrong() -> None:
    """Ahead or behind."""
    found = {health(read("ntp:a", off), read("ntp:b", off)) for off in (31.0, -31.0)}

    assert found == {Health.ILL}


def test_one_axis_with_a_wrong_clock_does_not_make_ours_wrong() -> None:
    """Another agrees with us."""
    assert health(read("axis:a", 400.0), read("axis:b", 0.4)) is Health.WELL


def test_a_time_server_is_believed_before_an_axis() -> None:
    """It knows better."""
    assert health(read("axis:a", 400.0), read("ntp:b", 0.0)) is Health.WELL
    assert health(read("axis:a", 0.0), read("ntp:b", 60.0)) is Health.ILL


def test_what_was_read_long_ago_says_nothing() -> None:
    """An hour, say."""
    assert health(read("ntp:a", 400.0, ago=timedelta(hours=1))) is Health.BETWEEN


def test_a_clock_at_the_edge_is_neither_well_nor_ill() -> None:
    """So that an incident does not open and close all day."""
    assert health(read("ntp:a", 20.0)) is Health.BETWEEN
