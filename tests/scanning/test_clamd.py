"""The virus scanner: INSTREAM over TCP and a unix socket, and all that can go wrong."""

import io
import socket
import time
from pathlib import Path

import pytest

from gateway.domain.errors import Misconfigured
from gateway.domain.findings import Severity, holds
from gateway.domain.inspection import Scanned
from gateway.domain.rules.catalogue import ALL_RULES
from gateway.domain.rules.mechanism import Screening
from gateway.scanning import Clamd, host_and_port
from tests.domain.rules.samples import a_candidate, a_file, a_reference, judge
from tests.scanning.scanner import EICAR, Scanner, closed_port


def scan(address: str, content: bytes, timeout_s: float = 5.0) -> Scanned:
    return Clamd(address=address, timeout_s=timeout_s)(io.BytesIO(content))


def test_a_clean_file_is_clean_over_tcp() -> None:
    """The scanner saw all of it."""
    with Scanner() as scanner:
        said = scan(scanner.address, bytes(1_000_000))

    assert (Scanned(), [(b"zINSTREAM\0", 1_000_000)]) == (said, scanner.seen)


def test_malware_is_named_over_a_unix_socket(tmp_path: Path) -> None:
    """The name is that of the scanner."""
    with Scanner(tmp_path / "s") as scanner:
        said = scan(scanner.address, EICAR)

    assert Scanned(malware="Eicar-Test-Signature") == said


def test_nobody_listens() -> None:
    """Then nothing is known."""
    assert scan(f"tcp://127.0.0.1:{closed_port()}", b"a") == Scanned(is_reached=False)


def test_there_is_no_socket(tmp_path: Path) -> None:
    """Then nothing is known."""
    assert scan(f"unix:{tmp_path}/none", b"a") == Scanned(is_reached=False)


@pytest.mark.parametrize("answer", [b"INSTREAM size limit exceeded. ERROR", b"", b"\xff" * 9000])
def test_another_answer_is_no_verdict(answer: bytes) -> None:
    """An error of the scanner says nothing of the file."""
    with Scanner(answer=answer or b"\0") as scanner:
        assert scan(scanner.address, b"a") == Scanned(is_reached=False)


def test_a_scanner_that_is_silent_is_waited_for_only_so_long() -> None:
    """The time counts from the connection to the answer."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        begun = time.monotonic()
        said = scan(f"tcp://127.0.0.1:{silent.getsockname()[1]}", b"a", timeout_s=0.3)

    assert (Scanned(is_reached=False), True) == (said, time.monotonic() - begun < 2)


def test_no_scan_begins_when_the_time_of_the_submission_is_over() -> None:
    """A silent scanner is waited for once, not once for every file."""
    with Scanner() as scanner:
        said = Clamd(address=scanner.address, timeout_s=5.0)(io.BytesIO(b"a"), spent_s=5.0)

    assert (said, scanner.seen) == (Scanned(is_reached=False), [])


@pytest.mark.parametrize("address", ["localhost", "tcp://:3310", "tcp://a:b", "http://a:1", ""])
def test_a_bad_address_is_refused(address: str) -> None:
    """The operator hears of it at the start."""
    with pytest.raises(Misconfigured):
        host_and_port(address)


def test_malware_refuses_the_file() -> None:
    """Whoever sent it."""
    file = a_file(scanned=Scanned(malware="Eicar"))

    found = judge(ALL_RULES, a_candidate(files=(file,), local=False))

    assert [(each.code, each.severity) for each in found] == [("file-malware", Severity.ERROR)]


def test_a_file_that_was_not_scanned_is_held_by_default() -> None:
    """A person decides, and the warning says why."""
    found = judge(ALL_RULES, a_candidate(files=(a_file(scanned=Scanned(is_reached=False)),)))

    assert ([each.code for each in found], holds(found)) == (["file-not-scanned", "held"], True)


def test_a_file_that_was_not_scanned_may_pass_by_policy() -> None:
    """Only the warning is left."""
    lenient = a_reference(screening=Screening(holds_unscanned=False))
    file = a_file(scanned=Scanned(is_reached=False))

    found = judge(ALL_RULES, a_candidate(files=(file,)), lenient)

    assert [each.code for each in found] == ["file-not-scanned"]
