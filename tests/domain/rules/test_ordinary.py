"""Real metadata as offices write them pass every rule: a false refusal is as bad as a false pass."""

# ruff: noqa: RUF001 - dashes and apostrophes as offices type them

from dataclasses import replace
from datetime import date

import pytest

from gateway.bootstrap.profiles import shipped_profile
from gateway.domain.document import Priority, Signer
from gateway.domain.rules.catalogue import ALL_RULES
from gateway.formats.codelists import document_types
from tests.domain.rules.samples import (
    AGENCY,
    a_candidate,
    a_file,
    a_reference,
    a_signature,
    said,
    with_metadata,
)

NODE = replace(
    a_reference(profile=shipped_profile("default")),
    types={code: kind.name for code, kind in document_types().items()},
)

SUBJECTS = [
    "V/v tăng cường công tác phòng, chống cháy rừng mùa khô 2026–2027",
    "Về việc phê duyệt Đề án “Chuyển đổi số tỉnh Đắk Lắk đến năm 2030, tầm nhìn 2045”",
    "Sao y Nghị quyết số 28-NQ/TW ngày 25/10/2024 của Ban Chấp hành Trung ương",
    "Kế hoạch thực hiện Chỉ thị 05-CT/TW; Kết luận 01-KL/TW (khóa XIII)",
    "Về việc cung cấp số liệu 9 tháng/2026 & ước năm 2026 (biểu số 01, 02/BC)",
    "Mời họp: rà soát quy hoạch 1/500 khu đô thị A1-B2, phường Ninh Kiều",
    "Về an toàn, bảo mật thông tin; đổi mật khẩu thư điện tử công vụ",
    "Hỗ trợ phát triển nghề nuôi ong lấy mật tại xã Hàm Yên, tỉnh Tuyên Quang (Hà Giang cũ)",
    "Quan trắc bụi PM2.5 > 50 µg/m³, nhiệt độ 35 °C, độ ẩm 70%",
    "Tiếp Đại sứ François Müller và Công ty São Paulo S.A.",
    "V/v trả lời kiến nghị cử tri... (lần 2)",
    "Báo cáo tình hình giải quyết khiếu nại, tố cáo quý III/2026",
    "Về việc\nđiều chỉnh chủ trương đầu tư\nDự án Trung tâm hành chính",
    "ỦY BAN NHÂN DÂN TỈNH: VỀ VIỆC KIỆN TOÀN BAN CHỈ ĐẠO 389",
    "Hoà giải ở cơ sở; thuỷ lợi; qui định về vùng đệm",
    "Ứng phó khẩn cấp với bão số 9 – Công điện của Thủ tướng",
    "Về chế độ phụ cấp đối với người làm công tác cơ yếu, bảo vệ bí mật nhà nước",
    "Tài liệu họp (tối ngày 20/11)",
    "Đề nghị cấp C/O, CMND/CCCD & hộ chiếu cho đoàn ra",
    "x" * 500,
]


@pytest.mark.parametrize("subject", SUBJECTS)
def test_an_ordinary_subject_passes(subject: str) -> None:
    """Quotes, dashes, old place names, units, foreign names, long titles."""
    assert said(ALL_RULES, with_metadata(subject=subject), NODE) == []


@pytest.mark.parametrize(
    ("place", "signer"),
    [
        ("TP. Hồ Chí Minh", Signer(competence="KT. CHỦ TỊCH", position="PHÓ CHỦ TỊCH", full_name="Y Biêr Niê")),
        ("Đắk R'lấp", Signer(competence="TM. UBND", position="Chủ tịch", full_name="Ka H'Thủy")),
        ("Bà Rịa - Vũng Tàu", Signer(competence="TL. GIÁM ĐỐC", position="Trưởng phòng", full_name="Đặng Thị Ngọc Thịnh")),
        ("Krông Pắc", Signer(competence="TUQ. BỘ TRƯỞNG", position="Vụ trưởng", full_name="H’Yim Kđoh")),
        ("Hà Nội", Signer(position="Q. Giám đốc", full_name="Trần Ngọc Tam (đã ký)")),
        ("Ia Grai", Signer(position="Chủ tịch UBND xã", full_name="Rơ Châm H'Yéo")),
    ],
)  # fmt: skip
def test_ordinary_places_and_signers_pass(place: str, signer: Signer) -> None:
    """Names of all peoples of the country, capacities, apostrophes of either kind."""
    signed = a_file(signatures=(a_signature(signer.full_name), a_signature(AGENCY)))
    candidate = replace(with_metadata(place=place, signer=signer), files=(signed,))

    assert said(ALL_RULES, candidate, NODE) == []


@pytest.mark.parametrize("of_type", sorted(document_types()))
def test_every_type_passes_with_its_own_notation(of_type: str) -> None:
    """All 29 types with the notation that Annex I asks of them."""
    notation = "UBND-VP" if of_type in {"CV", "ThC"} else f"{of_type}-UBND"

    assert said(ALL_RULES, with_metadata(type=of_type, notation=notation), NODE) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"number": "05", "pages": 12, "copies": 35},
        {"priority": Priority.EXPRESS, "subject": "HỎA TỐC: Ứng phó bão"},
        {"security": "thường"},
        {"kind": "report"},
        {"due_on": date(2026, 12, 15), "reply_requested": True},
        {"promulgated_on": date(2014, 5, 22), "notation": "2014/QĐ-UBND", "number": "12"},
        {"paper_copy": True, "kind": "with-paper"},
    ],
)
def test_ordinary_data_pass(changes: dict[str, object]) -> None:
    """The optional data as offices fill them in."""
    assert said(ALL_RULES, with_metadata(**changes), NODE) == []


@pytest.mark.parametrize(
    "profile", ["ben-tre-2014", "ha-nam-2019", "bac-giang-2014", "ldld-ben-tre-2018"]
)
def test_an_ordinary_document_passes_under_every_profile(profile: str) -> None:
    """A regulation bars its kinds and nothing else."""
    reference = a_reference(profile=shipped_profile(profile))

    assert said(ALL_RULES, a_candidate(), reference) == []
