"""The JSON `metadata` of a submission and of a document, by the names of the contract, section 3.

Reading reports everything that is wrong at once; what could be read is handed on even then, so
that the rules can add their findings. A required datum that is missing or empty is left to the
rules (``gateway.domain.rules.header``), which see messages from every door.
"""

from dataclasses import fields

from gateway.domain.document import Business, BusinessKind, Metadata, Priority, Signer
from gateway.domain.findings import Finding
from gateway.domain.rules.barred import is_not_secret
from gateway.formats.json_fields import JsonReader, Pairs, parse_json

_SIGNER_KEYS = ("competence", "position", "full_name")
_BUSINESS_KEYS = ("kind", "of", "reason")


def read_metadata(raw: bytes) -> tuple[Metadata | None, tuple[Finding, ...]]:
    """Read *raw*, the JSON of a submission, and report all that is wrong with its form.

    With findings the metadata are what could be read, and only good for examining them further
    (the pointers of the findings then go into ``Candidate.reported``); None when there is no
    object at all. At most 500 findings are returned. Texts are as given (``domain/mending.py``
    composes them); the accepted ways to say that a document is no secret become ``normal``.

    Raises:
        Refused: with the code ``unreadable``, when *raw* is no JSON in UTF-8, or too deep.
    """
    document = parse_json(raw)
    reader = JsonReader()
    if not isinstance(document, Pairs):
        reader.wrong_type("/metadata", document, "đối tượng", "an object")
        return None, tuple(reader.findings)
    metadata = _metadata(reader, document)
    return metadata, tuple(reader.findings)


def _metadata(reader: JsonReader, pairs: Pairs) -> Metadata:
    given = reader.fields(pairs, "/metadata", [each.name for each in fields(Metadata)])
    security = reader.text(given, "/metadata/security") or "normal"
    return Metadata(
        to=reader.codes(given.get("to"), "/metadata/to"),
        type=reader.text(given, "/metadata/type") or "",
        subject=reader.text(given, "/metadata/subject") or "",
        notation=reader.text(given, "/metadata/notation") or "",
        number=reader.text(given, "/metadata/number") or None,
        promulgated_on=reader.day(given, "/metadata/promulgated_on"),
        place=reader.text(given, "/metadata/place") or "",
        signer=_signer(reader, given.get("signer")),
        priority=reader.choice(given, "/metadata/priority", Priority.NORMAL),
        reply_requested=reader.flag(given, "/metadata/reply_requested"),
        due_on=reader.day(given, "/metadata/due_on"),
        reply_to=reader.text(given, "/metadata/reply_to") or None,
        paper_copy=reader.flag(given, "/metadata/paper_copy"),
        pages=reader.count(given, "/metadata/pages"),
        copies=reader.count(given, "/metadata/copies"),
        security="normal" if is_not_secret(security) else security,
        kind=reader.text(given, "/metadata/kind") or None,
        business=_business(reader, given.get("business")),
    )


def _signer(reader: JsonReader, value: object) -> Signer:
    pointer = "/metadata/signer"
    given = reader.inner(value, pointer, _SIGNER_KEYS)
    return Signer(
        competence=reader.text(given, f"{pointer}/competence") or None,
        position=reader.text(given, f"{pointer}/position") or "",
        full_name=reader.text(given, f"{pointer}/full_name") or "",
    )


def _business(reader: JsonReader, value: object) -> Business:
    pointer = "/metadata/business"
    given = reader.inner(value, pointer, _BUSINESS_KEYS)
    return Business(
        # A recall is asked for of a document that is here; as a document it would do nothing.
        kind=reader.choice(given, f"{pointer}/kind", BusinessKind.NEW, BusinessKind.RECALL),
        of=reader.text(given, f"{pointer}/of") or None,
        reason=reader.text(given, f"{pointer}/reason") or None,
    )
