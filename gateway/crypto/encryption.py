"""Files encrypted to public keys, in the age format (age-encryption.org), which other tools read."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import pyrage
from pyrage import x25519

from gateway.domain.errors import Misconfigured, Refused

#: Reads a stream to its end and writes what it makes of it; both in pieces.
Turn = Callable[[BinaryIO, BinaryIO], None]


def encryption(recipients: Sequence[str]) -> Turn:
    """Return what encrypts, so that each of *recipients* (age1…) can read it.

    Raises:
        Misconfigured: one of them is no public key.
    """
    keys = []
    for each in recipients:
        try:
            keys.append(x25519.Recipient.from_str(each))
        except pyrage.RecipientError as error:
            raise Misconfigured(
                f"backup.recipients: `{each}` is no public key: {error}"
            ) from error
    return lambda source, target: pyrage.encrypt_io(source, target, keys)


def decryption(file: Path) -> Turn:
    """Return what decrypts with the private keys in *file*; it raises OSError for what is not so.

    Raises:
        Refused: there is no private key in the file.
    """
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{file}: the private key cannot be read: {error}") from error
    keys = []
    for each in lines:
        with suppress(pyrage.IdentityError):
            keys.append(x25519.Identity.from_str(each.strip()))
    if not keys:
        raise Refused(f"{file}: there is no private key (AGE-SECRET-KEY-…) in it")

    def decrypt(source: BinaryIO, target: BinaryIO) -> None:
        try:
            pyrage.decrypt_io(source, target, keys)
        except pyrage.DecryptError as error:
            raise OSError(str(error)) from error

    return decrypt


def new_key() -> tuple[str, str]:
    """Return a public and a private key, each as text."""
    identity = x25519.Identity.generate()
    return str(identity.to_public()), str(identity)
