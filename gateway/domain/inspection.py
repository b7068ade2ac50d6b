"""What an inspection saw inside a file: facts only; the rules say what they are worth."""

from dataclasses import dataclass
from enum import StrEnum


class Trait(StrEnum):
    """One thing that can be seen in a file."""

    TRUNCATED = "truncated"  #: its end is missing
    UNREADABLE = "unreadable"  #: a part of it cannot be read
    DAMAGED = "damaged"  #: it ends as it should, yet our reader finds nothing in it
    UNCHECKED = "unchecked"  #: the inspection was cut off or is not possible
    ENCRYPTED = "encrypted"  #: needs a password to be read
    MACRO = "macro"
    COMMAND_FIELD = "command-field"  #: DDE: opening it may start a command
    EXTERNAL_LINK = "external-link"  #: shows content from elsewhere when opened
    REMOTE_TEMPLATE = "remote-template"  #: loads a template or object from the network
    EMBEDDED_FILE = "embedded-file"
    EMBEDDED_PROGRAM = "embedded-program"
    ACTIVE_CONTROL = "active-control"
    PDF_LAUNCH = "pdf-launch"
    PDF_SUBMIT = "pdf-submit"
    PDF_SCRIPT = "pdf-script"
    SECRECY_MARK = "secrecy-mark"  #: a mark of a state secret stands in its head
    POLYGLOT = "polyglot"  #: is a file of another kind too
    LEGACY_TEXT = "legacy-text"
    BOMB = "bomb"  #: unpacks to far more than its size
    TOO_MANY_MEMBERS = "too-many-members"
    OVERLAP = "overlap"  #: members share bytes, or the directory contradicts the members
    NESTED = "nested"  #: an archive in an archive, deeper than is opened
    UNREADABLE_MEMBER = "unreadable-member"
    UNUSUAL_METHOD = "unusual-method"  #: a member is packed so that many cannot unpack it
    UNREAD_METHOD = "unread-method"  #: a member is packed so that it is not read here


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """A trait, the part of the file that shows it, and what was found there."""

    trait: Trait
    part: str = ""
    what: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A member of an archive; its name as the archive has it, nothing judged."""

    name: str
    size: int = 0  #: unpacked bytes
    media_type: str = ""  #: empty for a folder and for what was not unpacked
    carries: frozenset[str] = frozenset()  #: canonical extensions that such bytes may bear
    is_link: bool = False
    is_encrypted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """What a file is and what it holds."""

    media_type: str
    extensions: frozenset[str]  #: canonical ones that such bytes may bear; empty: none
    observations: tuple[Observation, ...] = ()
    members: tuple[Member, ...] = ()  #: of an archive, those of inner archives as ``a.zip/b``
    may_be_signed: bool = True  #: False: it was seen that nothing in it can be a signature


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """What a virus scanner said."""

    malware: str | None = None  #: name of what it found
    is_reached: bool = True  #: False: there was no answer, nothing is known


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How far an inspection goes into archives."""

    members: int = 1_000  #: of one archive
    unpacked_bytes: int = 536_870_912  #: of one archive, all members together
    ratio: int = 200  #: unpacked to packed, of a member that unpacks to more than 1 MB
    depth: int = 1  #: 1: no archive in an archive


#: Extensions that a system runs, or whose opening runs something.
PROGRAM_EXTENSIONS = frozenset(
    [
        "app",
        "appref-ms",
        "bat",
        "chm",
        "cmd",
        "com",
        "cpl",
        "dll",
        "exe",
        "gadget",
        "hta",
        "inf",
        "ins",
        "iso",
        "jar",
        "js",
        "jse",
        "lnk",
        "msc",
        "msi",
        "msp",
        "mst",
        "pif",
        "ps1",
        "psm1",
        "reg",
        "scf",
        "scr",
        "settingcontent-ms",
        "sh",
        "sys",
        "url",
        "vb",
        "vbe",
        "vbs",
        "vhd",
        "ws",
        "wsc",
        "wsf",
        "wsh",
        "xll",
    ]
)
_PROGRAM_TYPES = frozenset(
    {
        "application/java-archive",
        "application/vnd.microsoft.portable-executable",
        "application/x-dosexec",
        "application/x-executable",
        "application/x-mach-binary",
        "application/x-ms-shortcut",
        "application/x-msdownload",
        "application/x-pie-executable",
        "application/x-sharedlib",
        "application/x-shellscript",
        "text/x-msdos-batch",
        "text/x-script",
        "text/x-shellscript",
    }
)


def is_program(name: str, media_type: str) -> bool:
    """Whether a file of this *name* or of these bytes runs when it is opened."""
    extension = name.rstrip(". \0").rpartition(".")[2].lower()
    return extension in PROGRAM_EXTENSIONS or media_type in _PROGRAM_TYPES


#: What systems and programs put beside files by themselves, in small letters.
_BY_PRODUCTS = frozenset({"thumbs.db", "ehthumbs.db", "desktop.ini", ".ds_store", "icon\r"})
#: Beginnings of other such names: files of attributes (macOS) and of locks (Word, LibreOffice).
_BY_PRODUCTS_BEGIN = ("._", "~$", ".~lock.")


def is_by_product(path: str) -> bool:
    """Whether a system or program put a file of this *path* into an archive; it is no content."""
    parts = path.replace("\\", "/").split("/")
    name = parts[-1].lower()
    return "__MACOSX" in parts or name in _BY_PRODUCTS or name.startswith(_BY_PRODUCTS_BEGIN)
