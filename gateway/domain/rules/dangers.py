"""Rules on what acts when a file is opened: macros, commands, links, programs, PDF actions."""

from collections.abc import Iterator
from dataclasses import replace

from gateway.domain.findings import Severity
from gateway.domain.inspection import Trait
from gateway.domain.rules.attachments import extension_of
from gateway.domain.rules.mechanism import Candidate, Matter, Place, Reference, rule
from gateway.domain.rules.observed import SAFE, seen


@rule(
    "file-macro",
    source=f"{SAFE}; policy of the node, [screening] macros",
    vi="Tệp “{name}” chứa macro{what}.",
    en="The file “{name}” holds macros{what}.",
    remedy="Lưu tệp ở dạng không có macro (docx, xlsx, pptx, odt, ods, odp) hoặc xuất sang PDF.",
    remedy_en="Save it without macros (docx, xlsx, pptx, odt, ods, odp) or export it as PDF.",
    about=Matter.INSPECTED,
)
def file_holds_no_macro(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """No office file holds macros, whatever its name."""
    severity = None if reference.screening.refuses_macros else Severity.WARNING
    yield from seen(candidate, Trait.MACRO, severity=severity)


@rule(
    "file-command",
    source=SAFE,
    vi="Tệp “{name}” có trường hoặc công thức gọi chương trình khác (DDE).",
    en="The file “{name}” has a field or formula that calls another program (DDE).",
    remedy="Xóa trường hoặc công thức đó, giữ lại giá trị.",
    remedy_en="Remove the field or formula and keep its value.",
    about=Matter.INSPECTED,
)
def file_calls_no_program(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """No document calls another program; in text only a spreadsheet program would do so."""
    spreadsheets = tuple(
        file
        for file in candidate.files
        if file.media_type != "text/plain" or extension_of(file.name) == "csv"
    )
    yield from seen(replace(candidate, files=spreadsheets), Trait.COMMAND_FIELD)


@rule(
    "file-external-link",
    source=SAFE,
    vi="Tệp “{name}” liên kết tới nội dung nằm ngoài tệp{what}; nơi nhận có thể không xem đủ.",
    en="The file “{name}” shows content from elsewhere{what}; recipients may not see all of it.",
    remedy="Nhúng nội dung vào tệp (ngắt liên kết) hoặc xuất sang PDF.",
    remedy_en="Put the content into the file (break the link) or export it as PDF.",
    severity=Severity.WARNING,
    about=Matter.INSPECTED,
)
def file_stands_alone(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """A document shows nothing from elsewhere; hyperlinks are not meant."""
    yield from seen(candidate, Trait.EXTERNAL_LINK)


@rule(
    "file-remote-template",
    source=SAFE,
    vi="Tệp “{name}” tự tải mẫu hoặc đối tượng từ mạng khi mở{what}.",
    en="The file “{name}” loads a template or object from the network when opened{what}.",
    remedy="Gỡ mẫu (template) và đối tượng liên kết, lưu lại tệp hoặc xuất sang PDF.",
    remedy_en="Detach the template and linked objects and save it again, or export it as PDF.",
    about=Matter.INSPECTED,
)
def file_loads_nothing(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """No document loads a template or an object from the network."""
    yield from seen(candidate, Trait.REMOTE_TEMPLATE)


@rule(
    "file-embedded-program",
    source=SAFE,
    vi="Tệp “{name}” nhúng chương trình hoặc đối tượng có thể tự chạy{what}.",
    en="The file “{name}” embeds a program or an object that can run{what}.",
    remedy="Xóa đối tượng nhúng rồi lưu lại tệp.",
    remedy_en="Remove the embedded object and save the file again.",
    about=Matter.INSPECTED,
)
def file_embeds_no_program(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """No document carries a program inside."""
    yield from seen(candidate, Trait.EMBEDDED_PROGRAM)


@rule(
    "file-embedded-file",
    source=SAFE,
    vi="Tệp “{name}” nhúng tệp khác bên trong{what}; nơi nhận có thể không thấy.",
    en="The file “{name}” embeds another file{what}; recipients may not notice it.",
    remedy="Gửi tệp đó thành tệp đính kèm riêng nếu là nội dung của văn bản.",
    remedy_en="Attach it on its own if it belongs to the document.",
    severity=Severity.WARNING,
    about=Matter.INSPECTED,
)
def file_hides_no_file(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """A document carries no other file inside."""
    yield from seen(candidate, Trait.EMBEDDED_FILE)


@rule(
    "file-active-control",
    source=SAFE,
    vi="Tệp “{name}” có điều khiển ActiveX.",
    en="The file “{name}” has ActiveX controls.",
    remedy="Thay bằng văn bản thường hoặc xuất sang PDF.",
    remedy_en="Replace them by plain text or export it as PDF.",
    severity=Severity.WARNING,
    about=Matter.INSPECTED,
)
def file_has_no_control(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """No document has ActiveX controls."""
    yield from seen(candidate, Trait.ACTIVE_CONTROL)


@rule(
    "file-pdf-launch",
    source=f"{SAFE}; ISO 32000-1 section 12.6.4.5",
    vi="Tệp PDF “{name}” có lệnh mở chương trình hoặc tệp khác.",
    en="The PDF “{name}” has an action that launches a program or file.",
    remedy="Xuất lại PDF từ bản gốc, không kèm lệnh.",
    remedy_en="Export the PDF again from the original, without actions.",
    about=Matter.INSPECTED,
)
def pdf_launches_nothing(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """No PDF launches anything."""
    yield from seen(candidate, Trait.PDF_LAUNCH)


@rule(
    "file-pdf-submit",
    source=f"{SAFE}; ISO 32000-1 section 12.7.5",
    vi="Tệp PDF “{name}” có lệnh gửi dữ liệu ra ngoài hoặc nhập dữ liệu vào.",
    en="The PDF “{name}” has an action that submits or imports data.",
    remedy="Làm phẳng biểu mẫu hoặc in lại sang PDF.",
    remedy_en="Flatten the form or print it to PDF again.",
    about=Matter.INSPECTED,
)
def pdf_submits_nothing(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """No PDF sends data anywhere."""
    yield from seen(candidate, Trait.PDF_SUBMIT)


@rule(
    "file-pdf-script",
    source=f"{SAFE}; ISO 32000-1 section 12.6.4.16",
    vi="Tệp PDF “{name}” chứa mã lệnh (JavaScript hoặc biểu mẫu XFA).",
    en="The PDF “{name}” holds script (JavaScript or an XFA form).",
    remedy="In lại sang PDF nếu không cần mã lệnh.",
    remedy_en="Print it to PDF again if the script is not needed.",
    severity=Severity.WARNING,
    about=Matter.INSPECTED,
)
def pdf_holds_no_script(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """No PDF holds script."""
    yield from seen(candidate, Trait.PDF_SCRIPT)


RULES = (
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
)
