"""Secrets of programs and people: made, recognised again, kept encrypted.

Tokens of programs are 32 random bytes: nobody can guess one, so a plain SHA-256 recognises them,
and a slow hash would only slow every request down. Passwords of people can be guessed, so they
get argon2id.
"""

import hashlib
import os
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway.domain.errors import Misconfigured

#: So that a token that was lost somewhere is recognised for what it is.
TOKEN_PREFIX = "lg_"  # noqa: S105 - not a secret, the mark of one
_RANDOM_BYTES = 32
_NONCE_BYTES = 12
_VERSION = b"\x01"
#: Without letters and digits that look alike on paper or sound alike on the telephone.
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP_LENGTH = 4, 5  # 99 bits

_HASHER = PasswordHasher()


class SecretBox:
    """Encrypts what the node must read again, such as the secrets that sign VXP requests."""

    def __init__(self, secret: bytes) -> None:
        """Derive the key from the node's *secret*; other uses of the secret derive others."""
        derive = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"gateway/secret-box")
        self._cipher = AESGCM(derive.derive(secret))

    def encrypt(self, text: str, *, purpose: str) -> bytes:
        """Return *text* encrypted; it opens for the same *purpose* only."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, text.encode(), purpose.encode())
        return _VERSION + nonce + sealed

    def decrypt(self, sealed: bytes, *, purpose: str) -> str:
        """Return the text again.

        Raises:
            Misconfigured: it was not encrypted with this node's secret for this *purpose*.
        """
        nonce = sealed[len(_VERSION) : len(_VERSION) + _NONCE_BYTES]
        rest = sealed[len(_VERSION) + _NONCE_BYTES :]
        try:
            if not sealed.startswith(_VERSION):
                raise InvalidTag  # noqa: TRY301 - the same answer for every way to be wrong
            return self._cipher.decrypt(nonce, rest, purpose.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise Misconfigured(
                "a stored secret does not open: the node's secret file is not the one that "
                "closed it"
            ) from error


def new_token() -> str:
    """Return a bearer token, 256 random bits in 46 characters."""
    return TOKEN_PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)


def new_secret() -> str:
    """Return a secret for signing requests, 256 random bits in 43 characters."""
    return secrets.token_urlsafe(_RANDOM_BYTES)


def hash_token(token: str) -> str:
    """Return the SHA-256 of *token*, lower-case hex: what is stored and looked up."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def new_one_time_password() -> str:
    """Return a password to be read out once and changed at the first sign-in."""
    groups = (
        "".join(secrets.choice(_READABLE) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS)
    )
    return "-".join(groups)


def hash_password(password: str) -> str:
    """Return the argon2id hash of *password* in PHC form. Slow on purpose, blocks."""
    return _HASHER.hash(password)


def password_fits(password: str, stored: str) -> bool:
    """Whether *password* is the one that was *stored*. Slow on purpose, blocks."""
    try:
        return _HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False
