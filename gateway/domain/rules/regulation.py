"""Rules that the regulation of a territory adds: what goes with paper, what may go unsigned.

They stand in the profile of the sender (``domain/profile.py``); the node's own profile has none.
"""

from collections.abc import Iterator

from gateway.domain.findings import Severity
from gateway.domain.rules.mechanism import Candidate, Place, Reference, at, rule

_PDF = "application/pdf"


@rule(
    "meta-paper",
    source="QĐ 28/2018/QĐ-TTg art. 7.2; profile of the sender (config/profiles)",
    vi="Văn bản thuộc loại phải gửi kèm bản giấy ({basis}).",
    en="A document of this kind goes along with its paper ({basis}).",
    remedy="Gửi kèm bản giấy và khai paper_copy là true.",
    remedy_en="Send the paper too, and declare it: paper_copy true.",
    severity=Severity.WARNING,
)
def paper_goes_beside(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """A kind that needs paper beside it declares that paper follows."""
    metadata, profile = candidate.metadata, reference.profile
    if metadata.paper_copy or not (profile.kinds or profile.paper_unless_kind):
        return
    kinds = profile.kinds_of(metadata.kind, of_type=metadata.type, subject=metadata.subject)
    needing = [kind.source for kind in kinds if kind.paper]
    if not kinds and profile.paper_unless_kind:
        needing = [profile.paper_source]
    for basis in needing[:1]:
        yield at("/metadata/paper_copy", basis=basis)


@rule(
    "file-unsigned",
    source="profile of the sender (config/profiles)",
    vi="Tệp “{name}” chưa ký số; văn bản không ký số chỉ được gửi dạng PDF ({basis}).",
    en="The file “{name}” bears no digital signature; unsigned only PDF may be sent ({basis}).",
    remedy="Ký số tệp, hoặc chuyển sang PDF rồi gửi lại.",
    remedy_en="Sign the file, or turn it into PDF.",
    severity=Severity.WARNING,
)
def unsigned_files_are_pdf(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """Where the profile says so, what is not signed is PDF; it is for information in any case."""
    basis = reference.profile.unsigned_source
    for file in candidate.files if basis else ():
        if not file.signed and file.media_type != _PDF:
            yield at(f"/attachments/{file.n}", name=file.name, basis=basis)


@rule(
    "meta-unsigned",
    source="profile of the sender (config/profiles)",
    vi="Văn bản PDF chưa ký số phải ghi đủ họ tên, chức vụ, số và ngày; thiếu {name} ({basis}).",
    en="An unsigned PDF needs name, position, number and date; {name_en} is missing ({basis}).",
    remedy="Bổ sung thông tin này, hoặc ký số văn bản.",
    remedy_en="Fill it in, or sign the document.",
)
def unsigned_pdf_says_who_and_when(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """An unsigned PDF carries name, position, number (by default the sequence) and date.

    Without a number of the office's own, the sequence of the code is its number.
    """
    basis, metadata = reference.profile.unsigned_source, candidate.metadata
    if not basis or all(file.signed or file.media_type != _PDF for file in candidate.files):
        return
    signer = metadata.signer
    needed = (
        ("/metadata/signer/full_name", "họ và tên người ký", "the name", signer.full_name.strip()),
        ("/metadata/signer/position", "chức vụ người ký", "the position", signer.position.strip()),
        ("/metadata/promulgated_on", "ngày ban hành", "the date", metadata.promulgated_on),
    )
    for pointer, name, name_en, value in needed:
        if not value:
            yield at(pointer, name=name, name_en=name_en, basis=basis)


RULES = (
    paper_goes_beside,
    unsigned_files_are_pdf,
    unsigned_pdf_says_who_and_when,
)
