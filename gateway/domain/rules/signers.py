"""Rules on who signed: the agency that sends, the person whom the document names.

What a signature is worth was weighed before; here the names in the certificates of valid ones are
compared with what the document says of itself. Names are spelt in many ways, so this is a warning
unless the sender's profile decides otherwise (``other_agency``, ``other_person``), and it changes
nothing about what the document is worth.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from gateway.domain.directory import Agency
from gateway.domain.findings import Severity
from gateway.domain.legal_value import Owner
from gateway.domain.names import agree_with_any
from gateway.domain.profile import Decision
from gateway.domain.rules.mechanism import Candidate, Place, Reference, rule
from gateway.domain.rules.missing_signatures import main_file, signatures_of, valid_ones
from gateway.domain.rules.signatures import MESSAGE, severity_of
from gateway.domain.signatures import Signature

_OWN_NAME = ("common_name",)
_NAMES = (*_OWN_NAME, "organization_name", "organizational_unit_name")
_MOST_NAMES = 3


@rule(
    "sig-message",
    source="QCVN 102:2016/BTTTT; TT 41/2017/TT-BTTTT art. 9.1",
    vi="Gói tin mang chữ ký số hợp lệ của “{signer}” (do “{issuer}” cấp chứng thư), bao trùm toàn "
    "bộ nội dung.",
    en="The message itself bears a valid signature of “{signer}” (certificate of “{issuer}”) over "
    "all of it.",
    remedy="Không cần xử lý.",
    remedy_en="Nothing needs to be done.",
    severity=Severity.INFO,
)
def message_is_signed(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """A valid signature of the message is told; the API shows those of files beside the files."""
    for each in valid_ones(candidate.message_signatures):
        values = {"signer": each.signer or "?", "issuer": each.issuer or "?"}
        yield Place(pointer=MESSAGE, severity=None, values=values)


@rule(
    "sig-other-agency",
    source="NĐ 68/2024/NĐ-CP art. 31.1b; NĐ 30/2020/NĐ-CP art. 5.1, Annex I Part I II.8",
    vi="Chữ ký số cơ quan trên “{name}” là của “{signer}”, khác với cơ quan gửi “{expected}”.",
    en="The agency's signature on “{name}” is of “{signer}”, but the sender is “{expected}”.",
    remedy="Kiểm tra lại chứng thư của cơ quan đã dùng để ký, hoặc tên cơ quan trong danh mục.",
    remedy_en="Check with whose certificate it was signed, or the agency's name in the directory.",
    severity=Severity.WARNING,
)
def the_sending_agency_has_signed(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """Of the agencies that signed a file one is the sender, or one above it."""
    sender = _sender(candidate, reference)
    for pointer, name, signatures in _parts(candidate) if sender.names else ():
        found = _of(Owner.AGENCY, signatures, reference)
        if found and not any(_is_of(each, sender, reference) for each in found):
            decision = reference.profile.signing.other_agency
            yield _place(pointer, name, found, sender.names[0], decision)


@rule(
    "sig-other-person",
    source="NĐ 68/2024/NĐ-CP art. 31.1b; NĐ 30/2020/NĐ-CP art. 5.1, Annex I Part I II.7",
    vi="Chữ ký số cá nhân trên “{name}” là của “{signer}”, khác với người ký văn bản “{expected}”.",
    en="The person's signature on “{name}” is of “{signer}”, but the document names “{expected}”.",
    remedy="Ghi đúng họ tên người ký văn bản, hoặc ký lại bằng chứng thư của người đó.",
    remedy_en="Name the signer as in the certificate, or have the person named sign it.",
    severity=Severity.WARNING,
)
def the_named_person_has_signed(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """Of the persons who signed the main file one is whom the document names as its signer."""
    expected, main = candidate.metadata.signer.full_name.strip(), main_file(candidate)
    if not expected or main is None:
        return
    found = _of(Owner.PERSON, signatures_of(main, candidate), reference)
    if found and not any(agree_with_any(_person_names(each), [expected]) for each in found):
        decision = reference.profile.signing.other_person
        yield _place(f"/attachments/{main.n}", main.name, found, expected, decision)


def strangers_matters(
    candidate: Candidate, reference: Reference
) -> Iterator[tuple[str, str, str]]:
    """Yield pointer, matter and its English for what a person must decide by the profile."""
    signing = reference.profile.signing
    places: list[Place] = []
    if signing.other_agency is Decision.HOLD:
        places += the_sending_agency_has_signed.body(candidate, reference)
    if signing.other_person is Decision.HOLD:
        places += the_named_person_has_signed.body(candidate, reference)
    for place in places[:1]:
        yield place.pointer, "Chữ ký số của người khác", "A document that somebody else signed"


def _parts(candidate: Candidate) -> Iterator[tuple[str, str, Iterable[Signature]]]:
    for file in candidate.files:
        if file.signs is None:
            yield f"/attachments/{file.n}", file.name, signatures_of(file, candidate)
    yield MESSAGE, "edXML", candidate.message_signatures


def _of(owner: Owner, signatures: Iterable[Signature], reference: Reference) -> list[Signature]:
    found = valid_ones(signatures)
    return [each for each in found if reference.owners.of(each.subject) is owner]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sender:
    """What the sending agency, and those above it, may be called in a certificate."""

    codes: frozenset[str | None]
    names: tuple[str, ...]  #: empty when nobody knows it
    above: tuple[str, ...] = ()


def _sender(candidate: Candidate, reference: Reference) -> _Sender:
    directory = reference.directory
    agency = directory.find(candidate.sender)
    if agency is None:
        names = (candidate.sender_name,) if candidate.sender_name else ()
        return _Sender(codes=frozenset({candidate.sender}), names=names)
    return _Sender(
        codes=frozenset({candidate.sender, agency.code, agency.legacy_code}),
        names=_called(agency),
        above=tuple(name for each in directory.ancestors(agency.code) for name in _called(each)),
    )


def _called(agency: Agency) -> tuple[str, ...]:
    return tuple(filter(None, (agency.name, agency.short_name)))


def _is_of(signature: Signature, sender: _Sender, reference: Reference) -> bool:
    """Whether *signature* is of the sender: by its code where the certificate has one, or by name.

    A body without a seal of its own issues under that of the one above it, whose name is then the
    certificate's own; as the organisation of a certificate it names what everybody there belongs to.
    """
    return (
        not sender.codes.isdisjoint(reference.owners.codes_of(signature.subject))
        or agree_with_any(_texts(signature, _NAMES), sender.names)
        or agree_with_any(_texts(signature, _OWN_NAME), sender.above)
    )


def _person_names(signature: Signature) -> Iterator[str]:
    yield from _texts(signature, ("common_name",))
    surname, given = (signature.subject.get(key, "") for key in ("surname", "given_name"))
    if surname and given:
        yield f"{surname} {given}"


def _texts(signature: Signature, attributes: Iterable[str]) -> Iterator[str]:
    """Yield the values of *attributes*; those of one that stands several times one by one, too."""
    for key in attributes:
        value = signature.subject.get(key, "")
        yield from dict.fromkeys(chain((value,), value.split(", ")))


def _place(
    pointer: str, name: str, found: list[Signature], expected: str, decision: Decision
) -> Place:
    signers = dict.fromkeys(each.signer or "?" for each in found)
    values = {"name": name, "signer": ", ".join(list(signers)[:_MOST_NAMES]), "expected": expected}
    return Place(pointer=pointer, severity=severity_of(decision), values=values)


RULES = (message_is_signed, the_sending_agency_has_signed, the_named_person_has_signed)
