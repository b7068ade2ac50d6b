"""What may be wrong with the audit record: the findings and their words."""

from gateway.domain.findings import Severity
from gateway.domain.rules.mechanism import Statement

_SOURCE = "NĐ 30/2020/NĐ-CP Annex VI Part I III.3; policy of the node, audit"
_STOP = "Giữ nguyên hiện trạng, báo người quản trị an toàn thông tin; đối chiếu với bản sao lưu."
_STOP_EN = "Leave everything as it is, tell whoever answers for security, compare with a backup."


def _stated(code: str, vi: str, en: str) -> Statement:
    return Statement(code=code, source=_SOURCE, vi=vi, en=en, remedy=_STOP, remedy_en=_STOP_EN)


UNREADABLE = _stated(
    code="audit-unreadable",
    vi="Không phải là bản ghi đúng như nút đã ghi.",
    en="This is no record as a node writes one.",
)
CHANGED = _stated(
    code="audit-changed",
    vi="Nội dung bản ghi không khớp với mã băm của nó: đã bị sửa.",
    en="The content of the record does not fit its hash: it was changed.",
)
LINK = _stated(
    code="audit-link",
    vi="Bản ghi không nối tiếp bản ghi ngay trước: một trong hai đã bị đổi.",
    en="The record does not follow the one before it: one of the two was exchanged.",
)
MISSING = _stated(
    code="audit-gap",
    vi="Thiếu các bản ghi từ {first} đến {last} ngay trước bản ghi này.",
    en="The records {first} to {last} before this one are missing.",
)
MOVED = _stated(
    code="audit-order",
    vi="Chỗ này phải là bản ghi số {expected}: có bản ghi bị chèn vào hoặc đổi chỗ.",
    en="Number {expected} should stand here: a record was put in, or moved.",
)
REWRITTEN = _stated(
    code="audit-rewritten",
    vi="{by} ghi nhận một bản ghi khác ở chỗ này: chuỗi đã bị tính lại.",
    en="{by} knows another record here: the chain was computed anew.",
)
TRUNCATED = _stated(
    code="audit-truncated",
    vi="{by} đã ghi nhận bản ghi số {seq}, nay không còn: phần cuối bị cắt.",
    en="{by} knows record {seq}, which is not there: the end was cut off.",
)
FOREIGN = _stated(
    code="audit-foreign",
    vi="Chuỗi này bắt đầu trước một điểm kiểm soát mà không điểm nào biết: đã bị chèn vào.",
    en="This chain begins before a checkpoint and none knows of it: it was put in.",
)
UNTOLD = _stated(
    code="audit-untold",
    vi="Biên nhận nói về “{event}” lúc {at} nhưng không có bản ghi nào: đã bị xóa hoặc cắt.",
    en="A receipt tells of `{event}` at {at} and no record does: it was removed, or cut off.",
)
RECEIPT_FOLLOWS = _stated(
    code="audit-receipt-chain",
    vi="Biên nhận không nối tiếp biên nhận ngay trước của văn bản: thiếu hoặc bị đổi.",
    en="The receipt does not follow the one of its document before it: one is missing or exchanged.",
)
RECEIPT_ROW = _stated(
    code="audit-receipt-row",
    vi="Cơ sở dữ liệu ghi về biên nhận khác với nội dung đã ký.",
    en="The database says of the receipt something else than its signature covers.",
)
SEGMENT = _stated(
    code="audit-segment",
    vi="Cơ sở dữ liệu ghi về phân đoạn lưu trữ {file} khác với điều nút đã ký: {why}",
    en="The database says of the archived segment {file} something else than the node signed: {why}",
)
SEGMENT_FILE = _stated(
    code="audit-segment-file",
    vi="Không đọc được tệp lưu trữ {file} có các bản ghi đến số {last}: {why}",
    en="The archive file {file} with the records up to {last} cannot be read: {why}",
)
SEGMENT_END = _stated(
    code="audit-segment-end",
    vi="Tệp lưu trữ {file} không kết thúc ở bản ghi mà nút đã ký.",
    en="The archive file {file} does not end with the record that the node signed.",
)
SEGMENT_KEPT = _stated(
    code="audit-segment-kept",
    vi="Phần cơ sở dữ liệu còn giữ của bản ghi này khác với tệp lưu trữ {file}.",
    en="What the database keeps of this record is not what the archive file {file} says.",
)
STAMP = _stated(
    code="audit-stamp",
    vi="Dấu thời gian của điểm kiểm soát không đứng vững: {why}",
    en="The time stamp of the checkpoint does not hold: {why}",
)
CHECKPOINT = _stated(
    code="audit-checkpoint",
    vi="Tệp điểm kiểm soát không dùng được: {why}",
    en="This checkpoint is of no use: {why}",
)
GUARD = Statement(
    code="audit-guard",
    source=_SOURCE,
    vi="Cơ sở dữ liệu thiếu trigger này, hoặc trigger đã bị sửa: từ nay nhật ký có thể bị sửa, xóa "
    "mà cơ sở dữ liệu không ngăn.",
    en="The database lacks this trigger, or it was altered: nothing in the database keeps the "
    "record from being changed or removed.",
    remedy="Tìm xem ai đã bỏ trigger, đối chiếu với bản sao lưu, rồi chạy `gateway audit guard` để "
    "lập lại.",
    remedy_en="Find out who took it away, compare with a backup, then put it back: "
    "`gateway audit guard`.",
    severity=Severity.WARNING,
)
