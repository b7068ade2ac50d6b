"""The fast ways and the house's own order of steps give what plain pyHanko gives.

Plain pyHanko judges in a process of its own, so that nothing here has been made faster. It has
one answer to everything, `bottom_line`; ours must never be `valid` when that is false. The other
way round differences are meant: a claimed time counts for pyHanko as the present does.
"""

from io import BytesIO

import pytest
from asn1crypto import x509
from hypothesis import given
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic

from gateway.crypto import acceleration
from gateway.domain.signatures import Reason
from tests.crypto import corpus
from tests.crypto.absurd import with_cms
from tests.crypto.corpus import LATER, SIGNED, country, signed_by
from tests.crypto.differential import LAXER, Found, compare, everything, reasons
from tests.crypto.honest import HONEST

MUTATIONS = 60  #: of the ten thousand of the slow suite


@pytest.fixture(name="found", scope="module")
def _found(tmp_path_factory: pytest.TempPathFactory) -> Found:
    """Judge the people of the corpus, the attacks, the honest files and some mutations."""
    folder = tmp_path_factory.mktemp("differential")
    return compare(folder, everything(), count=MUTATIONS, instants=(SIGNED, LATER))


def test_what_plain_pyhanko_refuses_is_never_valid(found: Found) -> None:
    """At the time of signing and later: no difference in this direction, in any file."""
    assert {name: found.ours[name] for name in found.laxer()} == {}


def test_what_plain_pyhanko_accepts_is_refused_for_a_named_reason_only(found: Found) -> None:
    """We are stricter about what others could show than the library is, and nowhere else."""
    assert {name: found.ours[name] for name in found.stricter()} == {}


def test_all_that_is_honest_is_valid_for_both(found: Found) -> None:
    """The good ones of the corpus are good for both."""
    good = {"good", "rsa", "good-stamped", *HONEST} - set(LAXER)

    assert {name for name in good if found.ours[name] != {Reason.HOLDS}} == set()
    assert {name for name in good if not any(found.plain[name])} == set()


def test_a_remembered_path_gives_the_same_verdicts(found: Found) -> None:
    """A bench that has seen everything judges as one that has seen nothing."""
    trust = found.folder / "trust"
    seen = corpus.bench(trust)
    files = [file.read_bytes() for file in sorted(found.folder.glob("*.pdf"))[::3]]
    first, again = ([reasons(pdf, seen) for pdf in files] for _ in range(2))
    fresh = [reasons(pdf, corpus.bench(trust)) for pdf in files]

    assert first == again == fresh


def test_an_unreadable_certificate_along_counts_whatever_was_seen_before(found: Found) -> None:
    """The verdict on a file does not hang on which files came before it."""
    name = country().pki.root.certificate.subject.rfc4514_string().split("CN=")[1].split(",")[0]
    text = name.encode("utf-8")
    plain_name, odd_name = (bytes([tag, len(text)]) + text for tag in (0x0C, 0xCC))
    odd = with_cms(
        signed_by("good"), lambda content: bytes(content.dump()).replace(plain_name, odd_name)
    )
    seen = corpus.bench(found.folder / "trust")
    before = reasons(signed_by("good"), seen)

    assert before == {Reason.HOLDS}
    assert reasons(odd, seen) == reasons(odd, corpus.bench(found.folder / "trust"))


HEX = st.binary(max_size=60).map(bytes.hex).map(str.encode)
ODD = st.lists(st.sampled_from([b"0", b"aF", b" ", b"\n", b"%", b"<", b">", b"g", b"\x00"]))


@given(st.one_of(HEX, ODD.map(b"".join)), st.binary(max_size=5))
def test_hexadecimal_strings_are_read_as_pyhanko_reads_them(digits: bytes, rest: bytes) -> None:
    """Value, kind of object, place in the stream and refusal are the same."""
    text = b"<" + digits + b">" + rest

    assert outcome(acceleration.read_hex_string, text) == outcome(ORIGINAL, text)


ORIGINAL = acceleration._original_hex  # noqa: SLF001 - the way that was replaced


def outcome(read: object, text: bytes) -> tuple[object, ...]:
    """Return what *read* makes of *text*, and where it stops."""
    stream = BytesIO(text)
    try:
        value = read(stream)  # type: ignore[operator]
    except Exception as error:  # noqa: BLE001 - compared, not handled
        return (type(error),)
    assert isinstance(value, generic.TextStringObject | generic.ByteStringObject)
    return type(value), value.original_bytes, stream.tell()


NAMES = st.sampled_from(
    ["Sở Nội vụ", "sở nội  vụ", " Sở Nội vụ", "So\u0301 Nội vụ", "Khác", "a", "A"]
)


@given(NAMES, NAMES)
def test_names_are_compared_as_asn1crypto_compares_them(one: str, other: str) -> None:
    """Equal or not, whatever case, white space and composition; and hashed alike."""
    first, second = (
        x509.Name.build({"common_name": each, "country_name": "VN"}).chosen
        for each in (one, other)
    )

    assert (first == second) == acceleration._original_equal(first, second)  # noqa: SLF001
    assert first.hashable == acceleration._original_hashable(first)  # noqa: SLF001
