"""The document that the demonstration sends."""

from datetime import datetime

from gateway.crypto.specimen import signed_pdf

LINES = (
    "SO NOI VU TINH THI DU",
    "V/v thu nghiem lien thong van ban dien tu",
    "Van ban nay do chuong trinh minh hoa tao ra va ky so that.",
    "(A specimen made and signed by the demonstration.)",
)


def specimen(at: datetime) -> bytes:
    """Return a PDF that an invented person of an invented agency signed at *at*."""
    return signed_pdf(lines=LINES, signer="Trần Thị Minh Hoạ", agency="Sở Nội vụ", at=at)
