"""What a node answers to requests that are wrong, hostile, or merely odd: always a problem."""

import asyncio
import re
from pathlib import Path

import pytest

from tests.nodes import ADMIN, AUDITOR, OFFICE, OTHER, Answer, Node, serving

API = "/api/v1"
LEASE = f"{API}/inbox/lease"
JSON = {"Content-Type": "application/json"}
MEMBERS = {"type", "title", "status", "code", "detail", "findings"}


def told(answer: Answer) -> tuple[int, str]:
    """Return status and code of a problem that has the form of every problem."""
    assert answer.headers["Content-Type"] == "application/problem+json", answer.body
    body = answer.json()
    assert set(body) >= MEMBERS
    assert body["status"] == answer.status
    assert isinstance(body["findings"], list)
    return answer.status, str(body["code"])


async def is_up(node: Node) -> bool:
    """Whether the node answers still."""
    return (await node.get("/healthz")).status == 200


async def raw(node: Node, text: bytes) -> bytes:
    """Send *text* as it is and return the answer, head and body."""
    host, _, port = node.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(text)
    async with asyncio.timeout(5):
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        body = await reader.readexactly(int(length[1])) if length else b""
    writer.close()
    await writer.wait_closed()
    return head + body


async def test_a_header_line_over_16_kb_is_431(node: Node) -> None:
    """The limit is on the line, name and value together."""
    answer = await node.get("/healthz", headers={"X-Long": "x" * (16 << 10)})

    assert told(answer) == (431, "header-too-large")
    assert await is_up(node)


async def test_a_header_line_under_16_kb_is_read(node: Node) -> None:
    """Long cookies of a proxy do no harm."""
    assert (await node.get("/healthz", headers={"X-Long": "x" * 16_000})).status == 200


async def test_an_unknown_address_is_404(node: Node) -> None:
    """Outside and inside of the API."""
    assert told(await node.get("/nowhere")) == (404, "not-found")
    assert told(await node.get(f"{API}/nowhere", who=OFFICE)) == (404, "not-found")


async def test_a_wrong_method_is_405_and_says_which_are_right(node: Node) -> None:
    """`Allow` names them."""
    answer = await node.call("DELETE", f"{API}/documents", who=OFFICE)

    assert told(answer) == (405, "method-not-allowed")
    assert set(answer.headers["Allow"].split(",")) == {"GET", "HEAD", "POST"}


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer nonsense",
        "Basic dXNlcjpwYXNz",
        "Bearer " + "x" * 5000,
        "Bearer tiếng-việt",
    ],
)
async def test_without_a_valid_token_it_is_401(node: Node, authorization: str | None) -> None:
    """And the scheme is named."""
    headers = {} if authorization is None else {"Authorization": authorization}

    answer = await node.get(f"{API}/documents", headers=headers)

    assert told(answer) == (401, "unauthorized")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


async def test_a_revoked_token_is_401(node: Node) -> None:
    """From the commit of the revocation on."""
    credentials = node.gateway.credentials
    administrator = await credentials.authenticate(node.tokens[ADMIN])
    client = await credentials.authenticate(node.tokens[OTHER])
    assert administrator is not None
    assert client is not None
    await credentials.revoke(client.client, administrator)

    assert told(await node.get(f"{API}/documents", who=OTHER))[0] == 401


@pytest.mark.parametrize(
    ("method", "path", "who"),
    [
        ("POST", f"{API}/agencies", OFFICE),
        ("POST", f"{API}/agencies", AUDITOR),
        ("PATCH", f"{API}/agencies/H13.01", OFFICE),
        ("GET", f"{API}/audit", OFFICE),
        ("POST", f"{API}/documents", ADMIN),
        ("POST", LEASE, AUDITOR),
    ],
)
async def test_what_the_role_does_not_allow_is_403(
    node: Node, method: str, path: str, who: str
) -> None:
    """Offices do not administer; those who oversee do not send."""
    assert told(await node.call(method, path, who=who, json={})) == (403, "forbidden")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (f"{API}/documents", "application/json"),
        (f"{API}/documents", "application/pdf"),
        (f"{API}/documents", "multipart/mixed; boundary=x"),
        (LEASE, "text/plain"),
        (LEASE, "application/x-www-form-urlencoded"),
    ],
)
async def test_a_body_of_another_media_type_is_415(node: Node, path: str, kind: str) -> None:
    """Nothing is guessed."""
    answer = await node.post(path, who=OFFICE, data=b"{}", headers={"Content-Type": kind})

    assert told(answer) == (415, "media-type")
    assert await is_up(node)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"limit": "five"}',
        b'{"limit": 0}',
        b'{"limit": 1e400}',
        b'{"unknown": 1}',
        b'{"limit": 1',
        b"\xff\xfe{}",
        b'{"limit": \xff}',
        b"null",
        b"[" * 100_000,
        b'{"a":' * 100_000,
    ],
)
async def test_a_body_that_cannot_be_read_is_400(node: Node, body: bytes) -> None:
    """Broken, deep, of other types, or in another character set."""
    answer = await node.post(f"{API}/inbox/ack", who=OFFICE, data=body, headers=JSON)

    assert told(answer) == (400, "unreadable")
    assert await is_up(node)


