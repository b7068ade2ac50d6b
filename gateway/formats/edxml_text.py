"""Builds the XML text of edXML messages in the form of the axis SDK: two spaces, CRLF, no blanks.

A value that XML 1.0 cannot hold is refused, never altered.
"""

import re
from xml.sax.saxutils import escape

#: XML 1.0 section 2.2, Char.
_UNFIT = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
_SPECIAL = re.compile("[&<>\r]")
_LINE_END = "\r\n"


class XmlText:
    """Lines of XML; ``prefix`` stands before every element name."""

    def __init__(self, *, prefix: str = "edXML:", depth: int = 0) -> None:
        """Start at *depth* levels below the root."""
        self._lines: list[str] = []
        self.prefix = prefix
        self._depth = depth

    def line(self, markup: str) -> None:
        """Write *markup* as it is, on a line of its own."""
        self._lines.append(f"{'  ' * self._depth}{markup}{_LINE_END}")

    def open(self, name: str, attributes: str = "") -> None:
        """Begin the element *name*; *attributes* are written as they are."""
        self.line(f"<{self.prefix}{name}{attributes}>")
        self._depth += 1

    def close(self, name: str) -> None:
        """End the element *name*."""
        self._depth -= 1
        self.line(f"</{self.prefix}{name}>")

    def leaf(self, name: str, value: str | int | None) -> None:
        """Write an element with text; nothing at all for None and for the empty text."""
        if value is None or value == "":
            return
        self.line(f"<{self.prefix}{name}>{text_of(str(value))}</{self.prefix}{name}>")

    def start_of_line(self, markup: str) -> None:
        """Write the beginning of a line that somebody else goes on with."""
        self._lines.append(f"{'  ' * self._depth}{markup}")

    def end_of_line(self, markup: str) -> None:
        """Write the rest of such a line."""
        self._lines.append(f"{markup}{_LINE_END}")

    def take(self) -> bytes:
        """Return what was written since the last call."""
        written = "".join(self._lines).encode()
        self._lines.clear()
        return written


def text_of(value: str) -> str:
    """Escape *value* for the text of an element.

    Raises:
        ValueError: it holds a character that XML does not know.
    """
    unfit = _UNFIT.search(value)
    if unfit is not None:
        raise ValueError(f"U+{ord(unfit.group()):04X} cannot be written into XML")
    return escape(value, {"\r": "&#xD;"}) if _SPECIAL.search(value) else value
