"""Parts of office files: what they tell is found whatever they are named and written in."""

import codecs
from io import BytesIO

import pytest

from gateway.domain.inspection import Bounds, Trait
from gateway.formats.inspection import look
from tests.samples import files as make

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_SPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    f'<Override PartName="/PART" ContentType="{_WORD}"/></Types>'
)
COMMAND = "<w:p><w:r><w:instrText> DDEAUTO c:\\\\cmd.exe </w:instrText></w:r></w:p>"
SECRET = "<w:p><w:r><w:t>UBND</w:t></w:r></w:p><w:p><w:r><w:t>TỐI MẬT</w:t></w:r></w:p>"


def a_docx(body: str, *, part: str = "word/document.xml", written: str = "utf-8") -> bytes:
    """Return a docx whose main part is *part*, in the encoding *written*."""
    document = (
        f'<?xml version="1.0" encoding="{written}"?>'
        f'<w:document xmlns:w="{_SPACE}"><w:body>{body}</w:body></w:document>'
    )
    types = TYPES.replace("PART", part).encode()
    return make.a_zip({"[Content_Types].xml": types, part: document.encode(written)})


def traits(content: bytes) -> set[Trait]:
    """Return what is seen in a file."""
    return {each.trait for each in look(BytesIO(content), Bounds()).observations}


@pytest.mark.parametrize("part", ["word/document.xml", "doc/main.xml", "a.bin", "Word/Main"])
def test_a_part_tells_whatever_its_name(part: str) -> None:
    """Programs find the main part by its type and the relation to it."""
    assert traits(a_docx(COMMAND, part=part)) == {Trait.COMMAND_FIELD}
    assert traits(a_docx(SECRET, part=part)) == {Trait.SECRECY_MARK}


@pytest.mark.parametrize(
    "written",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp037", "utf-7"],
)
def test_a_part_tells_whatever_its_encoding(written: str) -> None:
    """By its mark, by its first bytes or by what it declares."""
    assert traits(a_docx(COMMAND, written=written)) == {Trait.COMMAND_FIELD}


@pytest.mark.parametrize("written", ["cp1258", "koi8-r", "no-such", "base64", "utf-16"])
def test_an_encoding_that_cannot_be_meant_hides_nothing(written: str) -> None:
    """What the part declares is one thing, how its bytes are is another."""
    document = f'<?xml version="1.0" encoding="{written}"?><w:document>{COMMAND}'.encode("ascii")

    assert traits(make.with_part(make.a_docx(), "x/y", document)) == {Trait.COMMAND_FIELD}


def test_an_instruction_may_be_written_with_references() -> None:
    """XML has the same letters either way."""
    body = COMMAND.replace("DDEAUTO", "&#68;D&#x45;AUTO")

    assert traits(a_docx(body)) == {Trait.COMMAND_FIELD}


def test_relations_are_read_in_any_encoding() -> None:
    """Also without a mark of their order."""
    relations = (
        '<Relationships><Relationship Type="http://x/attachedTemplate" Id="r"'
        ' Target="https://x.example/t.dotm" TargetMode="External"/></Relationships>'
    )
    content = make.with_part(
        make.a_docx(), "word/_rels/settings.xml.RELS", relations.encode("utf-16-be")
    )

    assert traits(content) == {Trait.REMOTE_TEMPLATE}


@pytest.mark.parametrize(
    "head", [codecs.BOM_UTF16_LE, b"<\0", b"\0<", b"<?xml encoding='utf-16'?>"]
)
def test_a_part_that_is_no_text_is_calmly_passed_over(head: bytes) -> None:
    """A picture may begin with anything."""
    assert (
        traits(make.with_part(make.a_docx(), "word/media/a.emf", head + make.noise(9999))) == set()
    )
