"""Mail through a real server: TLS, a password, heads that every program reads, answers."""

import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from gateway.crypto.pki import Party, Wish, issue
from gateway.domain.errors import Refused, Unavailable, UnavailableItem
from gateway.domain.mail import Letter, addresses_in, distinct, is_address, message_id, pause_after
from gateway.mailing import SmtpServer, written
from tests.mailboxes import PASSWORD, USER, Mailboxes, Post, mailboxes

AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
LETTER = Letter(
    message_id="h13.1.1.abc@example.gov.vn",
    recipient="vanthu@snv.example.gov.vn",
    at=AT,
    subject="[H13] Thông báo sự cố: Mất kết nối với trục liên thông của tỉnh / Incident",
    body="Kính gửi: Các cơ quan\n.\nMất kết nối\n",
)


def a_server(port: int, **changes: object) -> SmtpServer:
    """Return our side of the server at *port*."""
    server = SmtpServer(
        host="127.0.0.1",
        port=port,
        tls="none",
        context=ssl.create_default_context(),
        sender="lienthong@h13.example.gov.vn",
        name="UBND tỉnh, Văn phòng",
        timeout_s=3.0,
    )
    return replace(server, **changes)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    """Return what a server shows, and the file of the authority that vouches for it."""
    folder, now = tmp_path_factory.mktemp("tls"), datetime.now(UTC)  # noqa: TID251 - of a test
    day = timedelta(days=1)
    wish = Wish(common_name="Thư", valid_from=now - day, valid_to=now + day)
    root = issue(replace(wish, is_authority=True))
    host = issue(replace(wish, hosts=("127.0.0.1",)), issuer=root)
    (folder / "root.pem").write_bytes(root.pem)
    (folder / "host.pem").write_bytes(host.pem + _pem(host))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "host.pem")
    return context, folder / "root.pem"


def _pem(party: Party) -> bytes:
    """Return the key of *party*."""
    return party.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.fixture
async def guarded(certified: tuple[ssl.SSLContext, Path]) -> AsyncIterator[Mailboxes]:
    """A server that wants TLS and a password."""
    async with mailboxes(tls=certified[0]) as running:
        yield running


@pytest.fixture
async def boxes() -> AsyncIterator[Mailboxes]:
    """A server in the clear."""
    async with mailboxes() as running:
        yield running


def believing(certified: tuple[ssl.SSLContext, Path]) -> ssl.SSLContext:
    """Return the context that believes the server's authority."""
    return ssl.create_default_context(cafile=certified[1])


async def test_over_starttls_with_a_password(
    guarded: Mailboxes, certified: tuple[ssl.SSLContext, Path]
) -> None:
    """As most servers want it."""
    server = a_server(
        guarded.port,
        tls="starttls",
        context=believing(certified),
        user=USER,
        secret=PASSWORD,
    )
    async with server.open() as bag:
        await bag.send(LETTER)

    assert [each.recipients for each in guarded.posts] == [[LETTER.recipient]]


async def test_a_wrong_password_is_not_repeated_in_what_is_told(
    guarded: Mailboxes, certified: tuple[ssl.SSLContext, Path]
) -> None:
    """The reason goes to the log."""
    context = believing(certified)
    server = a_server(guarded.port, tls="starttls", context=context, user=USER, secret="sai-mk-1")
    with pytest.raises(Unavailable) as failed:
        async with server.open():
            pass

    assert "535" in failed.value.message
    assert "sai-mk-1" not in repr((failed.value, failed.value.__cause__, server.user))


async def test_a_server_that_nobody_vouches_for_is_not_believed(guarded: Mailboxes) -> None:
    """The password is not shown to it."""
    server = a_server(guarded.port, tls="starttls", user=USER, secret=PASSWORD)
    with pytest.raises(Unavailable):
        async with server.open():
            pass

    assert guarded.logins == []


async def test_a_server_without_tls_is_not_believed_where_tls_is_wanted(boxes: Mailboxes) -> None:
    """Somebody on the way may have taken the offer out."""
    with pytest.raises(Unavailable):
        async with a_server(boxes.port, tls="starttls").open():
            pass


@pytest.mark.parametrize(
    ("answer", "kind"),
    [("550 no such user", Refused), ("451 later", UnavailableItem), ("421 closing", Unavailable)],
)
async def test_what_a_server_answers_is_told_apart(
    boxes: Mailboxes, answer: str, kind: type[Exception]
) -> None:
    """Never, later, not now."""
    boxes.answers = lambda _: answer
    async with a_server(boxes.port).open() as bag:
        with pytest.raises(kind) as failed:
            await bag.send(LETTER)

    assert type(failed.value) is kind


async def test_the_text_comes_as_it_was_written(boxes: Mailboxes) -> None:
    """Also a line with a dot alone."""
    async with a_server(boxes.port).open() as bag:
        await bag.send(LETTER)

    assert boxes.posts[0].text.replace("\r\n", "\n") == LETTER.body
    assert boxes.posts[0].message["Date"].datetime == AT


texts = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z")) | st.just(" "), max_size=300
)


@given(texts)
def test_any_subject_is_read_as_it_was_written(subject: str) -> None:
    """Spaces between words stay; no line is long; nothing else becomes a head."""
    wanted = " ".join(subject.split())
    raw = written(replace(LETTER, subject=wanted), sender="a@b.vn", name="Sở Nội vụ")
    post = Post(sender="", recipients=[], raw=raw)

    assert post.subject.strip() == wanted
    assert raw.isascii()
    assert max(len(line) for line in raw.partition(b"\r\n\r\n")[0].split(b"\r\n")) <= 78
    assert len(post.message.keys()) == 10


@given(st.text(max_size=200))
def test_whatever_is_taken_for_an_address_is_one(text: str) -> None:
    """No line break, comma or angle bracket gets through."""
    for address in addresses_in(text):
        assert is_address(address)
        assert not set(address) & set(' \r\n,;<>"')


def test_an_address_is_written_to_once() -> None:
    """However its letters are written."""
    assert distinct(["a@b.vn", "C@D.vn", "A@B.VN"]) == ["a@b.vn", "C@D.vn"]


def test_the_identifier_of_a_message_is_the_same_however_often() -> None:
    """And another for another recipient."""
    ids = [
        message_id("12.1", to, node="H13", host="x.vn") for to in ("a@b.vn", "A@b.vn", "c@b.vn")
    ]

    assert ids[0] == ids[1] != ids[2]


def test_pauses_grow_to_an_hour() -> None:
    """From half a minute."""
    pauses = [pause_after(n) for n in (1, 2, 100)]

    assert pauses == [timedelta(seconds=30), timedelta(seconds=60), timedelta(hours=1)]
