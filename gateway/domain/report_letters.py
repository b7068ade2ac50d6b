"""Mails about standing reports: Vietnamese first, English below, as an operator writes.

Source: QĐ 28/2018/QĐ-TTg art. 15.1 (the figures are reported each quarter), S3 art. 11.2c.
"""

from datetime import date

from gateway.domain.periods import Period

_NAMING = "report:"


def telling_of(period: Period) -> str:
    """Return how a mail about the report of *period* names what it tells."""
    return f"{_NAMING}{period.name}"


def period_told(telling: str) -> str | None:
    """Return the name of the period whose report a mail tells of; None when of something else."""
    return telling.removeprefix(_NAMING) if telling.startswith(_NAMING) else None


def subject_of(period: Period, *, node: str) -> str:
    """Return the subject: node and period, in both languages."""
    return f"[{node}] Báo cáo thống kê {period.title} / Report of figures {period.name}"


def body_of(period: Period, *, node: str, name: str) -> str:
    """Return the text: which report, of which days, and where it is given out."""
    lines = [
        "Kính gửi: Ông/Bà quản trị viên, kiểm tra viên hệ thống liên thông văn bản",
        "",
        f"{name or node} (mã {node}) đã lập báo cáo thống kê gửi, nhận văn bản điện tử:",
        "",
        f"- Kỳ báo cáo: {period.title} (từ {_day(period.first)} đến hết {_day(period.last)})",
        "- Tải báo cáo: đăng nhập, mục Kiểm tra, trang Báo cáo định kỳ (/audit/reports)",
        "",
        "Thư do hệ thống tự động gửi, đề nghị không trả lời thư này.",
        "",
        "-" * 60,
        "",
        "To the administrators and auditors of the document interchange",
        "",
        f"{name or node} (code {node}) has made a report of the exchange of documents:",
        "",
        f"- Period: {period.name} ({_day(period.first)} to {_day(period.last)} included)",
        "- To fetch it: sign in and open the page Standing reports (/audit/reports)",
        "",
        "Sent by the system; please do not answer this mail.",
        "",
    ]
    return "\n".join(lines)


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"
