"""The commands of an office, against a node that runs."""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tests.cli.commands import a_node, answer, run, serving

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
LETTER = (
    *("--to", "H13.02", "--type", "CV", "--notation", "UBND-VP", "--date", "2026-03-02"),
    *("--place", "Cần Thơ", "--signer", "Nguyễn Văn A", "--position", "Chủ tịch"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A client of the node that runs."""

    url: str
    token: str

    def run(self, *arguments: str) -> Result:
        """Run a command as this office."""
        env = {"GATEWAY_URL": self.url, "GATEWAY_TOKEN": self.token}
        return run(*arguments, env=env)

    def answer(self, *arguments: str) -> Any:  # noqa: ANN401 - JSON
        """Run a command as this office; return the JSON that it prints."""
        result = self.run(*arguments, "--format", "json")
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)

    def send(self, file: Path, *more: str) -> Any:  # noqa: ANN401 - JSON
        """Submit *file*; return the document."""
        return self.answer("send", *LETTER, "--subject", "Về việc thử", *more, str(file))


@pytest.fixture(name="node", scope="module")
def _node(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return the option that names a node with H13.01 and H13.02."""
    config = a_node(tmp_path_factory.mktemp("office") / "node")
    for name in ("Văn phòng", "Sở Y tế"):
        answer("agency", "add", name, *config)
    return config


@pytest.fixture(name="offices", scope="module")
def _offices(node: list[str]) -> Iterator[tuple[Office, Office]]:
    """Run the node; return its offices H13.01, which sends, and H13.02."""
    first, second = (
        answer("client", "add", code, "--name", "QLVB", *node)["token"]
        for code in ("H13.01", "H13.02")
    )
    with serving("--port", "0", *node) as started:
        yield Office(url=started.url, token=first), Office(url=started.url, token=second)


@pytest.fixture(name="sender")
def _sender(offices: tuple[Office, Office]) -> Office:
    return offices[0]


@pytest.fixture(name="recipient")
def _recipient(offices: tuple[Office, Office]) -> Office:
    return offices[1]


@pytest.fixture(name="file")
def _file(tmp_path: Path) -> Path:
    file = tmp_path / "Tờ trình “số 1”.pdf"
    file.write_bytes(PDF)
    return file


def test_a_document_is_sent_and_numbered(sender: Office, file: Path) -> None:
    """The REST body is printed as it came."""
    document = sender.send(file)

    assert re.fullmatch(r"H13\.01/20\d\d/[1-9]\d*", document["code"])


def test_the_name_of_a_file_arrives_as_it_is(sender: Office, file: Path) -> None:
    """With its diacritics and quotes."""
    document = sender.send(file)

    assert [each["name"] for each in document["attachments"]] == [file.name]


def test_a_sent_document_is_shown_in_a_table(sender: Office, file: Path) -> None:
    """Code and legal time."""
    result = sender.run("send", *LETTER, "--subject", "Về việc thử", str(file))

    assert ("H13.01/" in result.stdout, "legal_sent_at" in result.stdout) == (True, True)


def test_a_document_can_be_sent_again_safely(sender: Office, file: Path) -> None:
    """The same key, the same document."""
    first = sender.send(file, "--key", "once-and-again")

    assert sender.send(file, "--key", "once-and-again")["id"] == first["id"]


def test_metadata_can_come_from_a_file(sender: Office, file: Path, tmp_path: Path) -> None:
    """Options win."""
    metadata = tmp_path / "metadata.json"
    metadata.write_text(json.dumps({"pages": 7, "subject": "từ tệp"}), "utf-8")

    document = sender.send(file, "--metadata", str(metadata))

    assert (document["pages"], document["subject"]) == (7, "Về việc thử")


def test_a_file_with_broken_metadata_is_refused(sender: Office, tmp_path: Path) -> None:
    """Before anything is sent."""
    metadata = tmp_path / "metadata.json"
    metadata.write_text("{", "utf-8")

    result = sender.run("send", "--metadata", str(metadata))

    assert (result.exit_code, "metadata.json" in result.stderr) == (1, True)


def test_a_refused_document_shows_every_finding(sender: Office, file: Path) -> None:
    """One line on standard error; the problem as it came on standard output."""
    result = sender.run("send", "--to", "H13.02", str(file), "--format", "json")

    problem = json.loads(result.stdout)
    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)
    assert "meta-missing" in {each["code"] for each in problem["findings"]}


def test_a_file_that_is_not_there_is_wrong_usage(sender: Office) -> None:
    """Exit status 2."""
    assert sender.run("send", "no.pdf").exit_code == 2


def test_a_node_that_does_not_answer_can_be_tried_again(file: Path) -> None:
    """The line names the key with which it is safe."""
    nobody = Office(url="http://127.0.0.1:9", token="x")

    result = nobody.run("send", *LETTER, "--subject", "x", str(file))

    assert (result.exit_code, "--key" in result.stderr) == (1, True)


def test_an_unknown_token_is_refused(sender: Office) -> None:
    """Exit status 1 and one line."""
    result = Office(url=sender.url, token="lg_unknown").run("inbox")

    assert (result.exit_code, "401" in result.stderr) == (1, True)


def test_the_inbox_lists_what_came(sender: Office, recipient: Office, file: Path) -> None:
    """Newest first; the REST body."""
    sent = sender.send(file)

    assert recipient.answer("inbox", "--limit", "1")["items"][0]["id"] == sent["id"]


def test_the_inbox_leases_nothing(sender: Office, recipient: Office, file: Path) -> None:
    """The document waits as before."""
    sent = sender.send(file)

    recipient.run("inbox")

    listed = recipient.answer("inbox", "--limit", "1")["items"][0]
    assert (listed["id"], listed["deliveries"][0]["state"]) == (sent["id"], "waiting")


def test_the_inbox_can_be_a_table(sender: Office, recipient: Office, file: Path) -> None:
    """With the document's code."""
    sent = sender.send(file)

    assert sent["code"] in recipient.run("inbox").stdout


def test_a_document_is_fetched_byte_for_byte(
    sender: Office, recipient: Office, file: Path, tmp_path: Path
) -> None:
    """Under a name that every file system takes."""
    sent = sender.send(file)

    recipient.run("fetch", sent["id"], "-o", str(tmp_path / "in"))

    assert (tmp_path / "in" / file.name).read_bytes() == PDF


def test_the_message_is_fetched_too(
    sender: Office, recipient: Office, file: Path, tmp_path: Path
) -> None:
    """As the node stored it."""
    sent = sender.send(file)

    recipient.run("fetch", sent["id"], "-o", str(tmp_path / "in"))

    message = (tmp_path / "in" / f"{sent['id']}.edxml").read_bytes()
    assert hashlib.sha256(message).hexdigest() == sent["sha256"]


def test_fetching_acknowledges(
    sender: Office, recipient: Office, file: Path, tmp_path: Path
) -> None:
    """The document has arrived."""
    sent = sender.send(file)

    recipient.run("fetch", sent["id"], "-o", str(tmp_path / "in"))

    listed = recipient.answer("inbox", "--limit", "1")["items"][0]
    assert (listed["id"], listed["deliveries"][0]["state"]) == (sent["id"], "arrived")


def test_a_document_can_be_fetched_by_its_code(
    sender: Office, recipient: Office, file: Path, tmp_path: Path
) -> None:
    """As people know it."""
    sent = sender.send(file)

    result = recipient.run("fetch", sent["code"], "-o", str(tmp_path / "in"))

    assert (result.exit_code, (tmp_path / "in" / f"{sent['id']}.edxml").exists()) == (0, True)


def test_fetching_overwrites_nothing(
    sender: Office, recipient: Office, file: Path, tmp_path: Path
) -> None:
    """Neither is the document acknowledged then."""
    sent = sender.send(file)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / file.name).write_bytes(b"mine")

    result = recipient.run("fetch", sent["id"], "-o", str(tmp_path / "in"))

    listed = recipient.answer("inbox", "--limit", "1")["items"][0]
    assert (result.exit_code, (tmp_path / "in" / file.name).read_bytes()) == (1, b"mine")
    assert listed["deliveries"][0]["state"] == "waiting"


