"""The table of what is tried with an office system, in its order and in words."""

from gateway.cli import trial_acts as acts
from gateway.cli.trial import Step
from gateway.domain.routing import PULL

_REPORT = (
    "Gửi POST /documents/{id}/status như tài liệu connect.md / "
    "report as connect.md says; a state never goes backwards"
)
_FILE = (
    "Xem các lỗi ở cột kết quả; thử tệp khác bằng --file / "
    "see the findings that came; try another file by --file"
)
#: How to mend what does not arrive, by the way of delivery.
_WAYS = {
    PULL: "Kiểm tra mã truy cập, rồi GET /documents?box=in / check the token, then list the inbox",
    "webhook": (
        "Địa chỉ `url` của [[office]] phải trả 2xx; kiểm tra TLS và khoá bí mật của chữ ký / "
        "the `url` of the [[office]] must answer 2xx; check TLS and the secret of the signature; "
        "`gateway queue list` tells why it was refused"
    ),
    "folder": (
        "Thư mục `folder` của [[office]] phải có và ghi được / "
        "the `folder` of the [[office]] must be there, and writable; see `gateway queue list`"
    ),
}
_ANY_WAY = "Xem `gateway queue list` / see `gateway queue list`"


def steps_for(delivery: str) -> tuple[Step, ...]:
    """Return what is tried with an office that is reached by *delivery*."""
    way = _WAYS.get(delivery, _ANY_WAY)
    return (*_connecting(), *_sending(), *_taking_back(), *_receiving(way))


def _connecting() -> tuple[Step, ...]:
    return (
        Step(
            category="connection",
            vi="Mã truy cập của đơn vị được chấp nhận",
            en="the office's token is taken",
            expected="200",
            mend="Cấp mã: `gateway client add` / make a token: `gateway client add AGENCY --name …`",
            act=acts.token,
        ),
        Step(
            category="connection",
            vi="Đơn vị có trong danh mục",
            en="the agency is listed and open",
            expected="mã của đơn vị / its code",
            mend="Khai báo: `gateway agency add` / enter it: `gateway agency add`",
            act=acts.listed,
        ),
    )


def _sending() -> tuple[Step, ...]:
    return (
        Step(
            category="send",
            vi="Gửi văn bản, gửi lặp lại không tạo văn bản thứ hai",
            en="send; a repeat makes no second document",
            expected="mã văn bản / a document code",
            mend=_FILE,
            act=acts.send,
        ),
        Step(
            category="send",
            vi="Bên nhận lấy được đúng từng byte",
            en="the recipient gets the very bytes",
            expected="SHA-256",
            mend="Báo cho quản trị nút / tell the administrator of the node",
            act=acts.received,
        ),
        Step(
            category="send",
            vi="Nhận biên nhận",
            en="receipts come back",
            expected="numbered, arrived",
            mend="Đọc GET /receipts?after=… / read GET /receipts?after=…",
            act=acts.numbered,
        ),
        *(
            Step(
                category="status",
                vi=f"Bên nhận báo trạng thái {code}",
                en=f"the recipient reports {code}",
                expected=state,
                mend=_REPORT,
                act=acts.told(code, state),
            )
            for code, state in {"01": "arrived", **acts.REPORTS}.items()
        ),
        Step(
            category="refuse",
            vi="Bên nhận từ chối (02), có lý do",
            en="the recipient refuses (02) with its reason",
            expected="refused",
            mend=_REPORT,
            act=acts.refused,
        ),
    )


def _taking_back() -> tuple[Step, ...]:
    told = "Đọc /receipts, /events / read /receipts and /events; docs/states.md tells the rules"
    table = (
        (
            "recall",
            "Lấy lại khi chưa ai nhận",
            "recall before it was taken",
            acts.recalled_at_once,
        ),
        ("recall", "Yêu cầu lấy lại (13)", "ask back what was taken (13)", acts.asked_back),
        ("recall", "Bên nhận không đồng ý (16)", "the recipient refuses (16)", acts.kept),
        ("recall", "Bên nhận đồng ý (15)", "the recipient agrees (15)", acts.given_back),
        (
            "update",
            "Cập nhật, bên nhận đồng ý (15)",
            "update, taken over (15)",
            acts.later("update", "15"),
        ),
        (
            "replace",
            "Thay thế, bên nhận đã tiếp nhận",
            "replace, accepted",
            acts.later("replace", "03"),
        ),
    )
    expected = ("recalled", "requested", "refused", "recalled", "replaced_by", "replaced_by")
    return tuple(
        Step(category=category, vi=vi, en=en, expected=wanted, mend=told, act=act)
        for (category, vi, en, act), wanted in zip(table, expected, strict=True)
    )


def _receiving(way: str) -> tuple[Step, ...]:
    return (
        Step(
            category="receive",
            vi="Đơn vị thử nghiệm gửi đến",
            en="the sandbox sends",
            expected="mã văn bản / a document code",
            mend=_FILE,
            act=acts.incoming,
        ),
        Step(
            category="receive",
            vi="Văn bản vào hệ thống của đơn vị",
            en="it enters the office's system",
            expected="arrived",
            mend=way,
            act=acts.arrived,
        ),
        *(
            Step(
                category="receive",
                vi=f"Đơn vị báo trạng thái {code}",
                en=f"the office reports {code}",
                expected=state,
                mend=_REPORT,
                act=acts.reported(code, state),
            )
            for code, state in acts.REPORTS.items()
        ),
        Step(
            category="receive",
            vi="Đơn vị từ chối (02), có lý do",
            en="the office refuses (02) with its reason",
            expected="refused",
            mend=_REPORT,
            act=acts.sent_back,
        ),
        Step(
            category="receive",
            vi="Đơn vị trả lại khi được yêu cầu (15)",
            en="the office gives back what is asked for (15)",
            expected="recalled",
            mend=way,
            act=acts.obeyed,
        ),
    )
