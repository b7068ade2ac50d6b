"""Why something was refused: the standard reasons, by code or as people write them.

A note that begins with a code tells for sure: that of a finding, or one of :data:`REASONS` that an
office system gives. Otherwise the usual words of a refusal are looked for, with or without accents;
what none of them says is `other`.

Source: QĐ 28/2018/QĐ-TTg art. 5.4 and 9.1 (what a recipient may refuse for).
"""

import re
import unicodedata

OTHER = "other"
#: So much of a note is read.
_READ = 500
#: Kinds of reasons, in the order in which they are looked for: a broken signature is a matter of
#: integrity before it is one of authenticity.
_REASONS = (
    (
        "integrity",
        (
            "sig-broken",
            "sig-changed",
            "sig-tampered",
            "file-damaged",
            "file-truncated",
            "file-unreadable",
            "zip-unreadable",
        ),
    ),
    ("authenticity", ("sig-", "file-unsigned", "meta-unsigned")),
    ("wrong-addressee", ("agency-",)),
    ("size", ("file-size", "file-too", "file-total", "file-message", "edxml-size")),
    (
        "barred",
        (
            "barred-",
            "file-bomb",
            "file-command",
            "file-embedded-program",
            "file-macro",
            "file-malware",
            "file-program",
            "file-virus",
            "zip-bomb",
            "zip-program",
        ),
    ),
    ("format", ("file-", "zip-", "xml-", "edxml-", "meta-")),
)
#: The standard reasons; an office system may begin the note of its refusal with one and a colon.
REASONS = tuple(kind for kind, _ in _REASONS)
_CODED = re.compile(rf"({'|'.join(REASONS)})\s*(?::|$)")
#: How people write them, in the same order; without accents where no other word is meant then.
_WORDS = tuple(
    (kind, re.compile(rf"\b(?:{words})\b"))
    for kind, words in (
        (
            "integrity",
            (
                r"(?:khong|mat tinh|mat) toan ven|mat trang|khong day du|thieu (?:tep|file|trang|phu luc)"
                r"|(?:bi|tep|file) (?:hong|loi)|khong (?:mo|doc|xem) duoc"
                r"|damaged|corrupt(?:ed)?|incomplete|not intact|cannot be (?:opened|read)"
            ),
        ),
        (
            "authenticity",
            (
                r"(?:khong|chua) xac thuc|(?:chua|khong) (?:duoc )?ky so|(?:khong co|thieu) chu ky"
                r"|chu ky(?: so)? (?:khong|chua) (?:hop le|dung)|khong dung tham quyen ky"
                r"|not signed|unsigned|not authentic|signature is (?:invalid|not valid|missing)"
                r"|(?:invalid|missing) signature"
            ),
        ),
        (
            "wrong-addressee",
            (
                r"(?:gui|chuyen) (?:nham|sai)|(?:nham|sai|khong (?:dung|phai)) (?:dia chi|noi nhan"
                r"|don vi nhan|co quan nhan|don vi|co quan)|khong thuoc (?:tham quyen|chuc nang"
                r"|nhiem vu|pham vi|trach nhiem)|wrong (?:addressee|recipient|address|agency)"
                r"|not (?:addressed to|meant for) us"
            ),
        ),
        (
            "size",
            r"(?:qua|vuot)(?: qua)? dung luong|dung luong (?:qua|vuot)|too (?:large|big)",
        ),
        (
            "barred",
            (
                r"bi mat nha nuoc|(?:văn bản|tài liệu|nội dung|độ) mật|khong duoc (?:phep )?gui"
                r"|ma doc|vi ?rut|virus|malware|state secret|classified"
            ),
        ),
        (
            "format",
            (
                r"(?:sai|khong dung|loi) (?:dinh dang|the thuc)"
                r"|(?:dinh dang|the thuc) (?:khong|sai|chua)|wrong format"
            ),
        ),
    )
)


def reason_of(text: object) -> str:
    """Return the kind of a refusal's reason: one of :data:`REASONS`, or `other`."""
    note = str(text or "").strip().lower()
    if (coded := _CODED.match(note)) is not None:
        return coded.group(1)
    for kind, prefixes in _REASONS:
        if note.startswith(prefixes):
            return kind
    spaced = " ".join(unicodedata.normalize("NFC", note[:_READ]).split())
    read = f"{spaced}\n{_plain(spaced)}"
    return next((kind for kind, words in _WORDS if words.search(read)), OTHER)


def _plain(text: str) -> str:
    """Return lower-case *text* without accents."""
    marked = unicodedata.normalize("NFD", text.replace("đ", "d"))
    return "".join(each for each in marked if not unicodedata.combining(each))
