"""What intake finds out itself, beside the rules: it needs the store or the routes to know."""

from gateway.domain.findings import Finding, Severity


def unknown_reference(of: str, *, local: bool) -> Finding:
    """Say that the sender has no document *of*; from an axis it may lie elsewhere."""
    return Finding(
        code="meta-reference",
        severity=Severity.ERROR if local else Severity.WARNING,
        pointer="/metadata/business/of",
        message=f"Không tìm thấy văn bản {of} của cơ quan gửi.",
        message_en=f"The sender has no document {of} here.",
        remedy="Ghi đúng mã định danh của văn bản cần cập nhật hoặc thay thế.",
        remedy_en="Give the code of the document that is updated or replaced.",
        source="QĐ 28/2018/QĐ-TTg art. 10.2b",
    )


RECALL_AS_DOCUMENT = Finding(
    code="edxml-recall",
    severity=Severity.ERROR,
    pointer="/metadata/business/kind",
    message="Gói tin thu hồi (BussinessDocType 1) không được nhận như một văn bản.",
    message_en="A recall (BussinessDocType 1) is not taken as a document.",
    remedy="Gửi yêu cầu thu hồi qua POST /api/v1/documents/{id}/recall kèm lý do.",
    remedy_en="Ask the document back by POST /api/v1/documents/{id}/recall, with the reason.",
    source="QĐ 28/2018/QĐ-TTg art. 8.2; QCVN 102:2016/BTTTT",
)

LATE_SENDING = Finding(
    code="meta-late-sending",
    severity=Severity.WARNING,
    pointer="/metadata/promulgated_on",
    message="Văn bản gửi sau buổi sáng của ngày làm việc tiếp theo ngày ký.",
    message_en="Sent after the morning of the working day that follows the signing.",
    remedy="Gửi văn bản trong ngày ký, chậm nhất là buổi sáng ngày làm việc tiếp theo.",
    remedy_en="Send on the day of signing, at the latest the next working morning.",
    source="QĐ 28/2018/QĐ-TTg art. 6.2",
)
