"""What receipts say, how several of them hang together, and why one does not convince.

Pure: signatures, certificates and files are judged elsewhere; here are the words for what is found
there, the chain of ``previous``, and the digests of attachments.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

import msgspec

from gateway.domain.errors import Refused
from gateway.domain.findings import Finding, Severity, refuses
from gateway.domain.rules.mechanism import Statement


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """An attachment as a receipt names it."""

    n: int
    name: str
    sha256: str


class Said(msgspec.Struct, frozen=True, kw_only=True, rename={"sender": "from"}):
    """The payload of a receipt."""

    id: str
    issuer: str
    code: str | None
    document_id: str | None
    sender: str
    to: str | None
    event: str
    note: str | None
    at: str
    legal_at: str
    attachments: tuple[Named, ...]
    previous: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One receipt whose signature holds."""

    place: int  #: among those that were given, from 0
    digest: str  #: SHA-256 of the JWS, which the next receipt of its document names
    said: Said


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """One receipt, as its check left it."""

    digest: str
    said: Said | None  #: None when the signature does not hold
    signer: str | None = None
    serial: str | None = None
    stamped_at: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What some receipts prove."""

    receipts: tuple[Verified, ...]
    findings: tuple[Finding, ...]

    @property
    def is_valid(self) -> bool:
        """Whether nothing speaks against it."""
        return bool(self.receipts) and not refuses(self.findings)


def read_payload(payload: Mapping[str, object]) -> Said:
    """Return what a signed *payload* says; raise Refused for one that is no receipt's."""
    try:
        return msgspec.convert(payload, Said)
    except msgspec.ValidationError as error:
        raise Refused(f"this is no receipt: {error}", code="receipt-unreadable") from error


def digest_of(jws: str) -> str:
    """Return how the next receipt names this one."""
    return sha256(jws.encode("utf-8", "replace")).hexdigest()


def chain_findings(receipts: Sequence[Evidence], *, must_be_complete: bool) -> Iterator[Finding]:
    """Say where *receipts*, in any order, do not form one chain for each document.

    Two that follow the same receipt, or that both begin one document, cannot both be of a node that
    keeps its word. Where one before is not among them, they may be all that its owner was given:
    a recipient, for one, gets those alone that speak of it; unless they *must be complete*. A
    receipt alone is no chain, and nothing is said about it.
    """
    known = {each.digest: each for each in receipts}
    distinct = list(known.values())
    more = len(distinct) > 1
    follows = Counter(_place_in_chain(each) for each in distinct)
    for each in distinct:
        pointer = f"/receipts/{each.place}"
        before = None if each.said.previous is None else known.get(each.said.previous)
        if follows[_place_in_chain(each)] > 1 or (before and not _same(before.said, each.said)):
            yield fault(code="receipt-chain", pointer=pointer)
        elif before is None and each.said.previous is not None and (more or must_be_complete):
            severity = Severity.ERROR if must_be_complete else Severity.INFO
            yield fault(code="receipt-gap", pointer=pointer, severity=severity)


def document_findings(receipts: Sequence[Evidence], files: Mapping[str, str]) -> Iterator[Finding]:
    """Say which of *files* (name: SHA-256) no receipt names, and which attachment lacks its file."""
    named = {part.sha256 for each in receipts for part in each.said.attachments}
    names = {part.name for each in receipts for part in each.said.attachments}
    for n, (file, digest) in enumerate(files.items()):
        if digest not in named:
            altered = file.rpartition("/")[2] in names
            yield fault(
                code="receipt-document-altered" if altered else "receipt-document",
                pointer=f"/documents/{n}",
                name=file,
            )
    for each in receipts if files else ():
        for part in each.said.attachments:
            if part.sha256 not in files.values():
                yield fault(
                    code="receipt-unchecked",
                    pointer=f"/receipts/{each.place}/attachments/{part.n}",
                    name=part.name,
                    severity=Severity.INFO,
                )


def refusal(error: Refused, *, pointer: str) -> Finding:
    """Return the finding for what the check of a signature refused."""
    return fault(code=error.code, pointer=pointer, detail=error.message)


def _place_in_chain(each: Evidence) -> tuple[str | None, ...]:
    """Return what only one receipt can claim; a document without code cannot be told from others."""
    if each.said.previous is not None:
        return (each.said.previous,)
    return (each.said.issuer, each.said.code or each.digest, None)


def _same(before: Said, after: Said) -> bool:
    """Whether two receipts speak of one document; a code may have been given between."""
    if (before.issuer, before.sender) != (after.issuer, after.sender):
        return False
    return before.code is None or before.code == after.code


