"""What a node writes into its log: ids by which a person finds things, and nothing of theirs."""

import base64
import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cli.commands import REPOSITORY, a_node, answer

#: Words that stand nowhere but where a test puts them.
SUBJECT, CONTENT, NAME, NOTE = "DAUVETTRICHYEU", "DAUVETNOIDUNG", "DAUVETTENTEP", "DAUVETGHICHU"
PASSWORD, WRONG, QUERY, BROKEN = "DAUVETMATKHAU", "DAUVETMASAI", "DAUVETTRUYVAN", "DAUVETHONG"
SECRET = "DAUVETKHOABIMAT"
BOUNDARY = "xxxx"


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """A node that was worked with, and what it wrote."""

    lines: list[dict[str, Any]]
    text: str
    token: str
    document: str  #: id of a document that was taken in
    request: str  #: id of the request that brought it


@pytest.fixture(name="logged", scope="module")
def _logged(tmp_path_factory: pytest.TempPathFactory) -> Logged:
    """A node at which everything was tried that carries a marker."""
    folder = tmp_path_factory.mktemp("logs") / "node"
    config = a_node(folder)
    for name in ("Sở Nội vụ", "Sở Y tế"):
        answer("agency", "add", name, "--parent", "H13", *config)
    (folder / "config" / "secrets" / "hook").write_text(SECRET, "utf-8")
    file = folder / "gateway.toml"
    file.write_text(
        file.read_text("utf-8").replace("port = 8080", "port = 0")
        + '\n[[office]]\nagency = "H13.02"\ndelivery = "webhook"\n'
        + 'url = "http://127.0.0.1:9/"\nsecret_file = "config/secrets/hook"\n',
        "utf-8",
    )
    token = str(answer("client", "add", "H13.01", "--name", "x", *config)["token"])
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - the command is ours
            [sys.executable, "-m", "gateway", "serve", "--processes", "1", *config],
            cwd=REPOSITORY,
            stdout=subprocess.DEVNULL,
            stderr=log,
            env={**os.environ},
        )
        try:
            document, request = work(address(folder / "log"), token)
            waited(folder / "log", '"delivery tried"')
        finally:
            process.terminate()
            process.wait(timeout=20)
    text = (folder / "log").read_text("utf-8")
    return Logged(
        lines=list(map(json.loads, text.splitlines())),
        text=text,
        token=token,
        document=document,
        request=request,
    )


def waited(log: Path, words: str) -> str:
    """Wait until *words* are in the log; return it."""
    for _ in range(200):
        if words in (text := log.read_text("utf-8")):
            return text
        time.sleep(0.1)
    raise AssertionError(log.read_text("utf-8"))


def address(log: Path) -> str:
    """Return where the node serves."""
    (found,) = re.findall(r"http://127\.0\.0\.1:[0-9]+", waited(log, '"serving"'))
    return str(found)


def call(
    url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> tuple[Any, Mapping[str, str]]:
    """Call *url*; return body and headers, whatever the status."""
    request = urllib.request.Request(url, data=body, headers=dict(headers or {}))  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=20) as response:  # noqa: S310 - our own node
            return response.read(), dict(response.headers)
    except urllib.error.HTTPError as error:
        return error.read(), dict(error.headers)


def form(metadata: Mapping[str, object], content: str) -> bytes:
    """Return the body of a submission."""
    parts = (
        ("metadata", "", json.dumps(metadata)),
        ("attachment", f'; filename="{NAME}.txt"', content),
    )
    return (
        b"".join(
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n{text}\r\n'.encode()
            for name, more, text in parts
        )
        + f"--{BOUNDARY}--\r\n".encode()
    )


