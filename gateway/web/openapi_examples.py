"""Examples as an office would see them: a province H13, its offices H13.01 and H13.02."""

Json = dict[str, object]

_SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_ID = "0197f0c4a6e07d3c8f2b5d1e9a4c7b60"

SUBMISSION: Json = {
    "to": ["H13.02"],
    "type": "CV",
    "subject": "V/v báo cáo công tác cải cách hành chính quý IV năm 2026",
    "notation": "SNV-VP",
    "number": "1204",
    "promulgated_on": "2026-11-20",
    "place": "Hà Nội",
    "signer": {
        "competence": "KT. GIÁM ĐỐC",
        "position": "Phó Giám đốc",
        "full_name": "Nguyễn Thị Hoa",
    },
    "priority": "urgent",
    "reply_requested": True,
    "due_on": "2026-12-05",
}

DELIVERY: Json = {
    "to": "H13.02",
    "state": "accepted",
    "arrival_number": 1487,
    "received_at": "2026-11-20T17:45:10.120000+07:00",
    "legal_received_at": "2026-11-23T07:30:00+07:00",
    "updated_at": "2026-11-23T08:05:31.700000+07:00",
    "attempts": 1,
    "note": "Tiếp nhận văn bản điện tử, vào sổ văn bản đến của đơn vị",
    "staff": {"staff": "Trần Văn Bình", "email": "binhtv@example.gov.vn"},
    "recall": None,
}

DOCUMENT: Json = SUBMISSION | {
    "reply_to": None,
    "paper_copy": False,
    "pages": None,
    "copies": None,
    "security": "normal",
    "kind": None,
    "business": {"kind": "new", "of": None, "reason": None},
    "id": _ID,
    "code": "H13.01/2026/1204",
    "document_id": "H13.01/2026/1204",
    "from": "H13.01",
    "state": "accepted",
    "legal_value": "reference",
    "submitted_at": "2026-11-20T17:45:08.310000+07:00",
    "sent_at": "2026-11-20T17:45:08.402000+07:00",
    "legal_sent_at": "2026-11-23T07:30:00+07:00",
    "sha256": _SHA256,
    "findings": [],
    "replaces": None,
    "replaced_by": None,
    "attachments": [
        {
            "n": 1,
            "name": "Báo cáo CCHC quý IV.pdf",
            "size": 482113,
            "media_type": "application/pdf",
            "sha256": _SHA256,
            "signatures": [],
        }
    ],
    "deliveries": [DELIVERY],
    "history": [
        {
            "event": "numbered",
            "at": "2026-11-20T17:45:08.402000+07:00",
            "legal_at": "2026-11-23T07:30:00+07:00",
            "by": "client:5c1b7d0e",
            "to": None,
            "note": None,
        }
    ],
}

STATUS: Json = {
    "code": "03",
    "note": "Tiếp nhận văn bản điện tử, vào sổ văn bản đến của đơn vị",
    "staff": {"staff": "Trần Văn Bình", "email": "binhtv@example.gov.vn"},
    "arrival_number": 1487,
}
RECALL: Json = {"reason": "Văn bản gửi nhầm nơi nhận, đề nghị cho lấy lại"}
LEASE: Json = {"limit": 50, "lease_s": 300}
ACK: Json = {"ids": [_ID]}

RECEIPT: Json = {
    "id": "0197f0c5b1aa7e10",
    "document": _ID,
    "code": "H13.01/2026/1204",
    "to": "H13.02",
    "event": "accepted",
    "at": "2026-11-23T08:05:31.700000+07:00",
    "legal_at": "2026-11-23T08:05:31.700000+07:00",
    "jws": "eyJhbGciOiJFUzI1NiIsIng1YyI6WyJNSUlCLi4uIl19.eyJpZCI6Ii4uLiJ9.MEUCIQ",
}

AGENCY: Json = {
    "code": "H13.02",
    "name": "Sở Tài chính",
    "parent": "H13",
    "legacy_code": "000.00.02.H13",
    "legacy_provisional": True,
    "short_name": "STC",
    "kind": "state",
    "valid_from": "2025-07-01",
    "valid_to": None,
    "successor": None,
    "contact": {"email": "vanthu.stc@example.gov.vn", "telephone": "024 3825 0000"},
    "decision": "15/QĐ-UBND ngày 01/07/2025",
}
NEW_AGENCY: Json = {
    "name": "Sở Nông nghiệp và Môi trường",
    "parent": "H13",
    "short_name": "SNNMT",
    "decision": "21/QĐ-UBND ngày 05/01/2026",
}
AGENCY_PATCH: Json = {
    "valid_to": "2026-06-30",
    "successor": "H13.02",
    "decision": "88/QĐ-UBND ngày 20/06/2026",
}

PROBLEM: Json = {
    "type": "urn:liaison-gateway:problem:agency-unknown",
    "title": "The submission breaks rules",
    "status": 422,
    "code": "agency-unknown",
    "detail": "There is no agency H13.99 in the directory.",
    "findings": [
        {
            "code": "agency-unknown",
            "severity": "error",
            "pointer": "/metadata/to/0",
            "message": "Không có cơ quan mang mã “H13.99” trong danh bạ.",
            "message_en": "There is no agency H13.99 in the directory.",
            "remedy": "Kiểm tra lại mã định danh của nơi nhận.",
            "remedy_en": "Check the code of the recipient.",
            "source": "QĐ 20/2020/QĐ-TTg",
        }
    ],
}
EVENT_STREAM = (
    "id: 4711\n"
    "event: receipt\n"
    'data: {"id":"0197f0c4a6e07d3c8f2b5d1e9a4c7b60","code":"H13.01/2026/1204",'
    '"state":"accepted","at":"2026-11-23T08:05:31.700000+07:00"}\n\n'
)
