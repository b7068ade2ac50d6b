"""What intake finds out itself, beside the rules: it needs the store or the routes to know."""

from gateway.domain.findings import Severity
from gateway.domain.rules.mechanism import Statement

#: The earlier document of a sender elsewhere may lie elsewhere.
UNKNOWN_REFERENCE = Statement(
    code="meta-reference",
    source="QĐ 28/2018/QĐ-TTg art. 10.2b",
    vi="Không tìm thấy văn bản {of} của cơ quan gửi.",
    en="The sender has no document {of} here.",
    remedy="Ghi đúng mã định danh của văn bản cần cập nhật hoặc thay thế.",
    remedy_en="Give the code of the document that is updated or replaced.",
    from_axis=Severity.WARNING,
)
RECALL_AS_DOCUMENT = Statement(
    code="edxml-recall",
    source="QĐ 28/2018/QĐ-TTg art. 8.2; QCVN 102:2016/BTTTT",
    vi="Gói tin thu hồi (BussinessDocType 1) không được nhận như một văn bản.",
    en="A recall (BussinessDocType 1) is not taken as a document.",
    remedy="Gửi yêu cầu thu hồi qua POST /api/v1/documents/{{id}}/recall kèm lý do.",
    remedy_en="Ask the document back by POST /api/v1/documents/{{id}}/recall, with the reason.",
)
LATE_SENDING = Statement(
    code="meta-late-sending",
    source="QĐ 28/2018/QĐ-TTg art. 6.2",
    vi="Văn bản gửi sau buổi sáng của ngày làm việc tiếp theo ngày ký.",
    en="Sent after the morning of the working day that follows the signing.",
    remedy="Gửi văn bản trong ngày ký, chậm nhất là buổi sáng ngày làm việc tiếp theo.",
    remedy_en="Send on the day of signing, at the latest the next working morning.",
    severity=Severity.WARNING,
)
