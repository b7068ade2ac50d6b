"""The documents that the demonstration sends."""

import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta

from gateway.crypto.pki import Party, Wish, issue, make_pki, revocation_list
from gateway.crypto.specimen import Pen, Specimen, make_specimen, page, sign_pdf

LINES = (
    "SO NOI VU TINH THI DU",
    "V/v thu nghiem lien thong van ban dien tu",
    "Van ban nay do chuong trinh minh hoa tao ra va ky so that.",
    "(A specimen made and signed by the demonstration.)",
)


def specimen(at: datetime) -> Specimen:
    """Return a PDF that an invented person and an invented agency signed at *at*."""
    return make_specimen(lines=LINES, at=at)


class Notary:
    """Signs in the names of invented people and agencies, below an authority made for it."""

    def __init__(self, now: datetime) -> None:
        """Make the authority, valid from a year before *now*."""
        self._pki = make_pki(now)
        self._since = now - timedelta(days=365)
        self._parties: dict[tuple[str, str], Party] = {}

    def signed(self, lines: Sequence[str], *, person: str, agency: str, at: datetime) -> bytes:
        """Return a PDF with *lines* (ASCII), signed by *person* and then by *agency*."""
        chain, stamps = (self._pki.intermediate,), self._pki.stamps
        first = Pen(party=self._party(person, agency), at=at, chain=chain, stamps=stamps)
        second = Pen(
            party=self._party(agency, agency), at=at, field="CoQuan", chain=chain, stamps=stamps
        )
        return sign_pdf(sign_pdf(page(tuple(lines)), first), second)

    def trust(self, *, issued_at: datetime, next_at: datetime) -> dict[str, bytes]:
        """Return what a node must be given to trust it, files by their names."""
        root, intermediate = self._pki.root, self._pki.intermediate
        return {
            "week-root.pem": root.pem,
            "week-intermediate.pem": intermediate.pem,
            "week-root.crl": revocation_list(root, {}, issued_at=issued_at, next_at=next_at),
            "week-intermediate.crl": revocation_list(
                intermediate, {}, issued_at=issued_at, next_at=next_at
            ),
        }

    def _party(self, name: str, organisation: str) -> Party:
        if (name, organisation) not in self._parties:
            wish = Wish(
                common_name=name,
                organisation=organisation,
                valid_from=self._since,
                valid_to=self._since + timedelta(days=5 * 365),
            )
            self._parties[name, organisation] = issue(wish, issuer=self._pki.intermediate)
        return self._parties[name, organisation]


def unsigned(lines: Sequence[str]) -> bytes:
    """Return a PDF of one page with *lines* (ASCII) that nobody signed."""
    return page(tuple(lines))


def without_accents(text: str) -> str:
    """Return *text* as the plain font of a specimen can show it."""
    bare = text.replace("đ", "d").replace("Đ", "D")
    letters = unicodedata.normalize("NFKD", bare)
    return letters.encode("ascii", "ignore").decode()
