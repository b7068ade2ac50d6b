"""The state model as the API tells it: names, labels, moves, who may cause them.

The moves are those of ``domain.lifecycle``; the words are those of QĐ 28/2018/QĐ-TTg art. 10.2h
and of the status messages of QCVN 102:2016/BTTTT, as records clerks know them.
"""

from gateway.domain.lifecycle import (
    CAUSED_BY,
    DELIVERY_MOVES,
    DOCUMENT_CAUSED_BY,
    DOCUMENT_MOVES,
    FINAL_DELIVERY,
    FINAL_DOCUMENT,
    RECALL_ANSWERS,
    RECALL_CAUSED_BY,
    RECALL_MOVES,
    REPORTS,
    DeliveryState,
    DocumentState,
    Recall,
)

Json = dict[str, object]

_DOCUMENTS: dict[DocumentState, tuple[str, str]] = {
    DocumentState.HELD: ("Tạm giữ, chờ quyết định", "Held for a decision"),
    DocumentState.REFUSED: ("Không cho gửi", "Refused after being held"),
    DocumentState.ACCEPTED: ("Đã cấp mã, đang gửi", "Numbered"),
    DocumentState.CLOSED: ("Đã kết thúc", "Closed"),
    DocumentState.RECALLED: ("Đã thu hồi", "Recalled"),
}
_DELIVERIES: dict[DeliveryState, tuple[str, str]] = {
    DeliveryState.WAITING: ("Chờ gửi", "Waiting"),
    DeliveryState.SENDING: ("Đang gửi", "Sending"),
    DeliveryState.HANDED_OVER: ("Đã chuyển cho bên trung gian", "Handed over"),
    DeliveryState.ARRIVED: ("Đã đến", "Arrived"),
    DeliveryState.REFUSED: ("Từ chối nhận (trả lại)", "Refused"),
    DeliveryState.ACCEPTED: ("Đã tiếp nhận", "Accepted and registered"),
    DeliveryState.ASSIGNED: ("Đã chuyển xử lý", "Assigned"),
    DeliveryState.IN_PROGRESS: ("Đang xử lý", "In progress"),
    DeliveryState.DONE: ("Đã hoàn thành", "Done"),
    DeliveryState.FAILED: ("Gửi không thành công", "Failed; may be tried again"),
    DeliveryState.CANCELLED: ("Đã hủy gửi", "Cancelled"),
    DeliveryState.RECALLED: ("Đã thu hồi", "Recalled"),
}
_REPORTS = {
    "01": ("Đã đến, văn thư chưa xử lý", "Arrived, not yet dealt with"),
    "02": ("Từ chối tiếp nhận văn bản", "Refused"),
    "03": ("Tiếp nhận, vào sổ văn bản đến", "Accepted and registered"),
    "04": ("Phân công xử lý", "Assigned"),
    "05": ("Đang xử lý", "In progress"),
    "06": ("Hoàn thành xử lý", "Done"),
}
_RECALLS: dict[Recall, tuple[str, str]] = {
    Recall.REQUESTED: ("Bên gửi yêu cầu lấy lại", "Asked back by the sender"),
    Recall.AGREED: ("Đồng ý yêu cầu lấy lại", "The recipient agreed"),
    Recall.REFUSED: ("Từ chối yêu cầu lấy lại", "The recipient refused"),
    Recall.TOO_LATE: ("Quá muộn để lấy lại", "Too late: the delivery was final"),
}
#: The report that says why: a document is not sent back without a reason.
_NEEDS_NOTE = "02"


def state_model() -> Json:
    """Return the whole model, in the order in which states are usually passed."""
    return {
        "documents": [_document(state) for state in DocumentState],
        "deliveries": [_delivery(state) for state in DeliveryState],
        "status_codes": [_report(code) for code in REPORTS],
        "recall_answers": [_answer(code) for code in RECALL_ANSWERS],
        "recalls": [_recall(recall) for recall in Recall],
    }


def _document(state: DocumentState) -> Json:
    label, label_en = _DOCUMENTS[state]
    return {
        "state": state.value,
        "label": label,
        "label_en": label_en,
        "final": state in FINAL_DOCUMENT,
        "moves_to": [each.value for each in DocumentState if each in DOCUMENT_MOVES[state]],
        "caused_by": list(DOCUMENT_CAUSED_BY[state]),
    }


def _delivery(state: DeliveryState) -> Json:
    label, label_en = _DELIVERIES[state]
    return {
        "state": state.value,
        "label": label,
        "label_en": label_en,
        "final": state in FINAL_DELIVERY,
        "moves_to": [each.value for each in DeliveryState if each in DELIVERY_MOVES[state]],
        "caused_by": list(CAUSED_BY[state]),
    }


def _recall(recall: Recall) -> Json:
    label, label_en = _RECALLS[recall]
    return {
        "recall": recall.value,
        "label": label,
        "label_en": label_en,
        "final": not RECALL_MOVES[recall],
        "moves_to": [each.value for each in Recall if each in RECALL_MOVES[recall]],
        "caused_by": list(RECALL_CAUSED_BY[recall]),
    }


def _report(code: str) -> Json:
    label, label_en = _REPORTS[code]
    return {
        "code": code,
        "label": label,
        "label_en": label_en,
        "state": REPORTS[code].value,
        "note_required": code == _NEEDS_NOTE,
    }


def _answer(code: str) -> Json:
    recall = RECALL_ANSWERS[code]
    label, label_en = _RECALLS[recall]
    return {"code": code, "label": label, "label_en": label_en, "recall": recall.value}
