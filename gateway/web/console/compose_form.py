"""The form of compose: its bytes as they come, and its fields as the data of a document."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

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
_LONGEST_NUMBER = 9
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
    "pages",
    "copies",
    "kind",
    "reply_to",
    "business",
    "of",
    "reason",
    "find",
)
BUSINESS = {"update": BusinessKind.UPDATE, "replace": BusinessKind.REPLACE}
#: Data with inner fields, and the field that stands for what is wrong with the whole.
_INNER = {"signer": "full_name", "business": "reason"}
#: Fields of the form that have another name than the data.
_RENAMED = {"/metadata/business/kind": "business"}
_NUMBERS = ("pages", "copies")


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
    # What names an earlier document without saying what becomes of it is not passed over.
    business = {
        "kind": text["business"],
        "of": text["of"] or None,
        "reason": text["reason"] or None,
    }
    plain = ("number", "promulgated_on", "priority", "due_on", "reply_to", "kind")
    return {
        "to": list(dict.fromkeys(to)),
        "type": text["type"],
        "subject": " ".join(text["subject"].split()),
        "notation": text["notation"],
        "place": text["place"],
        "signer": signer,
        "reply_requested": bool(given.get("reply_requested")),
        "paper_copy": bool(given.get("paper_copy")),
        **({"business": business} if any(business.values()) else {}),
        **{name: text[name] for name in plain if text[name]},
        **{name: _number(text[name]) for name in _NUMBERS if text[name]},
    }


def _number(text: str) -> int | str:
    """Return a number that was typed; what is none is left to the rules, which refuse it."""
    plain = text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER
    return int(text) if plain else text


def filled_from(data: Metadata) -> dict[str, Sequence[str]]:
    """Return the fields of a form that is filled in with all the data of an earlier document."""
    texts = {
        "type": data.type,
        "number": data.number,
        "notation": data.notation,
        "promulgated_on": _day(data.promulgated_on),
        "subject": data.subject,
        "full_name": data.signer.full_name,
        "position": data.signer.position,
        "competence": data.signer.competence,
        "place": data.place,
        "priority": data.priority.value,
        "due_on": _day(data.due_on),
        "pages": str(data.pages or ""),
        "copies": str(data.copies or ""),
        "kind": data.kind,
        "reply_to": data.reply_to,
        "reply_requested": "1" if data.reply_requested else "",
        "paper_copy": "1" if data.paper_copy else "",
    }
    given: dict[str, Sequence[str]] = {name: [text] for name, text in texts.items() if text}
    return given | {"to": data.to}


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()


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
        found.setdefault(field_of(each), []).append(each)
    return found


def field_of(finding: Finding) -> str:
    """Return the field of the form that a finding concerns, "" for the form as a whole."""
    if finding.pointer in _RENAMED:
        return _RENAMED[finding.pointer]
    first, *inner = finding.pointer.strip("/").split("/")
    if first == "attachments":
        return "files"
    name = inner[0] if inner else ""
    if name not in _INNER:
        return name
    return inner[1] if len(inner) > 1 else _INNER[name]
