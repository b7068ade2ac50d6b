"""`gateway receipt`: offline, with nothing but the certificate that is trusted."""

import asyncio
import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.bootstrap.equipment import SystemClock
from gateway.crypto.keys import load_signing_key
from gateway.crypto.receipts import ReceiptSigner
from tests.cli.commands import REPOSITORY, a_node, run
from tests.pipeline.rooms import ADMIN, READER, SENDER, office, reopened, rooms

CONTENT = b"cong van thu nghiem"


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a node's receipts of one document, its certificate, and the attachment."""
    folder = tmp_path_factory.mktemp("receipts")
    (folder / "cong-van.txt").write_bytes(CONTENT)

    async def make() -> None:
        async with rooms(folder / "node", at=SystemClock().now()) as node:
            document = await node.sent(files={"cong-van.txt": CONTENT})
            for code in ("01", "03", "06"):
                await node.report(document, code)
            lookup = node.gateway.lookup
            receipts = await lookup.receipts_of(document.id, office(SENDER))
            lines = [each.jws for each in receipts]
            (folder / "all.jws").write_text("\n".join(lines), "ascii")
            (folder / "one.jws").write_text(lines[1] + "\n", "ascii")

    asyncio.run(make())
    (folder / "node.crt").write_bytes((folder / "node" / "config" / "node.crt").read_bytes())
    return folder


def verify(*arguments: object, status: int = 0) -> Any:  # noqa: ANN401 - JSON
    """Run `gateway receipt verify` and return what it says in JSON."""
    result = run("receipt", "verify", *map(str, arguments), "--format", "json")
    assert result.exit_code == status, result.output
    return json.loads(result.stdout)


def codes(said: Any) -> list[str]:  # noqa: ANN401 - JSON
    """Return the codes of the findings."""
    return [each["code"] for each in said["findings"]]


def test_a_receipt_is_verified_with_the_certificate_alone(folder: Path) -> None:
    """It says who, what, when; the answer names the signer."""
    said = verify(folder / "one.jws", "--trust", folder / "node.crt")

    (receipt,) = said["receipts"]
    assert (said["verdict"], receipt["event"], receipt["code"]) == (
        "valid",
        "arrived",
        "H13.01/2026/1",
    )
    assert receipt["attachments"] == [
        {"n": 1, "name": "cong-van.txt", "sha256": hashlib.sha256(CONTENT).hexdigest()}
    ]


def test_it_is_explained_in_both_languages(folder: Path) -> None:
    """For a clerk and for whoever helps."""
    shown = run("receipt", "verify", f"{folder}/one.jws", "--trust", f"{folder}/node.crt").stdout

    assert "HỢP LỆ" in shown
    assert "VALID" in shown
    assert "H13.01/2026/1" in shown


def test_attachments_are_compared(folder: Path) -> None:
    """The file is the one that the receipt names."""
    trust = ("--trust", folder / "node.crt")

    said = verify(folder / "one.jws", "--document", folder / "cong-van.txt", *trust)

    assert (said["verdict"], codes(said)) == ("valid", [])


def test_files_behind_the_option_are_documents_too(folder: Path, tmp_path: Path) -> None:
    """As a shell writes `--document *.pdf`."""
    (tmp_path / "other.txt").write_bytes(b"another")
    trust = ("--trust", folder / "node.crt")
    files = (folder / "cong-van.txt", tmp_path / "other.txt")

    said = verify(folder / "one.jws", *trust, "--document", *files, status=1)

    assert codes(said) == ["receipt-document"]


def test_an_altered_attachment_is_found(folder: Path, tmp_path: Path) -> None:
    """One byte is enough."""
    (tmp_path / "cong-van.txt").write_bytes(CONTENT[:-1] + b"!")
    trust = ("--trust", folder / "node.crt")

    said = verify(folder / "one.jws", "--document", tmp_path / "cong-van.txt", *trust, status=1)

    assert codes(said)[0] == "receipt-document-altered"


