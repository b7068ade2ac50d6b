"""Signatures in PDF files: what was signed, by whom, what came after, and what it is worth."""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer
from pyhanko.sign.fields import MDPPerm

from gateway.crypto.cms import Bench
from gateway.crypto.pdf import verify_pdf
from gateway.crypto.policy import VerificationPolicy
from gateway.crypto.specimen import Pen, sign_pdf
from gateway.domain.signatures import Reason, Update, Verdict
from tests.crypto import corpus
from tests.crypto.corpus import DAY, LATER, PLAIN, SIGNED, country, signed_by, verified


@pytest.fixture(name="bench", scope="module")
def _bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return corpus.bench(corpus.lay(tmp_path_factory.mktemp("trust")))


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        ("good", Reason.HOLDS),
        ("rsa", Reason.HOLDS),
        ("short", Reason.WEAK),
        ("revoked-before", Reason.REVOKED),
        ("revoked-after", Reason.REVOKED_UNPROVEN),
        ("expired-before", Reason.EXPIRED),
        ("expired-after", Reason.EXPIRED_UNPROVEN),
        ("encipher", Reason.USAGE),
        ("server", Reason.USAGE),
        ("stranger", Reason.NO_CHAIN),
        ("self-signed", Reason.NO_CHAIN),
        ("of-lost-ca", Reason.REVOKED),
    ],
)
def test_a_signature_without_time_stamp(bench: Bench, who: str, reason: Reason) -> None:
    """Only the claimed time is known: what happened since cannot be told apart from fraud."""
    assert verified(signed_by(who), bench).reason is reason


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        ("good", Reason.HOLDS),
        ("revoked-before", Reason.REVOKED),
        ("revoked-after", Reason.HOLDS),
        ("expired-before", Reason.EXPIRED),
        ("expired-after", Reason.HOLDS),
        ("not-yet", Reason.NOT_YET_VALID),
    ],
)
def test_a_signature_with_time_stamp(bench: Bench, who: str, reason: Reason) -> None:
    """The stamp proves the time: what came later does not undo the signature (NĐ 68/2024 art. 31)."""
    assert verified(signed_by(who, stamped=True), bench).reason is reason


def test_the_stamp_is_the_signing_time(bench: Bench) -> None:
    """The proven time is the best that is known."""
    assert verified(signed_by("good", stamped=True), bench).signed_at == SIGNED


def test_adbe_pkcs7_is_a_signature_too(bench: Bench) -> None:
    """Plain adbe.pkcs7.detached is verified like PAdES, and named for what it is."""
    signature = verified(signed_by("good", is_pades=False), bench)

    assert (signature.kind, signature.verdict) == ("pkcs7", Verdict.VALID)


def test_sha1_is_weak(bench: Bench) -> None:
    """A SHA-1 digest proves nothing today."""
    assert verified(signed_by("rsa", digest="sha1"), bench).reason is Reason.WEAK


def test_a_policy_may_allow_sha1(tmp_path: Path) -> None:
    """An operator with old documents decides otherwise."""
    bench = corpus.bench(corpus.lay(tmp_path), policy=VerificationPolicy(allow_sha1=True))

    assert verified(signed_by("rsa", digest="sha1"), bench).verdict is Verdict.VALID


def test_without_revocation_data_nothing_is_decided(tmp_path: Path) -> None:
    """Trusted, but perhaps revoked: unknown."""
    files = {name: each for name, each in country().trust.items() if name.endswith(".pem")}
    signature = verified(signed_by("good"), corpus.bench(corpus.lay(tmp_path, files)))

    assert signature.reason is Reason.NO_REVOCATION_DATA


def test_revocation_data_may_be_a_wish_only(tmp_path: Path) -> None:
    """By policy (soft fail) a certificate counts as not revoked until data says so."""
    files = {name: each for name, each in country().trust.items() if name.endswith(".pem")}
    policy = VerificationPolicy(require_revocation=False)
    bench = corpus.bench(corpus.lay(tmp_path, files), policy=policy)

    assert verified(signed_by("good"), bench).verdict is Verdict.VALID


def test_a_stale_list_decides_nothing(tmp_path: Path) -> None:
    """After its next update a CRL is silent about now."""
    bench = corpus.bench(corpus.lay(tmp_path), at=LATER + timedelta(days=60))

    assert verified(signed_by("good"), bench).reason is Reason.NO_REVOCATION_DATA


@pytest.mark.parametrize(
    ("revoked_at", "reason"), [(None, Reason.HOLDS), (SIGNED - DAY, Reason.REVOKED)]
)
def test_ocsp_responses_count(tmp_path: Path, revoked_at: object, reason: Reason) -> None:
    """A response from the folder answers for a certificate that names a responder."""
    files = {name: each for name, each in country().trust.items() if name != "intermediate.crl"}
    response = corpus.good_ocsp(revoked_at=revoked_at)  # type: ignore[arg-type]
    folder = corpus.lay(tmp_path, files | {"answer.ocsp": response})

    assert verified(signed_by("ocsp"), corpus.bench(folder)).reason is reason


