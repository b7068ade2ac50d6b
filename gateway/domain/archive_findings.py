"""What may be wrong with an archive package: the findings and their words."""

from gateway.domain.rules.mechanism import Statement

_SOURCE = "Law on Archives 33/2024/QH15; policy of the node, retention"
_STOP = "Giữ nguyên gói, báo người quản trị; tìm bản sao của gói, hoặc bản sao lưu trước ngày xóa."
_STOP_EN = (
    "Leave the package as it is, tell the administrator; look for a copy of it, or for a backup of "
    "before the removal."
)


def _stated(code: str, vi: str, en: str) -> Statement:
    return Statement(code=code, source=_SOURCE, vi=vi, en=en, remedy=_STOP, remedy_en=_STOP_EN)


UNREADABLE = _stated(
    code="archive-unreadable",
    vi="Gói lưu trữ không đọc được: {why}",
    en="The archive package cannot be read: {why}",
)
SIGNATURE = _stated(
    code="archive-signature",
    vi="Chữ ký của gói không đứng vững: {why}",
    en="The signature of the package does not hold: {why}",
)
MANIFEST = _stated(
    code="archive-manifest",
    vi="Bản kê không phải là bản mà nút đã ký.",
    en="The manifest is not the one that the node signed.",
)
MISSING = _stated(
    code="archive-missing",
    vi="Thiếu tệp này trong gói, dù bản kê có ghi.",
    en="The manifest lists this file, and it is not in the package.",
)
CHANGED = _stated(
    code="archive-changed",
    vi="Nội dung tệp không khớp với bản kê: đã bị sửa hoặc hỏng.",
    en="The file is not what the manifest says: it was changed, or is damaged.",
)
UNLISTED = _stated(
    code="archive-unlisted",
    vi="Gói có thêm tệp này, bản kê không ghi.",
    en="The package has this file, and the manifest does not list it.",
)
