"""The Vietnamese words of a report of figures: its title, its period, what its rows are of."""

from datetime import date

from gateway.domain.figures import LEGAL, PERIODS, Question, Value

TITLE = "THỐNG KÊ GỬI, NHẬN VĂN BẢN ĐIỆN TỬ"
#: Values as readers of reports call them, by their group.
_WORDS = {
    "direction": {"out": "Văn bản đi", "in": "Văn bản đến"},
    "priority": {
        "normal": "Thường",
        "urgent": "Khẩn",
        "very-urgent": "Thượng khẩn",
        "express": "Hỏa tốc",
    },
    "business": {
        "new": "Văn bản mới",
        "recall": "Thu hồi",
        "update": "Cập nhật",
        "replace": "Thay thế",
    },
    "legal_value": {"original": "Ký số đủ giá trị", "reference": "Để biết, tham khảo"},
    "signed": {"valid": "Chữ ký hợp lệ", "invalid": "Chữ ký không hợp lệ", "none": "Không ký số"},
    "way": {"inside": "Trong nút", "several": "Nhiều đường"},
    "state": {
        "waiting": "Chờ gửi",
        "sending": "Đang gửi",
        "handed-over": "Đã chuyển",
        "arrived": "Đã đến",
        "refused": "Từ chối tiếp nhận",
        "accepted": "Đã tiếp nhận",
        "assigned": "Phân công",
        "in-progress": "Đang xử lý",
        "done": "Hoàn thành",
        "failed": "Gửi lỗi",
        "cancelled": "Đã bỏ",
        "recalled": "Đã thu hồi",
    },
    "reason": {
        "integrity": "Không toàn vẹn",
        "authenticity": "Không xác thực được",
        "wrong-addressee": "Gửi nhầm nơi nhận",
        "size": "Quá dung lượng",
        "barred": "Nội dung không được gửi",
        "format": "Sai định dạng",
        "other": "Lý do khác",
    },
}
_HALVES = {"H1": "6 tháng đầu năm", "H2": "6 tháng cuối năm"}


def period_line(question: Question) -> str:
    """Return the line under the title: which days, by which dates."""
    dates = "ngày pháp lý" if question.by == LEGAL else "ngày thực tế"
    first, last = f"{question.first:%d/%m/%Y}", f"{question.last:%d/%m/%Y}"
    return f"Từ ngày {first} đến hết ngày {last}, tính theo {dates}"


def words_of(group: str, value: Value) -> str:
    """Return what readers call a *value* of a *group*; what has no word of its own stands as is."""
    if value is None:
        return "(không có)"
    if group == "paper":
        return "Có bản giấy" if value else "Chỉ bản điện tử"
    text = str(value)
    text = text.removeprefix("axis:") if group == "way" else text
    return _time(group, text) if group in PERIODS else _WORDS.get(group, {}).get(text, text)


def _time(group: str, text: str) -> str:
    if group == "day":
        return f"{date.fromisoformat(text):%d/%m/%Y}"
    year, _, part = text.partition("-")
    forms = {
        "hour": f"{text} giờ",
        "month": f"{part}/{year}",
        "quarter": f"Quý {part[1:]}/{year}",
        "half": f"{_HALVES.get(part)} {year}",
    }
    return forms.get(group, text)
