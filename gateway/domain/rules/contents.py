"""Rules on what files hold, as an inspection saw it: macros, passwords, programs, links, damage.

A file inside an archive is judged like one beside it; its name is then ``a.zip/b.docx``.
"""

from collections.abc import Iterator
from dataclasses import replace

from gateway.domain.findings import Severity
from gateway.domain.inspection import Trait
from gateway.domain.rules.attachments import extension_of
from gateway.domain.rules.mechanism import Candidate, FileFacts, Place, Reference, at, rule

_SAFE = "NĐ 30/2020/NĐ-CP art. 21.2; safety of the receiving systems"
_WHOLE = "QĐ 28/2018/QĐ-TTg art. 9.1; NĐ 30/2020/NĐ-CP art. 21.2"
_LONGEST_WHAT = 80

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


def _seen(
    candidate: Candidate, trait: Trait, *, severity: Severity | None = None
) -> Iterator[Place]:
    """Yield every file that shows *trait*, once, with the first part that does."""
    for file in candidate.files:
        places: dict[str, str] = {}
        for each in file.observations:
            if each.trait is trait:
                places.setdefault(_inner(file, each.part), each.what)
        for inner, what in list(places.items())[:_MOST_PLACES]:
            shown = f" ({what[:_LONGEST_WHAT]})" if what else ""
            place = at(f"/attachments/{file.n}", name=f"{file.name}{inner}", what=shown)
            yield replace(place, severity=severity)


#: Findings of one code about one file; an archive may hold a thousand bad ones.
_MOST_PLACES = 10


def _inner(file: FileFacts, part: str) -> str:
    """Return which member of an archive *part* belongs to; parts of office files do not count."""
    names = {each.name for each in file.members}
    while part and part not in names:
        part = part.rpartition("/")[0]
    return f"/{part}" if part else ""


