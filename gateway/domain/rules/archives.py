"""Rules on archives (zip): what members are, how they are packed, how much they unpack to."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from gateway.domain.findings import Severity
from gateway.domain.inspection import Member, Trait, is_by_product, is_program
from gateway.domain.rules.attachments import (
    SIGNATURE_EXTENSIONS,
    canonical,
    extension_of,
    is_kindred,
)
from gateway.domain.rules.mechanism import Candidate, FileFacts, Matter, Place, Reference, at, rule

SAFE_ARCHIVE = "TT 39/2017/TT-BTTTT; safety of the receiving systems"
#: Findings of one code about one archive; the others would say the same of other members.
MOST_PLACES = 10


def members_that(candidate: Candidate, is_wrong: Callable[[Member], bool]) -> Iterator[Place]:
    """Yield a place for every member that *is_wrong*, of each archive the first ones."""
    for file in candidate.files:
        wrong = [each for each in file.members if is_wrong(each)]
        for each in wrong[:MOST_PLACES]:
            yield of_member(file, each.name, each.media_type)


def _seen(candidate: Candidate, trait: Trait) -> Iterator[Place]:
    for file in candidate.files:
        parts = [each.part for each in file.observations if each.trait is trait]
        for part in parts[:MOST_PLACES]:
            yield of_member(file, part)


def of_member(file: FileFacts, member: str, media_type: str = "") -> Place:
    """Return the place of a *member* of the archive *file*."""
    return at(
        f"/attachments/{file.n}",
        name=file.name,
        member=member,
        media_type=media_type or "application/octet-stream",
    )


def _is_file(member: Member) -> bool:
    """Whether there is content to judge: no folder, no link, and not what a system adds."""
    return bool(member.media_type) and not is_by_product(member.name)


@rule(
    "zip-entries",
    source="limit of the node, [limits] archive_entries",
    vi="Tệp nén “{name}” chứa quá {limit} tệp.",
    en="The archive “{name}” holds more than {limit} files.",
    remedy="Chia thành nhiều tệp nén nhỏ hơn.",
    remedy_en="Split it into smaller archives.",
    about=Matter.INSPECTED,
)
def members_are_not_too_many(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """An archive has at most as many members as the node opens."""
    for file in candidate.files:
        if any(each.trait is Trait.TOO_MANY_MEMBERS for each in file.observations):
            limit = reference.limits.archive.members
            yield at(f"/attachments/{file.n}", name=file.name, limit=limit)


@rule(
    "zip-bomb",
    source="limit of the node, [limits] archive_ratio and archive_mb",
    vi="Tệp nén “{name}” khi giải nén lớn bất thường (“{member}”).",
    en="The archive “{name}” unpacks to far too much (“{member}”).",
    remedy="Nén lại từ các tệp gốc, hoặc gửi từng tệp.",
    remedy_en="Make it again from the original files, or send them one by one.",
    about=Matter.INSPECTED,
)
def archive_is_no_bomb(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """Members unpack to a bounded size, each and together."""
    for file in candidate.files:
        if file.media_type == "application/zip":
            parts = [each.part for each in file.observations if each.trait is Trait.BOMB]
            for part in parts[:MOST_PLACES]:
                yield of_member(file, part)


@rule(
    "zip-overlap",
    source=SAFE_ARCHIVE,
    vi="Mục lục của tệp nén “{name}” không khớp với các tệp bên trong.",
    en="The directory of the archive “{name}” contradicts its members.",
    remedy="Nén lại từ các tệp gốc.",
    remedy_en="Make the archive again from the original files.",
    about=Matter.INSPECTED,
)
def directory_is_true(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """Members lie one behind the other, where and under the names that the directory gives."""
    yield from _seen(candidate, Trait.OVERLAP)


@rule(
    "zip-link",
    source=SAFE_ARCHIVE,
    vi="Tệp nén “{name}” chứa liên kết (symlink): “{member}”.",
    en="The archive “{name}” holds a symbolic link: “{member}”.",
    remedy="Thay liên kết bằng chính tệp đó rồi nén lại.",
    remedy_en="Put the file itself in its place and make the archive again.",
    about=Matter.INSPECTED,
)
def no_member_is_a_link(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """No member is a symbolic link."""
    yield from members_that(candidate, lambda member: member.is_link)


@rule(
    "zip-encrypted",
    source="QĐ 28/2018/QĐ-TTg art. 9.1; policy of the node",
    vi="Tệp “{member}” trong tệp nén “{name}” được đặt mật khẩu.",
    en="The member “{member}” of the archive “{name}” is protected by a password.",
    remedy="Nén lại không đặt mật khẩu.",
    remedy_en="Make the archive again without a password.",
    about=Matter.INSPECTED,
)
def no_member_needs_a_password(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """No member is encrypted."""
    yield from members_that(candidate, lambda member: member.is_encrypted)


@rule(
    "zip-nested",
    source="limit of the node, [limits] archive_depth",
    vi="Tệp nén “{name}” chứa tệp nén khác: “{member}”.",
    en="The archive “{name}” holds another archive: “{member}”.",
    remedy="Giải nén tệp bên trong rồi nén lại một lần.",
    remedy_en="Unpack the inner archive and make one archive of all files.",
    about=Matter.INSPECTED,
)
def archives_are_not_nested(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """An archive holds no archive deeper than the node opens."""
    yield from _seen(candidate, Trait.NESTED)


@rule(
    "zip-unreadable",
    source="QĐ 28/2018/QĐ-TTg art. 9.1",
    vi="Không giải nén được “{member}” trong tệp nén “{name}”.",
    en="The member “{member}” of the archive “{name}” cannot be unpacked.",
    remedy="Nén lại từ các tệp gốc bằng cách nén ZIP thông thường.",
    remedy_en="Make the archive again from the original files, as an ordinary ZIP.",
    about=Matter.INSPECTED,
)
def members_can_be_unpacked(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """Every member unpacks to the size and checksum that the directory gives."""
    yield from _seen(candidate, Trait.UNREADABLE_MEMBER)


@rule(
    "zip-method",
    source="TT 39/2017/TT-BTTTT; APPNOTE 6.3 section 4.4.5",
    vi="Tệp “{member}” trong tệp nén “{name}” nén theo cách mà nhiều máy không mở được ({method}).",
    en="The member “{member}” of the archive “{name}” is packed by a method that many computers "
    "cannot unpack ({method}).",
    remedy="Nén lại thành ZIP thông thường (phương pháp Deflate).",
    remedy_en="Make the archive again as an ordinary ZIP (the method Deflate).",
)
def members_are_packed_as_usual(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """Members are packed by Deflate or not at all; what was read all the same is a warning."""
    severities = {Trait.UNREAD_METHOD: None, Trait.UNUSUAL_METHOD: Severity.WARNING}
    for file in candidate.files:
        packed = [each for each in file.observations if each.trait in severities]
        for each in packed[:MOST_PLACES]:
            place = at(
                f"/attachments/{file.n}", name=file.name, member=each.part, method=each.what
            )
            yield replace(place, severity=severities[each.trait])


@rule(
    "zip-program",
    source=SAFE_ARCHIVE,
    vi="Tệp nén “{name}” chứa chương trình hoặc tệp chạy được: “{member}”.",
    en="The archive “{name}” holds a program: “{member}”.",
    remedy="Bỏ tệp đó ra khỏi tệp nén.",
    remedy_en="Take it out of the archive.",
    about=Matter.INSPECTED,
)
def no_member_is_a_program(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """No member runs when it is opened, by its name or by its bytes."""
    yield from members_that(candidate, is_a_program)


def is_a_program(member: Member) -> bool:
    """Whether *member* runs when it is opened."""
    is_folder = member.name.endswith("/")
    return not is_folder and is_program(member.name, member.media_type)


@rule(
    "zip-extension",
    source="TT 39/2017/TT-BTTTT; allow-list of the node, [limits] extensions",
    vi="Tệp nén “{name}” chứa tệp có định dạng không được phép gửi: “{member}”.",
    en="The archive “{name}” holds a file whose extension is not allowed: “{member}”.",
    remedy="Bỏ tệp đó hoặc lưu ở định dạng được phép.",
    remedy_en="Take it out or save it in an allowed format.",
    about=Matter.INSPECTED,
)
def members_bear_allowed_extensions(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """Members bear extensions of the allow-list; signatures may lie beside what they sign."""
    allowed = canonical(reference.limits.extensions) | SIGNATURE_EXTENSIONS
    yield from members_that(
        candidate,
        lambda member: (
            _is_file(member)
            and extension_of(_last(member.name)) not in allowed
            and not is_a_program(member)
        ),
    )


def _last(name: str) -> str:
    return name.replace("\\", "/").rpartition("/")[2]


@rule(
    "zip-type-mismatch",
    source=SAFE_ARCHIVE,
    vi="Tệp “{member}” trong tệp nén “{name}” có nội dung thực là {media_type}.",
    en="The bytes of the member “{member}” of the archive “{name}” are {media_type}.",
    remedy="Lưu lại tệp đó đúng định dạng rồi nén lại.",
    remedy_en="Save it in the right format and make the archive again.",
    about=Matter.INSPECTED,
)
def members_tell_the_truth(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """The bytes of a member are what its extension announces; an empty one has no bytes."""
    allowed = canonical(reference.limits.extensions) | SIGNATURE_EXTENSIONS
    yield from members_that(
        candidate,
        lambda member: (
            member.size > 0
            and _is_file(member)
            and extension_of(_last(member.name)) in allowed
            and extension_of(_last(member.name)) not in canonical(member.carries)
            and not is_kindred(
                extension_of(_last(member.name)), canonical(member.carries) & allowed
            )
        ),
    )


RULES = (
    members_are_not_too_many,
    archive_is_no_bomb,
    directory_is_true,
    no_member_is_a_link,
    no_member_needs_a_password,
    archives_are_not_nested,
    members_can_be_unpacked,
    members_are_packed_as_usual,
    no_member_is_a_program,
    members_bear_allowed_extensions,
    members_tell_the_truth,
)
