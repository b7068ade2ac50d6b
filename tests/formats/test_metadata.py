"""The JSON metadata: what is read, what is reported, what is written."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.document import Business, BusinessKind, Metadata, Priority, Signer
from gateway.domain.errors import Refused
from gateway.domain.findings import Finding, refuses
from gateway.domain.metadata import canonical_metadata, metadata_to_json
from gateway.formats.metadata import read_metadata

FULL: dict[str, object] = {
    "to": ["H13.20", "000.00.01.H13"],
    "type": "QĐ",
    "subject": "Về việc ban hành quy chế",
    "notation": "QĐ-UBND",
    "number": "15",
    "promulgated_on": "2026-11-20",
    "signer": {"competence": "TM.", "position": "Chủ tịch", "full_name": "Nguyễn Văn A"},
    "priority": "very-urgent",
    "reply_requested": True,
    "due_on": "2026-12-01",
    "reply_to": "H13.01/2026/7",
    "paper_copy": True,
    "place": "Cần Thơ",
    "pages": 3,
    "copies": 2,
    "security": "normal",
    "kind": "report",
    "business": {"kind": "replace", "of": "H13.01/2026/8", "reason": "Sai thể thức"},
}

texts = st.text(st.characters(codec="utf-8"), max_size=20)
maybe = st.none() | texts.filter(bool)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)


def read(**changes: object) -> tuple[Metadata | None, tuple[Finding, ...]]:
    return read_metadata(json.dumps(FULL | changes).encode())


def codes(findings: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(finding.code, finding.pointer) for finding in findings]


def test_every_field_of_the_contract_is_read() -> None:
    """Complete metadata are read without a finding."""
    metadata, findings = read()

    assert findings == ()
    assert metadata == Metadata(
        to=("H13.20", "000.00.01.H13"),
        type="QĐ",
        subject="Về việc ban hành quy chế",
        notation="QĐ-UBND",
        number="15",
        promulgated_on=date(2026, 11, 20),
        signer=Signer(competence="TM.", position="Chủ tịch", full_name="Nguyễn Văn A"),
        priority=Priority.VERY_URGENT,
        reply_requested=True,
        due_on=date(2026, 12, 1),
        reply_to="H13.01/2026/7",
        paper_copy=True,
        place="Cần Thơ",
        pages=3,
        copies=2,
        security="normal",
        kind="report",
        business=Business(kind=BusinessKind.REPLACE, of="H13.01/2026/8", reason="Sai thể thức"),
    )


def test_missing_data_are_left_to_the_rules() -> None:
    """An empty object gives empty metadata and no finding."""
    assert read_metadata(b"{}") == (Metadata(to=(), type="", subject="", notation=""), ())


def test_null_means_absent() -> None:
    """Every field may be null."""
    nothing = dict.fromkeys(FULL)

    assert read_metadata(json.dumps(nothing).encode()) == read_metadata(b"{}")


def test_a_byte_order_mark_is_tolerated() -> None:
    """A BOM before the object does no harm."""
    assert read_metadata(b"\xef\xbb\xbf{}") == read_metadata(b"{}")


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"sbject": "x"}, "meta-unknown", "/metadata/sbject"),
        ({"a/b~c": 1}, "meta-unknown", "/metadata/a~1b~0c"),
        ({"signer": {"name": "A"}}, "meta-unknown", "/metadata/signer/name"),
        ({"business": {"code": "A"}}, "meta-unknown", "/metadata/business/code"),
        ({"subject": 5}, "meta-type", "/metadata/subject"),
        ({"number": 15}, "meta-type", "/metadata/number"),
        ({"to": "H13.20"}, "meta-type", "/metadata/to"),
        ({"to": {"H13.20": 1}}, "meta-type", "/metadata/to"),
        ({"to": ["H13.20", 7]}, "meta-type", "/metadata/to/1"),
        ({"signer": "Nguyễn Văn A"}, "meta-type", "/metadata/signer"),
        ({"signer": []}, "meta-type", "/metadata/signer"),
        ({"reply_requested": "true"}, "meta-type", "/metadata/reply_requested"),
        ({"paper_copy": 1}, "meta-type", "/metadata/paper_copy"),
        ({"pages": True}, "meta-type", "/metadata/pages"),
        ({"pages": 3.0}, "meta-type", "/metadata/pages"),
        ({"copies": "3"}, "meta-type", "/metadata/copies"),
        ({"pages": -1}, "meta-range", "/metadata/pages"),
        ({"pages": 1_000_000}, "meta-range", "/metadata/pages"),
        ({"promulgated_on": 20261120}, "meta-type", "/metadata/promulgated_on"),
        ({"promulgated_on": "20/11/2026"}, "meta-date", "/metadata/promulgated_on"),
        ({"promulgated_on": "20261120"}, "meta-date", "/metadata/promulgated_on"),
        ({"promulgated_on": "2026-W47-5"}, "meta-date", "/metadata/promulgated_on"),
        ({"due_on": "2026-02-30"}, "meta-date", "/metadata/due_on"),
        ({"due_on": "٢٠٢٦-11-20"}, "meta-date", "/metadata/due_on"),
        ({"priority": "asap"}, "meta-value", "/metadata/priority"),
        ({"priority": ""}, "meta-value", "/metadata/priority"),
        ({"priority": 1}, "meta-type", "/metadata/priority"),
        ({"business": {"kind": "delete"}}, "meta-value", "/metadata/business/kind"),
        ({"business": {"kind": "recall"}}, "meta-value", "/metadata/business/kind"),
        ({"subject": "a\ud800b"}, "meta-surrogate", "/metadata/subject"),
    ],
)
def test_what_is_wrong_is_reported_where_it_stands(
    changes: dict[str, object], code: str, pointer: str
) -> None:
    """Each fault gives exactly one finding, which refuses, at its own place."""
    metadata, findings = read(**changes)

    assert metadata is not None
    assert codes(findings) == [(code, pointer)]
    assert refuses(findings)


def test_everything_wrong_is_reported_at_once() -> None:
    """A second fault does not hide behind the first."""
    _, findings = read(subject=5, pages=-1, due_on="x", nonsense=1)

    assert {code for code, _ in codes(findings)} == {
        "meta-type",
        "meta-range",
        "meta-date",
        "meta-unknown",
    }


def test_the_nearest_known_key_is_suggested() -> None:
    """A misspelt key is told its neighbour."""
    _, findings = read(promulgated="2026-11-20")

    assert "promulgated_on" in findings[0].remedy
    assert "promulgated_on" in findings[0].remedy_en


def test_a_doubled_key_is_reported_once_and_its_first_value_kept() -> None:
    """Readers differ about which of two values counts, so neither is accepted silently."""
    metadata, findings = read_metadata(b'{"place":"a","place":"b","place":"c"}')

    assert codes(findings) == [("meta-duplicate", "/metadata/place")]
    assert metadata is not None
    assert metadata.place == "a"


def test_a_wrong_recipient_keeps_its_position() -> None:
    """Findings of the rules about later recipients still point at the right place."""
    metadata, _ = read(to=[7, "H13.20"])

    assert metadata is not None
    assert metadata.to == ("", "H13.20")


def test_metadata_that_are_no_object_are_a_wrong_type() -> None:
    """A JSON array is readable, but holds no metadata."""
    metadata, findings = read_metadata(b"[]")

    assert metadata is None
    assert codes(findings) == [("meta-type", "/metadata")]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"{'to': 1}",
        b'{"pages": NaN}',
        b'{"pages": -Infinity}',
        b'{"subject": "\xff"}',
        b'{"subject": "\xed\xa0\x80"}',
        b"\xff\xfe{\x00}\x00",
        b"[" * 200_000,
        b'{"a":' * 200_000,
    ],
)
def test_what_is_no_json_in_utf_8_is_unreadable(raw: bytes) -> None:
    """Broken JSON, other encodings and endless nesting are refused as a whole."""
    with pytest.raises(Refused) as caught:
        read_metadata(raw)

    assert caught.value.code == "unreadable"
    assert codes(caught.value.findings[:1]) == [("meta-unreadable", "/metadata")]


def test_a_number_of_many_digits_is_out_of_range() -> None:
    """Python's limit on digits is not run into."""
    _, findings = read_metadata(b'{"pages":' + b"9" * 100_000 + b"}")

    assert codes(findings) == [("meta-range", "/metadata/pages")]


