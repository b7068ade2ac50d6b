"""Rules on attached files: number, size, extension against the list and against the bytes.

What the bytes are was found out before (``FileFacts``); what they hold is judged in
``contents`` and ``archives``; names are in ``file_names``. None of these weighs less in a message from an axis, but for what does no harm.
"""

from collections.abc import Iterator
from functools import lru_cache

from gateway.domain.document import BusinessKind
from gateway.domain.findings import Severity
from gateway.domain.inspection import Trait
from gateway.domain.rules.file_names import composed
from gateway.domain.rules.mechanism import Candidate, FileFacts, Place, Reference, at, rule
from gateway.domain.signatures import Reason

#: Extensions of signatures, allowed only as the signature of another part or beside one.
SIGNATURE_EXTENSIONS = frozenset({"p7s", "p7m", "xml"})
_ALIASES = {"jpg": "jpeg", "tif": "tiff"}
#: Extension -> what else bears it by good custom: old programs save rich text as ``.doc``, and
#: those that open the one open the other. HTML and MHT under that name can do more: no kin.
_KINDRED = {"doc": frozenset({"rtf"})}
_FILES = "/attachments"
#: Findings of one code about the members of one archive.
_MOST_MEMBERS = 10


def extension_of(name: str) -> str:
    """Return the canonical extension of *name* in lower case: ``jpeg`` for ``A.JPG``, or ``""``."""
    stem, dot, extension = name.rpartition(".")
    extension = extension.strip().lower()
    return _ALIASES.get(extension, extension) if dot and stem else ""


@lru_cache(maxsize=64)
def canonical(extensions: frozenset[str]) -> frozenset[str]:
    """Return *extensions* in lower case without dots, aliases by their canonical one."""
    lowered = (each.lower().removeprefix(".") for each in extensions)
    return frozenset(_ALIASES.get(each, each) for each in lowered)


def _place(file: FileFacts) -> str:
    return f"{_FILES}/{file.n}"


def _bytes(size: int) -> str:
    return f"{size:,}".replace(",", ".")


