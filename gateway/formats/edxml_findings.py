"""What is said about XML that is no edXML message, or holds values that cannot be read."""

from dataclasses import replace

from gateway.domain.findings import Severity
from gateway.domain.rules.mechanism import Statement

_SOURCE = "QCVN 102:2016/BTTTT"
_VENDOR = "Báo nhà cung cấp phần mềm quản lý văn bản kiểm tra cách tạo gói tin edXML."
_VENDOR_EN = "Ask the vendor of the office software to check how it writes edXML."

ROOT = Statement(
    code="edxml-root",
    source=_SOURCE,
    vi="Phần tử gốc là “{name}”, không phải “edXML”.",
    en="The root element is “{name}”, not “edXML”.",
    remedy="Gửi gói tin edXML (QCVN 102:2016/BTTTT).",
    remedy_en="Send an edXML message (QCVN 102:2016/BTTTT).",
)
HEADER = Statement(
    code="edxml-header",
    source=_SOURCE,
    vi="Gói tin không có phần tử MessageHeader.",
    en="The message has no MessageHeader.",
    remedy=_VENDOR,
    remedy_en=_VENDOR_EN,
)
FROM = Statement(
    code="edxml-from",
    source=_SOURCE,
    vi="MessageHeader không có phần tử From (nơi gửi).",
    en="MessageHeader has no From (the sender).",
    remedy="Ghi mã định danh cơ quan gửi vào From/OrganId.",
    remedy_en="Write the code of the sending agency into From/OrganId.",
)
RESPONSE_FOR = Statement(
    code="edxml-response-for",
    source=_SOURCE,
    vi="Gói tin trạng thái không có ResponseFor/OrganId (nơi nhận trạng thái).",
    en="The status message has no ResponseFor/OrganId (who must receive it).",
    remedy="Ghi mã định danh cơ quan nhận trạng thái vào ResponseFor/OrganId.",
    remedy_en="Write the code of the agency to be told into ResponseFor/OrganId.",
)
STATUS_CODE = Statement(
    code="edxml-status-code",
    source=_SOURCE,
    vi="Gói tin trạng thái không có mã trạng thái (StatusCode).",
    en="The status message has no StatusCode.",
    remedy="Ghi mã trạng thái vào StatusCode, ví dụ 01, 03 hoặc 06.",
    remedy_en="Write the status into StatusCode, for example 01, 03 or 06.",
)
REPEATED = Statement(
    code="edxml-repeated",
    source=_SOURCE,
    vi="Phần tử {name} chỉ được có một nhưng xuất hiện {count} lần.",
    en="The element {name} stands {count} times, where only one may be.",
    remedy="Giữ lại một phần tử {name}.",
    remedy_en="Keep one {name}.",
)
SCHEMA = Statement(
    code="edxml-schema",
    source=f"{_SOURCE}; schemas/edxml/2016/edxml-header.xsd",
    vi="Giá trị “{found}” của {name} không hợp lệ; cần: {expected}.",
    en="The value “{found}” of {name} is not valid; expected: {expected_en}.",
    remedy="Sửa giá trị của {name} theo danh mục hoặc định dạng quy định.",
    remedy_en="Correct {name} by the code list or form.",
    from_axis=Severity.WARNING,
)
#: The same where a wrong value changes what a message is: nothing can be done with it then.
SCHEMA_OF_KIND = replace(SCHEMA, from_axis=None)
DATE = Statement(
    code="edxml-date",
    source=f"{_SOURCE}; dates are yyyy/MM/dd",
    vi="“{found}” ở {name} không phải ngày tháng có thật.",
    en="“{found}” in {name} is not a date that exists.",
    remedy="Ghi ngày theo dạng yyyy/MM/dd, ví dụ 2026/11/20.",
    remedy_en="Write the date as yyyy/MM/dd, for example 2026/11/20.",
    from_axis=Severity.WARNING,
)
#: For dates that decide nothing: time stamps of hops, the date of an answered document.
DATE_WARNING = replace(DATE, severity=Severity.WARNING)
BASE64 = Statement(
    code="edxml-base64",
    source=f"{_SOURCE}; RFC 4648 section 4",
    vi="Nội dung base64 của tệp đính kèm thứ {n} bị hỏng.",
    en="The base64 content of attachment {n} is damaged.",
    remedy="Xuất lại gói tin và gửi lại; tệp có thể bị cắt cụt khi truyền.",
    remedy_en="Export and send the message again; the file may have been cut off on its way.",
)
MISSING_PART = Statement(
    code="edxml-attachment-missing",
    source=f"{_SOURCE} (Manifest); QĐ 28/2018/QĐ-TTg art. 9.1",
    vi="Danh mục tệp (Manifest) kê tệp “{name}” nhưng gói tin không kèm nội dung tệp này.",
    en="The manifest lists the file “{name}”, but the message does not hold it.",
    remedy="Đính kèm đủ các tệp đã kê trong gói tin rồi gửi lại, hoặc bỏ tệp này khỏi danh mục.",
    remedy_en="Put every listed file into the message, or take this one off the manifest.",
    from_axis=Severity.WARNING,
)
ATTACHMENTS = Statement(
    code="edxml-attachments",
    source="limit of the node",
    vi="Gói tin có quá {limit} tệp đính kèm.",
    en="The message has more than {limit} attachments.",
    remedy="Gộp các tệp (ví dụ nén zip) hoặc gửi thành nhiều văn bản.",
    remedy_en="Combine files, in a zip for example, or send several documents.",
)