_SOURCE = "RFC 7515; NĐ 30/2020/NĐ-CP Annex VI Part I III.1 (e)"


def _stated(code: str, vi: str, en: str, *remedies: str, source: str = _SOURCE) -> Statement:
    remedy, remedy_en = remedies
    return Statement(
        code=code,
        source=source,
        vi=f"{vi}{{what}}",
        en=f"{en}{{what_en}}",
        remedy=remedy,
        remedy_en=remedy_en,
    )


WORDS = {
    each.code: each
    for each in (
        _stated(
            "receipt-unreadable",
            "Đây không phải biên nhận của nút.",
            "This is no receipt of a node.",
            "Dùng nguyên chuỗi JWS dạng gọn.",
            "Give the compact JWS, unchanged.",
        ),
        _stated(
            "receipt-tampered",
            "Chữ ký không khớp với biên nhận.",
            "The signature does not fit the receipt.",
            "Lấy lại biên nhận từ nút đã cấp.",
            "Fetch the receipt again from the node that issued it.",
        ),
        _stated(
            "receipt-untrusted",
            "Chứng thư không dẫn đến chứng thư tin cậy.",
            "Its certificates do not lead to one that is trusted.",
            "Thêm chứng thư của nút cấp hoặc của tổ chức chứng thực.",
            "Trust the certificate of the issuing node or of its authority.",
        ),
        _stated(
            "receipt-expired",
            "Chứng thư không có hiệu lực tại thời điểm kiểm tra.",
            "A certificate was not valid at the moment of validation.",
            "Kiểm tra theo thời điểm ghi trong biên nhận.",
            "Check at the moment that the receipt states.",
            source="NĐ 68/2024/NĐ-CP art. 31.1",
        ),
        _stated(
            "receipt-chain",
            "Biên nhận không thể cùng tồn tại với biên nhận khác trong tệp.",
            "The receipt cannot stand beside another one of the file.",
            "Lấy lại toàn bộ biên nhận của văn bản; nếu vẫn vậy, báo cơ quan vận hành nút.",
            "Fetch all receipts of the document again; if it stays so, tell the operator of the node.",
        ),
        _stated(
            "receipt-gap",
            "Thiếu biên nhận đứng trước biên nhận này.",
            "A receipt before this one is not in the file.",
            "Lấy toàn bộ biên nhận của văn bản bằng tài khoản của cơ quan gửi.",
            "Fetch all receipts of the document, as its sender.",
        ),
        _stated(
            "receipt-document",
            "Tệp không nằm trong các tệp đính kèm ghi trên biên nhận.",
            "The file is none of the attachments that the receipt names.",
            "Dùng đúng tệp đã nhận qua hệ thống.",
            "Give the file as it came through the system.",
        ),
        _stated(
            "receipt-document-altered",
            "Tệp trùng tên với tệp đính kèm ghi trên biên nhận nhưng nội dung đã khác.",
            "The file bears the name of an attachment that the receipt names, but its bytes differ.",
            "Lấy lại tệp gốc; không mở và lưu lại tệp trước khi kiểm tra.",
            "Fetch the original again; do not open and save a file before the check.",
        ),
        _stated(
            "receipt-unchecked",
            "Chưa kiểm tra tệp đính kèm này vì không có tệp.",
            "This attachment was not compared: its file was not given.",
            "Thêm tệp bằng --document.",
            "Give the file with --document.",
        ),
        _stated(
            "receipt-stamp",
            "Dấu thời gian không khớp với biên nhận.",
            "The time stamp does not fit the receipt.",
            "Lấy lại biên nhận kèm dấu thời gian từ nút đã cấp.",
            "Fetch the receipt with its time stamp again from the node that issued it.",
            source="RFC 3161; RFC 9162 section 2.1",
        ),
        _stated(
            "receipt-stamp-untrusted",
            "Dấu thời gian không do tổ chức cấp dấu thời gian tin cậy cấp.",
            "The time stamp is of no authority that is trusted.",
            "Thêm chứng thư của tổ chức cấp dấu thời gian bằng --trust.",
            "Give the certificate of the time stamp authority with --trust.",
            source="RFC 3161",
        ),
    )
}


def fault(
    *,
    code: str,
    pointer: str,
    name: str = "",
    detail: str = "",
    severity: Severity = Severity.ERROR,
) -> Finding:
    """Return the finding *code* at *pointer*, about the file *name*; *detail* is for engineers."""
    what = f" ({name})" if name else ""
    what_en = f" ({name or detail})" if name or detail else ""
    found = WORDS[code].finding(pointer, what=what, what_en=what_en)
    return replace(found, severity=severity)
