"""What must not travel, and what is mended, through the rooms of a node."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.bootstrap.profiles import profiles_of
from gateway.domain.errors import Misconfigured, Refused
from gateway.domain.lifecycle import DocumentState
from tests.pipeline.rooms import (
    READER,
    SENDER,
    THIRD,
    Rooms,
    a_message,
    codes,
    rooms,
    settings,
    told,
)

LARGE = b"bi mat nha nuoc " * 200_000


@pytest.mark.parametrize(
    "changes",
    [
        {"security": "tối mật"},
        {"subject": "[MẬT] Kế hoạch"},
        {"notation": "KH-UBND-MẬT"},
        {"kind": "state-secret"},
    ],
)
async def test_a_secret_leaves_no_byte(node: Rooms, changes: dict[str, str]) -> None:
    """Large files were on the disk already; the refusal leaves nothing but its record."""
    with pytest.raises(Refused) as refused:
        await node.submit(files={"a.txt": LARGE, "b.txt": b"bi mat"}, **changes)

    assert "barred-secret" in codes(refused.value)
    assert node.files() == []


async def test_the_record_of_a_secret_holds_no_content(node: Rooms) -> None:
    """Who, when, the digest and the code are kept; not a word of the document."""
    with pytest.raises(Refused):
        await node.submit(subject="[TUYỆT MẬT] Kế hoạch Alpha")

    (record,) = [each for each in await node.audit() if each.action == "submission-refused"]
    assert record.data["reason"] == "barred-secret"
    assert "Alpha" not in str(record.data)


async def test_a_secret_message_leaves_no_byte(node: Rooms) -> None:
    """The message itself and what was decoded from it are wiped."""
    with pytest.raises(Refused) as refused:
        await node.post(a_message(subject="TUYỆT MẬT", content=LARGE))

    assert "barred-secret" in codes(refused.value)
    assert node.files() == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
async def test_a_mark_in_a_text_file_bars_the_document(node: Rooms, encoding: str) -> None:
    """The line stands in the head of the text, in any form of Unicode."""
    content = "UBND TỈNH\nTỐI MẬT\nKẾ HOẠCH\n".encode(encoding)

    with pytest.raises(Refused) as refused:
        await node.submit(files={"ke-hoach.txt": content})

    assert codes(refused.value) == {"barred-secret"}


async def test_a_text_file_in_an_old_encoding_is_handed_on_as_it_is(node: Rooms) -> None:
    """A warning, never a change."""
    content = "Céng hßa x· héi chñ nghÜa ViÖt Nam\r\n".encode("latin-1")

    document = await node.sent(READER, files={"cong-van.txt": content})

    assert told(document.findings) == ["file-legacy-encoding"]
    assert document.attachments[0].size == len(content)


async def test_letters_are_kept_composed_and_that_is_told(node: Rooms) -> None:
    """The register holds one spelling; the sender hears of it."""
    document = await node.sent(READER, subject="Ve\u0302\u0300 vie\u0323\u0302c")

    assert document.metadata.subject == "Về việc"
    assert told(document.findings) == ["meta-decomposed"]


async def test_a_look_alike_is_mended_in_the_data_and_left_in_the_message(node: Rooms) -> None:
    """The register says QĐ; the bytes of the message are the sender's."""
    message = a_message(notation="Q\u00d0-UBND")

    document = await node.posted(message)

    assert document.metadata.notation == "QĐ-UBND"
    assert "meta-look-alike" in [each.code for each in document.findings]
    assert message == await node.envelope(document)


async def test_an_answer_to_a_document_of_ours_is_not_remarked_on(node: Rooms) -> None:
    """The sender had received it."""
    asked = await node.sent(SENDER, sender=READER)

    answer = await node.sent(READER, reply_to=asked.code)

    assert told(answer.findings) == []


async def test_an_answer_to_nothing_is_a_warning(node: Rooms) -> None:
    """A code of ours that was never given, or not to do with the sender, is a slip."""
    between_others = await node.sent(THIRD, sender=READER)

    answers = [
        await node.sent(READER, reply_to=code)
        for code in (f"{READER}/2026/999", between_others.code)
    ]

    assert [told(answer.findings) for answer in answers] == [["meta-reply-unknown"]] * 2


async def test_an_answer_to_a_foreign_identifier_is_left_alone(node: Rooms) -> None:
    """Nobody here can know what others have numbered."""
    answer = await node.sent(READER, reply_to="000.00.00.G22,2015/09/30,7816/VPCP-TTĐT")

    assert told(answer.findings) == []


PROFILES = {
    "profile": [
        {"agency": "H13", "name": "ha-nam-2019"},
        {"agency": SENDER, "name": "bac-giang-2014", "until": "2026-10-31"},
        {"agency": SENDER, "name": "ben-tre-2014", "since": "2026-11-01"},
    ]
}


async def test_the_profile_of_the_day_decides(tmp_path: Path) -> None:
    """The old regulation held one-stop files, the one that followed does not."""
    async with rooms(tmp_path / "node", **PROFILES) as node:  # type: ignore[arg-type]
        one_stop = await node.sent(kind="one-stop")
        complaint = await node.sent(kind="khiếu nại")

    assert one_stop.state is DocumentState.ACCEPTED
    assert complaint.state is DocumentState.HELD


async def test_another_agency_follows_the_profile_above_it(tmp_path: Path) -> None:
    """What its own regulation does not bar travels."""
    async with rooms(tmp_path / "node", **PROFILES) as node:  # type: ignore[arg-type]
        document = await node.sent(READER, sender=THIRD, kind="complaint")

    assert document.state is DocumentState.ACCEPTED


async def test_a_sender_a_little_ahead_of_midnight_is_no_liar(tmp_path: Path) -> None:
    """Its clock shows the next day already; half an hour earlier it would be in the future."""
    near = datetime(2026, 11, 20, 16, 58, tzinfo=UTC)  # 23:58 in Việt Nam
    async with rooms(tmp_path / "node", at=near) as node:
        document = await node.sent(promulgated_on="2026-11-21")
        node.clock.move(-1800)
        with pytest.raises(Refused) as refused:
            await node.sent(promulgated_on="2026-11-21")

    assert document.state is DocumentState.ACCEPTED
    assert codes(refused.value) == {"meta-date-future"}


async def test_a_profile_of_the_nodes_own_wins(tmp_path: Path) -> None:
    """A file in the folder of the node takes the place of the shipped one of that name."""
    folder = tmp_path / "node" / "config" / "profiles"
    async with rooms(tmp_path / "node") as node:
        folder.mkdir(parents=True)
        (folder / "default.toml").write_text('title = "Riêng"\n', "utf-8")

        assert profiles_of(settings(node.folder)).default.title == "Riêng"


@pytest.mark.parametrize(
    "sections",
    [
        {"screening": {"profile": "no-such"}},
        {"screening": {"profile": "../../etc/passwd"}},
        {"profile": [{"agency": "H13", "name": "default", "since": "2026-02-30"}]},
        {"profile": [{"agency": "H13", "name": "default"}, {"agency": "H13", "name": "default"}]},
    ],
)
def test_a_wrong_choice_is_named(tmp_path: Path, sections: dict[str, object]) -> None:
    """A profile that is not there, a date that is none, or two at once stop the start."""
    with pytest.raises(Misconfigured):
        profiles_of(settings(tmp_path, **sections))  # type: ignore[arg-type]
