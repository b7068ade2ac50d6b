"""What is true about the signatures of a file: facts, never whether they are good enough.

The words are those of ETSI EN 319 102-1 (indication, sub-indication); each has one verdict of the
public contract. A signature is judged at the best time that is known for it: a time stamp that
holds proves it, otherwise the signer only claims it (NĐ 68/2024/NĐ-CP art. 31: the certificate
must have been valid at the time of signing, what comes later does not undo it).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Verdict(StrEnum):
    """The answer in one word, as the public contract has it."""

    VALID = "valid"
    INVALID = "invalid"  #: broken, tampered with, or not readable as a signature
    UNTRUSTED = "untrusted"  #: no trusted certificate stands behind it, or weak by policy
    EXPIRED = "expired"  #: the certificate was not within its validity when it was used
    REVOKED = "revoked"  #: the certificate had been revoked when it was used
    UNKNOWN = "unknown"  #: cannot be decided with what is known


class Indication(StrEnum):
    """Main status of ETSI EN 319 102-1, table 5."""

    PASSED = "TOTAL-PASSED"
    FAILED = "TOTAL-FAILED"
    INDETERMINATE = "INDETERMINATE"


class Reason(StrEnum):
    """Why a signature got its verdict; the value is stable, :data:`MEANINGS` explains it."""

    HOLDS = "holds"
    HASH = "hash"
    CRYPTO = "crypto"
    FORMAT = "format"
    BYTE_RANGE = "byte-range"
    MODIFIED = "modified"
    REMOVED = "removed"
    WRAPPED = "wrapped"
    NO_CERTIFICATE = "no-certificate"
    NO_CHAIN = "no-chain"
    CHAIN = "chain"
    USAGE = "usage"
    WEAK = "weak"
    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"
    REVOKED = "revoked"
    REVOKED_UNPROVEN = "revoked-unproven"
    EXPIRED_UNPROVEN = "expired-unproven"
    NO_REVOCATION_DATA = "no-revocation-data"
    IN_FUTURE = "in-future"
    STAMP_BROKEN = "stamp-broken"
    UNSUPPORTED = "unsupported"
    NOT_VERIFIED = "not-verified"
    CONTENT_ABSENT = "content-absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a reason says: the verdict, the words of the standard, and a sentence for people."""

    verdict: Verdict
    indication: Indication
    sub_indication: str  #: as in ETSI EN 319 102-1, empty for none
    vi: str
    en: str


def _meaning(verdict: Verdict, sub_indication: str, vi: str, en: str) -> Meaning:
    indication = {
        Verdict.VALID: Indication.PASSED,
        Verdict.INVALID: Indication.FAILED,
    }.get(verdict, Indication.INDETERMINATE)
    return Meaning(
        verdict=verdict, indication=indication, sub_indication=sub_indication, vi=vi, en=en
    )


