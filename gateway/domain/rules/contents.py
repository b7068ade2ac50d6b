"""Rules on files as a whole: damage, passwords, encoding, more than one kind, the scanner's word."""

from collections.abc import Iterator
from dataclasses import replace

from gateway.domain.findings import Severity
from gateway.domain.inspection import Trait
from gateway.domain.rules.mechanism import Candidate, Matter, Place, Reference, at, rule
from gateway.domain.rules.observed import SAFE, seen

_WHOLE = "QĐ 28/2018/QĐ-TTg art. 9.1; NĐ 30/2020/NĐ-CP art. 21.2"

#: Announced media type -> canonical extensions that it may stand for. Senders name office files
#: by their old types, and spreadsheets of any kind by that of Excel; both are no lie.
_OFFICE = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."
_ANNOUNCED = {
    "application/pdf": "pdf",
    "application/x-pdf": "pdf",
    "application/rtf": "rtf",
    "text/rtf": "rtf",
    "application/msword": "doc docx rtf",
    "application/vnd.ms-excel": "xls xlsx csv txt",
    "application/vnd.ms-powerpoint": "ppt pptx",
    f"{_OFFICE}wordprocessingml.document": "docx",
    f"{_OFFICE}spreadsheetml.sheet": "xlsx",
    f"{_OFFICE}presentationml.presentation": "pptx",
    f"{_ODF}text": "odt",
    f"{_ODF}spreadsheet": "ods",
    f"{_ODF}presentation": "odp",
    "application/zip": "zip docx xlsx pptx odt ods odp",
    "application/x-zip-compressed": "zip docx xlsx pptx odt ods odp",
    "image/jpeg": "jpeg",
    "image/jpg": "jpeg",
    "image/png": "png",
    "image/gif": "gif",
    "image/tiff": "tiff",
    "text/csv": "csv txt",
    "text/plain": "csv txt",
}


