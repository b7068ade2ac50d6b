"""Signatures in PDF files (PAdES and plain adbe.pkcs7), through pyHanko.

pyHanko reads the file, walks the revisions and judges what later ones changed. Stricter here: the
byte range must leave out exactly the signature's own hexadecimal string, nothing but white space
may follow the last revision, and a signature that a later revision took away is reported.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import cached_property, partial
from io import BytesIO

from asn1crypto import core
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.rw_common import PdfHandler
from pyhanko.sign.diff_analysis import DiffResult
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel

from gateway.crypto.cms import Basis, Bench, Judged, Stamp, judge_signed_data, judge_stamp
from gateway.crypto.glance import PDF, may_be_signed, pdf_shows_a_signature
from gateway.crypto.pdf_permitted import POLICY, UPDATES, is_permitted
from gateway.crypto.pdf_reading import (
    FATAL,
    claimed,
    digest,
    end_of_range,
    is_plain_range,
    remains,
    security_store,
    subfilter,
)
from gateway.crypto.pdf_revisions import (
    has_hybrid_update,
    later_changes,
    signed_change,
    stray_bytes,
    unlisted_bytes,
)
from gateway.domain.signatures import Change, Fault, Reason, Signature, SignatureReport, Update

_KINDS = {"/ETSI.CAdES.detached": "pades", "/adbe.pkcs7.detached": "pkcs7"}
_STAMP = "/ETSI.RFC3161"
_MOST_FIELDS = 100
_MOST_REVISIONS = 200
#: To look into so few revisions of so large a file is quicker than to read it all.
_FEW_REVISIONS, _MUCH_TO_READ = 4, 1 << 18
_BROKEN = frozenset({Reason.HASH, Reason.CRYPTO, Reason.FORMAT, Reason.NO_CERTIFICATE})


def verify_pdf(data: bytes, bench: Bench) -> SignatureReport:
    """Return what is true about every signature of the PDF file *data*."""
    return judge_pdf(data, bench)[0]


def judge_pdf(data: bytes, bench: Bench) -> tuple[SignatureReport, Basis | None]:
    """Return the report, and for a single signature :attr:`Judged.basis`."""
    if not may_be_signed(BytesIO(data), PDF):
        return SignatureReport(), None
    try:
        return _read(data, bench, strict=True)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - many programs write slightly wrong files
        return _read_leniently(data, bench)


def _read_leniently(data: bytes, bench: Bench) -> tuple[SignatureReport, Basis | None]:
    """Have the lenient reader say the last word."""
    try:
        return _read(data, bench, strict=False)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever the parser stumbles over is a result
        return _unread(data, Fault.UNREADABLE, Reason.FORMAT, _text(error)), None


def _read(data: bytes, bench: Bench, *, strict: bool) -> tuple[SignatureReport, Basis | None]:
    # A reader lives on until its circles are collected; the bytes of the file need not.
    with BytesIO(data) as stream:
        file = _PdfFile(PdfFileReader(stream, strict=strict), data, bench)
        return file.report(), file.basis


def _unread(data: bytes, fault: Fault, reason: Reason, note: str) -> SignatureReport:
    """Return that the file cannot be read; a signature is only claimed where one shows."""
    if not pdf_shows_a_signature(BytesIO(data)):
        return SignatureReport(fault=fault)
    broken = Signature(kind="pades", reason=reason, note=note)
    return SignatureReport(signatures=(broken,), fault=fault)


class _PdfFile:
    """One file while its signatures are judged, oldest first."""

    def __init__(self, reader: PdfFileReader, data: bytes, bench: Bench) -> None:
        self._data = data
        self._bench = bench
        self._reader = reader
        self._brought = security_store(reader)
        self._intact_until = 0  #: bytes that a signature before vouches for
        self._first_signed = 0  #: the first revision with a signature
        self.basis: Basis | None = None

    def report(self) -> SignatureReport:
        """Judge all."""
        if self._reader.encrypted and not self._opens():
            return _unread(self._data, Fault.ENCRYPTED, Reason.UNSUPPORTED, "needs a password")
        fields = list(self._fields())
        embedded = [each for each in fields if isinstance(each, EmbeddedPdfSignature)]
        embedded.sort(key=lambda each: int(each.signed_revision))
        self._first_signed = min((int(each.signed_revision) for each in embedded), default=0)
        stamps = [each for each in embedded if subfilter(each) == _STAMP]
        judged_stamps = [(each, self._judge_stamp(each)) for each in stamps]
        self._intact_until = 0
        judged = [
            self._judge(each, _proof(each, judged_stamps))
            for each in embedded
            if subfilter(each) != _STAMP
        ]
        if len(fields) == len(judged) == 1:
            self.basis = judged[0].basis
        others = [each for each in fields if isinstance(each, Signature)]
        if self._may_have_lost(len(fields)):
            others += self._removed()
        if not fields and not others and remains(self._data):
            note = "the bytes of a signature are there, and no field that holds it"
            others.append(Signature(kind="pades", reason=Reason.REMOVED, note=note))
        used = [one for each in judged for one in each.evidence]
        used += [one for _, stamp in judged_stamps for one in stamp.evidence]
        evidence = {one.sha256: one for one in used}
        return SignatureReport(
            signatures=(*(each.signature for each in judged), *others),
            timestamps=tuple(stamp.signature for _, stamp in judged_stamps),
            evidence=tuple(evidence.values()),
        )

    def _opens(self) -> bool:
        """Whether the file opens without a password, as one does that only forbids printing."""
        return bool(self._reader.decrypt(b"").status.value)

    def _fields(self) -> Iterator[EmbeddedPdfSignature | Signature]:
        """Yield every filled signature field; one that cannot be read as a broken signature."""
        found = enumerate_sig_fields(self._reader, filled_status=True)
        for count, (said, _, field) in enumerate(found):
            name = _name(said)
            if count >= _MOST_FIELDS:
                note = f"more than {_MOST_FIELDS} signature fields"
                yield Signature(kind="pades", reason=Reason.FORMAT, name=name, note=note)
                return
            try:
                yield EmbeddedPdfSignature(self._reader, field, name)
            except FATAL:
                raise
            except Exception as error:  # noqa: BLE001 - see verify_pdf
                yield Signature(kind="pades", reason=Reason.FORMAT, name=name, note=_text(error))

    def _judge(self, embedded: EmbeddedPdfSignature, proven_at: datetime | None) -> Judged:
        kind = _KINDS.get(subfilter(embedded))
        facts = Signature(kind=kind or "pades", reason=Reason.UNSUPPORTED, name=embedded.fq_name)
        if kind is None:
            return Judged(signature=replace(facts, note=f"SubFilter {subfilter(embedded)}"))
        try:
            return self._judge_known(embedded, facts, proven_at)
        except FATAL:
            raise
        except Exception as error:  # noqa: BLE001 - see verify_pdf
            return Judged(signature=replace(facts, reason=Reason.FORMAT, note=_text(error)))

    def _judge_known(
        self, embedded: EmbeddedPdfSignature, facts: Signature, proven_at: datetime | None
    ) -> Judged:
        if (
            embedded.signed_data["encap_content_info"]["content"] is not core.VOID
            and embedded.signed_data["encap_content_info"]["content"].native is not None
        ):
            note = "the signature carries content of its own"
            return Judged(signature=replace(facts, reason=Reason.FORMAT, note=note))
        judged = judge_signed_data(
            embedded.signed_data,
            self._bench,
            digest=partial(digest, embedded, self._data),
            facts=replace(facts, claimed_at=claimed(embedded)),
            brought=self._brought,
            proven_at=proven_at,
        )
        return replace(judged, signature=self._with_revisions(embedded, judged.signature))

    def _judge_stamp(self, embedded: EmbeddedPdfSignature) -> Stamp:
        """Judge a document time stamp; one that does not cover its revision proves nothing."""
        stamp = judge_stamp(
            embedded.signed_data,
            self._bench,
            imprint=partial(digest, embedded, self._data),
            brought=self._brought,
            name=embedded.fq_name,
        )
        try:
            signature = self._with_revisions(embedded, stamp.signature)
        except FATAL:
            raise
        except Exception as error:  # noqa: BLE001 - see verify_pdf
            signature = replace(stamp.signature, reason=Reason.FORMAT, note=_text(error))
        holds = signature.reason is Reason.HOLDS
        return replace(stamp, signature=signature, proven_at=stamp.proven_at if holds else None)

    def _with_revisions(self, embedded: EmbeddedPdfSignature, signature: Signature) -> Signature:
        """Return *signature* with what it covers and what came after it."""
        reason = signature.reason
        if not is_plain_range(embedded, self._data):
            is_worse = reason in _BROKEN and reason is not Reason.HASH
            odd = reason if is_worse else Reason.BYTE_RANGE
            return replace(signature, reason=odd, covers_whole=False)
        coverage = embedded.evaluate_signature_coverage()
        whole = coverage is SignatureCoverageLevel.ENTIRE_FILE
        signature = replace(signature, covers_whole=whole)
        if reason in _BROKEN:
            change = signed_change(embedded, self._intact_until)
            return replace(signature, changes=(change,) if reason is Reason.HASH else ())
        if reason is not Reason.UNSUPPORTED:
            self._intact_until = max(self._intact_until, end_of_range(embedded))
        if coverage < SignatureCoverageLevel.ENTIRE_REVISION:
            return replace(signature, reason=Reason.BYTE_RANGE)
        if whole:
            return signature
        updated = self._with_updates(embedded, signature)
        if updated.reason is not Reason.MODIFIED and has_hybrid_update(embedded, self._reader):
            note = "a later revision has two tables: programs disagree about what it shows"
            return replace(signature, reason=Reason.UNSUPPORTED, note=note)
        return updated

    def _with_updates(self, embedded: EmbeddedPdfSignature, signature: Signature) -> Signature:
        """Classify what later revisions did, and what lies behind the last of them."""
        result = POLICY.review_file(
            self._reader,
            embedded.signed_revision,
            field_mdp_spec=embedded.fieldmdp,
            doc_mdp=embedded.docmdp_level,
        )
        changes = later_changes(embedded, self._reader, len(self._data))
        stray = stray_bytes(self._data, self._reader)
        if stray is not None:
            what = stray.what
        elif not isinstance(result, DiffResult):
            what = str(result)[:300]
        elif not is_permitted(result.modification_level, embedded.docmdp_level):
            level = result.modification_level.name.lower().replace("_", " ")
            what = f"changes of the kind {level}"
        else:
            signed = int(embedded.signed_revision) + 1
            stray = next((each for each in self._unlisted if each.revision > signed), None)
            if stray is None:
                update = UPDATES[result.modification_level]
                return replace(signature, update=update, changes=changes)
            what = stray.what
        told: tuple[Change, ...] = tuple(replace(each, what=what) for each in changes)
        if stray is not None:
            told = (*told, stray)
        return replace(signature, reason=Reason.MODIFIED, update=Update.FORBIDDEN, changes=told)

    @cached_property
    def _unlisted(self) -> tuple[Change, ...]:
        """What revisions after the first signed one wrote and no table lists."""
        return unlisted_bytes(self._data, self._reader, self._first_signed + 1)

    def _may_have_lost(self, fields: int) -> bool:
        """Whether earlier revisions may hold more signatures than the *fields* of the last."""
        earlier = self._reader.total_revisions - 1
        if earlier <= _FEW_REVISIONS and len(self._data) > _MUCH_TO_READ:
            return earlier > 0
        return self._data.count(b"/ByteRange") > fields

    def _removed(self) -> list[Signature]:
        """Return the signatures that earlier revisions had and the file has no more.

        The same field with another signature in it is another signature.
        """
        kept = set(_filled(self._reader))
        gone: dict[tuple[str, int], Signature] = {}
        for revision in range(min(self._reader.total_revisions - 1, _MOST_REVISIONS)):
            try:
                found = _filled(self._reader.get_historical_resolver(revision))
            except FATAL:
                raise
            except Exception:  # noqa: BLE001, S112 - a draft that cannot be read had none
                continue
            for name, number in set(found) - kept:
                gone[name, number] = Signature(
                    kind="pades",
                    reason=Reason.REMOVED,
                    name=name,
                    covers_whole=False,
                    note=f"signed in revision {revision + 1}",
                )
        return list(gone.values())


def _filled(handler: PdfHandler) -> list[tuple[str, int]]:
    """Return the signed fields by name and number of the object that is their signature."""
    return [
        (str(name), int(getattr(field.raw_get("/V"), "idnum", 0)))
        for name, _, holder in enumerate_sig_fields(handler, filled_status=True)
        for field in [holder.get_object()]
    ]


def _proof(
    embedded: EmbeddedPdfSignature, stamps: list[tuple[EmbeddedPdfSignature, Stamp]]
) -> datetime | None:
    """Return the earliest time that a later document time stamp proves."""
    proofs = [
        stamp.proven_at
        for each, stamp in stamps
        if stamp.proven_at is not None and each.signed_revision > embedded.signed_revision
    ]
    return min(proofs, default=None)


def _name(said: str | bytes) -> str:
    """Return the name of a field; one in no known encoding comes as bytes."""
    return said.decode("latin-1") if isinstance(said, bytes) else str(said)


def _text(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:300]