def test_the_node_s_configuration_names_the_certificate(folder: Path, tmp_path: Path) -> None:
    """Where there is a node."""
    option = a_node(tmp_path / "other")

    assert codes(verify(folder / "one.jws", *option, status=1)) == ["receipt-untrusted"]


def test_without_anybody_to_trust_it_is_wrong_usage(folder: Path, tmp_path: Path) -> None:
    """Exit status 2, one line."""
    done = subprocess.run(  # noqa: S603 - the command is ours
        [sys.executable, "-m", "gateway", "receipt", "verify", str(folder / "one.jws")],
        cwd=tmp_path,
        env={"PYTHONPATH": str(REPOSITORY), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        check=False,
        timeout=60,
    )

    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)


def test_a_bundle_is_a_chain(folder: Path) -> None:
    """All receipts of a document, one a line."""
    trust = ("--trust", folder / "node.crt")

    said = verify(folder / "all.jws", "--complete", *trust)

    assert [each["event"] for each in said["receipts"]] == [
        "numbered",
        "arrived",
        "accepted",
        "done",
    ]
    assert said["receipts"][1]["previous"] == said["receipts"][0]["digest"]


def test_a_receipt_that_is_missing_from_a_bundle_is_told(folder: Path, tmp_path: Path) -> None:
    """It speaks against a bundle that is said to be complete."""
    first, _, _, last = (folder / "all.jws").read_text("ascii").splitlines()
    (tmp_path / "some.jws").write_text(f"{first}\n{last}\n", "ascii")
    trust = ("--trust", folder / "node.crt")

    assert codes(verify(tmp_path / "some.jws", *trust)) == ["receipt-gap"]
    assert codes(verify(tmp_path / "some.jws", *trust, "--complete", status=1)) == ["receipt-gap"]


def test_a_receipt_alone_is_no_chain(folder: Path, tmp_path: Path) -> None:
    """That there are earlier ones says nothing against it."""
    last = (folder / "all.jws").read_text("ascii").splitlines()[-1]
    (tmp_path / "last.jws").write_text(last, "ascii")

    said = verify(tmp_path / "last.jws", "--trust", folder / "node.crt")

    assert (said["verdict"], said["findings"]) == ("valid", [])


def test_what_the_rest_api_answers_is_a_bundle(folder: Path, tmp_path: Path) -> None:
    """Saved as it came."""
    lines = (folder / "all.jws").read_text("ascii").splitlines()
    page = {"items": [{"id": str(n), "jws": line} for n, line in enumerate(lines)], "next": None}
    (tmp_path / "page.json").write_text(json.dumps(page), "utf-8")

    said = verify(tmp_path / "page.json", "--complete", "--trust", folder / "node.crt")

    assert len(said["receipts"]) == 4


@settings(max_examples=200)
@given(data=st.data())
def test_a_receipt_with_another_byte_is_never_valid(folder: Path, data: st.DataObject) -> None:
    """Wherever the byte lies: header, certificate, payload, signature, or the dots between."""
    text = bytearray((folder / "one.jws").read_bytes().strip())
    place = data.draw(st.integers(0, len(text) - 1))
    text[place] ^= data.draw(st.integers(1, 255))
    (folder / "changed.jws").write_bytes(bytes(text))

    result = run("receipt", "verify", f"{folder}/changed.jws", "--trust", f"{folder}/node.crt")

    assert (result.exit_code, "KHÔNG HỢP LỆ" in result.stdout) == (1, True)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"xin chao",
        b"\xff\xfe\x00",
        b"{",
        b"[]",
        b"{}",
        b'{"items": 3}',
        b'[{"jws": 1}]',
    ],
)
def test_a_file_without_receipts_is_told_so(folder: Path, tmp_path: Path, content: bytes) -> None:
    """A finding, exit status 1, never a trace."""
    (tmp_path / "file").write_bytes(content)

    said = verify(tmp_path / "file", "--trust", folder / "node.crt", status=1)

    assert (said["verdict"], set(codes(said))) == ("invalid", {"receipt-unreadable"})