@rule(
    "file-truncated",
    source=_WHOLE,
    vi="Tệp “{name}” bị cụt, thiếu phần cuối.",
    en="The file “{name}” is cut off: its end is missing.",
    remedy="Mở tệp gốc để kiểm tra, lưu hoặc quét lại rồi đính kèm lại.",
    remedy_en="Open the original, save or scan it again and attach it anew.",
    from_axis=Severity.WARNING,
    about=Matter.INSPECTED,
)
def file_is_whole(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """Every file has its end; one that is too large is not kept to it."""
    limit = reference.limits.attachment_bytes
    kept = tuple(file for file in candidate.files if file.size <= limit)
    yield from seen(replace(candidate, files=kept), Trait.TRUNCATED)


@rule(
    "file-unreadable",
    source=_WHOLE,
    vi="Tệp “{name}” bị hỏng, có phần không đọc được.",
    en="The file “{name}” is damaged: a part of it cannot be read.",
    remedy="Mở tệp gốc để kiểm tra, lưu lại rồi đính kèm lại.",
    remedy_en="Open the original, save it again and attach it anew.",
    from_axis=Severity.WARNING,
    about=Matter.INSPECTED,
)
def file_can_be_read(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """No part of a file is broken."""
    yield from seen(candidate, Trait.UNREADABLE)


@rule(
    "file-damaged",
    source=_WHOLE,
    vi="Tệp “{name}” có thể không mở được: hệ thống không đọc được nội dung bên trong.",
    en="The file “{name}” may not open: nothing could be read in it.",
    remedy="Mở thử tệp; nếu không mở được, lưu lại từ bản gốc.",
    remedy_en="Try to open it; if it does not, save it again from the original.",
    severity=Severity.WARNING,
    about=Matter.INSPECTED,
)
def file_shows_its_content(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """What a file is said to be can be read in it."""
    yield from seen(candidate, Trait.DAMAGED)


@rule(
    "file-unchecked",
    source=SAFE,
    vi="Không kiểm tra xong tệp “{name}” trong giới hạn thời gian và bộ nhớ{what}.",
    en="The file “{name}” could not be checked within the limits of time and memory{what}.",
    remedy="Lưu lại tệp cho đơn giản hơn (ví dụ xuất sang PDF) hoặc chia thành nhiều tệp.",
    remedy_en="Save it in a simpler form, as PDF for example, or split it.",
    about=Matter.INSPECTED,
)
def file_can_be_checked(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """The inspection of every file comes to an end."""
    yield from seen(candidate, Trait.UNCHECKED)


@rule(
    "file-encrypted",
    source="QĐ 28/2018/QĐ-TTg art. 9.1; policy of the node, [screening] encrypted",
    vi="Tệp “{name}” được đặt mật khẩu, cơ quan nhận không mở được.",
    en="The file “{name}” is protected by a password; the recipient cannot open it.",
    remedy="Bỏ mật khẩu của tệp rồi đính kèm lại.",
    remedy_en="Remove the password and attach it again.",
    about=Matter.INSPECTED,
)
def file_needs_no_password(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """No file needs a password."""
    severity = None if reference.screening.refuses_encrypted else Severity.WARNING
    yield from seen(candidate, Trait.ENCRYPTED, severity=severity)


@rule(
    "file-polyglot",
    source=f"TT 39/2017/TT-BTTTT; {SAFE}",
    vi="Tệp “{name}” đồng thời là tệp thuộc loại khác{what}.",
    en="The file “{name}” is a file of another kind at the same time{what}.",
    remedy="Lưu lại tệp từ bản gốc; không ghép nhiều tệp vào một.",
    remedy_en="Save it again from the original; do not join files into one.",
    about=Matter.INSPECTED,
)
def file_is_of_one_kind(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """No file can be taken for two kinds."""
    yield from seen(candidate, Trait.POLYGLOT)


@rule(
    "file-bomb",
    source="safety of the receiving systems; limit of the node, [limits] archive_ratio, archive_mb",
    vi="Tệp “{name}” khi mở ra lớn hơn rất nhiều so với kích thước của nó.",
    en="The file “{name}” unpacks to far more than its size.",
    remedy="Lưu lại tệp từ bản gốc hoặc xuất sang PDF.",
    remedy_en="Save it again from the original or export it as PDF.",
    about=Matter.INSPECTED,
)
def file_is_no_bomb(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """No picture or office file unpacks to far more than its size."""
    files = tuple(file for file in candidate.files if file.media_type != "application/zip")
    yield from seen(replace(candidate, files=files), Trait.BOMB)


@rule(
    "file-legacy-encoding",
    source="TT 39/2017/TT-BTTTT items 2.7 and 3.14 (UTF-8, TCVN 6909:2001)",
    vi="Tệp “{name}” không dùng bảng mã UTF-8{what}; nơi nhận có thể đọc sai chữ.",
    en="The file “{name}” is not in UTF-8{what}; recipients may see wrong letters.",
    remedy="Chuyển sang Unicode (UTF-8) nếu tệp chưa ký số.",
    remedy_en="Convert it to Unicode (UTF-8) if it is not signed.",
    severity=Severity.WARNING,
    about=Matter.INSPECTED,
)
def text_is_in_unicode(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """Text files are in UTF-8, or in UTF-16 that says so; they are never changed here, for they may be signed."""
    yield from seen(candidate, Trait.LEGACY_TEXT)


@rule(
    "file-announced-type",
    source="TT 39/2017/TT-BTTTT; QCVN 102:2016/BTTTT (ContentType)",
    vi="Tệp “{name}” được khai là {announced} nhưng nội dung thực là {media_type}.",
    en="The file “{name}” is announced as {announced}, but its bytes are {media_type}.",
    remedy="Khai đúng kiểu nội dung (Content-Type) của tệp.",
    remedy_en="Announce the media type that the file has.",
    severity=Severity.WARNING,
)
def announced_type_is_true(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """The announced media type fits the bytes; an unknown or general one says nothing."""
    for file in candidate.files:
        announced = (file.announced_type or "").partition(";")[0].strip().lower()
        fitting = frozenset(_ANNOUNCED.get(announced, "").split())
        if fitting and file.carries and not fitting & file.carries:
            yield at(
                f"/attachments/{file.n}",
                name=file.name,
                announced=announced,
                media_type=file.media_type,
            )


@rule(
    "file-malware",
    source=f"{SAFE}; policy of the node, [screening] clamd",
    vi="Tệp “{name}” nhiễm mã độc: {malware}.",
    en="The file “{name}” holds malware: {malware}.",
    remedy="Không gửi tệp này; quét máy đã tạo ra tệp và gửi bản sạch.",
    remedy_en="Do not send it; scan the computer that it comes from and send a clean copy.",
    about=Matter.SCANNED,
)
def file_holds_no_malware(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """The virus scanner found nothing."""
    for file in candidate.files:
        if file.scanned is not None and file.scanned.malware is not None:
            yield at(f"/attachments/{file.n}", name=file.name, malware=file.scanned.malware)


@rule(
    "file-not-scanned",
    source="policy of the node, [screening] clamd and unscanned",
    vi="Tệp “{name}” chưa được quét mã độc vì không kết nối được máy quét.",
    en="The file “{name}” was not scanned for malware: the scanner gave no answer.",
    remedy="Không cần làm gì; người quản trị kiểm tra máy quét.",
    remedy_en="Nothing to do; the administrator looks after the scanner.",
    severity=Severity.WARNING,
    about=Matter.SCANNED,
)
def file_was_scanned(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """Every file was scanned, where a scanner is configured."""
    for file in candidate.files:
        if file.scanned is not None and not file.scanned.is_reached:
            yield at(f"/attachments/{file.n}", name=file.name)


RULES = (
    file_is_whole,
    file_can_be_read,
    file_shows_its_content,
    file_can_be_checked,
    file_needs_no_password,
    file_is_of_one_kind,
    file_is_no_bomb,
    text_is_in_unicode,
    announced_type_is_true,
    file_holds_no_malware,
    file_was_scanned,
)
