"""Rules on what must not travel: state secrets, and kinds that a local profile bars.

A gateway that connects agencies is no independent network: every marked document is refused
(Law on State Secrets 117/2025/QH15). No text here quotes what the document says. Whether a person
decides about the other kinds, or the node turns them away, stands in the profile of the sender.
"""

import unicodedata
from collections.abc import Iterator

from gateway.domain.findings import HELD, Severity
from gateway.domain.inspection import Trait
from gateway.domain.marks import bears_secrecy_mark, name_is_secret, notation_is_secret
from gateway.domain.profile import Decision, Kind
from gateway.domain.rules.mechanism import Candidate, Place, Reference, at, rule
from gateway.domain.rules.missing_signatures import unsigned_matters
from gateway.domain.rules.signatures import undecided_matters
from gateway.domain.rules.signers import strangers_matters
from gateway.domain.text import fold

#: The code by which intake knows that nothing of a submission may stay on the disk.
SECRET = "barred-secret"  # noqa: S105 - a code
_NOT_SECRET = frozenset({"", "normal", "thường", "thuong"})
#: Ways to declare a state secret as the kind, without accents and hyphens.
_SECRET_KINDS = frozenset(
    {"mat", "toi mat", "tuyet mat", "bi mat nha nuoc", "van ban mat", "secret", "state secret"}
    | {"top secret", "confidential"}
)


def is_not_secret(security: str) -> bool:
    """Whether a declared *security* says that the document is no secret, in any accepted way."""
    return security == "normal" or _plain(security).casefold() in _NOT_SECRET


def _plain(text: str) -> str:
    """Return NFC of *text* with single spaces; all that is sought is short, so the rest is cut."""
    return unicodedata.normalize("NFC", " ".join(text.split())[:100])


@rule(
    SECRET,
    source="Luật 117/2025/QH15; QĐ 28/2018/QĐ-TTg art. 1.2; NĐ 30/2020/NĐ-CP Annex I III.2a",
    vi="Văn bản được khai hoặc đóng dấu độ mật; văn bản bí mật nhà nước không được gửi qua hệ "
    "thống này.",
    en="The document is declared or marked as a state secret; such documents must not be "
    "exchanged here.",
    remedy="Gửi theo quy định về bảo vệ bí mật nhà nước. Nếu không phải văn bản mật, sửa độ mật "
    "thành “normal” và bỏ dấu mật.",
    remedy_en="Send it under the rules on state secrets. If it is none, set security to “normal” "
    "and remove the mark.",
)
def no_secret_is_declared_or_marked(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """Neither the security field nor the kind says so, and no mark stands where marks stand.

    A mark stands apart: “bảo mật”, “mật khẩu” and “mật ong” are words (``domain/marks.py``).
    """
    metadata = candidate.metadata
    if not is_not_secret(metadata.security):
        yield at("/metadata/security")
    if metadata.kind and fold(_plain(metadata.kind).replace("-", " ")) in _SECRET_KINDS:
        yield at("/metadata/kind")
    if bears_secrecy_mark(metadata.subject):
        yield at("/metadata/subject")
    if notation_is_secret(metadata.notation):
        yield at("/metadata/notation")
    if metadata.number and notation_is_secret(metadata.number):
        yield at("/metadata/number")
    for file in candidate.files:
        names = (file.name, *(each.name.rpartition("/")[2] for each in file.members))
        is_marked = any(each.trait is Trait.SECRECY_MARK for each in file.observations)
        if is_marked or any(map(name_is_secret, names)):
            yield at(f"/attachments/{file.n}")


def _kinds(candidate: Candidate, reference: Reference, decision: Decision) -> Iterator[Kind]:
    """Yield the kinds that the document is of and for which the profile has this *decision*."""
    metadata = candidate.metadata
    kinds = reference.profile.kinds_of(
        metadata.kind, of_type=metadata.type, subject=metadata.subject
    )
    return (kind for kind in kinds if kind.decision is decision)


@rule(
    "barred-kind",
    source="profile of the sender (config/profiles)",
    vi="{kind} không được gửi qua hệ thống này ({basis}).",
    en="Documents of the kind “{kind_en}” must not be exchanged here ({basis}).",
    remedy="Gửi theo hình thức khác đúng quy định của địa phương.",
    remedy_en="Send it in the other way that the local regulation names.",
)
def kind_is_not_refused(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """The document is of no kind that the sender's profile turns away."""
    for kind in _kinds(candidate, reference, Decision.REFUSE):
        yield at("/metadata/kind", kind=kind.vi, kind_en=kind.en, basis=kind.source)


@rule(
    HELD,
    source="policy profile of the sender; policy of the node on files that were not scanned",
    vi="{matter} cần người quản trị xem xét trước khi chuyển ({basis}).",
    en="{matter_en} must wait for an administrator's decision ({basis_en}).",
    remedy="Chờ quyết định; nút sẽ báo khi văn bản được chuyển hoặc bị từ chối.",
    remedy_en="Wait for the decision; the node tells when it is released or refused.",
    severity=Severity.WARNING,
)
def nothing_needs_a_decision(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """Neither kind nor signatures nor a file that could not be scanned need a person."""
    yield from _held_kinds(candidate, reference)
    yield from _held_signatures(candidate, reference)
    for file in candidate.files if reference.screening.holds_unscanned else ():
        if file.scanned is not None and not file.scanned.is_reached:
            yield at(
                f"/attachments/{file.n}",
                matter=f"Tệp “{file.name}” chưa được quét mã độc nên",
                matter_en=f"The file “{file.name}” was not scanned for malware and",
                basis="quy định của nút về tệp chưa được quét",
                basis_en="the node's rule for files that were not scanned",
            )


def _held_kinds(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    if any(_kinds(candidate, reference, Decision.REFUSE)):
        return
    for kind in _kinds(candidate, reference, Decision.HOLD):
        yield at(
            "/metadata/kind",
            matter=f"{kind.vi}:",
            matter_en=f"A document of the kind “{kind.en}”",
            basis=kind.source,
            basis_en=kind.source,
        )


def _held_signatures(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    matters = (
        *undecided_matters(candidate, reference.profile.signing),
        *unsigned_matters(candidate, reference),
        *strangers_matters(candidate, reference),
    )
    for pointer, matter, matter_en in matters:
        title = reference.profile.title
        yield at(
            pointer,
            matter=matter,
            matter_en=matter_en,
            basis=title or "quy định về chữ ký số",
            basis_en=title or "the rules for signatures",
        )


RULES = (
    no_secret_is_declared_or_marked,
    kind_is_not_refused,
    nothing_needs_a_decision,
)
