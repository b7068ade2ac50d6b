"""Signatures in plain words: who signed, for whom, when, and whether anything changed since."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from gateway.domain.document import Attachment
from gateway.domain.signatures import MEANINGS, Signature, Update, Verdict
from gateway.web.console.words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureLine:
    """One signature of one file; ``says`` is the key of the words of its verdict."""

    file: str
    n: int  #: of the file
    says: str
    tone: str  #: of the design: ``ngoc`` fine, ``nghe`` to look at, ``son`` wrong
    name: str
    organisation: str  #: "" when the agency itself signed, or nothing is known
    at: datetime | None
    is_proven: bool  #: a time stamp proves the time
    why: str  #: the finding of the verifier, in the language of the page
    technical: tuple[tuple[str, str], ...]  #: key of the words, value


_TONES = {Verdict.VALID: "ngoc", Verdict.UNKNOWN: "nghe"}


def signature_lines(attachments: Iterable[Attachment], words: Words) -> list[SignatureLine]:
    """Return the signatures of all files, a file without one as one line that says so."""
    lines: list[SignatureLine] = []
    for file in attachments:
        lines += [_line(file, each, words) for each in file.signatures] or [_none(file)]
    return lines


def _line(file: Attachment, signature: Signature, words: Words) -> SignatureLine:
    verdict, meaning = signature.verdict, MEANINGS[signature.reason]
    name = signature.signer or ""
    organisation = signature.subject.get("organization_name", "")
    standard = ", ".join(filter(None, (meaning.indication.value, meaning.sub_indication)))
    return SignatureLine(
        file=file.name,
        n=file.n,
        says=_later(signature) if verdict is Verdict.VALID else verdict.value,
        tone=_TONES.get(verdict, "son"),
        name=name,
        organisation="" if organisation == name else organisation,
        at=signature.signed_at,
        is_proven=signature.proven_at is not None,
        why="" if verdict is Verdict.VALID else words.of(meaning.vi, meaning.en),
        technical=tuple(
            (key, value)
            for key, value in (
                ("sign.kind", signature.kind),
                ("sign.issuer", signature.issuer or ""),
                ("sign.algorithm", signature.algorithm),
                ("sign.certificate", signature.certificate or ""),
                ("sign.standard", standard),
            )
            if value
        ),
    )


def _later(signature: Signature) -> str:
    """Return the words for what happened to the file after a signature that is valid."""
    if signature.update in {Update.NONE, Update.ARCHIVAL}:
        return "valid"
    return "valid-more" if signature.update is Update.FORM else "valid-changed"


def _none(file: Attachment) -> SignatureLine:
    return SignatureLine(
        file=file.name,
        n=file.n,
        says="none",
        tone="mut",
        name="",
        organisation="",
        at=None,
        is_proven=False,
        why="",
        technical=(),
    )
