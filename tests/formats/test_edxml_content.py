"""File content that goes past the XML parser: the same comes out as when it goes through it."""

import base64
import hashlib
from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.findings import Finding
from gateway.formats.edxml import EdxmlReader
from gateway.formats.edxml_builder import Builder
from gateway.formats.xml import SafeParser
from tests.formats.samples import Spools

LIMIT = 100_000
BYTES = b"".join(hashlib.sha256(bytes([n % 256, n // 256])).digest() for n in range(3_200))
PIECES = (
    "<!-- a -->",
    "<![CDATA[QUFB]]>",
    "<![CDATA[",
    "]]>",
    "&#65;",
    "&amp;",
    "&x;",
    "\r",
    "\r\n",
    "\n",
    " ",
    "=",
    "é",
    "<b/>",
    "<b>QUFB</b>",
    "<b>",
    "<p:b/>",
    "<b a='1' a='2'/>",
    "</ContentTransferEncoded>",
    "<ContentTransferEncoded>",
    "</Attachment><Attachment>",
    ">",
    "<",
    '"',
    "<?x y?>",
    "\0",
    "A",
    "-_",
)


class Through(Builder):
    """Lets the XML parser see every letter."""

    def take(self, run: bytes) -> bool:
        return False


def told(make: type[Builder], chunks: Sequence[bytes]) -> tuple[Finding | None, object]:
    """Return what stopped the parser, and what it told until the end.

    Of content that is damaged nothing is used but that it is.
    """
    spools = Spools()
    builder = make(spools, LIMIT)
    parser = SafeParser(builder)
    for chunk in chunks:
        parser.feed(chunk)
    parser.close()
    if parser.finding is not None:
        return parser.finding, None
    parts = [
        (
            part.fields,
            part.contents,
            part.content.is_damaged
            or (part.content.size, part.content.sha256, part.content.is_whole),
        )
        for part in builder.parts
    ]
    return None, (builder.root, parts)


def message(contents: Sequence[str], *, indent: str = "") -> str:
    """Return a message with attachments of these *contents*."""
    parts = "".join(
        f"<Attachment>{indent}<AttachmentName>Tờ trình.pdf</AttachmentName>{indent}"
        f"<ContentTransferEncoded>{each}</ContentTransferEncoded>{indent}</Attachment>{indent}"
        for each in contents
    )
    return f'<edXML xmlns="u">{indent}<AttachmentEncoded>{parts}</AttachmentEncoded></edXML>'


def wrapped(letters: str, width: int, end: str) -> str:
    """Return *letters* in lines."""
    return end.join(letters[at : at + width] for at in range(0, len(letters), width))


@st.composite
def contents(draw: st.DrawFn) -> str:
    """Return the base64 of a file, in one line or in several."""
    size = draw(st.sampled_from([0, 1, 2, 3, 60, 3_000, 40_000, 99_999, 100_001]))
    letters = base64.b64encode(BYTES[:size]).decode()
    return draw(
        st.sampled_from([letters, wrapped(letters, 76, "\n"), wrapped(letters, 64, "\r\n")])
    )


@st.composite
def messages(draw: st.DrawFn) -> list[bytes]:
    """Return a message, most often with something strange in it, cut anywhere."""
    text = message(
        draw(st.lists(contents(), min_size=1, max_size=3)),
        indent=draw(st.sampled_from(["", "\n  "])),
    )
    for piece in draw(st.lists(st.sampled_from(PIECES), max_size=3)):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + piece + text[at:]
    data = text.encode()[: draw(st.sampled_from([None, None, None, -1, -30, 5_000]))]
    cuts = draw(st.lists(st.integers(0, len(data)), max_size=8))
    steps = draw(st.sampled_from([len(data) + 1, 65_536, 4_096, 977]))
    places = sorted({0, len(data), *cuts, *range(0, len(data), steps)})
    return [data[begin:end] for begin, end in pairwise(places)]


@given(messages())
def test_content_past_the_parser_means_what_it_means_through_it(chunks: list[bytes]) -> None:
    """Tree, files and findings with their places, whatever the message and wherever it is cut."""
    assert told(Through, chunks) == told(Builder, chunks)


@pytest.mark.parametrize(
    "fault",
    [
        lambda text: text + "x",
        lambda text: text.replace("</Content", "<b></c></Content", 1),
        lambda text: text.replace("</ContentTransferEncoded>", "<p:b/></ContentTransferEncoded>"),
        lambda text: text.replace("</Content", "é]]></Content", 1),
        lambda text: text[:-1],
    ],
    ids=["behind", "tags", "namespace", "text", "end"],
)
@pytest.mark.parametrize("end", ["", "\n", "\r\n", " "])
def test_a_fault_behind_content_is_told_with_its_place(
    fault: Callable[[str], str], end: str
) -> None:
    """Line and column count what the parser did not see, too."""
    letters = base64.b64encode(bytes(90_000)).decode()
    data = fault(message([wrapped(letters, 76, end)])).encode()
    chunks = [data[at : at + 30_000] for at in range(0, len(data), 30_000)]
    expected, _ = told(Through, chunks)

    found, _ = told(Builder, chunks)

    assert expected is not None
    assert expected == found


def test_plain_content_goes_past_the_parser() -> None:
    """As one run for each chunk but the first."""
    runs = []

    class Counting(Builder):
        def take(self, run: bytes) -> bool:
            runs.append(len(run))
            return super().take(run)

    data = message(["QUFB" * 100_000]).encode()

    told(Counting, [data[at : at + 65_536] for at in range(0, len(data), 65_536)])

    assert sum(runs) == 400_000


@pytest.mark.parametrize(
    ("signature", "is_signed"),
    [
        ("<Signature xmlns='http://www.w3.org/2000/09/xmldsig#'/>", True),
        ("<s:Signature xmlns:s='http://www.w3.org/2000/09/xml&#100;sig#'/>", True),
        ("<Signature/>", False),
        ("<s:Signature xmlns:s='http://www.w3.org/2000/09/xmldsig'/>", False),
        ("http://www.w3.org/2000/09/xmldsig#Signature", False),
    ],
)
def test_a_message_with_an_xml_signature_is_told(signature: str, *, is_signed: bool) -> None:
    """By the namespace of the element, however that is written; nobody need search for it."""
    reader = EdxmlReader(Spools(), LIMIT)
    reader.feed(message(["QUFB"]).replace("<Attachment>", f"{signature}<Attachment>").encode())

    assert is_signed == reader.close().is_signed
