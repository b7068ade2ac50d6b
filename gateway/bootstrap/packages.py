"""Archive packages of a node: written and verified before anything is removed, verified later."""

import glob
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import partial
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import msgspec
from cryptography import x509

from gateway.crypto.receipts import verify_receipt
from gateway.domain import archive_findings as told
from gateway.domain.canonical import canonical
from gateway.domain.errors import Refused, Unavailable
from gateway.domain.exchange import AuditRecord, Document
from gateway.domain.file_names import safe_name
from gateway.domain.findings import Finding
from gateway.domain.signatures import Evidence
from gateway.formats.archive_package import Member, Package, in_memory, write_package
from gateway.formats.manifest import Entry, write_manifest
from gateway.pipeline.lookup import OpenBytes, Shown
from gateway.pipeline.retention import Dossier, Packed
from gateway.ports import Blobs, SignReceipt

_KIND = "archive-package"
_CHUNK = 1 << 20


class Represent(Protocol):
    """How documents, signatures and records look in JSON."""

    def document(self, shown: Shown) -> dict[str, object]:
        """Return a document."""

    def signing(self, document: Document, evidence: Sequence[Evidence]) -> dict[str, object]:
        """Return all that is true about its signatures."""

    def audit(self, record: AuditRecord) -> dict[str, object]:
        """Return an audit record."""


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """What a node signs about a package."""

    kind: str
    issuer: str
    at: str
    document: str
    code: str | None
    rule: str
    decision: str
    manifest: str  #: SHA-256 of the manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class Packages:
    """Writes packages below a folder, one for each document.

    A package is named by the digest of its manifest: what is to be in it is known before it is
    written, so a run that was killed finds what it wrote, and of two that write the same one both
    have it.
    """

    folder: Path
    node: str
    zone: tzinfo
    now: Callable[[], datetime]
    anchors: Sequence[x509.Certificate]
    sign: SignReceipt
    blobs: Blobs
    envelope: Callable[[Document], OpenBytes]
    represent: Represent

    def __call__(self, dossier: Dossier) -> Packed:
        """Write a package and read it again. Blocks.

        Raises:
            Unavailable: it cannot be written, or what was written is not what it must be.
        """
        members = [*self._data(dossier), *self._content(dossier.shown.document)]
        manifest = write_manifest(each.entry for each in members)
        digest = hashlib.sha256(manifest.encode()).hexdigest()
        place = _place(dossier.shown.document, digest, self.zone)
        file = self.folder / place
        try:
            if not file.exists() or package_faults(file, self.anchors):
                write = partial(
                    write_package,
                    manifest=manifest,
                    signature=self._signature(dossier, digest),
                    members=members,
                )
                self._write(file, write)
            with file.open("rb") as stream:
                return Packed(file=place, sha256=hashlib.file_digest(stream, "sha256").hexdigest())
        except OSError as error:
            raise Unavailable(f"{file}: the package cannot be written: {error}") from error

    def _write(self, file: Path, write: Callable[..., None]) -> None:
        """Write *file* whole and durably, and read it again before it gets its name."""
        file.parent.mkdir(parents=True, exist_ok=True)
        for left in file.parent.glob(f".{glob.escape(file.name)}.*.partial"):  # by a crash
            left.unlink(missing_ok=True)
        partial_file = file.with_name(f".{file.name}.{uuid4().hex}.partial")
        try:
            with partial_file.open("xb") as stream:
                write(stream)
                stream.flush()
                os.fsync(stream.fileno())
            for finding in package_faults(partial_file, self.anchors):
                raise Unavailable(f"{finding.pointer}: {finding.message_en}")
            partial_file.rename(file)
            for folder in (file.parent, file.parent.parent, self.folder):
                _sync(folder)
        finally:
            partial_file.unlink(missing_ok=True)

    def _signature(self, dossier: Dossier, manifest: str) -> str:
        document, rule = dossier.shown.document, dossier.due.rule
        statement = Statement(
            kind=_KIND,
            issuer=self.node,
            at=self.now().astimezone(self.zone).isoformat(),
            document=document.id,
            code=document.code,
            rule=rule.name,
            decision=rule.decision,
            manifest=manifest,
        )
        payload: Mapping[str, object] = msgspec.to_builtins(statement)
        return self.sign(payload)

    def _data(self, dossier: Dossier) -> Iterator[Member]:
        """Yield what is told of the document: it fits into memory."""
        show, shown = self.represent, dossier.shown
        yield in_memory("document.json", _json(show.document(shown)))
        yield in_memory("signatures.json", _json(show.signing(shown.document, dossier.evidence)))
        for each in dossier.evidence:
            yield in_memory(f"evidence/{each.kind}-{each.sha256}.der", each.der)
        receipts = "".join(f"{each.jws}\n" for each in dossier.receipts)
        yield in_memory("receipts.jws", receipts.encode())
        records = (canonical(show.audit(each)) + b"\n" for each in dossier.records)
        yield in_memory("records.jsonl", b"".join(records))

    def _content(self, document: Document) -> Iterator[Member]:
        """Yield message and files; what they must be is known from their arrival."""
        if document.sha256 is not None and document.size is not None:
            yield Member(
                entry=Entry(sha256=document.sha256, size=document.size, path="message.edxml"),
                open=self.envelope(document),
            )
        for each in document.attachments:
            path = f"attachments/{each.n}-{safe_name(each.name)}"
            yield Member(
                entry=Entry(sha256=each.sha256, size=each.size, path=path),
                open=partial(_opened, self.blobs, each.blob),
            )