def test_fetching_overwrites_by_force(
    sender: Office, recipient: Office, file: Path, tmp_path: Path
) -> None:
    """When that is asked for."""
    sent = sender.send(file)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / file.name).write_bytes(b"mine")

    recipient.run("fetch", sent["id"], "-o", str(tmp_path / "in"), "--force")

    assert (tmp_path / "in" / file.name).read_bytes() == PDF


def test_fetching_leaves_nothing_unfinished(
    sender: Office, recipient: Office, file: Path, tmp_path: Path
) -> None:
    """Two files, whole, and nothing beside them."""
    sent = sender.send(file)

    recipient.run("fetch", sent["id"], "-o", str(tmp_path / "in"))

    assert {each.name for each in (tmp_path / "in").iterdir()} == {
        file.name,
        f"{sent['id']}.edxml",
    }


def test_an_unknown_document_cannot_be_fetched(recipient: Office, tmp_path: Path) -> None:
    """Nothing is written."""
    result = recipient.run("fetch", "nothing", "-o", str(tmp_path / "in"))

    assert (result.exit_code, (tmp_path / "in").exists()) == (1, False)


def test_a_status_is_reported(sender: Office, recipient: Office, file: Path) -> None:
    """With the office's own arrival number."""
    sent = sender.send(file)

    document = recipient.answer(
        *("status", sent["id"], "03", "--arrival-number", "90001", "--note", "Đã nhận")
    )

    (delivery,) = document["deliveries"]
    assert (delivery["state"], delivery["arrival_number"]) == ("accepted", 90001)


def test_an_unknown_status_is_refused(sender: Office, recipient: Office, file: Path) -> None:
    """The node says which there are."""
    sent = sender.send(file)

    assert recipient.run("status", sent["id"], "99").exit_code == 1


def test_receipts_of_a_document_are_listed(sender: Office, recipient: Office, file: Path) -> None:
    """What became of it, for its sender."""
    sent = sender.send(file)
    recipient.run("status", sent["id"], "03")

    receipts = sender.answer("receipts", sent["id"])["items"]

    assert "accepted" in {each["event"] for each in receipts}


def test_the_feed_of_receipts_goes_on(sender: Office, recipient: Office, file: Path) -> None:
    """From where it was read to."""
    sent = sender.send(file)
    recipient.run("status", sent["id"], "03")
    first = sender.answer("receipts", "--limit", "1")

    second = sender.answer("receipts", "--limit", "1", "--after", first["next"])

    assert first["items"] != second["items"]


def test_receipts_can_be_printed_alone(sender: Office, recipient: Office, file: Path) -> None:
    """One JWS a line, to be kept."""
    sent = sender.send(file)
    recipient.run("status", sent["id"], "03")

    lines = sender.run("receipts", sent["id"], "--jws").stdout.splitlines()

    assert {line.count(".") for line in lines} == {2}


def test_administration_works_while_the_node_runs(sender: Office, node: list[str]) -> None:
    """A revoked token is refused at once, without a restart."""
    given = answer("client", "add", "H13.01", "--name", "tạm", *node)
    office = Office(url=sender.url, token=given["token"])
    before = office.run("inbox").exit_code

    run("client", "revoke", given["id"], *node)

    assert (before, office.run("inbox").exit_code) == (0, 1)
