"""`gateway check`: the node's own verdicts on files, offline, through the command itself."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.cli.checks import COMMAND, TEXT, check, codes, file, objects
from tests.pipeline.rooms import a_message

pytestmark = pytest.mark.usefixtures("elsewhere")


def test_a_good_file_is_accepted() -> None:
    """Exit status 0; that it is not signed is information."""
    done = check(file("a.txt"), "--format", "json")
    checked = json.loads(done.stdout)
    told = [(each["code"], each["severity"]) for each in checked.pop("findings")]

    assert (done.returncode, told) == (0, [("sig-none", "info")])
    assert checked == {"file": "a.txt", "verdict": "accept", "signatures": []}


def test_a_renamed_file_is_rejected() -> None:
    """Exit status 1, with all that a finding has."""
    done = check(file("a.pdf"), "--format", "json")

    found = json.loads(done.stdout)["findings"][0]
    assert (done.returncode, found["code"], found["pointer"]) == (
        1,
        "file-type-mismatch",
        "/attachments/1",
    )
    assert set(found) == {
        "code",
        "severity",
        "pointer",
        "message",
        "message_en",
        "remedy",
        "remedy_en",
        "source",
    }


def test_the_announced_name_counts() -> None:
    """A file of any name is checked as that under which it will be sent."""
    (checked,) = objects(file("spool-17"), "--name", "cong-van.txt")

    assert (checked["file"], checked["verdict"]) == ("spool-17", "accept")


def test_of_a_file_alone_no_metadata_are_asked() -> None:
    """It has none; only what is said of files counts."""
    (checked,) = objects(file("a.exe", b"MZ" + bytes(100)))

    assert {each["pointer"] for each in checked["findings"]} == {"/attachments/1"}


def test_many_files_come_in_their_order() -> None:
    """Whatever process was first, whatever size they have."""
    names = [file(f"{n}.txt", TEXT * (1 + 3000 * (n % 7 == 0))) for n in range(150)]

    assert [each["file"] for each in objects(*names)] == names


def test_one_bad_file_of_many_is_found() -> None:
    """The others are accepted, the exit status is 1."""
    names = [file("a.txt"), file("b.pdf"), file("c.txt")]

    done = check("--format", "json", *names)

    verdicts = [json.loads(line)["verdict"] for line in done.stdout.splitlines()]
    assert (done.returncode, verdicts) == (1, ["accept", "reject", "accept"])


def test_a_file_that_is_not_there_is_told_and_stops_nothing() -> None:
    """It takes its place among the answers."""
    checked = objects("no.pdf", file("a.txt"))

    assert [codes(each) for each in checked] == [["file-unreadable"], []]


def test_a_folder_is_no_file() -> None:
    """It is told in words."""
    Path("folder").mkdir()

    (checked,) = objects("folder")

    assert "a folder" in checked["findings"][0]["message_en"]


@pytest.mark.parametrize("path", ["pipe", "/dev/zero"])
def test_a_pipe_or_a_device_is_not_waited_for(path: str) -> None:
    """It could be read for ever."""
    os.mkfifo("pipe")

    assert codes(objects(path)[0]) == ["file-unreadable"]


def test_a_huge_file_takes_no_time() -> None:
    """What is beyond the limit is counted, not read."""
    with Path("huge.txt").open("wb") as made:
        made.truncate(1 << 40)
    begun = time.monotonic()

    (checked,) = objects("huge.txt")

    assert "file-too-large" in codes(checked)
    assert "1,099,511,627,776" in str(checked["findings"])
    assert time.monotonic() - begun < 10


def test_a_huge_message_takes_no_time() -> None:
    """As the node refuses a body over the total."""
    with Path("huge.edxml").open("wb") as made:
        made.truncate(1 << 40)

    assert codes(objects("huge.edxml")[0]) == ["file-message-too-large"]


@pytest.mark.parametrize("name", ["a\nb.txt", "\x1b[2J.txt", "\u202etxt.exe", " ", "con.txt"])
def test_the_argument_comes_back_unchanged(name: str) -> None:
    """However hostile it is: JSON escapes it."""
    assert objects("--", file(name))[0]["file"] == name


def test_a_name_that_is_no_utf8_comes_back() -> None:
    """As the lone surrogates by which programs know such bytes."""
    name = b"c\xf4ng v\xe3n.txt"
    Path(os.fsdecode(name)).write_bytes(TEXT)

    (checked,) = objects(name)

    assert os.fsencode(checked["file"]) == name


def test_a_hostile_name_cannot_steer_the_terminal() -> None:
    """Nor add a line that looks like a verdict."""
    done = check(file("\x1b[2Ja\nb.txt: accept"))

    assert b"\x1b" not in done.stdout
    assert not any(line.startswith(b"b.txt") for line in done.stdout.splitlines())


def test_a_name_that_begins_like_an_option_can_be_given() -> None:
    """After two dashes."""
    assert objects("--", file("--name.txt"))[0]["verdict"] == "accept"


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("a.txt", "b.txt", "--name", "c.txt"),
        ("a.txt", "--at", "hôm qua"),
        ("a.txt", "--at", "2026-11-20T09:00:00"),
        ("a.txt", "--trust", "no.pem"),
        ("a.txt", "--profile", "no"),
        ("a.txt", "--format", "xml"),
    ],
)
def test_wrong_usage_is_told_at_once(arguments: Sequence[str]) -> None:
    """Exit status 2, one line."""
    done = check(*arguments)

    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)


def test_another_profile_can_be_named() -> None:
    """What it narrows is judged as for an agency that follows it."""
    archive = BytesIO()
    with ZipFile(archive, "w") as opened:
        opened.writestr("ghi-chu.txt", "ghi chú")
    written = file("tep.zip", archive.getvalue())
    followed = {
        name: codes(objects("--profile", name, written)[0]) for name in ("default", "ha-nam-2019")
    }

    assert followed["default"] != followed["ha-nam-2019"]


def test_where_the_profile_asks_for_a_signature_its_lack_is_refused() -> None:
    """The union lets nothing travel unsigned."""
    (checked,) = objects("--profile", "ldld-ben-tre-2018", file("a.txt"))

    (finding,) = checked["findings"]
    assert (checked["verdict"], finding["code"]) == ("reject", "sig-none")


def test_the_moment_of_validation_is_today() -> None:
    """A document of tomorrow is none the day after."""
    name = file("m.edxml", a_message(promulgated_on=datetime(2026, 11, 20, tzinfo=UTC).date()))

    before = objects(name, "--at", "2026-11-19T09:00:00+07:00")
    after = objects(name, "--at", "2026-11-20T09:00:00+07:00")

    assert [codes(each) for each in (*before, *after)] == [["meta-date-future"], []]


def test_trust_anchors_can_be_named() -> None:
    """A certificate or a folder of them."""
    Path("trust").mkdir()

    assert objects(file("a.txt"), "--trust", "trust", "--trust", file("ca.pem"))


def test_a_person_reads_verdict_and_findings() -> None:
    """In both languages."""
    done = check(file("a.pdf"), file("b.txt"))

    shown = done.stdout.decode()
    assert "a.pdf: từ chối / reject" in shown
    assert "b.txt: chấp nhận / accept" in shown
    assert "file-type-mismatch" in shown


def test_a_reader_that_leaves_ends_the_check() -> None:
    """Quietly, and no process stays behind."""
    names = [file(f"{n}.pdf") for n in range(300)]

    with started("--format", "json", *names) as running:
        assert running.stdout is not None
        running.stdout.readline()
        running.stdout.close()
        _, told = running.communicate(timeout=30)

    assert (told, children(running.pid)) == (b"", [])


def test_an_interrupt_ends_the_check() -> None:
    """One line, exit status 130, no process and no scratch folder stays behind."""
    Path("scratch").mkdir()
    names = [file(f"{n}.txt", TEXT * 100_000) for n in range(300)]

    with started("--format", "json", *names, TMPDIR="scratch") as running:
        assert running.stdout is not None
        running.stdout.readline()
        os.killpg(running.pid, signal.SIGINT)
        _, told = running.communicate(timeout=30)

    assert (running.returncode, told.strip()) == (130, b"error: stopped")
    assert (children(running.pid), list(Path("scratch").iterdir())) == ([], [])


@contextmanager
def started(*arguments: str, **env: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run the command in a group of processes of its own, and end it."""
    running = subprocess.Popen(  # noqa: S603 - the command is ours
        [*COMMAND, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **env},
        process_group=0,
    )
    try:
        with running:
            yield running
    finally:
        if running.poll() is None:
            running.kill()


def children(group: int) -> list[int]:
    """Return the processes of the *group* that still run."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] != "Z":
            found.append(int(folder.name))
    return found
