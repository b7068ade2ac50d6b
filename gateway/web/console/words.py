"""The one catalogue of the console's words, Vietnamese and English side by side."""

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

LOCALES = ("vi", "en")
_FILE = Path(__file__).with_name("words.csv")


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """Return every text by its key, in both languages."""
    with _FILE.open(encoding="utf-8", newline="") as lines:
        return {
            row["key"]: {locale: row[locale] for locale in LOCALES}
            for row in csv.DictReader(lines)
        }


class Words:
    """The texts of one language."""

    def __init__(self, locale: str) -> None:
        """Speak *locale*."""
        self.locale = locale
        self._texts = catalogue()

    def __call__(self, key: str, **values: object) -> str:
        """Return the text of *key* with *values* filled in."""
        text = self._texts[key][self.locale]
        return text.format(**values) if values else text

    def of(self, vietnamese: str, english: str) -> str:
        """Return that one of two texts which is in this language."""
        return vietnamese if self.locale == "vi" else english