def work(url: str, token: str) -> tuple[str, str]:
    """Try all that carries a marker; return the ids of the document and of its request."""
    bearer = {"Authorization": f"Bearer {token}"}
    media = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    metadata: dict[str, object] = {
        "to": ["H13.02"],
        "type": "CV",
        "subject": SUBJECT,
        "notation": "SNV-VP",
        "promulgated_on": "2026-03-02",
        "place": "Hà Nội",
        "signer": {"full_name": "Nguyễn Văn An", "position": "Giám đốc"},
    }
    api = f"{url}/api/v1"
    body, headers = call(f"{api}/documents", form(metadata, CONTENT), bearer | media)
    document = json.loads(body)
    for changes in ({"security": "secret"}, {"to": [f"H13.{BROKEN}"]}, {"type": BROKEN}):
        call(f"{api}/documents", form(metadata | changes, CONTENT), bearer | media)
    report = json.dumps({"code": "02", "note": NOTE}).encode()
    json_media = {"Content-Type": "application/json"}
    call(f"{api}/documents/{document['id']}/status", report, bearer | json_media)
    call(f"{api}/documents/{document['id']}/recall", b'{"reason":"%s"}' % NOTE.encode(), bearer)
    call(f"{api}/documents?q={QUERY}", None, bearer)
    call(f"{api}/documents?{QUERY}={QUERY}", None, bearer)
    call(f"{api}/inbox/ack", f'{{"{BROKEN}'.encode(), bearer | json_media)
    call(f"{api}/documents", None, {"Authorization": f"Bearer {WRONG}"})
    call(
        f"{api}/documents",
        f"<edXML><{BROKEN}>".encode(),
        bearer | {"Content-Type": "application/xml"},
    )
    login = f"user_name=x&password={PASSWORD}&csrf={WRONG}".encode()
    call(f"{url}/login", login, {"Content-Type": "application/x-www-form-urlencoded"})
    signed = {"Authorization": f"EDXML systemid:{base64.b64encode(WRONG.encode()).decode()}"}
    call(f"{url}/vxp/XrdAdapter/RestService/edoc/send", BROKEN.encode(), signed)
    return str(document["id"]), headers["Gateway-Request"]


def named(logged: Logged, event: str) -> Iterator[dict[str, Any]]:
    """Return the lines about *event*."""
    return (each for each in logged.lines if each["event"] == event)


@pytest.mark.parametrize(
    "marker", [SUBJECT, CONTENT, NAME, NOTE, PASSWORD, WRONG, QUERY, BROKEN, SECRET]
)
def test_nothing_that_people_or_programs_sent_is_logged(logged: Logged, marker: str) -> None:
    """Neither content nor words, names, queries, passwords or what was broken."""
    assert marker not in logged.text
    assert base64.b64encode(marker.encode()).decode() not in logged.text


def test_no_token_is_logged(logged: Logged) -> None:
    """Not even one that is good for nothing."""
    assert logged.token not in logged.text


def test_every_line_is_a_json_object_with_level_and_time(logged: Logged) -> None:
    """For whatever collects them."""
    assert len(logged.lines) > 3
    assert [
        each for each in logged.lines if not {"event", "level", "timestamp"} <= set(each)
    ] == []


def test_lines_of_libraries_are_json_objects_too() -> None:
    """With level, time and who says so; a traceback is part of its line."""
    say = (
        "import logging; from gateway.logs import configure_logs; configure_logs()\n"
        "log = logging.getLogger('library'); log.info('not this'); log.warning('a %s', 'word')\n"
        "try: 1 / 0\n"
        "except ZeroDivisionError: log.exception('two\\nlines')"
    )
    done = subprocess.run(  # noqa: S603 - the command is ours
        [sys.executable, "-c", say], capture_output=True, text=True, check=True, cwd=REPOSITORY
    )

    warning, error = map(json.loads, done.stderr.splitlines())
    told = ("a word", "warning", "library")
    assert (warning["event"], warning["level"], warning["logger"]) == told
    assert (error["event"], error["level"]) == ("two\nlines", "error")
    assert "ZeroDivisionError" in error["exception"]
    assert {"timestamp"} <= warning.keys() & error.keys()


def test_what_was_taken_in_is_found_by_its_ids(logged: Logged) -> None:
    """Those of the document and of the request, which its caller was told, too."""
    [line] = named(logged, "document taken in")

    assert (line["document"], line["request"]) == (logged.document, logged.request)
    assert re.fullmatch(r"H13\.01/\d{4}/1", line["code"])


def test_what_was_refused_is_told_by_codes_alone(logged: Logged) -> None:
    """The texts of findings may quote the sender."""
    lines = list(named(logged, "submission refused"))

    assert len(lines) >= 3
    assert all(each["codes"] and each["request"] for each in lines)


def test_a_delivery_is_found_by_its_ids(logged: Logged) -> None:
    """Destination, job, delivery and document, and what became of it."""
    lines = list(named(logged, "delivery tried"))

    assert {each["outcome"] for each in lines} == {"later"}
    assert {each["document"] for each in lines} == {logged.document}
    assert all(each["lane"] == "office:H13.02" and each["job"] for each in lines)
