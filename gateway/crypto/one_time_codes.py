"""The second factor: six digits that change every 30 seconds (RFC 6238), and recovery codes."""

import secrets
from datetime import datetime
from hmac import compare_digest

import pyotp

_STEP_S = 30
#: Clocks of telephones and people's fingers are late.
_DRIFT_STEPS = 1
_DIGITS = 6
_RECOVERY_CODES = 10
_RECOVERY_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_RECOVERY_HALF = 5  # two halves: 49 bits, guarded by the limits on attempts


def new_totp_secret() -> str:
    """Return a secret for an authenticator application, 160 random bits in base 32."""
    return pyotp.random_base32()


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """Return the time step of which *code* is the code around *now*, None when it is of none."""
    given = "".join(each for each in code if each.isascii() and each.isdigit())
    if len(given) != _DIGITS:
        return None
    totp, here = pyotp.TOTP(secret), int(now.timestamp()) // _STEP_S
    steps = range(here - _DRIFT_STEPS, here + _DRIFT_STEPS + 1)
    fitting = [step for step in steps if compare_digest(totp.generate_otp(step), given)]
    return max(fitting, default=None)


def enrolment_uri(secret: str, *, user_name: str, issuer: str) -> str:
    """Return the address that an authenticator application reads from a picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=user_name, issuer_name=issuer)


def new_recovery_codes() -> tuple[str, ...]:
    """Return codes that each replace the second factor once: ``k3m9x-7hq2w``."""
    return tuple(f"{_half()}-{_half()}" for _ in range(_RECOVERY_CODES))


def _half() -> str:
    return "".join(secrets.choice(_RECOVERY_ALPHABET) for _ in range(_RECOVERY_HALF))
