"""Candidates and references to break one way at a time."""

from dataclasses import replace
from datetime import date

from gateway.domain.document import Metadata, Signer
from gateway.domain.findings import Finding
from gateway.domain.profile import Profile, Profiles
from gateway.domain.rules.mechanism import (
    Candidate,
    FileFacts,
    Limits,
    Reference,
    Rule,
    Screening,
    examine,
)
from gateway.domain.signatures import Reason, Signature
from tests.domain.rules.agencies import a_directory

PERSON, AGENCY = "Nguyễn Văn A", "Văn phòng"
TODAY = date(2026, 11, 21)
TYPES = {
    "QĐ": "Quyết định",
    "QyĐ": "Quy định",
    "HD": "Hướng dẫn",
    "HĐ": "Hợp đồng",
    "ĐA": "Đề án",
    "DA": "Dự án",
    "CT": "Chỉ thị",
    "CTr": "Chương trình",
    "TTr": "Tờ trình",
    "CV": "Công văn",
    "KH": "Kế hoạch",
    "PB": "Phiếu báo",
}
GOOD = Metadata(
    to=("H13.02",),
    type="QĐ",
    subject="Về việc ban hành quy chế",
    notation="QĐ-UBND",
    promulgated_on=date(2026, 11, 20),
    place="Cần Thơ",
    signer=Signer(position="Chủ tịch", full_name="Nguyễn Văn A"),
)
LIMITS = Limits(extensions=frozenset({"pdf", "docx", "jpeg", "jpg", "tif", "zip"}))


def a_signature(name: str, reason: Reason = Reason.HOLDS) -> Signature:
    """Return the signature of somebody at H13.01, a person or the agency itself."""
    subject = {"common_name": name, "organization_name": AGENCY}
    return Signature(kind="pades", reason=reason, signer=name, subject=subject)


def a_file(**changes: object) -> FileFacts:
    """Return the facts of a small PDF that person and agency have signed, with *changes*."""
    pdf = FileFacts(
        n=1,
        name="a.pdf",
        size=100,
        media_type="application/pdf",
        carries=frozenset({"pdf"}),
        signatures=(a_signature(PERSON), a_signature(AGENCY)),
    )
    return replace(pdf, **changes)  # type: ignore[arg-type]  # any field may change


def files(*names: str) -> tuple[FileFacts, ...]:
    """Return small PDFs with these *names*."""
    return tuple(a_file(n=n, name=name) for n, name in enumerate(names, start=1))


def a_candidate(metadata: Metadata = GOOD, **changes: object) -> Candidate:
    """Return a submission of H13.01 with one file, with *changes*."""
    good = Candidate(metadata=metadata, sender="H13.01", files=(a_file(),))
    return replace(good, **changes)  # type: ignore[arg-type]  # any field may change


def with_metadata(**changes: object) -> Candidate:
    """Return a submission whose metadata have *changes*."""
    return a_candidate(replace(GOOD, **changes))  # type: ignore[arg-type]  # any field


def a_reference(
    limits: Limits = LIMITS,
    profile: Profile | None = None,
    screening: Screening | None = None,
) -> Reference:
    """Return what a node of H13 knows, with an axis for the codes under H26."""
    return Reference(
        today=TODAY,
        directory=a_directory(),
        is_ours=lambda code: "H13" in code,
        is_reachable=lambda code: code.startswith("H26"),
        types=TYPES,
        limits=limits,
        screening=screening or Screening(),
        types_since={"PB": date(2020, 3, 5)},
        profiles=Profiles(default=profile or Profile(name="none")),
    )


def judge(
    rules: tuple[Rule, ...], candidate: Candidate, reference: Reference | None = None
) -> tuple[Finding, ...]:
    """Return the findings of *rules*."""
    return examine(candidate, reference or a_reference(), rules)


def said(
    rules: tuple[Rule, ...], candidate: Candidate, reference: Reference | None = None
) -> list[tuple[str, str]]:
    """Return code and pointer of the findings of *rules*."""
    return [(each.code, each.pointer) for each in judge(rules, candidate, reference)]
