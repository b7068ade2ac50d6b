"""Forms (RFC 7578): a part `metadata`, then parts `attachment` that stream to their files.

The bytes are parsed where they are written, in a worker thread; the event loop only moves them.
"""

from collections.abc import Iterable

from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from gateway.pipeline.arrival import FormArrival
from gateway.web.errors import HttpProblem

_PLAIN = frozenset({"", "binary", "7bit", "8bit"})
_HEADER_BYTES = 16 << 10
_HEADERS = 16


class FormReader:
    """Takes the bytes of one form, cut anywhere. Blocks: never on the event loop."""

    def __init__(
        self, content_type: str, arrival: FormArrival, *, metadata_bytes: int, most_parts: int
    ) -> None:
        """Write attachments to *arrival*; raise HttpProblem 400 without a boundary."""
        _, options = parse_options_header(content_type)
        boundary = options.get("boundary", "")
        if not boundary:
            raise broken("the multipart body has no boundary")
        self._parser = PushMultipartParser(
            boundary, max_header_size=_HEADER_BYTES, max_header_count=_HEADERS
        )
        self._arrival = arrival
        self._metadata_bytes = metadata_bytes
        self._most_parts = most_parts
        self._metadata: bytearray | None = None
        self._in_metadata = False
        self._parts = 0

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes.

        Raises:
            HttpProblem: 400 for what is no such form, 413 for too much of it.
        """
        try:
            for event in self._parser.parse(chunk):
                self._take(event)
        except (MultipartError, UnicodeError) as error:
            raise broken("the multipart body is broken") from error

    def finish(self, rest: Iterable[bytes]) -> bytes:
        """Take the *rest* and return the metadata part; errors as :meth:`feed`."""
        for chunk in rest:
            self.feed(chunk)
        try:
            self._parser.close()
        except MultipartError as error:
            raise broken("the multipart body is cut off") from error
        if self._metadata is None:
            raise broken("the first part is `metadata`, in JSON")
        return bytes(self._metadata)

    def _take(self, event: MultipartSegment | bytes | None) -> None:
        if event is None:
            return
        if isinstance(event, MultipartSegment):
            self._begin(event)
        elif not self._in_metadata:
            self._arrival.write(event)
        elif self._metadata is not None:
            self._metadata += event
            if len(self._metadata) > self._metadata_bytes:
                text = f"the metadata may have {self._metadata_bytes} bytes"
                raise HttpProblem(413, "metadata-too-large", text, close=True)

    def _begin(self, part: MultipartSegment) -> None:
        if part.header("Content-Transfer-Encoding", "").strip().lower() not in _PLAIN:
            raise broken("parts are plain bytes, not encoded")
        self._in_metadata = self._metadata is None
        if self._in_metadata:
            if part.name != "metadata":
                raise broken("the first part is `metadata`, in JSON")
            self._metadata = bytearray()
            return
        if part.name != "attachment":
            raise broken("after `metadata` come parts named `attachment` only")
        self._parts += 1
        if self._parts > self._most_parts:
            raise HttpProblem(413, "too-many-parts", "far too many attachments", close=True)
        self._arrival.begin_file(part.filename or "", part.header("Content-Type"))


def broken(text: str) -> HttpProblem:
    """Return the problem of a form that cannot be read."""
    return HttpProblem(400, "unreadable", text, close=True)
