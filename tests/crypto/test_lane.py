"""The lane for plain signed files gives what the long way gives, or nothing.

It may only ever say that a signature holds, of one that covers all of its file and whose signer was
judged before; the least that is unusual goes the long way.
"""

import re
import sys
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gateway.crypto.glance import PDF
from gateway.crypto.known import KnownSigners
from gateway.crypto.pki import revocation_list
from gateway.crypto.plain_cms import take_apart
from gateway.crypto.plain_pdf import read_plain
from gateway.crypto.policy import VerificationPolicy
from gateway.crypto.specimen import Pen, sign_pdf
from gateway.crypto.trust import TrustRoom
from gateway.crypto.verify import Request, Verifier
from gateway.domain.signatures import Reason
from gateway.formats.screening import screen_xml
from tests.crypto import corpus
from tests.crypto.corpus import DAY, LATER, PLAIN, SIGNED, country, only, signed_by
from tests.crypto.differential import everything
from tests.crypto.honest import HONEST
from tests.crypto.lane import Compared, Lane
from tests.crypto.mutations import mutations
from tests.crypto.raw_pdf import body, byte_range, pen, start_of_table, table, tabled
from tests.crypto.resigned import bent, signed_again, stamps_bent, with_scan, with_stamp_of

MUTATIONS = 300
BENT = 60
#: More than what a second look at earlier revisions is spared for.
LARGE = 300_000
#: Honest files that are not of the plain kind, each by what is unusual in it.
UNUSUAL = {
    "encrypted-without-password",
    "line-end-behind",
    "zeros-behind",
    "ed25519",
    "rsa-pss",
}
LATER_REVISIONS = {
    "agency-signs",
    "agency-signs-visibly",
    "a-third-signs",
    "agency-signs-what-is-certified",
    "form-filled",
    "certified-form-filled",
    "note-on-what-permits-notes",
    "blank-update",
}


