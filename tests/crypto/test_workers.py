"""Worker processes: what a file may cost, and what happens when it costs more."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from io import BytesIO
from pathlib import Path
from typing import ParamSpec, TypeVar

import pytest

from gateway.bootstrap.verification import verifier, verifying_processes
from gateway.config import parse
from gateway.crypto.policy import VerificationPolicy
from gateway.crypto.workers import Setup, Verification
from gateway.domain.signatures import Fault, Reason, SignatureReport, Verdict
from gateway.formats.screening import screen_xml
from gateway.ports import CutOff
from gateway.processes import Processes
from tests.crypto import corpus
from tests.crypto.corpus import LATER, only, signed_by
from tests.crypto.test_detached import DETACHED, TEXT

P = ParamSpec("P")
T = TypeVar("T")
PDF, CMS = "application/pdf", "application/pkcs7-mime"


def sleeping(data: bytes) -> bool:
    """Stand in for a file that keeps its reader busy for ever."""
    time.sleep(3600)
    return True


def gluttonous(data: bytes) -> bool:
    """Stand in for a file that blows its reader up."""
    return bool(bytearray(4 << 30))


def deadly(data: bytes) -> bool:
    """Stand in for a file that crashes its reader."""
    os._exit(3)


def _nobody(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | CutOff:
    """Stand in for a room without workers."""
    return CutOff(reason="crash")


@pytest.fixture(name="file")
def _file(tmp_path: Path) -> Path:
    file = tmp_path / "cong-van.pdf"
    file.write_bytes(signed_by("good"))
    return file


def verified(
    verify: Verification, file: Path, media_type: str = PDF, content: Path | None = None
) -> SignatureReport:
    """Return what *verify* says of *file*, with the file *content* beside it."""
    with file.open("rb") as opened:
        if content is None:
            return verify(opened, media_type, at=LATER)
        with content.open("rb") as beside:
            return verify(opened, media_type, at=LATER, content=beside)


@contextmanager
def worker(folder: Path) -> Iterator[Verification]:
    """Run one for the node in *folder*."""
    corpus.lay(folder / "config" / "trust")
    config = parse(
        {"node": {"code": "H13"}, "signatures": {"workers": 1}}, file=folder / "gateway.toml"
    )
    with closing(verifying_processes(config)) as processes:
        yield verifier(config, processes)


@pytest.fixture(name="verify", scope="module")
def _verify(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Verification]:
    with worker(tmp_path_factory.mktemp("node")) as verify:
        yield verify


def test_a_worker_verifies_a_file(verify: Verification, file: Path) -> None:
    """The whole road: configuration, trust folder, process, report."""
    assert only(verified(verify, file)).verdict is Verdict.VALID


def test_a_file_that_lies_on_no_disk_is_verified(verify: Verification) -> None:
    """Small files may be in memory only."""
    report = verify(BytesIO(signed_by("good")), PDF, at=LATER)

    assert only(report).verdict is Verdict.VALID


def test_a_worker_sees_new_trust(file: Path, tmp_path: Path) -> None:
    """The folders are read again while the node runs."""
    with worker(tmp_path) as verify:
        before = only(verified(verify, file)).reason
        (tmp_path / "config" / "trust" / "root.pem").unlink()
        (tmp_path / "config" / "trust" / "intermediate.pem").unlink()
        time.sleep(2.1)
        after = only(verified(verify, file)).reason

    assert (before, after) == (Reason.HOLDS, Reason.NO_CHAIN)


@pytest.mark.parametrize("on_disk", [True, False])
def test_a_detached_signature_goes_with_its_content(
    verify: Verification, tmp_path: Path, *, on_disk: bool
) -> None:
    """The signature and what it signs."""
    signature, content = tmp_path / "a.p7s", tmp_path / "a.txt"
    signature.write_bytes(DETACHED)
    content.write_bytes(TEXT)
    if on_disk:
        report = verified(verify, signature, CMS, content)
    else:
        report = verify(BytesIO(DETACHED), CMS, at=LATER, content=BytesIO(TEXT))

    assert only(report).verdict is Verdict.VALID


def test_a_file_without_a_mark_costs_no_worker() -> None:
    """What is handed to nobody is answered when nobody is there."""
    setup = Setup(trust=(), policy=VerificationPolicy(), screen=screen_xml)
    nobody = Verification(_nobody, setup, patience_s=20.0)

    assert nobody(BytesIO(b"%PDF-1.4 /Type /Page"), PDF, at=LATER) == SignatureReport()


def test_an_escaped_byte_range_is_no_hiding_place(verify: Verification) -> None:
    """Whoever writes the name of the byte range with escapes is looked at."""
    hidden = signed_by("good").replace(b"/ByteRange", b"/#42yteRange")

    assert verify(BytesIO(hidden), PDF, at=LATER).signatures


def test_the_files_of_a_submission_are_bounded_together(verify: Verification) -> None:
    """When the time of all is used up, the next one is not begun."""
    report = verify(BytesIO(signed_by("good")), PDF, at=LATER, spent_s=20.0)

    assert report.fault is Fault.TIME


@pytest.mark.parametrize(
    ("screen", "fault"),
    [(sleeping, Fault.TIME), (gluttonous, Fault.MEMORY), (deadly, Fault.CRASH)],
)
def test_a_runaway_file_is_cut_off_and_the_room_lives_on(
    tmp_path: Path, file: Path, screen: Callable[[bytes], bool], fault: Fault
) -> None:
    """The file that runs away gives a fault, the next one its verdict."""
    corpus.lay(tmp_path / "trust")
    xml = tmp_path / "a.xml"
    xml.write_bytes(b"<a xmlns='http://www.w3.org/2000/09/xmldsig#'/>")
    setup = Setup(trust=(tmp_path / "trust",), policy=VerificationPolicy(), screen=screen)
    modules = ("gateway.crypto.workers",)
    with closing(Processes(count=1, timeout_s=3.0, memory_mb=512, modules=modules)) as processes:
        verify = Verification(processes, setup, patience_s=60.0)
        first = verified(verify, xml, "application/xml")
        second = verified(verify, file)

    assert (first.fault, only(second).verdict) == (fault, Verdict.VALID)


def test_the_guards_refuse_a_bomb() -> None:
    """No tree is built of XML that the parser of the house refuses."""
    bomb = b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"

    assert (screen_xml(bomb), screen_xml(b"<a/>")) == (False, True)
