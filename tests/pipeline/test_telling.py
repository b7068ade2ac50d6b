"""Incidents and maintenance: who is told, by stream, mail and webhook, and when."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.domain.announcements import Announcement, AnnouncementKind, Changes, Severity
from gateway.domain.directory_plan import AgencyChanges
from gateway.domain.errors import Conflict, Forbidden, Refused, Unavailable
from gateway.domain.exchange import Notice, Role
from gateway.domain.mail import Mail
from tests.mailboxes import Mailboxes, by_mail, mailboxes
from tests.pipeline.rooms import ADMIN, AUDITOR, READER, SENDER, START, Rooms, reopened, rooms

INCIDENT, MAINTENANCE = AnnouncementKind.INCIDENT, AnnouncementKind.MAINTENANCE
HEAD, NEXT = "giamdoc@h13.example.gov.vn", "vanphong@h13.example.gov.vn"
CLERK = "vanthu@snv.example.gov.vn"


@pytest.fixture
async def boxes() -> AsyncIterator[Mailboxes]:
    """A mail server."""
    async with mailboxes() as running:
        yield running


@pytest.fixture
async def house(tmp_path: Path, boxes: Mailboxes) -> AsyncIterator[Rooms]:
    """A node with a mail server; one of its agencies has an address, and two people may be called."""
    notify = by_mail(boxes.port, escalation=[HEAD, NEXT])
    async with rooms(tmp_path / "node", notify=notify) as opened:
        await reach(opened, SENDER, email=CLERK)
        yield opened


async def reach(house: Rooms, agency: str, **contact: str) -> None:
    """Give an agency a contact."""
    await house.gateway.agencies.patch(agency, ADMIN, AgencyChanges(contact=contact))


def an_incident(**changes: object) -> Announcement:
    """Return the draft of an incident."""
    draft = Announcement(
        kind=INCIDENT,
        text="Mất kết nối với trục liên thông của tỉnh",
        text_en="The axis of the province cannot be reached",
        begins_at=START - timedelta(minutes=10),
        until=START + timedelta(hours=2),
        meanwhile="Gửi văn bản giấy đối với văn bản khẩn",
        afterwards="Văn bản đã gửi được chuyển tiếp tự động",
        by="",
        at=START,
    )
    return replace(draft, **changes)  # type: ignore[arg-type]


def a_maintenance(*, hours: float, **changes: object) -> Announcement:
    """Return the draft of an hour of maintenance, so many *hours* from now."""
    begins = START + timedelta(hours=hours)
    until = begins + timedelta(hours=1)
    return an_incident(
        kind=MAINTENANCE, text="Nâng cấp phần mềm", begins_at=begins, until=until, **changes
    )


async def opened(house: Rooms, **changes: object) -> Announcement:
    """Open an incident."""
    return await house.gateway.announcing.announcements.publish(an_incident(**changes), ADMIN)


async def post(house: Rooms) -> None:
    """Send what is due."""
    await house.gateway.announcing.posting.deliver(asyncio.Event())


async def stream(house: Rooms, agency: str = READER) -> list[Notice]:
    """Return what the stream of an agency says of notices."""
    notices = await house.read(lambda tx: tx.feed.notices_after(agency, 0, 100))
    return [each for each in notices if each.kind in {"incident", "maintenance"}]


async def mails(house: Rooms, announcement: Announcement) -> list[Mail]:
    """Return the messages about a notice."""
    return await house.gateway.announcing.announcements.mails(announcement.id, ADMIN)


async def test_an_agency_is_written_to_when_an_incident_opens(
    house: Rooms, boxes: Mailboxes
) -> None:
    """At the address of its contact."""
    await opened(house)
    await post(house)

    assert [each.recipients for each in boxes.posts] == [[CLERK]]


async def test_a_mail_says_in_vietnamese_then_in_english_what_the_regulation_asks(
    house: Rooms, boxes: Mailboxes
) -> None:
    """What, since when, until when, meanwhile, afterwards (S1 art. 11.1)."""
    await opened(house)
    await post(house)
    vietnamese, _, english = boxes.posts[0].text.partition("-" * 60)

    for said in (
        "Mất kết nối với trục liên thông của tỉnh",
        "Xảy ra từ: 08:50 ngày 20/11/2026",
        "Dự kiến hoạt động trở lại: 11:00 ngày 20/11/2026",
        "Gửi văn bản giấy đối với văn bản khẩn",
        "Văn bản đã gửi được chuyển tiếp tự động",
        "Mức độ: nghiêm trọng",
    ):
        assert said in vietnamese
    for said in ("cannot be reached", "Since: 08:50 on 20/11/2026", "Severity: major"):
        assert said in english


async def test_the_head_of_a_mail_is_readable_by_every_mail_program(
    house: Rooms, boxes: Mailboxes
) -> None:
    """Encoded words and a declared character set on the wire; from and to as configured."""
    await opened(house)
    await post(house)
    got = boxes.posts[0]

    assert got.raw.isascii()
    assert max(map(len, got.raw.splitlines())) <= 78
    assert got.subject.startswith("[H13] Thông báo sự cố (nghiêm trọng): Mất kết nối")
    assert got.subject.endswith("/ Incident")
    assert str(got.message["From"]) == "UBND tỉnh <lienthong@h13.example.gov.vn>"
    assert (str(got.message["To"]), got.message.get_content_charset()) == (CLERK, "utf-8")
    assert got.message["Auto-Submitted"] == "auto-generated"


async def test_changing_and_closing_are_told_too(house: Rooms, boxes: Mailboxes) -> None:
    """Each with the notice as it then was, however late it is sent."""
    room, incident = house.gateway.announcing.announcements, await opened(house)
    later = Changes(until=START + timedelta(hours=5), severity=Severity.CRITICAL)
    await room.change(incident.id, later, ADMIN, kind=INCIDENT)
    await room.end(incident.id, ADMIN, kind=INCIDENT, note="Đã thay thiết bị")
    await post(house)

    assert [each.subject.partition(":")[0] for each in boxes.posts] == [
        "[H13] Thông báo sự cố (nghiêm trọng)",
        "[H13] Cập nhật thông báo sự cố (đặc biệt nghiêm trọng)",
        "[H13] Sự cố đã được khắc phục (đặc biệt nghiêm trọng)",
    ]
    assert "Đã thay thiết bị" not in boxes.posts[0].text
    assert "Đã thay thiết bị" in boxes.posts[2].text


async def test_a_change_that_changes_nothing_tells_nobody(house: Rooms) -> None:
    """Saving a form twice writes to nobody twice."""
    incident = await opened(house)
    same = Changes(text=incident.text)
    await house.gateway.announcing.announcements.change(incident.id, same, ADMIN, kind=INCIDENT)

    assert [each.state for each in await stream(house)] == ["opened"]


async def test_what_is_over_is_not_changed(house: Rooms) -> None:
    """A conflict."""
    room, incident = house.gateway.announcing.announcements, await opened(house)
    await room.end(incident.id, ADMIN, kind=INCIDENT)

    with pytest.raises(Conflict):
        await room.change(incident.id, Changes(text="Khác"), ADMIN, kind=INCIDENT)


async def test_an_incident_does_not_begin_in_the_future(house: Rooms) -> None:
    """That would be maintenance."""
    with pytest.raises(Refused) as refused:
        await opened(house, begins_at=START + timedelta(hours=1))

    assert [each.code for each in refused.value.findings] == ["announcement-ahead"]


@pytest.mark.parametrize(
    ("name", "at"),
    [
        ("begins_at", datetime.min.replace(tzinfo=UTC)),
        ("until", datetime.max.replace(tzinfo=UTC)),
    ],
)
async def test_a_time_that_no_zone_can_tell_is_refused(
    house: Rooms, name: str, at: datetime
) -> None:
    """Nobody could be told of it, and every list would break."""
    room = house.gateway.announcing.announcements
    with pytest.raises(Refused) as refused:
        await room.publish(an_incident(**{name: at}), ADMIN)

    assert [each.code for each in refused.value.findings] == ["announcement-far"]


async def test_a_mail_that_cannot_be_written_stops_nothing(
    house: Rooms, boxes: Mailboxes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has failed; those behind it go."""
    with monkeypatch.context() as patched:
        patched.setattr("gateway.pipeline.posting.body_of", lambda *_, **__: 1 // 0)
        broken = await opened(house)
        await post(house)
    await opened(house)
    await post(house)

    assert [each.state for each in await mails(house, broken)] == ["failed"]
    assert len(boxes.posts) == 1


async def test_only_administrators_take_an_incident_on(house: Rooms) -> None:
    """Auditors read."""
    incident = await opened(house)

    with pytest.raises(Forbidden):
        await house.gateway.announcing.announcements.acknowledge(incident.id, AUDITOR)


async def test_every_agency_reads_of_it_in_its_stream(house: Rooms) -> None:
    """Once, in its place among what is of the agency alone."""
    incident = await opened(house)

    told = [(each.document, each.state) for each in await stream(house)]
    assert told == [(str(incident.id), "opened")]


async def test_a_person_with_an_address_is_written_to(house: Rooms, boxes: Mailboxes) -> None:
    """Accounts may have an address of their own."""
    accounts = house.gateway.people.accounts
    issued = await accounts.add(ADMIN, name="Trần Thị Bình", agency=READER, role=Role.CLERK)
    await accounts.write_to(issued.account.user_name, ADMIN, address="binhtt@stc.example.gov.vn")
    await opened(house)
    await post(house)

    assert len(boxes.to("binhtt@stc.example.gov.vn")) == 1


async def test_an_address_that_stands_twice_gets_one_mail(house: Rooms, boxes: Mailboxes) -> None:
    """Two agencies that share an office share a mail."""
    await reach(house, READER, email=CLERK.upper())
    await opened(house)
    await post(house)

    assert len(boxes.posts) == 1


async def test_what_is_no_address_is_passed_over(house: Rooms, boxes: Mailboxes) -> None:
    """A contact is free text; a line break in it writes no header."""
    text = "phòng 12, x@y.vn\r\nBcc: z@z.vn; khong-phai"
    await reach(house, READER, admin_email=text)
    await opened(house)
    await post(house)

    assert {each.recipients[0] for each in boxes.posts} == {CLERK, "x@y.vn", "z@z.vn"}
    assert [each.message["Bcc"] for each in boxes.posts] == [None] * 3


async def test_a_dead_mail_server_stops_nothing(house: Rooms, boxes: Mailboxes) -> None:
    """The incident is open, its mail waits and is sent when the server is back."""
    room = house.gateway.announcing.posting
    alive, room.server = room.server, replace(room.server, port=9)  # type: ignore[type-var]
    incident = await opened(house)
    with pytest.raises(Unavailable):
        await post(house)
    waiting = [each.state for each in await mails(house, incident)]
    room.server = alive
    await post(house)

    assert (waiting, len(boxes.posts)) == (["waiting"], 1)


async def test_a_mail_that_is_not_taken_for_days_has_failed(house: Rooms) -> None:
    """Nothing is tried for ever."""
    room = house.gateway.announcing.posting
    room.server = replace(room.server, port=9)  # type: ignore[type-var]
    incident = await opened(house)
    house.clock.move(80 * 3600)
    with pytest.raises(Unavailable):
        await post(house)

    assert [each.state for each in await mails(house, incident)] == ["failed"]


async def test_a_recipient_that_is_refused_for_good_has_failed(
    house: Rooms, boxes: Mailboxes
) -> None:
    """And the others have their mail."""
    await reach(house, READER, email="khong@co.vn")
    boxes.answers = lambda address: "550 no such user" if address == "khong@co.vn" else None
    incident = await opened(house)
    await post(house)

    states = {each.recipient: each.state for each in await mails(house, incident)}
    assert states == {CLERK: "sent", "khong@co.vn": "failed"}


async def test_a_recipient_that_is_busy_is_tried_again_later(
    house: Rooms, boxes: Mailboxes
) -> None:
    """Grey-listing is no failure."""
    boxes.answers = lambda _: "450 come again"
    incident = await opened(house)
    await post(house)
    busy = [each.state for each in await mails(house, incident)]
    boxes.answers = lambda _: None
    await post(house)
    too_soon = len(boxes.posts)
    house.clock.move(60)
    await post(house)

    assert (busy, too_soon, len(boxes.posts)) == (["waiting"], 0, 1)


async def test_a_mail_at_which_the_server_hangs_up_keeps_no_other(
    house: Rooms, boxes: Mailboxes
) -> None:
    """Whatever it has against one recipient: the others are told, and that one is tried again."""
    await reach(house, READER, email="sau@co.vn")
    boxes.answers = lambda address: "421 closing" if address == CLERK else None
    incident = await opened(house)
    with pytest.raises(Unavailable):
        await post(house)
    await post(house)
    states = {each.recipient: each.state for each in await mails(house, incident)}
    boxes.answers = lambda _: None
    house.clock.move(60)
    await post(house)

    assert states == {CLERK: "waiting", "sau@co.vn": "sent"}
    assert [each.recipients for each in boxes.posts] == [["sau@co.vn"], [CLERK]]


async def test_a_mail_goes_out_after_a_crash_between_commit_and_sending(
    tmp_path: Path, boxes: Mailboxes
) -> None:
    """It lies in the database with what it tells of."""
    notify = by_mail(boxes.port, to=[HEAD])
    async with rooms(tmp_path / "node", notify=notify) as before:
        await opened(before)
    async with reopened(tmp_path / "node", notify=notify) as after:
        await post(after)
        await post(after)

    assert [each.recipients for each in boxes.posts] == [[HEAD]]


async def test_what_may_have_been_sent_goes_again_under_the_same_identifier(
    tmp_path: Path, boxes: Mailboxes
) -> None:
    """A crash after the server took it and before that was written down."""
    notify = by_mail(boxes.port, to=[HEAD])
    async with rooms(tmp_path / "node", notify=notify) as before:
        await opened(before)
        room = before.gateway.announcing.posting
        claimed = await room._claim()  # noqa: SLF001 - the crash comes after this step
        assert claimed is not None
        assert room.server is not None
        async with room.server.open() as bag:
            await bag.send(room._letter(claimed))  # noqa: SLF001 - the same
    async with reopened(tmp_path / "node", notify=notify, at=START + timedelta(minutes=10)) as now:
        await post(now)

    assert len(boxes.posts) == 2
    assert len({str(each.message["Message-ID"]) for each in boxes.posts}) == 1


async def test_two_processes_send_one_mail(tmp_path: Path, boxes: Mailboxes) -> None:
    """Whoever claims it."""
    notify = by_mail(boxes.port, to=[HEAD, NEXT])
    async with (
        rooms(tmp_path / "node", notify=notify) as one,
        reopened(tmp_path / "node", notify=notify) as two,
    ):
        await opened(one)
        async with asyncio.TaskGroup() as group:
            for _ in range(3):
                group.create_task(post(one))
                group.create_task(post(two))

    assert sorted(each.recipients[0] for each in boxes.posts) == sorted([HEAD, NEXT])


async def test_the_next_contact_is_called_while_nobody_acknowledges(
    house: Rooms, boxes: Mailboxes
) -> None:
    """One after the other, each once."""
    await opened(house)
    called = []
    for _ in range(4):
        house.clock.move(31 * 60)
        await house.gateway.announcing.calling.look()
        await house.gateway.announcing.calling.look()
        await post(house)
        called.append((len(boxes.to(HEAD)), len(boxes.to(NEXT))))

    assert called == [(1, 0), (1, 1), (1, 1), (1, 1)]
    assert "chưa được quản trị viên nào tiếp nhận" in boxes.to(HEAD)[0].text


async def test_nobody_is_called_once_it_is_acknowledged(house: Rooms, boxes: Mailboxes) -> None:
    """Nor for what is closed."""
    incident = await opened(house)
    await house.gateway.announcing.announcements.acknowledge(incident.id, ADMIN)
    house.clock.move(3600)
    await house.gateway.announcing.calling.look()
    await post(house)

    assert boxes.to(HEAD) == []
    assert [each.state for each in await stream(house)] == ["opened", "acknowledged"]


async def test_a_minor_incident_calls_nobody(house: Rooms, boxes: Mailboxes) -> None:
    """What is grave enough is configured."""
    await opened(house, severity=Severity.MINOR)
    house.clock.move(3600)
    await house.gateway.announcing.calling.look()
    await post(house)

    assert boxes.to(HEAD) == []


async def test_maintenance_is_told_again_before_it_begins(house: Rooms, boxes: Mailboxes) -> None:
    """At the lead times that were still to come when it was planned."""
    room = house.gateway.announcing
    await room.announcements.publish(a_maintenance(hours=30), ADMIN)
    for _ in range(15):
        house.clock.move(2 * 3600)
        await room.calling.look()
    await post(house)

    assert [each.subject.partition(":")[0] for each in boxes.posts] == [
        "[H13] Thông báo lịch bảo trì",
        "[H13] Nhắc lịch bảo trì",
    ]


async def test_maintenance_ends_when_its_time_is_over(house: Rooms) -> None:
    """As two looks find it; on record with its end; a mail wakes nobody."""
    room = house.gateway.announcing
    planned = await room.announcements.publish(a_maintenance(hours=1), ADMIN)
    house.clock.move(3 * 3600)
    for _ in range(2):
        await room.calling.look()
    found = await room.announcements.find(planned.id)

    assert (found.ended_at, found.ended_by) == (planned.until, "node")


async def test_a_clock_that_was_ahead_for_one_look_ends_no_maintenance(house: Rooms) -> None:
    """It is still planned once the clock is put right."""
    room = house.gateway.announcing
    planned = await room.announcements.publish(a_maintenance(hours=30), ADMIN)
    for hours in (0, 400, -400, 1):
        house.clock.move(hours * 3600)
        await room.calling.look()

    assert (await room.announcements.find(planned.id)).ended_at is None


async def test_a_cancelled_maintenance_is_told_as_such(house: Rooms, boxes: Mailboxes) -> None:
    """And is reminded of no more."""
    room = house.gateway.announcing
    planned = await room.announcements.publish(a_maintenance(hours=30), ADMIN)
    await room.announcements.end(planned.id, ADMIN, kind=MAINTENANCE, note="Lùi sang tháng sau")
    house.clock.move(29.5 * 3600)
    await room.calling.look()
    await post(house)

    assert boxes.posts[-1].subject.startswith("[H13] Hủy lịch bảo trì: Nâng cấp phần mềm")
    assert len(boxes.posts) == 2


async def test_an_office_with_a_webhook_is_sent_what_the_api_shows(tmp_path: Path) -> None:
    """Under an identifier that is constant over retries, beside documents."""
    webhook = {
        "agency": READER,
        "delivery": "webhook",
        "url": "http://127.0.0.1:9/",
        "secret_file": "config/calendar-vn.toml",
    }
    async with rooms(tmp_path / "node", office=[webhook]) as house:
        incident = await opened(house)
        (errand,) = await house.begin()
        with errand.packet.open() as chunks:
            said = json.loads(b"".join(chunks))

    assert (errand.packet.event, errand.packet.media_type) == ("incident", "application/json")
    assert errand.packet.id == f"H13-incident-{incident.id}.1"
    assert (said["event"], said["text"], said["state"]) == ("opened", incident.text, "open")


async def test_a_webhook_that_takes_no_incidents_still_gets_documents(tmp_path: Path) -> None:
    """What it does not know waits alone."""
    webhook = {
        "agency": READER,
        "delivery": "webhook",
        "url": "http://127.0.0.1:9/",
        "secret_file": "config/calendar-vn.toml",
    }
    async with rooms(tmp_path / "node", office=[webhook]) as house:
        await opened(house)
        await house.relay_once()
        destination = await house.read(lambda tx: tx.destinations.find(f"office:{READER}"))

    assert (destination.failures, destination.retry_at) == (0, None)