@rule(
    "file-missing",
    source="QĐ 28/2018/QĐ-TTg art. 10.1",
    vi="Văn bản chưa có tệp đính kèm nào.",
    en="The document carries no file.",
    remedy="Đính kèm tệp nội dung văn bản.",
    remedy_en="Attach the file of the document.",
    from_axis=Severity.WARNING,
)
def new_document_has_a_file(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """A new or replacing document has content; a recall or an update of data needs none."""
    needs_content = candidate.metadata.business.kind in (BusinessKind.NEW, BusinessKind.REPLACE)
    if needs_content and not candidate.files:
        yield at(_FILES)


@rule(
    "file-too-many",
    source="limit of the node, [limits] attachments",
    vi="Có {count} tệp đính kèm, quá mức {limit} tệp.",
    en="There are {count} files, more than the {limit} allowed.",
    remedy="Gộp các tệp (ví dụ nén zip) hoặc gửi thành nhiều văn bản.",
    remedy_en="Combine files, in a zip for example, or send several documents.",
)
def files_are_not_too_many(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """There are at most as many files as the node takes."""
    count, limit = len(candidate.files), reference.limits.attachments
    if count > limit:
        yield at(_FILES, count=count, limit=limit)


@rule(
    "file-empty",
    source="QĐ 28/2018/QĐ-TTg art. 9.1",
    vi="Tệp “{name}” rỗng (0 byte).",
    en="The file “{name}” is empty (0 bytes).",
    remedy="Kiểm tra tệp gốc và đính kèm lại.",
    remedy_en="Check the original file and attach it again.",
    from_axis=Severity.WARNING,
)
def file_is_not_empty(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """Every file has at least one byte."""
    for file in candidate.files:
        if file.size == 0:
            yield at(_place(file), name=file.name)


@rule(
    "file-too-large",
    source="limit of the node, [limits] attachment_mb (25 MB by default, as local regulations ask)",
    vi="Tệp “{name}” có {size} byte, quá mức {limit} byte.",
    en="The file “{name}” has {size_en} bytes, more than the {limit_en} allowed.",
    remedy="Giảm dung lượng (quét độ phân giải thấp hơn) hoặc chia thành nhiều tệp.",
    remedy_en="Make it smaller (scan at a lower resolution) or split it.",
)
def file_is_not_too_large(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """No file has more decoded bytes than the limit; exactly the limit is allowed."""
    limit = reference.limits.attachment_bytes
    for file in candidate.files:
        if file.size > limit:
            yield at(
                _place(file),
                name=file.name,
                size=_bytes(file.size),
                limit=_bytes(limit),
                size_en=f"{file.size:,}",
                limit_en=f"{limit:,}",
            )


@rule(
    "file-total-too-large",
    source="limit of the node, [limits] total_mb",
    vi="Các tệp đính kèm có tổng cộng {size} byte, quá mức {limit} byte.",
    en="The files have {size_en} bytes in all, more than the {limit_en} allowed.",
    remedy="Giảm dung lượng các tệp hoặc gửi thành nhiều văn bản.",
    remedy_en="Make the files smaller or send several documents.",
)
def files_together_are_not_too_large(
    candidate: Candidate, reference: Reference
) -> Iterator[Place]:
    """All files together stay within the total; exactly the total is allowed."""
    size, limit = sum(file.size for file in candidate.files), reference.limits.total_bytes
    if size > limit:
        yield at(
            _FILES,
            size=_bytes(size),
            limit=_bytes(limit),
            size_en=f"{size:,}",
            limit_en=f"{limit:,}",
        )


@rule(
    "file-extension",
    source="TT 39/2017/TT-BTTTT; allow-list of the node, [limits] extensions",
    vi="Tệp “{name}” có phần mở rộng {extension} không được phép gửi.",
    en="The file “{name}” has {extension_en}, which is not allowed.",
    remedy="Dùng một trong các định dạng: {allowed}. Tệp p7s, p7m và tệp xml đã ký số chỉ gửi kèm "
    "tệp khác, ví dụ a.pdf.p7s cùng a.pdf mà nó ký.",
    remedy_en="Use one of: {allowed}. p7s, p7m and a signed xml only go beside another file, "
    "such as a.pdf.p7s beside the a.pdf that it signs.",
)
def extension_is_allowed(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """Every file bears an extension of the allow-list, or is the signature of a file beside it."""
    allowed = canonical(reference.limits.extensions)
    for file in candidate.files:
        if _may_bear_its_extension(file, allowed, candidate):
            continue
        extension = extension_of(file.name)
        yield at(
            _place(file),
            name=file.name,
            extension=f"“{extension[:20]}”" if extension else "trống",
            extension_en=f"the extension “{extension[:20]}”" if extension else "no extension",
            allowed=", ".join(sorted(allowed)[:30]),
        )


def _signable_names(files: tuple[FileFacts, ...]) -> frozenset[str]:
    """Return the names, with and without extension, of the parts that a signature may sign."""
    names = {
        composed(file.name)
        for file in files
        if extension_of(file.name) not in SIGNATURE_EXTENSIONS
    }
    return frozenset(names | {name.rpartition(".")[0] for name in names})


def _may_bear_its_extension(
    file: FileFacts, allowed: frozenset[str], candidate: Candidate
) -> bool:
    """Whether the list has the extension, or *file* signs another part or itself beside one.

    ``a.pdf.p7s`` and ``a.p7s`` both stand beside ``a.pdf``.
    """
    extension = extension_of(file.name)
    if extension in allowed or extension not in SIGNATURE_EXTENSIONS:
        return extension in allowed
    signable = _signable_names(candidate.files)
    signs_another = composed(file.name).rpartition(".")[0] in signable
    if signs_another and extension != "xml":
        return True
    return _is_signed(file) and (signs_another or bool(signable) or candidate.is_part)


def _is_signed(file: FileFacts) -> bool:
    """Whether *file* bears a signature of what is at hand, or that could not be found out."""
    known = (each.reason is not Reason.CONTENT_ABSENT for each in file.signatures)
    return any(known) or file.fault is not None


@rule(
    "file-beside",
    source="QCVN 102:2016/BTTTT; TT 39/2017/TT-BTTTT",
    vi="Tệp “{name}” chỉ gửi được kèm một tệp văn bản khác, không gửi riêng.",
    en="“{name}” can travel beside another file only, not alone.",
    remedy="Gửi cùng tệp văn bản chính.",
    remedy_en="Send it together with the main file.",
    severity=Severity.INFO,
)
def signatures_stand_beside_a_part(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """Of a file that is looked at without the others of its document."""
    allowed = canonical(reference.limits.extensions)
    for file in candidate.files if candidate.is_part else ():
        is_alone = extension_of(file.name) not in allowed and not _signable_names(candidate.files)
        if is_alone and _may_bear_its_extension(file, allowed, candidate):
            yield at(_place(file), name=file.name)


@rule(
    "file-type-mismatch",
    source="TT 39/2017/TT-BTTTT; QĐ 28/2018/QĐ-TTg art. 9.1",
    vi="Tệp “{name}” có phần mở rộng “{extension}” nhưng nội dung thực là {media_type}.",
    en="The file “{name}” bears the extension “{extension}”, but its bytes are {media_type}.",
    remedy="Lưu lại tệp đúng định dạng, không chỉ đổi tên{hint}.",
    remedy_en="Save it in the right format instead of only renaming it{hint_en}.",
)
def extension_tells_the_truth(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """The bytes of a file are what its extension announces."""
    allowed = canonical(reference.limits.extensions)
    for file in candidate.files:
        extension = extension_of(file.name)
        judged = (
            file.size > 0
            and _may_bear_its_extension(file, allowed, candidate)
            and not _lost_its_kind(file)
        )
        carries = canonical(file.carries)
        if not judged or extension in carries or is_kindred(extension, carries & allowed):
            continue
        fitting = ", ".join(sorted(carries & allowed)[:5])
        yield at(
            _place(file),
            name=file.name,
            extension=extension,
            media_type=file.media_type or "application/octet-stream",
            hint=f", hoặc đặt đúng phần mở rộng ({fitting})" if fitting else "",
            hint_en=f", or give it its own extension ({fitting})" if fitting else "",
        )


def is_kindred(extension: str, carries: frozenset[str]) -> bool:
    """Whether bytes that may bear one of *carries* go by *extension* too, though it is another."""
    return extension not in carries and bool(_KINDRED.get(extension, frozenset()) & carries)


@rule(
    "file-type-kindred",
    source="TT 39/2017/TT-BTTTT; QĐ 28/2018/QĐ-TTg art. 9.1",
    vi="Tệp “{name}” có phần mở rộng “{extension}” nhưng nội dung là {media_type}; vẫn mở được.",
    en="The file “{name}” bears the extension “{extension}”, but is {media_type}; it still opens.",
    remedy="Nên đặt phần mở rộng đúng ({fitting}) hoặc lưu lại đúng định dạng.",
    remedy_en="Better give it its own extension ({fitting}) or save it in the other format.",
    severity=Severity.WARNING,
)
def extension_is_the_usual_one(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """What old programs save under another extension by custom is judged as what it is."""
    allowed = canonical(reference.limits.extensions)
    for file in candidate.files:
        found = [("", file.name, file.carries, file.media_type)]
        found += [(each.name, each.name, each.carries, each.media_type) for each in file.members]
        told = [
            at(
                _place(file),
                name=f"{file.name}/{inner}" if inner else file.name,
                extension=extension_of(name),
                media_type=media_type,
                fitting=", ".join(sorted(canonical(carries) & allowed)),
            )
            for inner, name, carries, media_type in found
            if is_kindred(extension_of(name), canonical(carries) & allowed)
        ]
        yield from told[:_MOST_MEMBERS]


def _lost_its_kind(file: FileFacts) -> bool:
    """Whether a cut container cannot tell any more which format it was."""
    is_cut = any(each.trait is Trait.TRUNCATED for each in file.observations)
    return is_cut and file.media_type in {"application/zip", "application/x-ole-storage"}


RULES = (
    new_document_has_a_file,
    files_are_not_too_many,
    file_is_not_empty,
    file_is_not_too_large,
    files_together_are_not_too_large,
    extension_is_allowed,
    signatures_stand_beside_a_part,
    extension_tells_the_truth,
    extension_is_the_usual_one,
)
