"""Rules on what must not travel: state secrets, and kinds that a local profile bars.

A gateway that connects agencies is no independent network: every marked document is refused
(Law on State Secrets 117/2025/QH15). No text here quotes what the document says.
"""

import unicodedata
from collections.abc import Iterator

from gateway.domain.findings import HELD, Severity
from gateway.domain.rules.mechanism import Candidate, Place, Reference, at, rule

_NOT_SECRET = frozenset({"", "normal", "thường", "thuong"})
#: The marks of NĐ 30/2020 Annex I III.2a, as they stand on a line of their own.
_MARKS = frozenset({"MẬT", "TỐI MẬT", "TUYỆT MẬT"})


def is_not_secret(security: str) -> bool:
    """Whether a declared *security* says that the document is no secret, in any accepted way."""
    return _plain(security).casefold() in _NOT_SECRET


def _plain(text: str) -> str:
    """Return NFC of *text* with single spaces; all that is sought is short, so the rest is cut."""
    return unicodedata.normalize("NFC", " ".join(text.split())[:100])


@rule(
    "barred-secret",
    source="Luật 117/2025/QH15; QĐ 28/2018/QĐ-TTg art. 1.2; NĐ 30/2020/NĐ-CP Annex I III.2a",
    vi="Văn bản được khai hoặc đóng dấu độ mật; văn bản bí mật nhà nước không được gửi qua hệ "
    "thống này.",
    en="The document is declared or marked as a state secret; such documents must not be "
    "exchanged here.",
    remedy="Gửi theo quy định về bảo vệ bí mật nhà nước. Nếu không phải văn bản mật, sửa độ mật "
    "thành “normal” và bỏ dấu mật ở trích yếu.",
    remedy_en="Send it under the rules on state secrets. If it is none, set security to “normal” "
    "and remove the mark from the subject.",
)
def no_secret_is_declared_or_marked(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """Neither the security field nor a line of the subject says Mật, Tối mật or Tuyệt mật.

    A mark is a whole line: “bảo mật”, “mật khẩu” and “mật ong” are none.
    """
    if not is_not_secret(candidate.metadata.security):
        yield at("/metadata/security")
    lines = candidate.metadata.subject.splitlines()
    if any(_plain(line).upper() in _MARKS for line in lines):
        yield at("/metadata/subject")


@rule(
    "barred-kind",
    source="policy of the node, [screening] refuse_kinds",
    vi="Nhóm văn bản “{kind}” không được gửi qua hệ thống này.",
    en="Documents of the kind “{kind}” must not be exchanged here.",
    remedy="Gửi theo hình thức khác đúng quy định của địa phương.",
    remedy_en="Send it in the other way that the local regulation names.",
)
def declared_kind_is_not_refused(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """The sender's declared kind is not among those that this node turns away."""
    kind = candidate.metadata.kind
    if kind and _among(kind, reference.screening.refused_kinds):
        yield at("/metadata/kind", kind=kind)


@rule(
    HELD,
    source="policy of the node, [screening] hold_kinds and unscanned",
    vi="{matter} cần người quản trị xem xét trước khi chuyển.",
    en="{matter_en} must wait for an administrator's decision.",
    remedy="Chờ quyết định; nút sẽ báo khi văn bản được chuyển hoặc bị từ chối.",
    remedy_en="Wait for the decision; the node tells when it is released or refused.",
    severity=Severity.WARNING,
)
def nothing_needs_a_decision(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """Neither the sender's declared kind nor a file that could not be scanned needs a person."""
    yield from _held_kind(candidate, reference)
    for file in candidate.files if reference.screening.holds_unscanned else ():
        if file.scanned is not None and not file.scanned.is_reached:
            yield at(
                f"/attachments/{file.n}",
                matter=f"Tệp “{file.name}” chưa được quét mã độc nên",
                matter_en=f"The file “{file.name}” was not scanned for malware and",
            )


def _held_kind(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    kind = candidate.metadata.kind
    screening = reference.screening
    if not kind or _among(kind, screening.refused_kinds):
        return
    if _among(kind, screening.held_kinds):
        yield at(
            "/metadata/kind",
            matter=f"Nhóm văn bản “{kind}”",
            matter_en=f"A document of the kind “{kind}”",
        )


def _among(kind: str, kinds: frozenset[str]) -> bool:
    key = _plain(kind).casefold()
    return any(key == _plain(each).casefold() for each in kinds)


RULES = (
    no_secret_is_declared_or_marked,
    declared_kind_is_not_refused,
    nothing_needs_a_decision,
)