def test_texts_are_as_given() -> None:
    """Decomposed letters are composed, and told, by those who judge them."""
    metadata, findings = read(place="Ca\u0302\u0300n Tho\u031b")

    assert metadata is not None
    assert metadata.place == "Ca\u0302\u0300n Tho\u031b"
    assert findings == ()


@pytest.mark.parametrize("spelling", ["normal", "Normal", " thường ", "THƯỜNG", "", None])
def test_every_accepted_way_to_say_that_it_is_no_secret_becomes_normal(
    spelling: str | None,
) -> None:
    """The node keeps one spelling."""
    metadata, _ = read(security=spelling)

    assert metadata is not None
    assert metadata.security == "normal"


def test_a_declared_secrecy_is_kept_as_given() -> None:
    """The rules must see it to refuse it."""
    metadata, _ = read(security="Tối mật")

    assert metadata is not None
    assert metadata.security == "Tối mật"


def test_findings_about_one_body_are_bounded() -> None:
    """A hundred thousand unknown keys do not make a hundred thousand findings."""
    raw = json.dumps({f"key{n}": n for n in range(60_000)}).encode()

    _, findings = read_metadata(raw)

    assert len(findings) == 500


def test_findings_can_always_be_encoded() -> None:
    """A key of lone surrogates and direction marks does not reach the answer as it is."""
    _, findings = read_metadata(b'{"\\ud800\\u202e\\u0000": 1}')

    assert codes(findings) == [("meta-unknown", "/metadata/<U+D800><U+202E><U+0000>")]
    assert findings[0].message.encode()