#: REVOKED at the proven time is a failure of the standard too; so is a removed signature.
MEANINGS: Mapping[Reason, Meaning] = {
    Reason.HOLDS: _meaning(
        Verdict.VALID, "", "chữ ký hợp lệ tại thời điểm ký", "valid at the time of signing"
    ),
    Reason.HASH: _meaning(
        Verdict.INVALID,
        "HASH_FAILURE",
        "nội dung đã bị thay đổi sau khi ký",
        "what was signed has been changed",
    ),
    Reason.CRYPTO: _meaning(
        Verdict.INVALID,
        "SIG_CRYPTO_FAILURE",
        "giá trị chữ ký không khớp với khoá trong chứng thư",
        "the signature value does not fit the key of its certificate",
    ),
    Reason.FORMAT: _meaning(
        Verdict.INVALID,
        "FORMAT_FAILURE",
        "chữ ký bị hỏng hoặc sai cấu trúc, không đọc được",
        "the signature is damaged or malformed",
    ),
    Reason.BYTE_RANGE: _meaning(
        Verdict.INVALID,
        "FORMAT_FAILURE",
        "phạm vi ký (ByteRange) không bao trùm trọn vẹn phiên bản đã ký",
        "the signed byte range does not cover its revision completely",
    ),
    Reason.MODIFIED: _meaning(
        Verdict.INVALID,
        "HASH_FAILURE",
        "sau khi ký, tệp đã bị sửa đổi theo cách không được phép",
        "the file was changed after signing in a way that is not permitted",
    ),
    Reason.REMOVED: _meaning(
        Verdict.INVALID,
        "HASH_FAILURE",
        "một chữ ký có trong phiên bản trước đã bị gỡ khỏi tệp",
        "a signature of an earlier revision has been taken out of the file",
    ),
    Reason.WRAPPED: _meaning(
        Verdict.INVALID,
        "FORMAT_FAILURE",
        "chữ ký không bao trùm phần nội dung được sử dụng",
        "the signature does not cover the content that is used",
    ),
    Reason.NO_CERTIFICATE: _meaning(
        Verdict.INVALID,
        "NO_SIGNING_CERTIFICATE_FOUND",
        "chữ ký không kèm chứng thư của người ký",
        "the signature does not carry the signer's certificate",
    ),
    Reason.NO_CHAIN: _meaning(
        Verdict.UNTRUSTED,
        "NO_CERTIFICATE_CHAIN_FOUND",
        "không có tổ chức chứng thực tin cậy nào đứng sau chứng thư của người ký",
        "no trusted authority stands behind the signer's certificate",
    ),
    Reason.CHAIN: _meaning(
        Verdict.UNTRUSTED,
        "CERTIFICATE_CHAIN_GENERAL_FAILURE",
        "đường dẫn chứng thực của chứng thư không hợp lệ",
        "the certificate path is not valid",
    ),
    Reason.USAGE: _meaning(
        Verdict.UNTRUSTED,
        "CHAIN_CONSTRAINTS_FAILURE",
        "chứng thư không được cấp cho mục đích ký văn bản",
        "the certificate is not meant for signing documents",
    ),
    Reason.WEAK: _meaning(
        Verdict.UNTRUSTED,
        "CRYPTO_CONSTRAINTS_FAILURE",
        "thuật toán hoặc độ dài khoá không còn an toàn theo chính sách của nút",
        "an algorithm or key size is too weak by the policy of the node",
    ),
    Reason.EXPIRED: _meaning(
        Verdict.EXPIRED,
        "EXPIRED",
        "chứng thư đã hết hạn khi ký",
        "the certificate had expired when it was used",
    ),
    Reason.NOT_YET_VALID: _meaning(
        Verdict.EXPIRED,
        "NOT_YET_VALID",
        "chứng thư chưa có hiệu lực khi ký",
        "the certificate was not yet valid when it was used",
    ),
    Reason.REVOKED: _meaning(
        Verdict.REVOKED,
        "REVOKED",
        "chứng thư đã bị thu hồi trước khi ký",
        "the certificate had been revoked when it was used",
    ),
    Reason.REVOKED_UNPROVEN: _meaning(
        Verdict.UNKNOWN,
        "REVOKED_NO_POE",
        "chứng thư đã bị thu hồi sau thời điểm ký tự khai; không có dấu thời gian để chứng minh",
        "the certificate was revoked after the claimed signing time, which no time stamp proves",
    ),
    Reason.EXPIRED_UNPROVEN: _meaning(
        Verdict.UNKNOWN,
        "OUT_OF_BOUNDS_NO_POE",
        "chứng thư nay đã hết hạn; không có dấu thời gian để chứng minh thời điểm ký tự khai",
        "the certificate has expired since, and no time stamp proves the claimed signing time",
    ),
    Reason.NO_REVOCATION_DATA: _meaning(
        Verdict.UNKNOWN,
        "TRY_LATER",
        "không có dữ liệu thu hồi (CRL, OCSP) còn hiệu lực cho chứng thư",
        "there is no current revocation data (CRL, OCSP) for the certificate",
    ),
    Reason.IN_FUTURE: _meaning(
        Verdict.UNKNOWN,
        "TIMESTAMP_ORDER_FAILURE",
        "thời điểm ký tự khai nằm sau thời điểm kiểm tra",
        "the claimed signing time is later than the validation",
    ),
    Reason.STAMP_BROKEN: _meaning(
        Verdict.UNKNOWN,
        "SIG_CONSTRAINTS_FAILURE",
        "dấu thời gian kèm chữ ký bị hỏng hoặc thuộc về chữ ký khác",
        "the time stamp on the signature is damaged or belongs to another one",
    ),
    Reason.UNSUPPORTED: _meaning(
        Verdict.UNKNOWN,
        "GENERIC",
        "kiểu chữ ký hoặc thuật toán không được hỗ trợ",
        "this kind of signature or algorithm is not supported",
    ),
    Reason.NOT_VERIFIED: _meaning(
        Verdict.UNKNOWN,
        "GENERIC",
        "tệp có chữ ký riêng của bộ phần mềm văn phòng; nút chỉ ghi nhận, không kiểm tra",
        "the package bears a signature of its office program: reported, not verified",
    ),
    Reason.CONTENT_ABSENT: _meaning(
        Verdict.UNKNOWN,
        "SIGNED_DATA_NOT_FOUND",
        "không có nội dung đã ký đi kèm chữ ký tách rời này",
        "the content of this detached signature is not there",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a later revision of a file did, or where a broken signature should have held."""

    revision: int  #: counted from 1
    first_byte: int  #: offset from the start of the file
    end_byte: int  #: offset behind the last byte
    objects: tuple[int, ...] = ()  #: numbers of the PDF objects that the revision wrote
    what: str = ""  #: as the analysis put it, English


class Update(StrEnum):
    """What happened to a file after a signature, in the order of gravity."""

    NONE = "none"
    ARCHIVAL = "archival"  #: validation data and time stamps only
    FORM = "form"  #: form fields or later signatures
    FORBIDDEN = "forbidden"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """The facts about one signature."""

    kind: str  #: ``pades``, ``pkcs7``, ``cms``, ``xmldsig``, ``ooxml``, ``odf`` or ``timestamp``
    reason: Reason
    name: str = ""  #: of the signature field, or the place of the element
    signer: str | None = None  #: common name, else the whole subject
    issuer: str | None = None
    claimed_at: datetime | None = None  #: by the signer
    proven_at: datetime | None = None  #: by a time stamp that holds
    covers_whole: bool | None = None
    update: Update = Update.NONE
    changes: tuple[Change, ...] = ()
    subject: Mapping[str, str] = field(default_factory=dict)  #: attributes, ``common_name`` …
    policies: tuple[str, ...] = ()  #: certificate policies, dotted
    certificate: str | None = None  #: SHA-256 of the DER, lower-case hex
    algorithm: str = ""  #: such as ``sha256_rsa``, ``sha256_ecdsa``
    note: str = ""  #: what more the verifier can say, English

    @property
    def verdict(self) -> Verdict:
        """The answer in one word."""
        return MEANINGS[self.reason].verdict

    @property
    def indication(self) -> Indication:
        """Main status of ETSI EN 319 102-1."""
        return MEANINGS[self.reason].indication

    @property
    def sub_indication(self) -> str:
        """Sub-indication of ETSI EN 319 102-1."""
        return MEANINGS[self.reason].sub_indication

    @property
    def signed_at(self) -> datetime | None:
        """The best time known: proven, else claimed."""
        return self.proven_at or self.claimed_at

    @property
    def detail(self) -> str:
        """One sentence in Vietnamese, and the words of the standard."""
        meaning = MEANINGS[self.reason]
        words = ", ".join(filter(None, (meaning.indication.value, meaning.sub_indication)))
        return f"{meaning.vi} ({words})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A certificate or revocation data used at validation, to be kept with the document.

    Source: Thông tư 41/2017/TT-BTTTT art. 9.1.
    """

    kind: str  #: ``certificate``, ``crl`` or ``ocsp``
    sha256: str  #: of the DER, lower-case hex
    der: bytes


class Fault(StrEnum):
    """Why a file could not be examined to the end."""

    UNREADABLE = "unreadable"  #: the bytes are not what the media type says
    ENCRYPTED = "encrypted"  #: cannot be read without a password
    TIME = "time"  #: took longer than the node allows
    MEMORY = "memory"  #: needed more memory than the node allows
    CRASH = "crash"  #: the verifying process died


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureReport:
    """All that is true about the signatures of one file."""

    signatures: tuple[Signature, ...] = ()
    timestamps: tuple[Signature, ...] = ()  #: document time stamps: nobody's will, only a time
    evidence: tuple[Evidence, ...] = ()
    fault: Fault | None = None


class Purpose(StrEnum):
    """What an authority is trusted for; the name of its folder under the trust folder."""

    OFFICIAL_DUTY = "official-duty"  #: chữ ký số chuyên dùng công vụ
    PUBLIC = "public"  #: chữ ký số công cộng
    TIMESTAMP = "timestamp"  #: time stamps only
    PEERS = "peers"  #: other nodes: their receipts, no documents
    ANY = "any"  #: lies in no folder of these names


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedCertificate:
    """One certificate of the trust folders, as it is listed."""

    purpose: Purpose
    is_anchor: bool  #: trusted by itself; otherwise an intermediate on the way to an anchor
    subject: str
    issuer: str
    valid_from: datetime
    valid_to: datetime
    sha256: str
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCertificate:
    """One certificate that the node itself lives by, as it is watched."""

    use: str  #: ``receipts``, ``tls`` or ``stamps``
    subject: str
    valid_to: datetime
    sha256: str
    file: str


Expiring = TrustedCertificate | OwnCertificate
#: Days before the end of a certificate from which on people are warned.
WARNING_DAYS = (60, 30, 14, 7)


def days_left(certificate: Expiring, now: datetime) -> int:
    """Return how many whole days *certificate* is valid still; negative when it has expired."""
    return (certificate.valid_to - now).days


def is_expiring(certificate: Expiring, now: datetime) -> bool:
    """Whether people are to be warned about the end of *certificate*."""
    return days_left(certificate, now) <= WARNING_DAYS[0]


def warning_stage(certificate: Expiring, now: datetime) -> int | None:
    """Return the smallest number of :data:`WARNING_DAYS` that is reached, None before the first."""
    reached = [days for days in WARNING_DAYS if days_left(certificate, now) <= days]
    return min(reached, default=None)
