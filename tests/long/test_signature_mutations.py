"""Ten thousand mutations of signed files, and every single byte: no wrong `valid`, ever."""

from pathlib import Path

from gateway.crypto.pdf import verify_pdf
from gateway.domain.signatures import Verdict
from tests.crypto import corpus
from tests.crypto.corpus import LATER, SIGNED
from tests.crypto.differential import compare, everything
from tests.crypto.raw_pdf import byte_range, signed
from tests.long.conftest import Tell

MUTATIONS = 10_000


def test_mutations_are_judged_as_plain_pyhanko_judges_them(tmp_path: Path, tell: Tell) -> None:
    """Nothing that it refuses is valid; what it accepts we refuse for a named reason only."""
    found = compare(tmp_path, everything(), count=MUTATIONS, instants=(SIGNED, LATER))
    tell("files judged in both ways", len(found.plain))
    tell("valid for both", sum(fine[-1] for fine in found.plain.values()))

    assert {name: found.ours[name] for name in found.laxer()} == {}
    assert {name: found.ours[name] for name in found.stricter()} == {}


def test_no_covered_byte_can_be_flipped(tmp_path: Path) -> None:
    """Each byte that the signature covers, one after another, in two ways."""
    bench = corpus.bench(corpus.lay(tmp_path))
    pdf = signed()
    _, first, begin, _ = byte_range(pdf)
    covered = [*range(first + 1), *range(begin - 1, len(pdf))]
    forged = bytearray(pdf)
    still_valid = []
    for place in covered:
        for change in (0x01, 0x80):
            forged[place] ^= change
            report = verify_pdf(bytes(forged), bench)
            forged[place] ^= change
            if any(each.verdict is Verdict.VALID for each in report.signatures):
                still_valid.append((place, change))

    assert still_valid == []