async def test_deep_metadata_are_400(node: Node) -> None:
    """Nesting without end does not end the node."""
    deep = "[" * 50_000
    boundary = "b0undary"
    body = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="metadata"\r\n\r\n{deep}\r\n'
        f"--{boundary}--\r\n"
    ).encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}

    answer = await node.post(f"{API}/documents", who=OFFICE, data=body, headers=kind)

    assert answer.status == 400
    told(answer)
    assert await is_up(node)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no boundary here",
        b"--b\r\n\r\n",
        b'--b\r\nContent-Disposition: form-data; name="metadata"\r\n\r\n{}',
        b'--b\r\nContent-Disposition: form-data; name="attachment"\r\n\r\nx\r\n--b--\r\n',
        b"--b--\r\n",
    ],
)
async def test_a_broken_form_is_a_problem(node: Node, body: bytes) -> None:
    """Nothing of it is stored, and the node goes on."""
    kind = {"Content-Type": "multipart/form-data; boundary=b"}

    answer = await node.post(f"{API}/documents", who=OFFICE, data=body, headers=kind)

    assert told(answer)[0] == 400
    assert await is_up(node)


@pytest.mark.parametrize(
    "path",
    [
        f"{API}/documents?bx=in",
        f"{API}/documents?limit=0",
        f"{API}/documents?limit=501",
        f"{API}/documents?limit=%D9%A3",
        f"{API}/documents?after=-1",
        f"{API}/documents?from=yesterday",
        f"{API}/receipts?after=1.5",
        f"{API}/agencies?page=2",
        f"{API}/agencies/H13?x=1",
        f"{API}/states?x=1",
    ],
)
async def test_a_query_that_means_nothing_is_400(node: Node, path: str) -> None:
    """A mistyped filter must not show everything."""
    assert told(await node.get(path, who=OFFICE)) == (400, "bad-parameter")


@pytest.mark.parametrize(
    "path",
    ["/healthz", "/readyz", "/metrics", f"{API}/docs", f"{API}/openapi.json", f"{API}/documents"],
)
async def test_head_is_get_without_a_body(node: Node, path: str) -> None:
    """Status and length are the same."""
    got = await node.get(path, who=OFFICE)
    head = await node.call("HEAD", path, who=OFFICE)

    assert (head.status, head.body) == (got.status, b"")
    assert head.headers["Content-Type"] == got.headers["Content-Type"]


async def test_head_does_not_hang_on_the_stream_of_events(node: Node) -> None:
    """A stream without a body ends at once."""
    async with asyncio.timeout(5):
        answer = await node.call("HEAD", f"{API}/events", who=OFFICE)

    assert answer.status == 200


@pytest.mark.parametrize(
    "path",
    [
        f"{API}/documents/..%2f..%2fetc%2fpasswd",
        f"{API}/documents/%00",
        f"{API}/documents/{'x' * 4000}",
        f"{API}/documents/x/attachments/..%2f1",
        f"{API}/agencies/%F0%9F%92%A9",
    ],
)
async def test_an_odd_id_is_404(node: Node, path: str) -> None:
    """Ids are looked up, never used as a path."""
    assert told(await node.get(path, who=OFFICE))[0] == 404
    assert await is_up(node)


async def test_a_document_of_others_is_404(node: Node) -> None:
    """What is not one's own is not there."""
    document = (await node.submit(to=["H13"])).json()["id"]

    assert told(await node.get(f"{API}/documents/{document}", who=OTHER))[0] == 404


async def test_a_body_over_the_total_is_413(node_folder: Path) -> None:
    """The announced length is enough to know."""
    async with serving(node_folder, limits={"total_mb": 1, "attachment_mb": 1}) as node:
        head = (
            f"POST {API}/documents HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n"
            f"Content-Type: application/xml\r\nAuthorization: Bearer {node.tokens[OFFICE]}\r\n\r\n"
        )
        answer = await raw(node, head.encode())

        assert answer.startswith(b"HTTP/1.1 413 ")
        assert b"application/problem+json" in answer
        assert await is_up(node)


async def test_a_body_that_stops_coming_is_408(node_folder: Path) -> None:
    """A slow client does not hold a place for ever."""
    async with serving(node_folder, http={"body_timeout_s": 0.2}) as node:
        head = (
            f"POST {LEASE} HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n"
            f"Content-Type: application/json\r\nAuthorization: Bearer {node.tokens[OFFICE]}\r\n\r\n{{"
        )
        answer = await raw(node, head.encode())

        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b"application/problem+json" in answer
        assert await is_up(node)


async def test_noise_instead_of_http_ends_the_connection_only(node: Node) -> None:
    """The answer is a problem; the next request is served."""
    answer = await raw(node, b"\x16\x03\x01 nonsense\r\n\r\n")

    assert answer.startswith(b"HTTP/1.")
    assert b"application/problem+json" in answer
    assert await is_up(node)


@pytest.mark.parametrize(
    "text",
    [
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: " + b"secret" * 300_000 + b"\r\n\r\n",
        b"GET /healthz?" + b"secret" * 10_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=["header", "request-line"],
)
async def test_a_line_that_the_parser_gives_up_is_431_and_is_not_quoted(
    node: Node, text: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    """It may hold a token: neither the answer nor the log shows it."""
    answer = await raw(node, text)

    assert answer.startswith(b"HTTP/1.0 431 ")
    assert b"application/problem+json" in answer
    assert b"secret" not in answer
    assert "secret" not in "".join(capfd.readouterr())
    assert await is_up(node)


async def test_an_error_shows_nothing_of_the_machine(node: Node) -> None:
    """Neither a traceback nor a path."""
    answers = [
        await node.get("/nowhere"),
        await node.post(LEASE, who=OFFICE, data=b"{", headers=JSON),
        await node.get(f"{API}/documents/none", who=OFFICE),
    ]

    for answer in answers:
        assert b"Traceback" not in answer.body
        assert str(node.gateway.config.folder).encode() not in answer.body