def test_metadata_are_written_under_the_keys_of_the_contract() -> None:
    """What was read is written the same."""
    metadata, _ = read()

    assert metadata is not None
    assert metadata_to_json(metadata) == FULL


def test_what_is_unknown_is_written_as_null() -> None:
    """No key is left out."""
    written = metadata_to_json(Metadata(to=(), type="", subject="", notation=""))

    assert set(written) == set(FULL)
    assert written["number"] is None
    assert written["promulgated_on"] is None
    assert written["place"] is None


def test_equal_metadata_give_equal_bytes() -> None:
    """Order of keys, escapes, composition and white space do not change the digest."""
    one, _ = read(place="Cần Thơ")
    other, _ = read_metadata(
        json.dumps(
            dict(reversed(list(FULL.items()))) | {"place": "Ca\u0302\u0300n Thơ"}, indent=2
        ).encode()
    )

    assert one is not None
    assert other is not None
    assert canonical_metadata(one) == canonical_metadata(other)


def test_other_metadata_give_other_bytes() -> None:
    """The order of the recipients is part of what was said."""
    one, _ = read(to=["A", "B"])
    other, _ = read(to=["B", "A"])

    assert one is not None
    assert other is not None
    assert canonical_metadata(one) != canonical_metadata(other)


@given(
    st.builds(
        Metadata,
        to=st.lists(texts).map(tuple),
        type=texts,
        subject=texts,
        notation=texts,
        number=maybe,
        promulgated_on=st.none() | st.dates(),
        place=texts,
        signer=st.builds(Signer, competence=maybe, position=texts, full_name=texts),
        priority=st.sampled_from(Priority),
        reply_requested=st.booleans(),
        due_on=st.none() | st.dates(),
        reply_to=maybe,
        paper_copy=st.booleans(),
        pages=st.none() | st.integers(0, 999_999),
        copies=st.none() | st.integers(0, 999_999),
        kind=maybe,
        business=st.builds(
            Business,
            kind=st.sampled_from(
                [each for each in BusinessKind if each is not BusinessKind.RECALL]
            ),
            of=maybe,
            reason=maybe,
        ),
    )
)
def test_reading_what_was_written_is_the_identity(metadata: Metadata) -> None:
    """Metadata survive the way through JSON, composition of letters aside."""
    written = canonical_metadata(metadata)
    composed, findings = read_metadata(written)

    assert findings == ()
    assert composed is not None
    assert read_metadata(canonical_metadata(composed)) == (composed, ())


@given(st.dictionaries(st.sampled_from(sorted(FULL)) | st.text(max_size=9), values))
def test_no_value_makes_the_reader_raise(given_values: dict[str, object]) -> None:
    """Whatever a readable object holds, the reader answers with findings that can be encoded."""
    _, findings = read_metadata(json.dumps(given_values).encode())

    for finding in findings:
        assert f"{finding.pointer}{finding.message}{finding.message_en}".encode()


@given(st.binary(max_size=40))
def test_no_bytes_make_the_reader_raise_anything_but_a_refusal(raw: bytes) -> None:
    """Arbitrary bytes are read or refused."""
    try:
        read_metadata(raw)
    except Refused as refused:
        assert refused.code == "unreadable"  # noqa: PT017 (both outcomes are right)
