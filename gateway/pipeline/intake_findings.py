"""What intake finds out itself, beside the rules: it needs the store or the routes to know."""

from gateway.domain.findings import Severity
from gateway.domain.rules.mechanism import Statement

#: What has no code of this node may have gone out by another node or system: that is a warning.
UNKNOWN_REFERENCE = Statement(
    code="meta-reference",
    source="QĐ 28/2018/QĐ-TTg art. 10.2b",
    vi="Không tìm thấy văn bản {of} của cơ quan gửi.",
    en="The sender has no document {of} here.",
    remedy="Ghi đúng mã định danh của văn bản cần thu hồi, cập nhật hoặc thay thế.",
    remedy_en="Give the code of the document that is recalled, updated or replaced.",
    from_axis=Severity.WARNING,
)
RECALLED_BEFORE = Statement(
    code="meta-recalled",
    source="NĐ 30/2020/NĐ-CP Annex VI Part I III.8; QCVN 102:2016/BTTTT",
    vi="Văn bản {of} đã thu hồi, không cập nhật được nữa.",
    en="The document {of} was recalled and cannot be updated any more.",
    remedy="Gửi văn bản thay thế (replace) hoặc văn bản mới.",
    remedy_en="Send a replacement (replace) or a new document.",
    from_axis=Severity.WARNING,
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
