"""Why a change of the directory is refused: the findings and their words."""

from typing import NamedTuple

from gateway.domain.findings import Finding, Severity


class _Words(NamedTuple):
    message: str
    message_en: str
    remedy: str
    remedy_en: str
    source: str = ""


_WORDS = {
    "agency-name-missing": _Words(
        "Chưa có tên cơ quan.",
        "The agency has no name.",
        "Nhập tên cơ quan.",
        "Give the name of the agency.",
    ),
    "agency-code-invalid": _Words(
        "Mã định danh “{code}” không đúng cấu trúc.",
        "The code {code!r} has not the structure of an agency code.",
        "Nhập mã dạng H13.01 (tối đa 35 ký tự, chữ in hoa không dấu và chữ số) hoặc để trống để "
        "hệ thống cấp mã.",
        "Write a code such as H13.01 (at most 35 characters, capitals without accents and "
        "digits), or leave it out and the next free one is assigned.",
        "QĐ 20/2020/QĐ-TTg",
    ),
    "agency-code-used": _Words(
        "Mã định danh “{code}” đã cấp cho {name}; mã đã dùng, kể cả mã đã đóng, không được cấp lại.",
        "The code {code!r} was given to {name}; a code that was ever used, also a closed one, is "
        "never assigned again.",
        "Chọn mã khác hoặc để hệ thống cấp mã.",
        "Choose another code, or leave it out and the next free one is assigned.",
    ),
    "agency-code-parent": _Words(
        "Mã “{code}” không nằm ngay dưới mã cơ quan cấp trên “{parent}”.",
        "The code {code!r} is not directly below that of the parent {parent!r}.",
        "Sửa mã hoặc cơ quan cấp trên cho khớp nhau.",
        "Make the code and the parent agree.",
        "QĐ 20/2020/QĐ-TTg",
    ),
    "agency-code-needed": _Words(
        "Không thể tự cấp mã khi không có cơ quan cấp trên mang mã theo QĐ 20/2020/QĐ-TTg.",
        "No code can be assigned without a parent that has a code of QĐ 20/2020/QĐ-TTg.",
        "Nhập mã định danh đã được cấp, hoặc chọn cơ quan cấp trên.",
        "Give the code that was allotted to the agency, or choose a parent.",
        "QĐ 28/2018/QĐ-TTg, điều 19.1c",
    ),
    "agency-code-too-long": _Words(
        "Mã “{code}” dài quá 35 ký tự.",
        "The code {code!r} has more than 35 characters.",
        "Đặt cơ quan dưới một cấp cao hơn.",
        "Place the agency below a higher level.",
        "QĐ 20/2020/QĐ-TTg",
    ),
    "agency-legacy-invalid": _Words(
        "Mã cũ “{code}” không đúng dạng của QCVN 102:2016/BTTTT.",
        "The older code {code!r} has not the form of QCVN 102:2016/BTTTT.",
        "Nhập mã cũ dạng 000.00.01.H13 hoặc để trống.",
        "Write the older code as 000.00.01.H13 or leave it out.",
        "QCVN 102:2016/BTTTT",
    ),
    "agency-unknown": _Words(
        "Không có cơ quan nào mang mã “{code}” trong danh mục.",
        "No agency of the directory has the code {code!r}.",
        "Kiểm tra lại mã trong danh mục cơ quan.",
        "Look the code up in the directory.",
    ),
    "agency-closed": _Words(
        "Mã “{code}” ({name}) đã đóng.",
        "The code {code!r} ({name}) is closed.",
        "Chọn cơ quan đang hoạt động.",
        "Choose an agency that is open.",
    ),
    "agency-open": _Words(
        "Mã “{code}” ({name}) đang hoạt động.",
        "The code {code!r} ({name}) is open.",
        "Chỉ mở lại mã đã đóng.",
        "Only a closed code can be opened again.",
    ),
    "agency-has-children": _Words(
        "{name} ({code}) còn {count} cơ quan trực thuộc đang hoạt động, ví dụ {child}.",
        "{name} ({code}) still has {count} open agencies below it, such as {child}.",
        "Chuyển hoặc đóng các cơ quan trực thuộc trước, hoặc dùng thao tác sáp nhập.",
        "Move or close these first, or merge the agency instead of closing it.",
    ),
    "agency-below-itself": _Words(
        "“{code}” là chính cơ quan đó hoặc nằm dưới cơ quan đó.",
        "{code!r} is the agency itself or lies below it.",
        "Chọn cơ quan khác.",
        "Choose another agency.",
    ),
    "agency-already-there": _Words(
        "{name} đã trực thuộc “{code}”.",
        "{name} is directly below {code!r} already.",
        "Không cần thay đổi gì.",
        "Nothing has to be done.",
    ),
    "agency-too-early": _Words(
        "Ngày {on} trước ngày mã “{code}” có hiệu lực ({since}).",
        "{on} lies before the day from which the code {code!r} is valid ({since}).",
        "Chọn ngày từ {since} trở đi.",
        "Choose {since} or a later day.",
    ),
}


def finding(code: str, pointer: str, /, **values: object) -> Finding:
    """Return the error *code* about the field *pointer*, its words filled with *values*."""
    words = _WORDS[code]
    return Finding(
        code=code,
        severity=Severity.ERROR,
        pointer=pointer,
        message=words.message.format(**values),
        message_en=words.message_en.format(**values),
        remedy=words.remedy.format(**values),
        remedy_en=words.remedy_en.format(**values),
        source=words.source,
    )
