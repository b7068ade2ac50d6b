"""What is to say about the text of an attachment, for whoever extracts it.

A mark of secrecy in the head of a document bars it. Everything else is a warning: a file may be
signed, so nothing in it is ever changed.
"""

from codecs import getincrementaldecoder
from collections.abc import Iterator

from gateway.domain.characters import first_unfit
from gateway.domain.encodings import utf16_of
from gateway.domain.findings import Finding, Severity
from gateway.domain.legacy import old_encoding
from gateway.domain.marks import head_is_marked_secret
from gateway.domain.mending import is_half_composed
from gateway.domain.rules.barred import no_secret_is_declared_or_marked
from gateway.domain.rules.mechanism import Statement

LEGACY = Statement(
    code="file-text-legacy",
    source="QĐ 72/2002/QĐ-TTg; TT 39/2017/TT-BTTTT item 3.14 (TCVN 6909:2001)",
    vi="Nội dung tệp “{name}” có dấu vết bảng mã cũ {encoding}.",
    en="The text of “{name}” holds remains of {encoding}.",
    remedy="Nên chuyển văn bản sang Unicode trước khi ký và gửi; tệp được chuyển nguyên trạng.",
    remedy_en="Convert it to Unicode before it is signed and sent; the file is passed on as it is.",
    severity=Severity.WARNING,
)
CHARACTERS = Statement(
    code="file-text-characters",
    source="TT 39/2017/TT-BTTTT items 2.7 and 3.14 (UTF-8, TCVN 6909:2001)",
    vi="Nội dung tệp “{name}” có {kind} ({code_point}).",
    en="The text of “{name}” holds {kind_en} ({code_point}).",
    remedy="Kiểm tra lại nội dung; tệp được chuyển nguyên trạng.",
    remedy_en="Check the text; the file is passed on as it is.",
    severity=Severity.WARNING,
)
HALF_COMPOSED = Statement(
    code="file-text-composition",
    source="TCVN 6909:2001; TT 39/2017/TT-BTTTT item 3.14",
    vi="Nội dung tệp “{name}” có chữ ghép nửa chừng (kiểu Windows-1258).",
    en="The text of “{name}” has half-composed letters, as Windows-1258 writes them.",
    remedy="Nên dùng Unicode dựng sẵn; tệp được chuyển nguyên trạng.",
    remedy_en="Composed Unicode is preferred; the file is passed on as it is.",
    severity=Severity.WARNING,
)
STATEMENTS = (LEGACY, CHARACTERS, HALF_COMPOSED)

#: Of a text no more is read, in characters; a head and the encoding show long before.
_LONGEST = 20_000
#: Bytes of a text file that hold as much.
HEAD_BYTES = 4 * _LONGEST


def findings_of_text(text: str, *, n: int, name: str, local: bool = True) -> Iterator[Finding]:
    """Yield what is to say of *text*, which was extracted from attachment *n* called *name*.

    *text* is as decoded, with its line ends; only its beginning is judged. A pure function, to be
    called where the text is at hand.
    """
    pointer, head = f"/attachments/{n}", text[:_LONGEST].removeprefix("\ufeff")
    if head_is_marked_secret(head.splitlines()):
        yield no_secret_is_declared_or_marked.statement.finding(pointer, local=local)
    old = old_encoding(head)
    if old is not None:
        yield LEGACY.finding(pointer, local=local, name=name, encoding=old.name)
    unfit = first_unfit(_without_layout(head), prose=True)
    if unfit is not None:
        yield CHARACTERS.finding(
            pointer,
            local=local,
            name=name,
            kind=unfit.kind,
            kind_en=unfit.kind_en,
            code_point=unfit.code_point,
        )
    if not head.isascii() and is_half_composed(head):
        yield HALF_COMPOSED.finding(pointer, local=local, name=name)


def decoded(raw: bytes) -> str:
    """Return the text that *raw*, the beginning of a text file, holds.

    UTF-8, or UTF-16 with or without its mark; anything else is read as Western text, in which the remains of
    old encodings show. A letter that the end of *raw* cuts is left out.
    """
    codec = utf16_of(raw)
    if codec is not None:
        return raw.decode(codec, "ignore")
    try:
        return getincrementaldecoder("utf-8-sig")().decode(raw)
    except UnicodeDecodeError:
        return raw.decode("latin-1").translate(_CONTROLS)


def _without_layout(text: str) -> str:
    """Leave out what word processors write on purpose: page breaks and soft hyphens."""
    return text.translate(_LAYOUT)


#: Bytes 80 to 9F are letters or signs in every encoding that is meant here, never controls.
_CONTROLS = dict.fromkeys(range(0x80, 0xA0), "?")
_LAYOUT = dict.fromkeys(map(ord, "\f\v\u00ad\u200b\u2028\u2029"))