@pytest.mark.parametrize("released", [True, False])
def test_what_a_person_decided_is_proved_like_everything_else(
    tmp_path: Path, *, released: bool
) -> None:
    """A held document that was released, or refused with its reason: one chain, with its files."""
    (tmp_path / "don.txt").write_bytes(CONTENT)

    async def decide() -> list[str]:
        async with rooms(tmp_path / "node", at=SystemClock().now()) as node:
            held = await node.sent(kind="complaint", files={"don.txt": CONTENT})
            if released:
                await node.gateway.held.release(held.id, ADMIN, note="đúng thẩm quyền")
            else:
                await node.gateway.held.refuse(held.id, "sai thẩm quyền", ADMIN)
            receipts = await node.gateway.lookup.receipts_of(held.id, office(SENDER))
            return [each.jws for each in receipts]

    (tmp_path / "all.jws").write_text("\n".join(asyncio.run(decide())), "ascii")
    trust = ("--trust", tmp_path / "node" / "config" / "node.crt")

    said = verify(tmp_path / "all.jws", "--complete", "--document", tmp_path / "don.txt", *trust)

    told = [(each["event"], each["note"]) for each in said["receipts"]]
    assert (said["verdict"], codes(said)) == ("valid", [])
    assert told == (
        [("released", "đúng thẩm quyền"), ("numbered", None)]
        if released
        else [("refused", "sai thẩm quyền")]
    )


def test_what_else_the_node_signs_is_no_receipt(folder: Path, tmp_path: Path) -> None:
    """The signature holds, the payload says something else."""
    node = folder / "node" / "config"
    signer = ReceiptSigner(
        *load_signing_key(
            key_file=node / "secrets" / "node.key", certificate_file=node / "node.crt"
        )
    )
    jws = signer({"at": SystemClock().now().isoformat(), "root": "ab"})
    (tmp_path / "other.jws").write_text(jws, "ascii")

    said = verify(tmp_path / "other.jws", "--trust", folder / "node.crt", status=1)

    assert codes(said) == ["receipt-unreadable"]


def test_old_receipts_stay_valid_when_the_key_is_renewed(tmp_path: Path) -> None:
    """Signed by two keys, one chain; the former certificate is kept and listed."""
    option = ["--config", str(tmp_path / "node" / "gateway.toml")]

    async def begin() -> str:
        async with rooms(tmp_path / "node", at=SystemClock().now()) as node:
            document = await node.sent()
            await node.report(document, "01")
            await node.gateway.sealing.seal()
            return document.id

    async def go_on(document: str, keys: dict[str, object]) -> list[str]:
        async with reopened(tmp_path / "node", at=SystemClock().now(), keys=keys) as node:
            found = await node.find(document)
            await node.report(found, "03", by=READER)
            receipts = await node.gateway.lookup.receipts_of(document, office(SENDER))
            return [each.jws for each in receipts]

    document = asyncio.run(begin())
    toml = tmp_path / "node" / "gateway.toml"
    toml.write_text('[node]\ncode = "H13"\n', "utf-8")
    keys = json.loads(run("receipt", "new-key", *option, "--format", "json").stdout)
    bundle = tmp_path / "all.jws"
    bundle.write_text("\n".join(asyncio.run(go_on(document, keys))), "ascii")
    lines = [f"{key} = {json.dumps(value)}" for key, value in keys.items()]
    toml.write_text("\n".join(['[node]\ncode = "H13"\n[keys]', *lines]), "utf-8")

    said = verify(bundle, "--complete", *option)

    assert len({each["serial"] for each in said["receipts"]}) == 2
    assert re.search("former.*serial", run("doctor", *option, "--format", "csv").stdout)
