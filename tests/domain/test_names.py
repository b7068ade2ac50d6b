"""Names in certificates and documents: spelt differently, and still the same, or not."""

# ruff: noqa: RUF001 - apostrophes as offices type them

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.names import agree

SAME = [
    ("Sở Nội vụ", "SỞ NỘI VỤ"),
    ("Sở Nội vụ", "Sở Nội vụ tỉnh Ninh Bình"),
    ("Văn thư Sở Nội vụ", "Sở Nội vụ"),
    ("UBND tỉnh Hà Giang", "Ủy ban nhân dân tỉnh Hà Giang"),
    ("Uỷ ban nhân dân TP. Cần Thơ", "Ủy ban nhân dân thành phố Cần Thơ"),
    ("VP UBND thành phố Huế", "Văn phòng Ủy ban nhân dân thành phố Huế"),
    ("SO NOI VU", "Sở Nội vụ"),
    ("Nguyễn Văn Đức", "NGUYEN VAN DUC"),
    ("Trần Thị Minh Hoạ", "Trần Thị Minh Họa"),
    ("TS. Nguyễn Văn An", "Nguyễn Văn An"),
    ("Nguyễn Văn An - Giám đốc", "Nguyễn Văn An"),
    ("Trần Ngọc Tam (đã ký)", "Trần Ngọc Tam"),
    ("H’Yim Kđoh", "H'Yim Kđoh"),
    ("Y Biêr Niê", unicodedata.normalize("NFD", "Y Biêr Niê")),
]
OTHERS = [
    ("Sở Nội vụ", "Sở Y tế"),
    ("Sở Nội vụ tỉnh Ninh Bình", "Sở Nội vụ tỉnh Nam Định"),
    ("Ủy ban nhân dân xã An Phú", "Ủy ban nhân dân xã An Bình"),
    ("Nguyễn Văn An", "Nguyễn Văn Ân"),
    ("Nguyễn Văn Đức", "Nguyễn Văn Dực"),
    ("Nguyễn Văn An", "An Văn Nguyễn"),
    ("An", "Nguyễn Văn An"),
    ("", "Sở Nội vụ"),
    ("", ""),
    ("…", "…"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_name_is_spelt_in_many_ways(one: str, other: str) -> None:
    """Capitals, forms of coding, places of tone marks, abbreviations, titles, provinces."""
    assert agree(one, other)


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_other_names_stay_others(one: str, other: str) -> None:
    """Accents count where both have any; a single word says too little."""
    assert not agree(one, other)


@given(st.text(max_size=400), st.text(max_size=400))
def test_it_makes_no_difference_which_comes_first(one: str, other: str) -> None:
    """Whatever is written there."""
    assert agree(one, other) is agree(other, one)