def package_faults(file: Path, anchors: Sequence[x509.Certificate]) -> list[Finding]:
    """Return what is wrong with a package by the certificates *anchors*. Blocks."""
    try:
        package = Package(file)
    except Refused as error:
        return [told.UNREADABLE.finding("/", why=error.message)]
    try:
        return list(_faults(package, anchors))
    except Refused as error:
        return [told.UNREADABLE.finding("/", why=error.message)]
    finally:
        package.close()


def statement_of(file: Path, anchors: Sequence[x509.Certificate]) -> Statement:
    """Return what was signed about a package; raise Refused when that does not hold."""
    package = Package(file)
    try:
        return _statement(package.statement()[1], anchors)
    finally:
        package.close()


def _faults(package: Package, anchors: Sequence[x509.Certificate]) -> Iterator[Finding]:
    manifest, signature = package.statement()
    try:
        said = _statement(signature, anchors)
    except Refused as error:
        yield told.SIGNATURE.finding("/manifest.jws", why=error.message)
    else:
        if said.manifest != hashlib.sha256(manifest.encode()).hexdigest():
            yield told.MANIFEST.finding("/manifest.csv")
    entries = package.entries()
    for name in package.unlisted(entries):
        yield told.UNLISTED.finding(f"/{name[:240]}")
    for each in entries:
        if not package.has(each):
            yield told.MISSING.finding(f"/{each.path}")
        elif package.digest(each) != each.sha256:
            yield told.CHANGED.finding(f"/{each.path}")


def _statement(jws: str, anchors: Sequence[x509.Certificate]) -> Statement:
    try:
        said = msgspec.convert(verify_receipt(jws, anchors), Statement)
    except msgspec.ValidationError as error:
        raise Refused(f"it says nothing about a package: {error}") from error
    if said.kind != _KIND:
        raise Refused("it says nothing about a package")
    return said


def _place(document: Document, digest: str, zone: tzinfo) -> str:
    """Return where the package of a document lies: by day, then by code or id."""
    day = document.submitted_at.astimezone(zone)
    name = safe_name((document.code or document.id).replace("/", "-"))
    return f"{day:%Y}/{day:%m-%d}/{name}-{digest[:16]}.zip"


@contextmanager
def _opened(blobs: Blobs, key: str) -> Iterator[Iterator[bytes]]:
    with blobs.open(key) as stream:
        yield iter(partial(stream.read, _CHUNK), b"")


def _json(value: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
