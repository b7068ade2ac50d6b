"""The fast ways and the house's own order of steps give what plain pyHanko gives.

Plain pyHanko judges in a process of its own, so that nothing here has been made faster. It has
one answer to everything, `bottom_line`; ours must never be `valid` when that is false. The other
way round differences are meant: a claimed time counts for pyHanko as the present does.
"""

import random
import sys
from io import BytesIO
from pathlib import Path
from subprocess import run

import msgspec
import pytest
from asn1crypto import x509
from hypothesis import given
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic

from gateway.crypto import acceleration
from gateway.crypto.cms import Bench
from gateway.crypto.pdf import verify_pdf
from gateway.domain.signatures import Verdict
from tests.crypto import corpus
from tests.crypto.corpus import LATER, SIGNED, country, signed_by

REPOSITORY = Path(__file__).resolve().parents[2]
STAMPED = ("good", "revoked-before", "revoked-after", "expired-before", "stranger")
MUTATIONS = 150


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the corpus and its mutations, let plain pyHanko judge them once."""
    folder = tmp_path_factory.mktemp("differential")
    corpus.lay(folder / "trust")
    for name in country().people:
        (folder / f"{name}.pdf").write_bytes(signed_by(name))
    for name in STAMPED:
        (folder / f"{name}-stamped.pdf").write_bytes(signed_by(name, stamped=True))
    chance = random.Random(4)  # noqa: S311 - the same mutations each time
    good = signed_by("good", stamped=True)
    for n in range(MUTATIONS):
        forged = bytearray(good)
        forged[chance.randrange(len(good))] ^= chance.randrange(1, 256)
        (folder / f"mutation-{n}.pdf").write_bytes(forged)
    script = [sys.executable, "-m", "tests.crypto.plain", str(folder), SIGNED.isoformat()]
    done = run([*script, LATER.isoformat()], cwd=REPOSITORY, check=True, capture_output=True)  # noqa: S603
    (folder / "plain.json").write_bytes(done.stdout)
    return folder


def plain(folder: Path) -> dict[str, dict[str, bool]]:
    """Return the bottom lines of plain pyHanko by file, judged at the signing and later."""
    return msgspec.json.decode(
        (folder / "plain.json").read_bytes(), type=dict[str, dict[str, bool]]
    )


def ours(file: Path, bench: Bench) -> bool:
    """Whether every signature of *file* is valid, and there is one."""
    signatures = verify_pdf(file.read_bytes(), bench).signatures
    return bool(signatures) and all(each.verdict is Verdict.VALID for each in signatures)


def test_what_plain_pyhanko_refuses_is_never_valid(folder: Path) -> None:
    """At the time of signing and later: no difference in this direction, in any file."""
    bench = corpus.bench(folder / "trust")
    bottom = plain(folder)
    wrong = [
        file.name
        for file in sorted(folder.glob("*.pdf"))
        if ours(file, bench) and not any(bottom[file.name].values())
    ]

    assert wrong == []


def test_what_is_untouched_and_good_is_valid_for_both(folder: Path) -> None:
    """The good ones of the corpus are good for both; ours alone minds what a server is for."""
    bench = corpus.bench(folder / "trust")
    good = {name for name, lines in plain(folder).items() if all(lines.values())}
    untouched = {name for name in good if not name.startswith("mutation")} - {"server.pdf"}

    assert {name for name in untouched if not ours(folder / name, bench)} == set()


def test_a_remembered_path_gives_the_same_verdicts(folder: Path) -> None:
    """A bench that has seen everything judges as one that has seen nothing."""
    seen = corpus.bench(folder / "trust")
    files = sorted(folder.glob("*.pdf"))[:60]
    first = [
        [each.reason for each in verify_pdf(file.read_bytes(), seen).signatures] for file in files
    ]
    again = [
        [each.reason for each in verify_pdf(file.read_bytes(), seen).signatures] for file in files
    ]
    fresh = [
        [
            each.reason
            for each in verify_pdf(file.read_bytes(), corpus.bench(folder / "trust")).signatures
        ]
        for file in files
    ]

    assert first == again == fresh


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
