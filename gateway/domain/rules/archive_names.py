"""Rules on the names of members of archives: where they lead, what they hide, whose they are."""

from collections import Counter
from collections.abc import Iterator

from gateway.domain.characters import first_unfit
from gateway.domain.findings import Severity
from gateway.domain.inspection import is_by_product
from gateway.domain.rules.archives import (
    MOST_PLACES,
    SAFE_ARCHIVE,
    is_a_program,
    members_that,
    of_member,
)
from gateway.domain.rules.file_names import is_device_name
from gateway.domain.rules.mechanism import Candidate, Place, Reference, rule


@rule(
    "zip-path",
    source=SAFE_ARCHIVE,
    vi="Tệp nén “{name}” có đường dẫn không an toàn: “{member}”.",
    en="The archive “{name}” has an unsafe path: “{member}”.",
    remedy="Nén lại, chỉ dùng tên thư mục và tệp tương đối.",
    remedy_en="Make it again with plain relative names.",
)
def paths_stay_inside(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """No member is named by an absolute path, a drive, or a way out of the archive."""
    yield from members_that(candidate, lambda member: _leads_out(member.name))


def _leads_out(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return (
        name.startswith(("/", "\\"))
        or ".." in parts
        or any(part[1:2] == ":" for part in parts)
        or "\0" in name
    )


@rule(
    "zip-name",
    source=SAFE_ARCHIVE,
    vi="Tệp nén “{name}” có tên tệp chứa ký tự ẩn hoặc đảo chiều: “{member}”.",
    en="The archive “{name}” has a member whose name holds hidden characters: “{member}”.",
    remedy="Đổi tên tệp đó rồi nén lại.",
    remedy_en="Rename it and make the archive again.",
)
def member_names_hide_nothing(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """No member's name holds characters that cannot be seen or that turn its letters around."""
    yield from members_that(
        candidate,
        lambda member: first_unfit(member.name) is not None and not is_by_product(member.name),
    )


@rule(
    "zip-device",
    source=SAFE_ARCHIVE,
    vi="Tệp nén “{name}” có tệp trùng tên thiết bị của hệ điều hành: “{member}”.",
    en="The archive “{name}” has a member named like a device: “{member}”.",
    remedy="Đổi tên tệp đó rồi nén lại.",
    remedy_en="Rename it and make the archive again.",
)
def no_member_is_a_device(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """No part of a member's path is the name of a device."""
    yield from members_that(
        candidate,
        lambda member: any(map(is_device_name, member.name.replace("\\", "/").split("/"))),
    )


@rule(
    "zip-duplicate-name",
    source="names that every receiving system can store side by side",
    vi="Tệp nén “{name}” có nhiều tệp cùng tên “{member}”; nơi nhận có thể chỉ thấy một tệp.",
    en="The archive “{name}” has several members named “{member}”; recipients may see only one.",
    remedy="Đặt tên khác nhau cho các tệp rồi nén lại.",
    remedy_en="Give each file a name of its own and make the archive again.",
    severity=Severity.WARNING,
)
def member_names_differ(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """No two files of an archive unpack to the same place, case aside."""
    for file in candidate.files:
        names = (each.name for each in file.members if not each.name.endswith(("/", "\\")))
        times = Counter(name.replace("\\", "/").casefold() for name in names)
        doubled = [name for name, count in times.items() if count > 1]
        for name in doubled[:MOST_PLACES]:
            yield of_member(file, name)


@rule(
    "zip-by-product",
    source="TT 39/2017/TT-BTTTT; allow-list of the node, [limits] extensions",
    vi="Tệp nén “{name}” có tệp phụ do máy tự tạo, không phải nội dung văn bản: “{member}”.",
    en="The archive “{name}” holds what a computer adds by itself and nobody wrote: “{member}”.",
    remedy="Không cần làm gì; lần sau có thể bỏ tệp đó ra khỏi tệp nén.",
    remedy_en="Nothing to do; next time it can be left out of the archive.",
    severity=Severity.INFO,
)
def members_were_written_by_somebody(
    candidate: Candidate, reference: Reference
) -> Iterator[Place]:
    """What systems add to archives, such as small previews, is told and does no harm."""
    yield from members_that(
        candidate,
        lambda member: (
            bool(member.media_type) and is_by_product(member.name) and not is_a_program(member)
        ),
    )


RULES = (
    paths_stay_inside,
    member_names_hide_nothing,
    no_member_is_a_device,
    member_names_differ,
    members_were_written_by_somebody,
)
