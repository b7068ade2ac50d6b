"""A small directory: open, closed and coming agencies of H13, and one of another province."""

from datetime import date

from gateway.domain.directory import Agency, Directory

OLD, CHANGE = date(2015, 1, 1), date(2025, 7, 1)


def a_directory() -> Directory:
    """Return H13 with two open offices, two closed ones, one to come; and H26, H25 elsewhere."""
    return Directory(
        [
            Agency(code="H13", name="Thành phố Cần Thơ", valid_from=OLD),
            Agency(code="H13.01", name="Văn phòng", parent="H13", valid_from=OLD),
            Agency(
                code="H13.02",
                name="Sở Y tế",
                parent="H13",
                legacy_code="000.00.77.H13",
                valid_from=OLD,
            ),
            Agency(
                code="H13.03",
                name="Sở Thông tin",
                parent="H13",
                valid_from=OLD,
                valid_to=date(2025, 6, 30),
                successor="H13.02",
            ),
            Agency(
                code="H13.04",
                name="Huyện",
                parent="H13",
                valid_from=OLD,
                valid_to=date(2025, 6, 30),
            ),
            Agency(code="H13.05", name="Sở mới", parent="H13", valid_from=date(2027, 1, 1)),
            Agency(code="H26", name="Hà Nội", valid_from=OLD),
            Agency(
                code="H25",
                name="Hà Nam",
                valid_from=OLD,
                valid_to=date(2025, 6, 30),
                successor="H26",
            ),
        ]
    )
