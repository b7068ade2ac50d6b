"""Ten thousand mutations of signed files, and every single byte: no wrong `valid`, ever."""

from dataclasses import replace
from pathlib import Path

from gateway.crypto.pdf import verify_pdf
from gateway.crypto.specimen import sign_pdf
from gateway.domain.signatures import Verdict
from tests.crypto import corpus
from tests.crypto.corpus import LATER, PLAIN, SIGNED, country, signed_by
from tests.crypto.differential import compare, everything
from tests.crypto.lane import Lane
from tests.crypto.mutations import mutations
from tests.crypto.raw_pdf import byte_range, pen, signed, tabled
from tests.crypto.resigned import bent, stamps_bent, with_scan
from tests.long.conftest import Tell

MUTATIONS = 10_000
#: More than what a second look at earlier revisions is spared for.
LARGE = 300_000


def test_mutations_are_judged_as_plain_pyhanko_judges_them(tmp_path: Path, tell: Tell) -> None:
    """Nothing that it refuses is valid; what it accepts we refuse for a named reason only."""
    found = compare(tmp_path, everything(), count=MUTATIONS, instants=(SIGNED, LATER))
    tell("files judged in both ways", len(found.plain))
    tell("valid for both", sum(fine[-1] for fine in found.plain.values()))

    assert {name: found.ours[name] for name in found.laxer()} == {}
    assert {name: found.ours[name] for name in found.stricter()} == {}


def test_the_lane_for_plain_files_says_nothing_else(tmp_path: Path, tell: Tell) -> None:
    """Whole reports, over the same mutations, and over as many whose digests are right."""
    lane, files, signer = Lane(corpus.lay(tmp_path)), everything(), country().people["rsa"]
    mutated = lane.compare([*files.items(), *mutations(files, MUTATIONS)], LATER)
    tell("files judged in both ways", mutated.total)
    tell("of these by the lane", len(mutated.taken))
    papers = [PLAIN, tabled(), with_scan(LARGE)]
    signed_papers = [sign_pdf(each, replace(pen(), party=signer)) for each in papers]
    several = [bent(pdf, signer.key, MUTATIONS // len(papers)) for pdf in signed_papers]
    resigned = [lane.compare(each, LATER) for each in several]
    stamped = signed_by("good", stamped=True)
    stamps = stamps_bent(stamped, country().pki.stamps.key, MUTATIONS // 10)
    resigned.append(lane.compare(stamps, LATER))
    tell("bent and signed again", sum(each.total for each in resigned))
    tell("of these by the lane", sum(len(each.taken) for each in resigned))

    assert mutated.differing == set()
    assert [each.differing for each in resigned] == [set(), set(), set(), set()]


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
