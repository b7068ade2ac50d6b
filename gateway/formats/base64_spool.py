"""Decodes the base64 of one attachment on its way to a file, in flat memory."""

from typing import BinaryIO

import pybase64

from gateway.ports import Spool

#: Characters that are collected before they are decoded.
_BATCH = 65_536
_BLANKS = (b"\n", b"\r", b" ", b"\t")
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_HEAD = 4
#: A zip that wraps a file which just fits is a little larger than the file (RFC 1951 section 3.2.4).
_ZIP = b"PK\x03\x04"
_WRAPPING = 2_048


class Base64Spool:
    """Takes base64 text cut anywhere, with or without line breaks (RFC 4648 section 4)."""

    def __init__(self, spool: Spool, limit: int) -> None:
        """Write at most *limit* decoded bytes to *spool*, the rest is only counted.

        A zip may have a thousandth more, in which a file of that size can be wrapped.
        """
        self.size = 0  #: decoded bytes, also those that were not written
        self.sha256 = ""  #: of what was written, once finished
        self.head = b""  #: the first four bytes, as far as there are any
        self.is_damaged = False
        self._spool = spool
        self._limit = limit
        self._texts: list[str] = []
        self._waiting = 0
        self._rest = b""  #: characters that do not make up a group of four yet
        self._padded = False

    @property
    def path(self) -> str:
        """The key of the file."""
        return self._spool.key

    @property
    def is_zip(self) -> bool:
        """Whether it begins as a zip."""
        return self.head == _ZIP

    @property
    def is_whole(self) -> bool:
        """Whether everything was decoded and written."""
        return not self.is_damaged and self.size <= self._limit

    def feed(self, text: str) -> None:
        """Take the next characters."""
        if self.is_damaged:
            return
        self._texts.append(text)
        self._waiting += len(text)
        if self._waiting >= _BATCH:
            self._drain()

    def take(self, run: bytes) -> bool:
        """Take *run* if it goes on well and holds nothing but base64 and blanks; else nothing."""
        self._drain()
        return not self.is_damaged and (self._decode(run) or self._decode(_without_blanks(run)))

    def finish(self) -> None:
        """Decode what is left and complete the file."""
        self._drain()
        if self._rest:
            self.is_damaged = True
        self.sha256 = self._spool.finish()

    def open(self) -> BinaryIO:
        """Open what was written, once finished."""
        return self._spool.open()

    def abandon(self) -> None:
        """Let go of a file that will not be completed; harmless after ``finish``."""
        if not self.sha256:
            self._spool.abandon()

    def _drain(self) -> None:
        text = "".join(self._texts)
        self._texts.clear()
        self._waiting = 0
        if not text or self.is_damaged:
            return
        try:
            characters = text.encode("ascii")
        except UnicodeEncodeError:
            self.is_damaged = True
            return
        self.is_damaged = not self._decode(_without_blanks(characters))

    def _decode(self, letters: bytes) -> bool:
        """Decode *letters* and write what they say; False, and nothing done, if they are none."""
        letters = self._rest + letters
        whole = len(letters) - len(letters) % 4
        if not letters:
            return True
        if self._padded:
            return False
        try:
            decoded = pybase64.b64decode(letters[:whole], validate=True)
        except ValueError:
            return False
        rest = letters[whole:]
        if rest.strip(_LETTERS):
            return False
        self._rest = rest
        self._padded = letters[:whole].endswith(b"=")
        self._write(decoded)
        return True

    def _write(self, decoded: bytes) -> None:
        if len(self.head) < _HEAD:
            self.head = (self.head + decoded[:_HEAD])[:_HEAD]
            if self.is_zip:
                self._limit += self._limit // 1_000 + _WRAPPING
        room = self._limit - self.size
        self.size += len(decoded)
        if room > 0:
            self._spool.write(decoded[:room] if len(decoded) > room else decoded)


def _without_blanks(characters: bytes) -> bytes:
    """Return *characters* without blanks; one kind after the other, which is the quickest way."""
    for blank in _BLANKS:
        if blank in characters:
            characters = characters.replace(blank, b"")
    return characters
