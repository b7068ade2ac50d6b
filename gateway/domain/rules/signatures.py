"""Rules on digital signatures: what is true about them was found out before, here it is weighed.

A broken signature is always refused. What becomes of unsigned, partly signed, untrusted, expired,
revoked and undecided documents is the sender's profile's affair (``[signatures]`` there); what is
carried in spite of it is worth no more than a reference.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.domain.findings import Severity
from gateway.domain.profile import Decision, Signing
from gateway.domain.rules.mechanism import (
    Candidate,
    Matter,
    Place,
    Reference,
    rule,
)
from gateway.domain.signatures import (
    MEANINGS,
    Change,
    Fault,
    Reason,
    Signature,
    Verdict,
)

#: Where a message's own signature stands; it is XML around all of the parts.
MESSAGE = "/edXML"
_MOST_CHANGES = 5
_MOST_OBJECTS = 12
_NOT_READ = frozenset({Reason.UNSUPPORTED, Reason.NOT_VERIFIED, Reason.CONTENT_ABSENT})
_CUT_OFF = frozenset({Fault.TIME, Fault.MEMORY, Fault.CRASH})
_FAULTS = {
    Fault.UNREADABLE: ("không đọc được tệp", "the file cannot be read"),
    Fault.ENCRYPTED: ("tệp có mật khẩu", "the file needs a password"),
    Fault.TIME: ("quá thời gian cho phép", "it took too long"),
    Fault.MEMORY: ("cần quá nhiều bộ nhớ", "it took too much memory"),
    Fault.CRASH: ("chương trình kiểm tra dừng đột ngột", "the process that verified it died"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Whatever can be signed: a file, or the message around all."""

    pointer: str
    name: str
    signatures: tuple[Signature, ...]
    fault: Fault | None


def _parts(candidate: Candidate) -> Iterator[_Part]:
    """Yield the parts that bear signatures, or could not be examined."""
    for file in candidate.files:
        if file.signatures or file.fault is not None:
            yield _Part(
                pointer=f"/attachments/{file.n}",
                name=file.name,
                signatures=file.signatures,
                fault=file.fault,
            )
    if candidate.message_signatures or candidate.message_fault is not None:
        yield _Part(
            pointer=MESSAGE,
            name="edXML",
            signatures=candidate.message_signatures,
            fault=candidate.message_fault,
        )


def _weighed(candidate: Candidate, verdict: Verdict, decision: Decision) -> Iterator[Place]:
    """Yield every signature of this *verdict* that was read, with the weight of *decision*."""
    for part in _parts(candidate):
        for each in part.signatures:
            if each.verdict is verdict and each.reason not in _NOT_READ:
                yield _place(part, each, severity_of(decision))


def severity_of(decision: Decision) -> Severity:
    """Return the weight of a finding about which a profile decides so."""
    return Severity.ERROR if decision is Decision.REFUSE else Severity.WARNING


def _place(part: _Part, signature: Signature, severity: Severity | None = None) -> Place:
    meaning = MEANINGS[signature.reason]
    return Place(
        pointer=part.pointer,
        severity=severity,
        values={
            "name": part.name,
            "signer": signature.signer or "?",
            "why": meaning.vi,
            "why_en": meaning.en,
            "where": _where(signature.changes, "phiên bản", "byte", "đối tượng"),
            "where_en": _where(signature.changes, "revision", "bytes", "objects"),
        },
    )


def _where(changes: tuple[Change, ...], revision: str, span: str, objects: str) -> str:
    """Say which bytes and objects changed in which revision; empty when that is not known."""
    told = []
    for each in changes[:_MOST_CHANGES]:
        what = f"{revision} {each.revision}, {span} {each.first_byte}-{each.end_byte}"
        if each.objects:
            more = ", …" if len(each.objects) > _MOST_OBJECTS else ""
            what += f", {objects} {', '.join(map(str, each.objects[:_MOST_OBJECTS]))}{more}"
        told.append(what)
    return f" [{'; '.join(told)}]" if told else ""