@pytest.fixture(name="trust", scope="module")
def _trust(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return corpus.lay(tmp_path_factory.mktemp("trust"))


@pytest.fixture(name="found", scope="module")
def _found(trust: Path) -> Compared:
    """Judge people, attacks, honest files and some mutations of them in both ways."""
    files = everything()
    return Lane(trust).compare([*files.items(), *mutations(files, MUTATIONS)], LATER)


def _signer() -> Pen:
    """Return the one whose key is RSA."""
    return replace(pen(), party=country().people["rsa"])


def test_the_lane_never_says_anything_else(found: Compared) -> None:
    """Whole reports are compared: verdict, times, names, evidence."""
    assert found.differing == set()


def test_the_lane_is_taken_for_all_that_is_plain(found: Compared) -> None:
    """Layouts of many programs, keys of every usual kind."""
    plain = {"good", "rsa", "good-stamped", *HONEST} - UNUSUAL - LATER_REVISIONS

    assert plain - found.taken == set()


def test_the_lane_is_taken_for_nothing_else(found: Compared) -> None:
    """None of the attacks, nobody with a fault, no file with more than its signature."""
    plain = {"good", "rsa", "ocsp", "good-stamped", *HONEST} - UNUSUAL - LATER_REVISIONS
    is_mutation = re.compile(r"\d+-").match

    assert {name for name in found.taken - plain if not is_mutation(name)} == set()


@pytest.mark.parametrize(
    "paper",
    [
        pytest.param(lambda: PLAIN, id="streams"),
        pytest.param(tabled, id="tables"),
        pytest.param(lambda: with_scan(LARGE), id="large"),
    ],
)
def test_bent_structures_with_right_digests_are_judged_alike(
    trust: Path, paper: Callable[[], bytes]
) -> None:
    """The signer signs what was bent: only the structure is left to judge by."""
    signer = _signer()
    pdf = sign_pdf(paper(), signer)
    found = Lane(trust).compare(bent(pdf, signer.party.key, BENT), LATER)

    assert found.differing == set()
    assert found.taken != set()


def test_bent_time_stamps_that_their_authority_signed_are_judged_alike(trust: Path) -> None:
    """Whatever the authority states; only what stays within its mould is told by the lane."""
    lane, pdf = Lane(trust), signed_by("good", stamped=True)
    lane.long_way(pdf, LATER)
    found = lane.compare(stamps_bent(pdf, country().pki.stamps.key, BENT), LATER)

    assert found.differing == set()
    assert 0 < len(found.taken) < found.total


def test_a_time_stamp_of_another_signature_goes_the_long_way(trust: Path) -> None:
    """It is the authority's, but proves nothing of this one."""
    lane, one = Lane(trust), signed_by("good", stamped=True)
    lane.long_way(one, LATER)
    foreign = with_stamp_of(one, signed_by("good", stamped=True, field="Khac"))

    assert lane.at_once(one, LATER) is not None
    assert lane.at_once(foreign, LATER) is None
    assert only(lane.long_way(foreign, LATER)).reason is Reason.STAMP_BROKEN


@pytest.mark.parametrize(
    "at",
    [
        pytest.param(SIGNED - timedelta(minutes=6), id="the stamp is still to come"),
        pytest.param(SIGNED + 5000 * DAY, id="long after all has ended"),
    ],
)
def test_a_proven_time_is_judged_alike_at_any_moment(trust: Path, at: datetime) -> None:
    """What holds at the time of the stamp holds later, too; before, nothing is proven."""
    lane, pdf = Lane(trust), signed_by("good", stamped=True)
    lane.long_way(pdf, LATER)

    assert lane.compare([("stamped", pdf)], at).differing == set()


def test_a_field_whose_name_is_in_no_encoding_is_judged(trust: Path) -> None:
    """Its name is told byte by byte, and the document is not taken for one that breaks readers."""
    signer = _signer()
    pdf = sign_pdf(PLAIN, signer).replace(b"(NguoiKy)", b"(Ng\x9foiKy)")
    again = signed_again(pdf, signer.party.key)
    assert again is not None
    found = only(Lane(trust).long_way(again, LATER))

    assert (found.reason, found.name) == (Reason.HOLDS, "Ng<U+009F>oiKy")


def test_nobody_is_recognised_before_he_was_judged(trust: Path) -> None:
    """Each signer goes the long way once."""
    lane = Lane(trust)
    before = lane.at_once(signed_by("good"), LATER)
    lane.long_way(signed_by("good"), LATER)

    assert before is None
    assert lane.at_once(signed_by("good"), LATER) is not None


def test_who_is_revoked_is_recognised_no_more(tmp_path: Path) -> None:
    """A new list in the trust folder counts at once."""
    folder = corpus.lay(tmp_path)
    lane, pdf = Lane(folder), signed_by("good")
    lane.long_way(pdf, LATER)
    pki = country().pki
    gone = {pki.person.certificate.serial_number: SIGNED - DAY}
    hour = timedelta(hours=1)
    newer = revocation_list(pki.intermediate, gone, issued_at=LATER - hour, next_at=LATER + DAY)
    (folder / "newer.crl").write_bytes(newer)

    assert lane.at_once(pdf, LATER) is None
    assert only(lane.long_way(pdf, LATER)).reason is Reason.REVOKED


@pytest.mark.parametrize(
    "at",
    [
        pytest.param(LATER + 31 * DAY, id="the list has ended"),
        pytest.param(SIGNED + 900 * DAY, id="the certificate has expired"),
        pytest.param(SIGNED - 400 * DAY, id="the certificate was not issued yet"),
        pytest.param(SIGNED - timedelta(minutes=6), id="the claimed time is still to come"),
    ],
)
def test_what_a_lesson_rests_on_must_hold_at_the_moment(trust: Path, at: datetime) -> None:
    """At any other moment the long way decides."""
    lane, pdf = Lane(trust), signed_by("good")
    lane.long_way(pdf, LATER)

    assert lane.at_once(pdf, at) is None


def test_a_claim_before_the_certificate_was_issued_goes_the_long_way(trust: Path) -> None:
    """Such a signer says himself that it was not valid."""
    lane = Lane(trust)
    lane.long_way(signed_by("good"), LATER)
    early = signed_by("good", at=SIGNED - 500 * DAY)

    assert lane.at_once(early, LATER) is None
    assert only(lane.long_way(early, LATER)).reason is Reason.NOT_YET_VALID


def test_a_claim_that_counts_is_judged_at_its_time(trust: Path) -> None:
    """With `claimed_time = "accepted"`, too, both ways say the same."""
    lane = Lane(trust, policy=VerificationPolicy(claimed_time_counts=True))
    files = [
        (name, signed_by("good", at=SIGNED + days * DAY))
        for name, days in (("then", 0), ("later", 1), ("long-ago", -500), ("to-come", 500))
    ]
    lane.compare(files, LATER)
    found = lane.compare(files, LATER)

    assert (found.taken, found.differing) == ({"then", "later"}, set())


def test_another_file_of_the_signer_is_recognised(trust: Path) -> None:
    """Only the digest, the claimed time, the name of the field and the value are others."""
    lane = Lane(trust)
    lane.long_way(sign_pdf(PLAIN, _signer()), LATER)
    other = sign_pdf(tabled(), replace(_signer(), at=SIGNED + DAY, field="Truong phong"))
    found = lane.at_once(other, LATER)

    assert found is not None
    assert found == lane.long_way(other, LATER)


@pytest.mark.parametrize("place", [0, 100, -1])
def test_a_changed_byte_goes_the_long_way(trust: Path, place: int) -> None:
    """The lane never refuses: it leaves that to the long way."""
    lane, pdf = Lane(trust), bytearray(signed_by("good"))
    lane.long_way(bytes(pdf), LATER)
    pdf[place] ^= 0x01

    assert lane.at_once(bytes(pdf), LATER) is None


def test_a_foreign_signature_value_goes_the_long_way(trust: Path) -> None:
    """The mould is that of a known signer, the signature is not."""
    lane, pdf = Lane(trust), signed_by("rsa")
    lane.long_way(pdf, LATER)
    plain = read_plain(memoryview(pdf))
    cast = None if plain is None else take_apart(plain.cms)
    value = b"" if cast is None else cast.signature.hex().upper().encode()
    forged = pdf.replace(value, value[:-2] + (b"00" if value[-2:] != b"00" else b"01"))

    assert pdf != forged
    assert lane.at_once(forged, LATER) is None
    assert only(lane.long_way(forged, LATER)).reason is Reason.CRYPTO


def test_brackets_that_no_signature_covers_are_looked_at(trust: Path) -> None:
    """A string in parentheses is no hexadecimal one, whatever digits stand in it."""
    lane, pdf = Lane(trust), bytearray(signed_by("good"))
    lane.long_way(bytes(pdf), LATER)
    _, first, begin, _ = byte_range(bytes(pdf))
    pdf[first], pdf[begin - 1] = b"()"

    assert lane.at_once(bytes(pdf), LATER) is None
    assert only(lane.long_way(bytes(pdf), LATER)).reason is Reason.FORMAT


def test_a_signature_lost_below_another_field_is_told(trust: Path) -> None:
    """An earlier revision held it in a field of a field, and the last one has it no more."""
    lane = Lane(trust)
    lane.long_way(sign_pdf(tabled(), pen()), LATER)
    once = sign_pdf(tabled(), pen("Phong.TruongPhong"))
    root = re.sub(rb"/AcroForm \d+ 0 R", b"", body(once, 1))
    place = len(once) + 1
    emptied = once + b"\n1 0 obj\n" + root + b"\nendobj\n"
    emptied += table({1: place}) + b"trailer\n<</Size 20/Root 1 0 R/Prev %d>>\n" % (
        start_of_table(once)
    )
    emptied += b"startxref\n%d\n%%%%EOF\n" % emptied.rindex(b"xref\n0 1\n")
    pdf = sign_pdf(emptied, pen())

    assert lane.at_once(pdf, LATER) is None
    assert {each.reason for each in lane.long_way(pdf, LATER).signatures} == {
        Reason.HOLDS,
        Reason.REMOVED,
    }


def test_a_table_of_empty_parts_is_left_to_a_worker() -> None:
    """It may be as long as the file: nothing of it is kept, and not all of it is read."""
    head = b"%PDF-1.7\n"
    end = b"trailer\n<</Size 1>>\nstartxref\n%d\n%%%%EOF\n" % len(head)
    pdf = head + b"xref\n" + b"0 0\n" * 100_000 + end
    tracemalloc.start()
    found = read_plain(memoryview(pdf))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert found is None
    assert most < 1_000_000


def test_lessons_may_come_from_many_threads(trust: Path) -> None:
    """None of them is in the way of another."""
    verifier = Verifier(TrustRoom([trust]), VerificationPolicy(), screen=screen_xml)
    lesson = verifier.answer(Request(file=signed_by("good"), media_type=PDF, at=LATER)).lesson
    known = KnownSigners(claimed_time_counts=False)
    assert lesson is not None

    def learn(thread: int) -> None:
        for number in range(2000):
            known.learn(replace(lesson, mould=b"%d-%d" % (thread, number)))

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(learn, range(4)))
    finally:
        sys.setswitchinterval(interval)
