"""The second factor, with the vectors of RFC 6238 Appendix B (SHA-1, last six of eight digits)."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from gateway.crypto.one_time_codes import (
    enrolment_uri,
    new_recovery_codes,
    new_totp_secret,
    step_of,
)

SECRET = base64.b32encode(b"12345678901234567890").decode()
VECTORS = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
    (20000000000, "353130"),
]


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_the_vectors_of_the_standard_fit(seconds: int, code: str) -> None:
    """And name their time step."""
    now = datetime.fromtimestamp(seconds, UTC)

    assert step_of(SECRET, code, now) == seconds // 30


@pytest.mark.parametrize("late", [-30, 30])
def test_a_clock_may_be_half_a_minute_off(late: int) -> None:
    """One step in both directions."""
    now = datetime.fromtimestamp(1234567890, UTC) + timedelta(seconds=late)

    assert step_of(SECRET, "005924", now) == 1234567890 // 30


def test_two_minutes_later_the_code_is_dead() -> None:
    """It has run out."""
    assert step_of(SECRET, "005924", datetime.fromtimestamp(1234567890 + 120, UTC)) is None


@pytest.mark.parametrize("code", ["", "5924", "00592", "\uff1005924", "abcdef", "0059240"])
def test_what_is_no_code_fits_nothing(code: str) -> None:
    """Without an error."""
    assert step_of(SECRET, code, datetime.fromtimestamp(1234567890, UTC)) is None


def test_a_code_may_be_typed_in_groups() -> None:
    """As applications show it."""
    assert step_of(SECRET, "005 924", datetime.fromtimestamp(1234567890, UTC)) is not None


def test_recovery_codes_differ() -> None:
    """Ten of them."""
    assert len(set(new_recovery_codes())) == 10


def test_the_address_names_node_and_person() -> None:
    """So that an application with many entries shows which is which."""
    uri = enrolment_uri(new_totp_secret(), user_name="nvan.snv", issuer="Tỉnh Ví Dụ")

    assert uri.startswith("otpauth://totp/")
    assert "nvan.snv" in uri
