"""How far the clock of a machine is off, by what others say: time servers, and axes that answer.

A time server (RFC 5905, the simple form of section 14) is asked; an answer of an axis carries its
time in whole seconds (RFC 9110 section 6.6.1), so that it says less. A clock is off when nobody
who was asked lately agrees with it: one axis with a wrong clock does not make ours wrong.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.domain.trouble import Health

#: Seconds from 1900, where NTP begins, to 1970.
_EPOCH_S = 2_208_988_800
_ERA_S = 1 << 32
_PACKET = struct.Struct(">BBBb11I")
_CLIENT, _SERVER, _VERSION = 3, 4, 4
_UNSYNCHRONISED, _MOST_STRATUM = 3, 15
PACKET_BYTES = _PACKET.size
#: Whole seconds are on the average half a second old.
AXIS_ROUNDING_S = 0.5
#: What was read longer ago says nothing of now.
_LASTS = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one source said: how many seconds our clock is ahead of it."""

    source: str  #: ``ntp:host`` or ``axis:name``
    ahead_s: float
    at: datetime

    @property
    def is_exact(self) -> bool:
        """Whether a time server said it."""
        return self.source.startswith("ntp:")


def request_packet(sent_s: float) -> bytes:
    """Return the question to a time server, sent at Unix time *sent_s*."""
    first = _VERSION << 3 | _CLIENT
    return _PACKET.pack(first, 0, 0, 0, *(0,) * 9, *_stamp(sent_s))


def ahead_by(answer: bytes, *, sent_s: float, received_s: float) -> float:
    """Return how many seconds our clock is ahead of the server that gave *answer*.

    Raises:
        ValueError: it is no answer to what was sent, or the server does not know the time.
    """
    if len(answer) < PACKET_BYTES:
        raise ValueError("the answer is too short")
    first, stratum, _, _, *words = _PACKET.unpack(answer[:PACKET_BYTES])
    if first & 7 != _SERVER or tuple(words[5:7]) != _stamp(sent_s):
        raise ValueError("this answers another question")
    if first >> 6 == _UNSYNCHRONISED or not 1 <= stratum <= _MOST_STRATUM:
        raise ValueError("the server does not know the time")
    taken_s = _seconds(words[7], words[8], near_s=sent_s)
    given_s = _seconds(words[9], words[10], near_s=sent_s)
    return ((sent_s - taken_s) + (received_s - given_s)) / 2


def lately(readings: Iterable[Reading], now: datetime) -> list[Reading]:
    """Return those of *readings* that still say something, by source."""
    fresh = [each for each in readings if abs(now - each.at) <= _LASTS]
    return sorted(fresh, key=lambda each: each.source)


def judged(readings: Iterable[Reading], *, tolerance_s: float, now: datetime) -> Health:
    """Return how our clock is; time servers are believed before axes, whoever agrees before both.

    Well is what is within half of the tolerance, so that a clock at its edge does not waver.
    """
    fresh = lately(readings, now)
    best = [each for each in fresh if each.is_exact] or fresh
    if not best:
        return Health.BETWEEN
    off_s = min(abs(each.ahead_s) for each in best)
    if off_s > tolerance_s:
        return Health.ILL
    return Health.WELL if off_s <= tolerance_s / 2 else Health.BETWEEN


def _stamp(seconds: float) -> tuple[int, int]:
    whole = int(seconds)
    fraction = min(int((seconds - whole) * _ERA_S), _ERA_S - 1)
    return (whole + _EPOCH_S) % _ERA_S, fraction


def _seconds(whole: int, fraction: int, *, near_s: float) -> float:
    """Return Unix seconds; eras turn every 136 years, the one near *near_s* is meant."""
    era = round((near_s + _EPOCH_S - whole) / _ERA_S)
    return whole + era * _ERA_S - _EPOCH_S + fraction / _ERA_S
