"""The audit record, verified where it lies or from a bundle, and handed out as one."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.bootstrap.equipment import data_folder
from gateway.bootstrap.gateway import Gateway
from gateway.bootstrap.receipts import node_anchors
from gateway.config import Config
from gateway.crypto.keys import certificates_in
from gateway.crypto.receipts import verify_receipt
from gateway.domain.audit_chain import Point, Witness, points_of, read_checkpoint, read_line
from gateway.domain.errors import Refused
from gateway.domain.exchange import Given
from gateway.domain.receipts import read_payload
from gateway.formats.audit_bundle import CERTIFICATES, CHECKPOINTS, Bundle, write_bundle
from gateway.pipeline.auditing import Evidence, Examine, Progress, Verification, Verified

#: A file of anchors holds a few lines.
_LARGEST_ANCHOR = 64 << 20

Anchors = tuple[tuple[Point, ...], tuple[Witness, ...]]


def verify_node(
    gateway: Gateway, *, anchors: Sequence[Path], trust: Sequence[Path], progress: Progress
) -> Verified:
    """Verify what lies in the node; raise Refused for an anchor that is none. Blocks."""
    examine = _examiner([*certificates_in(trust), *node_anchors(gateway.config)])
    points, witnesses = _read_anchors(anchors, examine)
    verification = Verification(examine=examine, moves=gateway.auditing.moves, progress=progress)
    return verification(gateway.auditing.evidence(points=points, witnesses=witnesses))


def verify_bundle(
    file: Path, *, anchors: Sequence[Path], trust: Sequence[Path], progress: Progress
) -> Verified:
    """Verify a bundle by the certificates of *trust*, else by those that it brings. Blocks.

    Certificates out of the bundle only show that it is of one piece: whoever forged all of it
    forged them, too.

    Raises:
        Refused: it is no bundle, or an anchor is none.
    """
    with Bundle(file) as bundle:
        known = certificates_in(trust) if trust else _certificates(bundle)
        examine = _examiner(known)
        points, witnesses = _read_anchors(anchors, examine)
        small = bundle.small(CHECKPOINTS)
        evidence = Evidence(
            records=map(read_line, bundle.records()),
            receipts=_given(bundle),
            checkpoints={
                name: jws.decode("ascii", "replace").strip() for name, jws in small.items()
            },
            points=points,
            witnesses=witnesses,
        )
        return Verification(examine=examine, progress=progress)(evidence)


def export_bundle(gateway: Gateway, file: Path, *, progress: Progress) -> int:
    """Write the bundle of the node to *file*; return the number of records. Blocks.

    The file appears whole or not at all.
    """
    partial_file = file.with_name(f".{file.name}.{uuid4().hex}.partial")
    certificates = {
        f"{n:03}-{each.serial_number:x}.pem": each.public_bytes(Encoding.PEM)
        for n, each in enumerate(node_anchors(gateway.config))
    }
    try:
        with partial_file.open("xb") as stream:
            count = write_bundle(
                stream,
                records=_counted(gateway.auditing.lines(), progress),
                receipts=gateway.auditing.receipts(),
                checkpoints=gateway.auditing.checkpoints.all(),
                certificates=certificates,
            )
        partial_file.rename(file)
    except OSError as error:
        raise Refused(f"{file}: it cannot be written: {error}") from error
    finally:
        partial_file.unlink(missing_ok=True)
    return count


def newest_checkpoint(config: Config) -> tuple[int, datetime] | None:
    """Return how many records the newest checkpoint covers, and when it was written. Blocks."""
    folder = data_folder(config) / "checkpoints"
    files = [each for each in folder.glob("*.jws") if each.stem.isdecimal()]
    if not files:
        return None
    newest = max(files, key=lambda each: int(each.stem))
    return int(newest.stem), datetime.fromtimestamp(newest.stat().st_mtime, UTC)


def _examiner(certificates: Sequence[x509.Certificate]) -> Examine:
    return partial(_examine, certificates)


def _examine(certificates: Sequence[x509.Certificate], jws: str) -> dict[str, object]:
    return verify_receipt(jws, certificates)


def _read_anchors(files: Sequence[Path], examine: Examine) -> Anchors:
    """Return what *files* of checkpoints or receipts say that the record must hold."""
    points: list[Point] = []
    witnesses: list[Witness] = []
    for file in files:
        if file.stat().st_size > _LARGEST_ANCHOR:
            raise Refused(f"{file}: this is too large for checkpoints or receipts")
        for line in file.read_text("utf-8", "replace").split():
            payload = examine(line)
            if "kind" in payload:
                points += points_of(read_checkpoint(payload), known_by=file.name)
                continue
            said = read_payload(payload)
            witnesses.append(
                Witness(
                    code=said.code,
                    document_id=said.document_id,
                    event=said.event,
                    to=said.to,
                    at=said.at,
                    known_by=said.id,
                )
            )
    return tuple(points), tuple(witnesses)


def _certificates(bundle: Bundle) -> list[x509.Certificate]:
    try:
        return [
            each
            for pem in bundle.small(CERTIFICATES).values()
            for each in x509.load_pem_x509_certificates(pem)
        ]
    except ValueError as error:
        raise Refused(f"a certificate of the bundle cannot be read: {error}") from error


def _given(bundle: Bundle) -> Iterator[Given]:
    """Yield the receipts of a bundle; what is not known of them is left empty."""
    for n, (document, jws) in enumerate(bundle.receipts()):
        place = f"receipts.jsonl line {n + 1}"
        yield Given(seq=n, id=place, document=document, event="", to=None, at="", jws=jws)


def _counted(lines: Iterator[bytes], progress: Progress) -> Iterator[bytes]:
    for n, line in enumerate(lines, start=1):
        progress(n)
        yield line