@rule(
    "file-truncated",
    source=_WHOLE,
    vi="Tệp “{name}” bị cụt, thiếu phần cuối.",
    en="The file “{name}” is cut off: its end is missing.",
    remedy="Mở tệp gốc để kiểm tra, lưu hoặc quét lại rồi đính kèm lại.",
    remedy_en="Open the original, save or scan it again and attach it anew.",
    from_axis=Severity.WARNING,
)
def file_is_whole(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """Every file has its end."""
    yield from _seen(candidate, Trait.TRUNCATED)


@rule(
    "file-unreadable",
    source=_WHOLE,
    vi="Tệp “{name}” bị hỏng, có phần không đọc được.",
    en="The file “{name}” is damaged: a part of it cannot be read.",
    remedy="Mở tệp gốc để kiểm tra, lưu lại rồi đính kèm lại.",
    remedy_en="Open the original, save it again and attach it anew.",
    from_axis=Severity.WARNING,
)
def file_can_be_read(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """No part of a file is broken."""
    yield from _seen(candidate, Trait.UNREADABLE)


@rule(
    "file-damaged",
    source=_WHOLE,
    vi="Tệp “{name}” có thể không mở được: hệ thống không đọc được nội dung bên trong.",
    en="The file “{name}” may not open: nothing could be read in it.",
    remedy="Mở thử tệp; nếu không mở được, lưu lại từ bản gốc.",
    remedy_en="Try to open it; if it does not, save it again from the original.",
    severity=Severity.WARNING,
)
def file_shows_its_content(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """What a file is said to be can be read in it."""
    yield from _seen(candidate, Trait.DAMAGED)


@rule(
    "file-unchecked",
    source=_SAFE,
    vi="Không kiểm tra xong tệp “{name}” trong giới hạn thời gian và bộ nhớ{what}.",
    en="The file “{name}” could not be checked within the limits of time and memory{what}.",
    remedy="Lưu lại tệp cho đơn giản hơn (ví dụ xuất sang PDF) hoặc chia thành nhiều tệp.",
    remedy_en="Save it in a simpler form, as PDF for example, or split it.",
)
def file_can_be_checked(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """The inspection of every file comes to an end."""
    yield from _seen(candidate, Trait.UNCHECKED)


@rule(
    "file-encrypted",
    source="QĐ 28/2018/QĐ-TTg art. 9.1; policy of the node, [screening] encrypted",
    vi="Tệp “{name}” được đặt mật khẩu, cơ quan nhận không mở được.",
    en="The file “{name}” is protected by a password; the recipient cannot open it.",
    remedy="Bỏ mật khẩu của tệp rồi đính kèm lại.",
    remedy_en="Remove the password and attach it again.",
)
def file_needs_no_password(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """No file needs a password."""
    severity = None if reference.screening.refuses_encrypted else Severity.WARNING
    yield from _seen(candidate, Trait.ENCRYPTED, severity=severity)


@rule(
    "file-macro",
    source=f"{_SAFE}; policy of the node, [screening] macros",
    vi="Tệp “{name}” chứa macro{what}.",
    en="The file “{name}” holds macros{what}.",
    remedy="Lưu tệp ở dạng không có macro (docx, xlsx, pptx, odt, ods, odp) hoặc xuất sang PDF.",
    remedy_en="Save it without macros (docx, xlsx, pptx, odt, ods, odp) or export it as PDF.",
)
def file_holds_no_macro(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """No office file holds macros, whatever its name."""
    severity = None if reference.screening.refuses_macros else Severity.WARNING
    yield from _seen(candidate, Trait.MACRO, severity=severity)


@rule(
    "file-command",
    source=_SAFE,
    vi="Tệp “{name}” có trường hoặc công thức gọi chương trình khác (DDE).",
    en="The file “{name}” has a field or formula that calls another program (DDE).",
    remedy="Xóa trường hoặc công thức đó, giữ lại giá trị.",
    remedy_en="Remove the field or formula and keep its value.",
)
def file_calls_no_program(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """No document calls another program; in text only a spreadsheet program would do so."""
    spreadsheets = tuple(
        file
        for file in candidate.files
        if file.media_type != "text/plain" or extension_of(file.name) == "csv"
    )
    yield from _seen(replace(candidate, files=spreadsheets), Trait.COMMAND_FIELD)


@rule(
    "file-external-link",
    source=_SAFE,
    vi="Tệp “{name}” liên kết tới nội dung nằm ngoài tệp{what}; nơi nhận có thể không xem đủ.",
    en="The file “{name}” shows content from elsewhere{what}; recipients may not see all of it.",
    remedy="Nhúng nội dung vào tệp (ngắt liên kết) hoặc xuất sang PDF.",
    remedy_en="Put the content into the file (break the link) or export it as PDF.",
    severity=Severity.WARNING,
)
def file_stands_alone(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """A document shows nothing from elsewhere; hyperlinks are not meant."""
    yield from _seen(candidate, Trait.EXTERNAL_LINK)


@rule(
    "file-remote-template",
    source=_SAFE,
    vi="Tệp “{name}” tự tải mẫu hoặc đối tượng từ mạng khi mở{what}.",
    en="The file “{name}” loads a template or object from the network when opened{what}.",
    remedy="Gỡ mẫu (template) và đối tượng liên kết, lưu lại tệp hoặc xuất sang PDF.",
    remedy_en="Detach the template and linked objects and save it again, or export it as PDF.",
)
def file_loads_nothing(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """No document loads a template or an object from the network."""
    yield from _seen(candidate, Trait.REMOTE_TEMPLATE)


@rule(
    "file-embedded-program",
    source=_SAFE,
    vi="Tệp “{name}” nhúng chương trình hoặc đối tượng có thể tự chạy{what}.",
    en="The file “{name}” embeds a program or an object that can run{what}.",
    remedy="Xóa đối tượng nhúng rồi lưu lại tệp.",
    remedy_en="Remove the embedded object and save the file again.",
)
def file_embeds_no_program(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """No document carries a program inside."""
    yield from _seen(candidate, Trait.EMBEDDED_PROGRAM)


@rule(
    "file-embedded-file",
    source=_SAFE,
    vi="Tệp “{name}” nhúng tệp khác bên trong{what}; nơi nhận có thể không thấy.",
    en="The file “{name}” embeds another file{what}; recipients may not notice it.",
    remedy="Gửi tệp đó thành tệp đính kèm riêng nếu là nội dung của văn bản.",
    remedy_en="Attach it on its own if it belongs to the document.",
    severity=Severity.WARNING,
)
def file_hides_no_file(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """A document carries no other file inside."""
    yield from _seen(candidate, Trait.EMBEDDED_FILE)


@rule(
    "file-active-control",
    source=_SAFE,
    vi="Tệp “{name}” có điều khiển ActiveX.",
    en="The file “{name}” has ActiveX controls.",
    remedy="Thay bằng văn bản thường hoặc xuất sang PDF.",
    remedy_en="Replace them by plain text or export it as PDF.",
    severity=Severity.WARNING,
)
def file_has_no_control(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """No document has ActiveX controls."""
    yield from _seen(candidate, Trait.ACTIVE_CONTROL)


@rule(
    "file-pdf-launch",
    source=f"{_SAFE}; ISO 32000-1 section 12.6.4.5",
    vi="Tệp PDF “{name}” có lệnh mở chương trình hoặc tệp khác.",
    en="The PDF “{name}” has an action that launches a program or file.",
    remedy="Xuất lại PDF từ bản gốc, không kèm lệnh.",
    remedy_en="Export the PDF again from the original, without actions.",
)
def pdf_launches_nothing(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """No PDF launches anything."""
    yield from _seen(candidate, Trait.PDF_LAUNCH)


@rule(
    "file-pdf-submit",
    source=f"{_SAFE}; ISO 32000-1 section 12.7.5",
    vi="Tệp PDF “{name}” có lệnh gửi dữ liệu ra ngoài hoặc nhập dữ liệu vào.",
    en="The PDF “{name}” has an action that submits or imports data.",
    remedy="Làm phẳng biểu mẫu hoặc in lại sang PDF.",
    remedy_en="Flatten the form or print it to PDF again.",
)
def pdf_submits_nothing(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """No PDF sends data anywhere."""
    yield from _seen(candidate, Trait.PDF_SUBMIT)


@rule(
    "file-pdf-script",
    source=f"{_SAFE}; ISO 32000-1 section 12.6.4.16",
    vi="Tệp PDF “{name}” chứa mã lệnh (JavaScript hoặc biểu mẫu XFA).",
    en="The PDF “{name}” holds script (JavaScript or an XFA form).",
    remedy="In lại sang PDF nếu không cần mã lệnh.",
    remedy_en="Print it to PDF again if the script is not needed.",
    severity=Severity.WARNING,
)
def pdf_holds_no_script(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """No PDF holds script."""
    yield from _seen(candidate, Trait.PDF_SCRIPT)


@rule(
    "file-polyglot",
    source=f"TT 39/2017/TT-BTTTT; {_SAFE}",
    vi="Tệp “{name}” đồng thời là tệp thuộc loại khác{what}.",
    en="The file “{name}” is a file of another kind at the same time{what}.",
    remedy="Lưu lại tệp từ bản gốc; không ghép nhiều tệp vào một.",
    remedy_en="Save it again from the original; do not join files into one.",
)
def file_is_of_one_kind(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """No file can be taken for two kinds."""
    yield from _seen(candidate, Trait.POLYGLOT)


@rule(
    "file-bomb",
    source="safety of the receiving systems; limit of the node, [limits] archive_ratio, archive_mb",
    vi="Tệp “{name}” khi mở ra lớn hơn rất nhiều so với kích thước của nó.",
    en="The file “{name}” unpacks to far more than its size.",
    remedy="Lưu lại tệp từ bản gốc hoặc xuất sang PDF.",
    remedy_en="Save it again from the original or export it as PDF.",
)
def file_is_no_bomb(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """No office file unpacks to far more than its size."""
    files = tuple(file for file in candidate.files if file.media_type != "application/zip")
    yield from _seen(replace(candidate, files=files), Trait.BOMB)


@rule(
    "file-legacy-encoding",
    source="TT 39/2017/TT-BTTTT items 2.7 and 3.14 (UTF-8, TCVN 6909:2001)",
    vi="Tệp “{name}” không dùng bảng mã Unicode{what}; nơi nhận có thể đọc sai chữ.",
    en="The file “{name}” is not in Unicode{what}; recipients may see wrong letters.",
    remedy="Chuyển sang Unicode (UTF-8) nếu tệp chưa ký số.",
    remedy_en="Convert it to Unicode (UTF-8) if it is not signed.",
    severity=Severity.WARNING,
)
def text_is_in_unicode(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """Text files are in Unicode; they are never changed here, for they may be signed."""
    yield from _seen(candidate, Trait.LEGACY_TEXT)


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
    source=f"{_SAFE}; policy of the node, [screening] clamd",
    vi="Tệp “{name}” nhiễm mã độc: {malware}.",
    en="The file “{name}” holds malware: {malware}.",
    remedy="Không gửi tệp này; quét máy đã tạo ra tệp và gửi bản sạch.",
    remedy_en="Do not send it; scan the computer that it comes from and send a clean copy.",
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
    file_holds_no_macro,
    file_calls_no_program,
    file_stands_alone,
    file_loads_nothing,
    file_embeds_no_program,
    file_hides_no_file,
    file_has_no_control,
    pdf_launches_nothing,
    pdf_submits_nothing,
    pdf_holds_no_script,
    file_is_of_one_kind,
    file_is_no_bomb,
    text_is_in_unicode,
    announced_type_is_true,
    file_holds_no_malware,
    file_was_scanned,
)
