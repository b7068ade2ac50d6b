"""Key pairs of encrypted backups."""

import os
from pathlib import Path

from gateway.crypto.encryption import new_key
from gateway.domain.errors import Refused


def make_backup_key(file: Path) -> str:
    """Write a private key into the new *file*, for its owner alone; return the public key.

    Raises:
        Refused: the file exists or cannot be written.
    """
    public, private = new_key()
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(f"# public key: {public}\n{private}\n")
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise Refused(f"{file}: the key cannot be written: {error.strerror}") from error
    return public
