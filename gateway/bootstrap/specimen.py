"""The document that the demonstration sends."""

from datetime import datetime

from gateway.crypto.specimen import Specimen, make_specimen

LINES = (
    "SO NOI VU TINH THI DU",
    "V/v thu nghiem lien thong van ban dien tu",
    "Van ban nay do chuong trinh minh hoa tao ra va ky so that.",
    "(A specimen made and signed by the demonstration.)",
)


def specimen(at: datetime) -> Specimen:
    """Return a PDF that an invented person and an invented agency signed at *at*."""
    return make_specimen(lines=LINES, at=at)