def test_a_claimed_time_may_be_believed(tmp_path: Path) -> None:
    """A policy may take the signer's word for the time."""
    policy = VerificationPolicy(claimed_time_counts=True)
    bench = corpus.bench(corpus.lay(tmp_path), policy=policy)

    assert verified(signed_by("revoked-after"), bench).verdict is Verdict.VALID


def test_signing_in_the_future_is_odd(tmp_path: Path) -> None:
    """A claimed time after the validation proves a wrong clock, or worse."""
    bench = corpus.bench(corpus.lay(tmp_path), at=SIGNED - DAY)

    assert verified(signed_by("good"), bench).reason is Reason.IN_FUTURE


def test_a_stranger_of_the_future_stays_a_stranger(tmp_path: Path) -> None:
    """An odd time takes no other fault away."""
    bench = corpus.bench(corpus.lay(tmp_path), at=SIGNED - DAY)

    assert verified(signed_by("stranger"), bench).reason is Reason.NO_CHAIN


def both_signed() -> bytes:
    """Return a page that the person and then the agency signed."""
    pki = country().pki
    pen = Pen(party=pki.agency, at=SIGNED, field="CoQuan", chain=(pki.intermediate,))
    return sign_pdf(signed_by("good"), pen)


def test_a_later_signature_is_permitted(bench: Bench) -> None:
    """The agency signs after the person; both hold, the last covers the whole file."""
    report = verify_pdf(both_signed(), bench)

    assert [
        (each.signer, each.verdict, each.covers_whole, each.update) for each in report.signatures
    ] == [
        ("Trần Thị Minh Hoạ", Verdict.VALID, False, Update.FORM),
        ("Sở Nội vụ", Verdict.VALID, True, Update.NONE),
    ]


def with_other_page(pdf: bytes) -> bytes:
    """Return *pdf* with an incremental update that changes what the page shows."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    page = writer.root["/Pages"]["/Kids"][0]
    stream = generic.StreamObject(stream_data=b"BT /F1 40 Tf 72 400 Td (GIA) Tj ET")
    page[generic.NameObject("/Contents")] = writer.add_object(stream)
    writer.update_container(page)
    output = BytesIO()
    writer.write(output)
    return output.getvalue()


def test_a_shadow_update_breaks_trust(bench: Bench) -> None:
    """An update that changes the page is told with its revision and objects."""
    signed = signed_by("good", stamped=True)
    signature = verified(with_other_page(signed), bench)

    assert signature.reason is Reason.MODIFIED
    assert [(each.revision, each.first_byte) for each in signature.changes] == [(3, len(signed))]
    assert signature.changes[0].objects


def test_a_certification_that_permits_signatures(bench: Bench) -> None:
    """A certifying signature that permits filling in forms permits the agency's signature."""
    certified = signed_by("good", certify=MDPPerm.FILL_FORMS)
    pki = country().pki
    pen = Pen(party=pki.agency, at=SIGNED, field="CoQuan", chain=(pki.intermediate,))

    report = verify_pdf(sign_pdf(certified, pen), bench)

    assert [each.verdict for each in report.signatures] == [Verdict.VALID, Verdict.VALID]


def test_bytes_behind_the_last_revision_break_trust(bench: Bench) -> None:
    """Objects without a cross-reference table: programs that repair files would show them."""
    appended = signed_by("good") + b"\n4 0 obj\n<</Length 3>>\nstream\nGIA\nendstream\nendobj\n"

    assert verified(appended, bench).reason is Reason.MODIFIED


def test_white_space_behind_the_file_is_harmless(bench: Bench) -> None:
    """Some programs end a file with a line end of their own."""
    assert verified(signed_by("good") + b"\r\n", bench).verdict is Verdict.VALID


def test_a_signature_taken_away_is_told(bench: Bench) -> None:
    """An update that drops the form leaves the bytes of the signature, and is found out."""
    writer = IncrementalPdfFileWriter(BytesIO(signed_by("good")))
    del writer.root["/AcroForm"]
    writer.update_root()
    output = BytesIO()
    writer.write(output)

    assert verified(output.getvalue(), bench).reason is Reason.REMOVED


def test_a_signature_put_over_another_is_told(bench: Bench) -> None:
    """An update that puts another signature into the same field does not hide the first."""
    writer = IncrementalPdfFileWriter(BytesIO(signed_by("good")))
    field = writer.root["/AcroForm"]["/Fields"][0]
    value = generic.DictionaryObject(field["/V"])
    value[generic.NameObject("/Name")] = generic.pdf_string("X")
    field[generic.NameObject("/V")] = writer.add_object(value)
    writer.update_container(field)
    output = BytesIO()
    writer.write(output)
    report = verify_pdf(output.getvalue(), bench)

    assert {each.verdict for each in report.signatures} == {Verdict.INVALID}


