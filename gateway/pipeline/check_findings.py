"""What is said of files that could not be examined, beside what reading and rules say."""

from gateway.domain.rules.mechanism import Statement

UNREADABLE = Statement(
    code="file-unreadable",
    source="POSIX.1-2017, open() and read()",
    vi="Không đọc được tệp: {reason}.",
    en="The file cannot be read: {reason_en}.",
    remedy="Kiểm tra đường dẫn và quyền đọc tệp.",
    remedy_en="Check the path and the permission to read the file.",
)
UNEXAMINED = Statement(
    code="file-unexamined",
    source="limit of the program: every file is examined in bounded time",
    vi="Không kiểm tra xong được tệp: {reason}.",
    en="The examination of the file did not come to its end: {reason_en}.",
    remedy="Xuất hoặc quét lại tệp rồi kiểm tra lại; nếu vẫn lỗi, báo quản trị hệ thống.",
    remedy_en="Export or scan the file again and check it once more; else tell the operator.",
)
MESSAGE_TOO_LARGE = Statement(
    code="file-message-too-large",
    source="limit of the node, [limits] total_mb",
    vi="Gói tin có {size} byte, quá mức {limit} byte.",
    en="The message has {size} bytes, more than the {limit} allowed.",
    remedy="Giảm dung lượng các tệp đính kèm hoặc gửi thành nhiều văn bản.",
    remedy_en="Make the attachments smaller or send several documents.",
)
