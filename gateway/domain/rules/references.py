"""What is to say of references to other documents, for those who can look them up."""

from gateway.domain.findings import Severity
from gateway.domain.rules.mechanism import Statement

REPLY_UNKNOWN = Statement(
    code="meta-reply-unknown",
    source="QĐ 28/2018/QĐ-TTg art. 10.2b; NĐ 30/2020/NĐ-CP Annex VI Part I III.1",
    vi="Nút này không có văn bản {of} nào do cơ quan gửi phát hành hoặc đã nhận.",
    en="This node knows no document {of} that the sender issued or received.",
    remedy="Kiểm tra lại mã định danh của văn bản được trả lời.",
    remedy_en="Check the code of the document that is answered.",
    severity=Severity.WARNING,
)
DUPLICATE = Statement(
    code="meta-duplicate",
    source="NĐ 30/2020/NĐ-CP Annex VI Part I III.1h",
    vi="Cơ quan gửi đã gửi văn bản số {number}/{notation} trong năm {year} (mã {code}).",
    en="The sender has sent a document {number}/{notation} in {year} before (code {code}).",
    remedy="Kiểm tra lại số, ký hiệu; nếu là bản sửa thì gửi cập nhật hoặc thay thế.",
    remedy_en="Check number and notation; send a correction as an update or a replacement.",
    severity=Severity.WARNING,
)
STATEMENTS = (REPLY_UNKNOWN, DUPLICATE)
