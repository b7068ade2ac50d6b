"""Rules on signatures that are not there, and what a document is worth with those it has."""

from collections.abc import Iterable, Iterator, Mapping

from gateway.domain.exchange import LegalValue
from gateway.domain.findings import Severity
from gateway.domain.legal_value import Owner, Owners
from gateway.domain.profile import Decision
from gateway.domain.rules.mechanism import (
    Candidate,
    FileFacts,
    Matter,
    Place,
    Reference,
    at,
    for_sender,
    rule,
)
from gateway.domain.rules.signatures import severity_of
from gateway.domain.signatures import Signature, Verdict

_PDF = "application/pdf"
_OWNERS = {
    Owner.PERSON: ("người có thẩm quyền", "the competent person"),
    Owner.AGENCY: ("cơ quan, tổ chức ban hành", "the agency"),
}
#: What it comes to that the main file bears no signature, by the profile.
_UNSIGNED: Mapping[Decision, Mapping[str, str]] = {
    Decision.CARRY: {
        "consequence": "văn bản chỉ có giá trị tham khảo",
        "consequence_en": "the document is for reference only",
        "purpose": " nếu cần giá trị như bản gốc",
        "purpose_en": " to make it an original",
    },
    Decision.HOLD: {
        "consequence": "văn bản chờ người quản trị quyết định",
        "consequence_en": "an administrator decides about the document",
        "purpose": " rồi gửi lại",
        "purpose_en": " and send it again",
    },
    Decision.REFUSE: {
        "consequence": "theo quy chế mà cơ quan gửi áp dụng, văn bản phải được ký số",
        "consequence_en": "the regulation that the sender follows asks for one",
        "purpose": " rồi gửi lại",
        "purpose_en": " and send it again",
    },
}


@rule(
    "sig-none",
    source="NĐ 30/2020/NĐ-CP art. 5.1; QĐ 28/2018/QĐ-TTg art. 4",
    vi="Tệp văn bản chính “{name}” chưa ký số; {consequence}.",
    en="The main file “{name}” bears no digital signature: {consequence_en}.",
    remedy="Ký số bởi người có thẩm quyền và cơ quan ban hành{purpose}.",
    remedy_en="Have it signed by the competent person and the agency{purpose_en}.",
    severity=Severity.INFO,
)
def main_file_is_signed(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """The main file bears a signature, or one lies beside it."""
    main = main_file(candidate)
    if main is None or main.fault is not None or signatures_of(main, candidate):
        return
    decision = reference.profile.signing.unsigned
    yield Place(
        pointer=f"/attachments/{main.n}",
        severity=None if decision is Decision.CARRY else severity_of(decision),
        values={"name": main.name, **_UNSIGNED[decision]},
    )


@rule(
    "sig-partly",
    source="NĐ 30/2020/NĐ-CP art. 5.1, Annex I Part I III.1",
    vi="Tệp “{name}” chưa có chữ ký số hợp lệ của {who}; văn bản chỉ có giá trị tham khảo.",
    en="“{name}” lacks a valid signature of {who_en}: the document is for reference only.",
    remedy="Bổ sung chữ ký số còn thiếu rồi gửi lại nếu cần giá trị như bản gốc.",
    remedy_en="Add the signature that is missing to make the document an original.",
    severity=Severity.INFO,
    about=Matter.SIGNED,
)
def all_have_signed(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """A signed document bears all signatures that make it an original."""
    decision = reference.profile.signing.partly
    for file, missing in _lacking(candidate, reference):
        names = [_OWNERS[each] for each in sorted(missing)]
        yield Place(
            pointer=f"/attachments/{file.n}",
            severity=None if decision is Decision.CARRY else severity_of(decision),
            values={
                "name": file.name,
                "who": " và ".join(name for name, _ in names),
                "who_en": " and ".join(name for _, name in names),
            },
        )


@rule(
    "sig-not-pdf",
    source="profile of the sender (config/profiles)",
    vi="Tệp “{name}” được ký số nhưng không phải PDF; văn bản ký số chỉ gửi dạng PDF ({basis}).",
    en="“{name}” is signed but no PDF; signed documents travel as PDF only ({basis}).",
    remedy="Chuyển văn bản sang PDF rồi ký số trên tệp PDF.",
    remedy_en="Turn the document into PDF and sign that.",
)
def signed_files_are_pdf(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """Where the profile says so, what is signed is PDF."""
    basis = reference.profile.signing.pdf_only
    for file in candidate.files if basis else ():
        if file.signs is None and file.media_type != _PDF and signatures_of(file, candidate):
            yield at(f"/attachments/{file.n}", name=file.name, basis=basis)


def legal_value(candidate: Candidate, reference: Reference) -> LegalValue:
    """Return what *candidate* is worth by the sender's profile.

    Source: NĐ 30/2020/NĐ-CP art. 5.1, Annex I Part I III.1; QĐ 28/2018/QĐ-TTg art. 4.
    """
    reference = for_sender(candidate, reference)
    main = main_file(candidate)
    signed = main is not None and _valid(main, candidate)
    if not signed or any(_lacking(candidate, reference)):
        return LegalValue.REFERENCE
    return LegalValue.ORIGINAL


def unsigned_matters(candidate: Candidate, reference: Reference) -> Iterator[tuple[str, str, str]]:
    """Yield the same for signatures that are not there."""
    signing = reference.profile.signing
    missing: list[Place] = []
    if signing.unsigned is Decision.HOLD:
        missing += main_file_is_signed.body(candidate, reference)
    if signing.partly is Decision.HOLD:
        missing += all_have_signed.body(candidate, reference)
    for place in missing[:1]:
        yield place.pointer, "Văn bản chưa đủ chữ ký số", "A document without all its signatures"


def main_file(candidate: Candidate) -> FileFacts | None:
    """Return the file that is the document itself: the first that signs no other."""
    return next((file for file in candidate.files if file.signs is None), None)


def signatures_of(file: FileFacts, candidate: Candidate) -> list[Signature]:
    """Return the signatures in *file* and in those that stand beside it."""
    beside = [each for each in candidate.files if each.signs == file.n]
    return [one for each in (file, *beside) for one in each.signatures]


def valid_ones(signatures: Iterable[Signature]) -> list[Signature]:
    """Return those of *signatures* that hold."""
    return [each for each in signatures if each.verdict is Verdict.VALID]


def _valid(file: FileFacts, candidate: Candidate) -> list[Signature]:
    return valid_ones(signatures_of(file, candidate))


def _owners(file: FileFacts, candidate: Candidate, owners: Owners) -> set[Owner]:
    return {owners.of(each.subject) for each in _valid(file, candidate)}


def _lacking(
    candidate: Candidate, reference: Reference
) -> Iterator[tuple[FileFacts, frozenset[Owner]]]:
    """Yield the files of a signed document that lack a signature, and whose."""
    signing, main = reference.profile.signing, main_file(candidate)
    if main is None or not _valid(main, candidate):
        return
    for file in candidate.files:
        if file.signs is None:
            needed = signing.original if file is main else signing.annex
            missing = needed - _owners(file, candidate, reference.owners)
            if missing:
                yield file, missing


RULES = (main_file_is_signed, all_have_signed, signed_files_are_pdf)
