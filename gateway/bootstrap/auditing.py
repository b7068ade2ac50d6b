"""The audit record, verified where it lies or from a bundle, and handed out as one."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import uuid4

from cryptography import x509

from gateway.bootstrap.audit_segments import pem_files
from gateway.bootstrap.equipment import data_folder
from gateway.bootstrap.gateway import Gateway
from gateway.bootstrap.receipts import known_stamp_anchors, node_anchors
from gateway.config import Config
from gateway.crypto.keys import certificates_in
from gateway.crypto.receipts import verify_receipt
from gateway.crypto.timestamps import verify_stamp
from gateway.domain.audit_chain import End, Point, Witness, points_of, read_checkpoint, read_line
from gateway.domain.audit_segment import read_segment
from gateway.domain.errors import Refused
from gateway.domain.exchange import Given
from gateway.domain.receipts import read_payload
from gateway.formats.audit_bundle import (
    AUTHORITIES,
    CERTIFICATES,
    CHECKPOINTS,
    SEGMENT,
    STAMPS,
    Bundle,
    below,
    write_bundle,
)
from gateway.pipeline.auditing import (
    Evidence,
    Examine,
    ExamineStamp,
    Progress,
    Verification,
    Verified,
)

#: A file of anchors holds a few lines.
_LARGEST_ANCHOR = 64 << 20

Anchors = tuple[tuple[Point, ...], tuple[Witness, ...]]


def verify_node(
    gateway: Gateway, *, anchors: Sequence[Path], trust: Sequence[Path], progress: Progress
) -> Verified:
    """Verify what lies in the node; raise Refused for an anchor that is none. Blocks."""
    examine = _examiner([*certificates_in(trust), *node_anchors(gateway.config)])
    points, witnesses = _read_anchors(anchors, examine)
    while True:
        evidence = gateway.auditing.evidence(points=points, witnesses=witnesses)
        verification = Verification(
            examine=examine,
            examine_stamp=_stamp_examiner(known_stamp_anchors(gateway.config)),
            moves=gateway.auditing.moves,
            progress=progress,
        )
        verified = verification(evidence)
        if not verified.findings or len(gateway.auditing.archived()) == verified.segments:
            return verified
        # a segment was archived meanwhile: its records were looked for at the wrong place


def verify_bundle(
    file: Path, *, anchors: Sequence[Path], trust: Sequence[Path], progress: Progress
) -> Verified:
    """Verify a bundle, or an archived segment, by the certificates of *trust*. Blocks.

    Without any it is judged by those that it brings: they only show that it is of one piece,
    for whoever forged all of it forged them, too. Time stamps are judged by both.

    Raises:
        Refused: it is no bundle, or an anchor is none.
    """
    with Bundle(file) as bundle:
        given = certificates_in(trust)
        examine = _examiner(given or _certificates(bundle, CERTIFICATES))
        points, witnesses = _read_anchors(anchors, examine)
        evidence = Evidence(
            records=map(read_line, bundle.records()),
            receipts=_given(bundle),
            checkpoints={
                name: jws.decode("ascii", "replace").strip()
                for name, jws in bundle.small(CHECKPOINTS).items()
            },
            stamps={
                Path(name).with_suffix(".jws").name: token
                for name, token in bundle.small(STAMPS).items()
            },
            points=points,
            witnesses=witnesses,
        )
        verification = Verification(
            examine=examine,
            examine_stamp=_stamp_examiner([*given, *_certificates(bundle, AUTHORITIES)]),
            progress=progress,
        )
        segment = bundle.small(SEGMENT).get("")
        return verification(_of_segment(evidence, segment, examine) if segment else evidence)


def _of_segment(evidence: Evidence, statement: bytes, examine: Examine) -> Evidence:
    """Return *evidence* of a segment: the chain begins and ends where the node signed it does.

    Its checkpoint tells of the chain beyond it, so only the signed end is looked for.

    Raises:
        Refused: the statement, or the checkpoint that it names, does not hold.
    """
    said = read_segment(examine(statement.decode("ascii", "replace").strip()))
    checkpoint = read_checkpoint(examine(evidence.checkpoints.get(said.checkpoint, "")))
    covered = checkpoint.chains.get(said.chain)
    if covered is None or covered.seq < said.last:
        raise Refused(f"{said.checkpoint}: this checkpoint is of before the segment")
    end = Point(chain=said.chain, seq=said.last, hash=said.hash, known_by=SEGMENT)
    begin = End(seq=said.first - 1, hash=said.previous)
    return replace(
        evidence,
        begins={said.chain: begin},
        points=(end, *evidence.points),
        checkpoints={},
    )


def export_bundle(gateway: Gateway, file: Path, *, progress: Progress) -> int:
    """Write the bundle of the node to *file*; return the number of records. Blocks.

    The file appears whole or not at all. What was archived is in it, too.

    Raises:
        Refused: it cannot be written, or an archive file is missing.
    """
    partial_file = file.with_name(f".{file.name}.{uuid4().hex}.partial")
    auditing = gateway.auditing
    checkpoints = {name: jws.encode() for name, jws in auditing.checkpoints.all().items()}
    stamps = {
        Path(name).with_suffix(".tsr").name: token
        for name, token in auditing.checkpoints.stamps().items()
    }
    small = below(CHECKPOINTS, checkpoints) | below(STAMPS, stamps)
    small |= below(CERTIFICATES, pem_files(node_anchors(gateway.config)))
    small |= below(AUTHORITIES, pem_files(known_stamp_anchors(gateway.config)))
    try:
        with partial_file.open("xb") as stream:
            count = write_bundle(
                stream,
                records=_counted(auditing.lines(), progress),
                receipts=auditing.receipts(),
                small=small,
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


def _stamp_examiner(anchors: Sequence[x509.Certificate]) -> ExamineStamp | None:
    """Return what judges time stamps by *anchors*, None without any."""
    return (lambda token, digest: verify_stamp(token, digest, anchors)) if anchors else None


def _certificates(bundle: Bundle, folder: str) -> list[x509.Certificate]:
    try:
        return [
            each
            for pem in bundle.small(folder).values()
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
