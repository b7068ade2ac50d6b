"""The form of compose: its bytes as they come, and its fields as the data of a document."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec
from aiohttp import web
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from gateway.domain.document import BusinessKind, Metadata
from gateway.domain.errors import GatewayError
from gateway.domain.findings import Finding
from gateway.pipeline.arrival import FormArrival
from gateway.web.console.visit import CSRF, VISITING, Visiting
from gateway.web.errors import HttpProblem
from gateway.web.multipart import broken

_FIELD_BYTES = 64 << 10
_FIELDS = 400
TEXTS = (
    "type",
    "number",
    "notation",
    "promulgated_on",
    "subject",
    "full_name",
    "position",
    "competence",
    "place",
    "priority",
    "due_on",
    "reply_to",
    "business",
    "of",
    "reason",
    "find",
)
BUSINESS = {"update": BusinessKind.UPDATE, "replace": BusinessKind.REPLACE}
#: Data with inner fields, and the field that stands for what is wrong with the whole.
_INNER = {"signer": "full_name", "business": "reason"}


class Searching(GatewayError):
    """The form came for a search in the directory (without script), not to be sent."""


class FieldsAndFiles:
    """Takes the bytes of the form: fields are kept, files stream on. Blocks in worker threads."""

    def __init__(self, request: web.Request) -> None:
        """Read the boundary; raise HttpProblem 400 without one."""
        _, options = parse_options_header(request.headers.get("Content-Type", ""))
        if not options.get("boundary"):
            raise broken("the form has no boundary")
        self._parser = PushMultipartParser(options["boundary"], max_header_size=16 << 10)
        self._request = request
        self._visiting: Visiting = request[VISITING]
        self._arrival: FormArrival | None = None
        self._field: bytearray | None = None
        self._raw: list[tuple[str, bytearray]] = []
        self._is_empty_file = False
        self._checked = False
        self.given: dict[str, list[str]] = {}

    def to(self, arrival: FormArrival) -> None:
        """Write files to *arrival*."""
        self._arrival = arrival

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes; raise HttpProblem or Forbidden for a form that is not ours."""
        try:
            for event in self._parser.parse(chunk):
                self._take(event)
        except (MultipartError, UnicodeError) as error:
            raise broken("the form is broken") from error

    def finish(self, rest: Iterable[bytes]) -> bytes:
        """Take the *rest* and return the data of the document as JSON."""
        for chunk in rest:
            self.feed(chunk)
        try:
            self._parser.close()
        except MultipartError as error:
            raise broken("the form is cut off") from error
        self._check()
        if self.given.get("deed") == ["find"]:
            raise Searching("the form asks for agencies, nothing is sent")
        return msgspec.json.encode(metadata_of(self.given))

    def _take(self, event: MultipartSegment | bytes | None) -> None:
        if isinstance(event, MultipartSegment):
            self._begin(event)
        elif event is None:
            self._field = None
        elif self._field is not None:
            self._field += event
            if len(self._field) > _FIELD_BYTES:
                raise HttpProblem(413, "metadata-too-large", "a field is too long", close=True)
        elif self._arrival is not None and not self._is_empty_file:
            self._arrival.write(event)

    def _begin(self, part: MultipartSegment) -> None:
        if part.filename is None:
            if len(self._raw) >= _FIELDS:
                raise HttpProblem(413, "too-many-parts", "far too many fields", close=True)
            self._field = bytearray()
            self._raw.append((part.name, self._field))
            return
        self._check()
        self._field = None
        # A browser sends a file field that nobody filled as a file without a name.
        self._is_empty_file = not part.filename
        if self._arrival is not None and part.filename:
            self._arrival.begin_file(part.filename, part.header("Content-Type"))

    def _check(self) -> None:
        """Read the fields before the first file: the token of the form stands among them."""
        if self._checked:
            return
        self._checked = True
        for name, raw in self._raw:
            text = raw.decode("utf-8").replace("\r\n", "\n").strip()
            self.given.setdefault(name, []).append(text)
        self._visiting.check_form(self._request, (self.given.get(CSRF) or [""])[0])


def metadata_of(given: Mapping[str, Sequence[str]]) -> dict[str, object]:
    """Return the form's fields under the names of the contract; what is empty is left out."""
    text = {name: (given.get(name) or [""])[0] for name in TEXTS}
    to = [each for each in given.get("to", ()) if each]
    signer = {name: text[name] for name in ("competence", "position", "full_name") if text[name]}
    kind = BUSINESS.get(text["business"])
    business = {"kind": kind, "of": text["of"] or None, "reason": text["reason"] or None}
    plain = ("number", "promulgated_on", "priority", "due_on", "reply_to")
    return {
        "to": list(dict.fromkeys(to)),
        "type": text["type"],
        "subject": " ".join(text["subject"].split()),
        "notation": text["notation"],
        "place": text["place"],
        "signer": signer,
        "reply_requested": bool(given.get("reply_requested")),
        "paper_copy": bool(given.get("paper_copy")),
        **({"business": business} if kind else {}),
        **{name: text[name] for name in plain if text[name]},
    }


def filled_from(data: Metadata) -> dict[str, Sequence[str]]:
    """Return the fields of a form that is filled in with the data of an earlier document."""
    texts = {
        "type": data.type,
        "number": data.number,
        "notation": data.notation,
        "subject": data.subject,
        "full_name": data.signer.full_name,
        "position": data.signer.position,
        "competence": data.signer.competence,
        "place": data.place,
        "priority": data.priority.value,
    }
    given: dict[str, Sequence[str]] = {name: [text or ""] for name, text in texts.items()}
    return given | {"to": data.to}


def texts_of(form: Mapping[str, object]) -> dict[str, list[str]]:
    """Return the texts of a form that was read whole; a name may stand several times."""
    given: dict[str, list[str]] = {}
    for name, value in form.items():
        if isinstance(value, str):
            given.setdefault(name, []).append(value.strip())
    return given


def by_field(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """Return the findings by the field that each concerns; files have theirs together."""
    found: dict[str, list[Finding]] = {}
    for each in findings:
        parts = each.pointer.strip("/").split("/")
        first = parts[0]
        name = "files" if first == "attachments" else (parts[1] if len(parts) > 1 else "")
        if name in _INNER:
            name = parts[2] if len(parts) > 2 else _INNER[name]  # noqa: PLR2004
        found.setdefault(name, []).append(each)
    return found