@rule(
    "sig-broken",
    source="NĐ 30/2020/NĐ-CP art. 5.1, 21.2; NĐ 68/2024/NĐ-CP art. 31",
    vi="Chữ ký số của “{signer}” trên “{name}” không toàn vẹn: {why}{where}.",
    en="The signature of “{signer}” on “{name}” is broken: {why_en}{where_en}.",
    remedy="Lấy lại bản gốc đã ký, không mở và lưu lại bằng phần mềm khác; nếu cần sửa thì ký lại.",
    remedy_en="Send the file as it was signed, not saved anew; when it was changed, sign again.",
    about=Matter.SIGNED,
)
def no_signature_is_broken(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """Every signature still holds over what it signed, whatever the profile says."""
    for part in _parts(candidate):
        for each in part.signatures:
            if each.verdict is Verdict.INVALID:
                yield _place(part, each)


@rule(
    "sig-untrusted",
    source="NĐ 68/2024/NĐ-CP art. 31; profile of the sender (config/profiles)",
    vi="Chữ ký số của “{signer}” trên “{name}” không được tin cậy: {why}.",
    en="The signature of “{signer}” on “{name}” is not trusted: {why_en}.",
    remedy="Ký bằng chứng thư do tổ chức chứng thực được nút tin cậy cấp.",
    remedy_en="Sign with a certificate of an authority that the node trusts.",
    about=Matter.SIGNED,
)
def signers_are_trusted(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """A trusted authority stands behind every signature."""
    yield from _weighed(candidate, Verdict.UNTRUSTED, reference.profile.signing.untrusted)


@rule(
    "sig-expired",
    source="NĐ 68/2024/NĐ-CP art. 31.1a; profile of the sender (config/profiles)",
    vi="Chữ ký số của “{signer}” trên “{name}” được tạo ngoài thời hạn chứng thư: {why}.",
    en="“{signer}” signed “{name}” outside the validity of the certificate: {why_en}.",
    remedy="Gia hạn hoặc cấp mới chứng thư rồi ký lại.",
    remedy_en="Renew the certificate and sign again.",
    about=Matter.SIGNED,
)
def no_certificate_had_expired(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """Every certificate was within its validity at the time of signing."""
    yield from _weighed(candidate, Verdict.EXPIRED, reference.profile.signing.expired)


@rule(
    "sig-revoked",
    source="NĐ 68/2024/NĐ-CP art. 31.1c; profile of the sender (config/profiles)",
    vi="Chữ ký số của “{signer}” trên “{name}” dùng chứng thư đã bị thu hồi: {why}.",
    en="The signature of “{signer}” on “{name}” was made with a revoked certificate: {why_en}.",
    remedy="Ký lại bằng chứng thư còn hiệu lực.",
    remedy_en="Sign again with a certificate that is in force.",
    about=Matter.SIGNED,
)
def no_certificate_was_revoked(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """No certificate had been revoked at the time of signing; what came later does not count."""
    yield from _weighed(candidate, Verdict.REVOKED, reference.profile.signing.revoked)


@rule(
    "sig-undecided",
    source="NĐ 68/2024/NĐ-CP art. 31.2; profile of the sender (config/profiles)",
    vi="Chưa kết luận được về chữ ký số của “{signer}” trên “{name}”: {why}.",
    en="It cannot be decided about the signature of “{signer}” on “{name}”: {why_en}.",
    remedy="Ký kèm dấu thời gian và dữ liệu thu hồi (PAdES-LT); hoặc người quản trị bổ sung CRL.",
    remedy_en="Sign with a time stamp and revocation data (PAdES-LT), or give the node the CRL.",
    severity=Severity.WARNING,
    about=Matter.SIGNED,
)
def every_signature_is_decided(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """What is known decides about every signature."""
    yield from _weighed(candidate, Verdict.UNKNOWN, reference.profile.signing.undecided)


@rule(
    "sig-unsupported",
    source="TT 39/2017/TT-BTTTT; NĐ 30/2020/NĐ-CP Annex I",
    vi="Chữ ký số trên “{name}” không được kiểm tra: {why}.",
    en="A signature on “{name}” is not verified: {why_en}.",
    remedy="Ký trên tệp PDF (PAdES), hoặc gửi tệp .p7s cùng tệp mà nó ký.",
    remedy_en="Sign a PDF file (PAdES), or send the .p7s beside the file that it signs.",
    severity=Severity.WARNING,
    about=Matter.SIGNED,
)
def every_signature_is_of_a_known_kind(
    candidate: Candidate, reference: Reference
) -> Iterator[Place]:
    """Every signature is of a kind that the node verifies, and what it signs is there."""
    for part in _parts(candidate):
        for each in part.signatures:
            if each.reason in _NOT_READ:
                yield _place(part, each)


@rule(
    "sig-unexamined",
    source="NĐ 30/2020/NĐ-CP art. 21.2; profile of the sender (config/profiles)",
    vi="Không kiểm tra được hết chữ ký số của “{name}”: {why}.",
    en="The signatures of “{name}” could not be examined to the end: {why_en}.",
    remedy="Xuất lại tệp PDF gọn hơn rồi ký lại; nếu tệp bình thường, báo người quản trị nút.",
    remedy_en="Export the PDF anew and sign again; if the file is an ordinary one, tell the node.",
    severity=Severity.WARNING,
    about=Matter.SIGNED,
)
def every_file_is_examined(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """The verification of every file came to its end."""
    for part in _parts(candidate):
        if part.fault is not None and not _is_told(part):
            why, why_en = _FAULTS[part.fault]
            decision = reference.profile.signing.unexamined
            weight = severity_of(decision) if part.fault in _CUT_OFF else Severity.WARNING
            yield Place(
                pointer=part.pointer,
                severity=weight,
                values={"name": part.name, "why": why, "why_en": why_en},
            )


def _is_told(part: _Part) -> bool:
    """Whether a signature that cannot be read says the same."""
    return part.fault not in _CUT_OFF and bool(part.signatures)


def undecided_matters(candidate: Candidate, signing: Signing) -> Iterator[tuple[str, str, str]]:
    """Yield pointer, matter and its English for what a person must decide by the profile."""
    held = (
        (Verdict.UNTRUSTED, signing.untrusted),
        (Verdict.EXPIRED, signing.expired),
        (Verdict.REVOKED, signing.revoked),
        (Verdict.UNKNOWN, signing.undecided),
    )
    verdicts = {verdict for verdict, decision in held if decision is Decision.HOLD}
    for part in _parts(candidate):
        found = {each.verdict for each in part.signatures if each.reason not in _NOT_READ}
        is_cut = part.fault in _CUT_OFF and signing.unexamined is Decision.HOLD
        if found & verdicts or is_cut:
            yield (
                part.pointer,
                f"Chữ ký số của “{part.name}”",
                f"The signatures of “{part.name}”",
            )


RULES = (
    no_signature_is_broken,
    signers_are_trusted,
    no_certificate_had_expired,
    no_certificate_was_revoked,
    every_signature_is_decided,
    every_signature_is_of_a_known_kind,
    every_file_is_examined,
)
