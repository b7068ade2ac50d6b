"""Why a change of the directory is refused: the findings and their words."""

from gateway.domain.findings import Finding
from gateway.domain.rules.mechanism import Statement

_STATEMENTS = (
    Statement(
        code="agency-name-missing",
        source="QĐ 28/2018/QĐ-TTg art. 16.1, 19.1c",
        vi="Chưa có tên cơ quan.",
        en="The agency has no name.",
        remedy="Nhập tên cơ quan.",
        remedy_en="Give the name of the agency.",
    ),
    Statement(
        code="agency-code-invalid",
        source="QĐ 20/2020/QĐ-TTg",
        vi="Mã định danh “{code}” không đúng cấu trúc.",
        en="The code {code!r} has not the structure of an agency code.",
        remedy="Nhập mã dạng H13.01 (tối đa 35 ký tự, chữ in hoa không dấu và chữ số) hoặc để "
        "trống để hệ thống cấp mã.",
        remedy_en="Write a code such as H13.01 (at most 35 characters, capitals without accents "
        "and digits), or leave it out and the next free one is assigned.",
    ),
    Statement(
        code="agency-code-sandbox",
        source="policy of the node: what is tried with a sandbox is in no statistics",
        vi="Mã “{code}” có phần đuôi dành riêng cho đối tác thử nghiệm của nút, không được tính "
        "vào thống kê.",
        en="The code {code!r} ends as that of the node's sandbox does, which is in no statistics.",
        remedy="Chọn mã không có phần đuôi “-SANDBOX”.",
        remedy_en="Choose a code that does not end in `-SANDBOX`.",
    ),
    Statement(
        code="agency-code-used",
        source="QĐ 28/2018/QĐ-TTg art. 16.1; policy of the node: no code is given twice",
        vi="Mã định danh “{code}” đã cấp cho {name}; mã đã dùng, kể cả mã đã đóng, không "
        "được cấp lại.",
        en="The code {code!r} was given to {name}; a code that was ever used, also a "
        "closed one, is never assigned again.",
        remedy="Chọn mã khác hoặc để hệ thống cấp mã.",
        remedy_en="Choose another code, or leave it out and the next free one is assigned.",
    ),
    Statement(
        code="agency-code-parent",
        source="QĐ 20/2020/QĐ-TTg",
        vi="Mã “{code}” không nằm ngay dưới mã cơ quan cấp trên “{parent}”.",
        en="The code {code!r} is not directly below that of the parent {parent!r}.",
        remedy="Sửa mã hoặc cơ quan cấp trên cho khớp nhau.",
        remedy_en="Make the code and the parent agree.",
    ),
    Statement(
        code="agency-code-needed",
        source="QĐ 28/2018/QĐ-TTg art. 19.1c",
        vi="Không thể tự cấp mã khi không có cơ quan cấp trên mang mã theo QĐ 20/2020/QĐ-TTg.",
        en="No code can be assigned without a parent that has a code of QĐ 20/2020/QĐ-TTg.",
        remedy="Nhập mã định danh đã được cấp, hoặc chọn cơ quan cấp trên.",
        remedy_en="Give the code that was allotted to the agency, or choose a parent.",
    ),
    Statement(
        code="agency-code-too-long",
        source="QĐ 20/2020/QĐ-TTg",
        vi="Mã “{code}” dài quá 35 ký tự.",
        en="The code {code!r} has more than 35 characters.",
        remedy="Đặt cơ quan dưới một cấp cao hơn.",
        remedy_en="Place the agency below a higher level.",
    ),
    Statement(
        code="agency-legacy-invalid",
        source="QCVN 102:2016/BTTTT",
        vi="Mã cũ “{code}” không đúng dạng của QCVN 102:2016/BTTTT.",
        en="The older code {code!r} has not the form of QCVN 102:2016/BTTTT.",
        remedy="Nhập mã cũ dạng 000.00.01.H13 hoặc để trống.",
        remedy_en="Write the older code as 000.00.01.H13 or leave it out.",
    ),
    Statement(
        code="agency-unknown",
        source="QĐ 28/2018/QĐ-TTg art. 16.1, 19.1c",
        vi="Không có cơ quan nào mang mã “{code}” trong danh mục.",
        en="No agency of the directory has the code {code!r}.",
        remedy="Kiểm tra lại mã trong danh mục cơ quan.",
        remedy_en="Look the code up in the directory.",
    ),
    Statement(
        code="agency-closed",
        source="QĐ 28/2018/QĐ-TTg art. 16.1, 19.1c",
        vi="Mã “{code}” ({name}) đã đóng.",
        en="The code {code!r} ({name}) is closed.",
        remedy="Chọn cơ quan đang hoạt động.",
        remedy_en="Choose an agency that is open.",
    ),
    Statement(
        code="agency-open",
        source="QĐ 28/2018/QĐ-TTg art. 16.1, 19.1c",
        vi="Mã “{code}” ({name}) đang hoạt động.",
        en="The code {code!r} ({name}) is open.",
        remedy="Chỉ mở lại mã đã đóng.",
        remedy_en="Only a closed code can be opened again.",
    ),
    Statement(
        code="agency-has-children",
        source="QĐ 28/2018/QĐ-TTg art. 16.1, 19.1c",
        vi="{name} ({code}) còn {count} cơ quan trực thuộc đang hoạt động, ví dụ {child}.",
        en="{name} ({code}) still has {count} open agencies below it, such as {child}.",
        remedy="Chuyển hoặc đóng các cơ quan trực thuộc trước, hoặc dùng thao tác sáp nhập.",
        remedy_en="Move or close these first, or merge the agency instead of closing it.",
    ),
    Statement(
        code="agency-below-itself",
        source="QĐ 28/2018/QĐ-TTg art. 16.1, 19.1c",
        vi="“{code}” là chính cơ quan đó hoặc nằm dưới cơ quan đó.",
        en="{code!r} is the agency itself or lies below it.",
        remedy="Chọn cơ quan khác.",
        remedy_en="Choose another agency.",
    ),
    Statement(
        code="agency-already-there",
        source="QĐ 28/2018/QĐ-TTg art. 16.1, 19.1c",
        vi="{name} đã trực thuộc “{code}”.",
        en="{name} is directly below {code!r} already.",
        remedy="Không cần thay đổi gì.",
        remedy_en="Nothing has to be done.",
    ),
    Statement(
        code="agency-too-early",
        source="QĐ 28/2018/QĐ-TTg art. 16.1",
        vi="Ngày {on} trước ngày mã “{code}” có hiệu lực ({since}).",
        en="{on} lies before the day from which the code {code!r} is valid ({since}).",
        remedy="Chọn ngày từ {since} trở đi.",
        remedy_en="Choose {since} or a later day.",
    ),
)
_OF = {each.code: each for each in _STATEMENTS}


def finding(code: str, pointer: str, /, **values: object) -> Finding:
    """Return the error *code* about the field *pointer*, its words filled with *values*."""
    return _OF[code].finding(pointer, local=True, **values)