@pytest.mark.parametrize("stream_xrefs", [True, False])
def test_both_kinds_of_tables_are_read(bench: Bench, *, stream_xrefs: bool) -> None:
    """Cross-references as a table, as old programs write them, or as a stream."""
    copy = copy_into_new_writer(PdfFileReader(BytesIO(PLAIN)))
    copy.stream_xrefs = stream_xrefs
    output = BytesIO()
    copy.write(output)
    pki = country().pki
    pen = Pen(party=pki.person, at=SIGNED, chain=(pki.intermediate,), stamps=pki.stamps)
    other = replace(pen, party=pki.agency, field="CoQuan")
    twice = sign_pdf(sign_pdf(output.getvalue(), pen), other)
    report = verify_pdf(twice + b"\n", bench)

    assert (b"/XRef" in twice) == stream_xrefs
    assert [each.verdict for each in report.signatures] == [Verdict.VALID, Verdict.VALID]


def test_an_unsigned_file_has_no_signature(bench: Bench) -> None:
    """Nothing to say is said briefly."""
    assert verify_pdf(PLAIN, bench).signatures == ()


def test_a_changed_byte_is_told_with_its_revision(bench: Bench) -> None:
    """A broken digest names the revision and the bytes that it should cover."""
    signed = bytearray(signed_by("good"))
    signed[40] ^= 1
    signature = verified(bytes(signed), bench)

    assert signature.reason is Reason.HASH
    assert [(each.revision, each.first_byte) for each in signature.changes] == [(2, 0)]


def byte_range(pdf: bytes) -> tuple[int, int, int, int]:
    """Return the numbers of the first byte range in *pdf*."""
    begin = pdf.index(b"/ByteRange") + len(b"/ByteRange")
    text = pdf[begin : pdf.index(b"]", begin)].strip(b" [")
    first, length, second, rest = map(int, text.split())
    return first, length, second, rest


def test_a_byte_range_with_a_wider_gap_is_refused(bench: Bench) -> None:
    """Whatever the gap hides, nobody signed it."""
    signed = signed_by("good")
    _, length, second, rest = byte_range(signed)
    begin = signed.index(b"/ByteRange")
    end = signed.index(b"]", begin) + 1
    wider = b"/ByteRange [0 %d %d %d]" % (length - 5, second + 5, rest - 5)
    forged = signed[:begin] + wider.ljust(end - begin) + signed[end:]

    assert verified(forged, bench).verdict is Verdict.INVALID


SIGNED_ONCE = signed_by("good", stamped=True)
COVERED = (byte_range(SIGNED_ONCE)[1], byte_range(SIGNED_ONCE)[2])


@given(st.integers(0, len(SIGNED_ONCE) - 1), st.integers(1, 255))
def test_no_flipped_byte_stays_valid(bench: Bench, place: int, change: int) -> None:
    """Any covered byte, changed in any way, breaks the signature; and nothing ever raises."""
    forged = bytearray(SIGNED_ONCE)
    forged[place] ^= change
    report = verify_pdf(bytes(forged), bench)

    covered = not COVERED[0] < place < COVERED[1] - 1
    assert not covered or all(each.verdict is not Verdict.VALID for each in report.signatures)


@given(st.data())
def test_no_flipped_byte_of_the_structure_raises(bench: Bench, data: st.DataObject) -> None:
    """The structure of the signature itself, changed anywhere, gives a result."""
    begin = COVERED[0] + 1
    end = begin + 2 * 6000
    place = data.draw(st.integers(begin, min(end, COVERED[1] - 2)))
    digit = data.draw(st.sampled_from(b"0123456789abcdef"))
    forged = bytearray(SIGNED_ONCE)
    forged[place] = digit
    report = verify_pdf(bytes(forged), bench)

    assert report.signatures or report.fault


@given(st.integers(0, len(SIGNED_ONCE)))
def test_a_truncated_file_is_never_valid(bench: Bench, length: int) -> None:
    """Half a file is a result, not an exception."""
    report = verify_pdf(SIGNED_ONCE[:length], bench)

    assert length == len(SIGNED_ONCE) or all(
        each.verdict is not Verdict.VALID for each in report.signatures
    )


@given(st.binary(max_size=300))
def test_any_bytes_are_read(bench: Bench, tail: bytes) -> None:
    """Bytes that only look like a signed PDF file are a result."""
    verify_pdf(b"%PDF-1.7\n/ByteRange [0 1 2 3]\n" + tail, bench)
