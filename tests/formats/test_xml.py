"""What strangers may do to the XML parser, and what they may not."""

import time
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.formats.xml import SafeParser


class Recorder:
    """Keeps what it is told."""

    in_bulk = False

    def __init__(self) -> None:
        self.names: list[str] = []
        self.texts: list[str] = []

    def take(self, run: bytes) -> bool:
        return False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        self.names.append(name)

    def end(self, name: str) -> None:
        """Nothing to keep."""

    def data(self, text: str) -> None:
        self.texts.append(text)

    @property
    def text(self) -> str:
        return "".join(self.texts)


def parse(message: bytes, step: int = 65_536) -> tuple[Recorder, str | None, str]:
    """Return what was told, the code of the finding and its place."""
    recorder = Recorder()
    parser = SafeParser(recorder)
    for begin in range(0, len(message), step):
        parser.feed(message[begin : begin + step])
    parser.close()
    finding = parser.finding
    if finding is None:
        return recorder, None, ""
    return recorder, finding.code, finding.pointer


BILLION_LAUGHS = (
    b'<!DOCTYPE a [<!ENTITY x0 "lol">'
    + b"".join(b'<!ENTITY x%d "%s">' % (n, b"&x%d;" % (n - 1) * 10) for n in range(1, 10))
    + b"]><a>&x9;</a>"
)
HOSTILE = {
    "attributes": (
        b"<a " + b" ".join(b'a%d="1"' % n for n in range(100_000)) + b"/>",
        "tag-too-long",
    ),
    "some attributes": (
        b"<a " + b" ".join(b'a%d="1"' % n for n in range(300)) + b"/>",
        "too-many-attributes",
    ),
    "namespaces": (
        b"<a " + b" ".join(b'xmlns:a%d="u"' % n for n in range(300)) + b"/>",
        "too-many-attributes",
    ),
    "depth": (b"<a>" * 10_000, "too-deep"),
    "elements": (b"<a>" + b"<b/>" * 300_000 + b"</a>", "too-many-elements"),
    "subject": (b"<Subject>" + b"x" * 30_000_000 + b"</Subject>", "text-too-long"),
    "references": (b"<a>" + b"&#65;" * 2_000_000 + b"</a>", "text-too-long"),
    "blanks": (b"<a>" + b" \n" * 20_000_000 + b"</a>", "too-many-blanks"),
    "empty lines in a tag": (b"<a" + b"\n" * 3_000_000 + b"/>", "tag-too-long"),
    "names": (b"<" + b"n" * 30_000 + b"/>", "name-too-long"),
    "namespace": (b'<a xmlns="u:' + b"n" * 30_000 + b'"/>', "name-too-long"),
    "ampersands": (b"<a>" + b"&" * 3_000_000, "too-many-references"),
    "comment": (b"<a><!--" + b"x" * 3_000_000 + b"--></a>", "tag-too-long"),
    "instruction": (b"<a><?x " + b"x" * 3_000_000 + b"?></a>", "tag-too-long"),
    "quotes hide the end": (b'<a x=">' + b"y=1 " * 300_000 + b'"/>', "tag-too-long"),
    "cdata": (b"<a><![CDATA[" + b"x" * 3_000_000 + b"]]></a>", "cdata-too-long"),
    "laughs": (BILLION_LAUGHS, "doctype"),
    "external entity": (
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        "doctype",
    ),
    "external subset": (b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd"><a/>', "doctype"),
    "parameter entity": (b'<!DOCTYPE a [<!ENTITY % p SYSTEM "x">%p;]><a/>', "doctype"),
    "utf-16": ("<a>é</a>".encode("utf-16"), "encoding"),
    "utf-16 without mark": ("<a>é</a>".encode("utf-16-le"), "encoding"),
    "latin-1": (b'<?xml version="1.0" encoding="iso-8859-1"?><a/>', "encoding"),
    "not utf-8": (b"<a>\xe9</a>", "malformed"),
    "overlong": (b"<a>\xc0\xbc</a>", "malformed"),
    "null": (b"<a>\0</a>", "malformed"),
    "junk before": (b"1212<?xml version='1.0'?><a/>", "malformed"),
    "junk behind": (b"<a/>x", "malformed"),
    "cut off": (b"<a><b>", "malformed"),
    "cut in a tag": (b"<a><b", "malformed"),
    "undeclared entity": (b"<a>&x;</a>", "malformed"),
    "tags in a tag": (b"<a>" + b"<" * 3_000_000, "tag-too-long"),
    "blank": (b"   ", "malformed"),
    "empty": (b"", "empty"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_ends_in_a_finding_within_a_second(name: str) -> None:
    """Each attack is answered by the finding that names it, and quickly."""
    message, code = HOSTILE[name]
    begun = time.process_time()

    _, found, _ = parse(message)

    assert (found, time.process_time() - begun < 1) == (f"xml-{code}", True)


@pytest.mark.parametrize(
    "message",
    [
        b"<a>\xc3\xa9</a>",
        b"\xef\xbb\xbf<a>\xc3\xa9</a>",
        b'<?xml version="1.0" encoding="utf-8"?><a>\xc3\xa9</a>',
        b"\xef\xbb\xbf<?xml version='1.0' encoding='UTF-8' standalone='yes'?><a>\xc3\xa9</a>",
    ],
)
def test_utf8_is_read_declared_or_not(message: bytes) -> None:
    """A byte order mark and a declaration may be there or not."""
    recorder, code, _ = parse(message)

    assert (recorder.text, code) == ("é", None)


def test_xinclude_is_refused_where_it_stands() -> None:
    """Nothing is included here, and a recipient's parser might: the bytes are handed on."""
    message = b'<a xmlns:x="http://www.w3.org/2001/XInclude"><x:include href="/etc/passwd"/></a>'

    recorder, code, _ = parse(message)

    assert (recorder.names, recorder.text, code) == (["a"], "", "xml-include")


@pytest.mark.parametrize(
    ("message", "place"),
    [
        (b'<a>\n <b xlink:href="cid:1"/></a>', "2:23"),
        (b"<a>\n<x:b/></a>", "2:5"),
        (b'<a xmlns:p=""/>', "1:14"),
        (b'<a:b:c xmlns:a="u:"/>', "1:7"),
        (b'<a xmlns:p="u:" xmlns:q="u:"><b p:x="1" q:x="2"/></a>', "1:48"),
    ],
)
def test_what_is_not_namespace_well_formed_is_refused_at_its_place(
    message: bytes, place: str
) -> None:
    """Real samples use xlink: without declaring it; other readers would stumble over them."""
    _, code, found = parse(message)

    assert (code, found) == ("xml-namespace", place)


def test_a_finding_names_line_and_column() -> None:
    """The place counts lines and columns from 1."""
    _, _, place = parse(b"<a>\n" * 70)

    assert place == "65:1"


@given(st.binary(max_size=200), st.integers(1, 50))
def test_arbitrary_bytes_never_raise(message: bytes, step: int) -> None:
    """Any bytes are read or refused."""
    parse(b"<a>" + message, step)


@given(st.text(st.sampled_from("<>/!-[]?abCDAT &;=\"'\n"), max_size=80), st.integers(1, 9))
def test_the_cut_of_chunks_makes_no_difference(text: str, step: int) -> None:
    """However a message is cut, the same is told and the same is found."""
    message = f"<a>{text}</a>".encode()

    whole, in_parts = parse(message), parse(message, step)

    assert (whole[0].names, whole[0].text, whole[1]) == (
        in_parts[0].names,
        in_parts[0].text,
        in_parts[1],
    )
