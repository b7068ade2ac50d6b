"""Rules on the names of attached files: every system that receives them can store them."""

import unicodedata
from collections.abc import Iterator, Mapping

from gateway.domain.characters import first_unfit
from gateway.domain.findings import Severity
from gateway.domain.rules.mechanism import Candidate, Place, Reference, at, rule

_LONGEST_NAME = 200
_LONGEST_NAME_BYTES = 255
#: No name that fits has more code points in any form; NFC of endless accents would take long.
_LONGEST_DECOMPOSED = 400
#: Names that Windows keeps for devices, with any extension.
_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$"}
    | {f"{port}{n}" for port in ("com", "lpt") for n in "0123456789¹²³"}
)
_NOT_ON_WINDOWS = frozenset('<>:"|?*')
_REASONS: Mapping[str, tuple[str, str]] = {
    "empty": ("tên để trống", "it is empty"),
    "path": ("có dấu phân cách thư mục", "it holds a path separator"),
    "device": ("trùng tên thiết bị của hệ điều hành", "it is the name of a device"),
    "edge": ("bắt đầu hoặc kết thúc bằng dấu chấm, dấu cách", "a dot or space begins or ends it"),
    "long": (
        f"dài quá {_LONGEST_NAME} ký tự hoặc {_LONGEST_NAME_BYTES} byte",
        f"it has more than {_LONGEST_NAME} characters or {_LONGEST_NAME_BYTES} bytes",
    ),
}


def composed(name: str) -> str:
    """Return *name* in one form, whatever the case and the composition of its letters."""
    return unicodedata.normalize("NFC", name[:_LONGEST_DECOMPOSED]).casefold()


@rule(
    "file-name",
    source="TT 39/2017/TT-BTTTT item 3.14; names that every receiving system can store",
    vi="Tên tệp “{name}” không dùng được: {reason}.",
    en="The file name “{name}” cannot be used: {reason_en}.",
    remedy="Đổi tên tệp, ví dụ “quyet-dinh-15.pdf”.",
    remedy_en="Rename the file, for example “quyet-dinh-15.pdf”.",
)
def file_name_is_safe(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """A file name has no path, no hidden characters, no device name, and fits on every system."""
    for file in candidate.files:
        for reason, reason_en in _faults(file.name):
            yield at(f"/attachments/{file.n}", name=file.name, reason=reason, reason_en=reason_en)


@rule(
    "file-name-windows",
    source="names that every receiving system can store",
    vi="Tên tệp “{name}” có ký tự {characters} mà Windows không lưu được.",
    en="The file name “{name}” has {characters}, which Windows cannot store.",
    remedy="Đổi tên tệp, bỏ các ký tự đó, ví dụ “quyet-dinh-15.pdf”.",
    remedy_en="Rename the file without them, for example “quyet-dinh-15.pdf”.",
    severity=Severity.WARNING,
)
def file_name_fits_windows(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """A name that other systems allow may be cut or lost on the recipient's."""
    for file in candidate.files:
        found = sorted(_NOT_ON_WINDOWS.intersection(file.name))
        is_path = "/" in file.name or "\\" in file.name
        if found and not is_path:
            yield at(f"/attachments/{file.n}", name=file.name, characters=" ".join(found))


def _faults(name: str) -> Iterator[tuple[str, str]]:
    if not name.strip():
        yield _REASONS["empty"]
        return
    if "/" in name or "\\" in name:
        yield _REASONS["path"]
    unfit = first_unfit(name)
    if unfit is not None:
        yield (
            f"có {unfit.kind} ({unfit.code_point})",
            f"it holds {unfit.kind_en} ({unfit.code_point})",
        )
    if is_device_name(name):
        yield _REASONS["device"]
    if name != name.strip() or "." in {name[0], name[-1]}:
        yield _REASONS["edge"]
    if _is_too_long(name):
        yield _REASONS["long"]


def is_device_name(name: str) -> bool:
    """Whether Windows takes *name*, with any extension, for a device."""
    return name.partition(".")[0].strip().casefold() in _DEVICES


def _is_too_long(name: str) -> bool:
    if len(name) > _LONGEST_DECOMPOSED:
        return True
    composed = unicodedata.normalize("NFC", name)
    encoded = composed.encode(errors="surrogatepass")
    return len(composed) > _LONGEST_NAME or len(encoded) > _LONGEST_NAME_BYTES


@rule(
    "file-duplicate-name",
    source="names that every receiving system can store side by side",
    vi="Tên tệp “{name}” trùng với tệp đính kèm thứ {other}.",
    en="The file name “{name}” is that of file {other} too.",
    remedy="Đặt tên khác nhau cho các tệp.",
    remedy_en="Give each file a name of its own.",
    severity=Severity.WARNING,
)
def file_names_differ(candidate: Candidate, reference: Reference) -> Iterator[Place]:
    """No two files share a name, case and composition of letters aside."""
    seen: dict[str, int] = {}
    for file in candidate.files:
        first = seen.setdefault(composed(file.name), file.n)
        if first != file.n:
            yield at(f"/attachments/{file.n}", name=file.name, other=first)


RULES = (file_name_is_safe, file_name_fits_windows, file_names_differ)
