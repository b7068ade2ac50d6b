"""Files of archived segments of the audit record: bundles with what the node signed about them."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.domain.errors import Refused, Unavailable
from gateway.formats.audit_bundle import (
    CERTIFICATES,
    CHECKPOINTS,
    SEGMENT,
    Bundle,
    below,
    write_bundle,
)


class SegmentFolder:
    """See :class:`gateway.ports.Segments`."""

    def __init__(
        self, folder: Path, certificates: Callable[[], Sequence[x509.Certificate]]
    ) -> None:
        """Keep the files in *folder*; *certificates* are those by which they are believed."""
        self._folder = folder
        self._certificates = certificates

    def write(
        self, file: str, *, statement: str, records: Iterable[bytes], checkpoint: tuple[str, str]
    ) -> None:
        """Write a segment durably, whole or not at all."""
        name, jws = checkpoint
        partial_file = self._folder / f".{file}.{uuid4().hex}.partial"
        small = {SEGMENT: statement.encode(), CHECKPOINTS + name: jws.encode()}
        small |= below(CERTIFICATES, pem_files(self._certificates()))
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for left in self._folder.glob(f".{file}.*.partial"):  # by a crash
                left.unlink(missing_ok=True)
            with partial_file.open("xb") as stream:
                write_bundle(stream, records=records, receipts=(), small=small)
                stream.flush()
                os.fsync(stream.fileno())
            partial_file.rename(self._folder / file)
            _sync(self._folder)
        except OSError as error:
            raise Unavailable(f"{self._folder / file}: it cannot be written: {error}") from error
        finally:
            partial_file.unlink(missing_ok=True)

    @contextmanager
    def read(self, file: str) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Open a segment: what was signed about it, and its records."""
        with Bundle(self._folder / Path(file).name) as bundle:
            statement = bundle.small(SEGMENT).get("")
            if statement is None:
                raise Refused(f"{file}: this is no archived segment")
            yield statement.decode("ascii", "replace").strip(), bundle.records()


def pem_files(certificates: Sequence[x509.Certificate]) -> dict[str, bytes]:
    """Return *certificates* as files by their names."""
    return {
        f"{n:03}-{each.serial_number:x}.pem": each.public_bytes(Encoding.PEM)
        for n, each in enumerate(certificates)
    }


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
