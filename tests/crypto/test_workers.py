"""Worker processes: what a file may cost, and what happens when it costs more."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from gateway.bootstrap.verification import screen_xml, verifying
from gateway.config import parse
from gateway.crypto.policy import VerificationPolicy
from gateway.crypto.workers import VerifierPool, WorkerLimits
from gateway.domain.signatures import Fault, Reason, Verdict
from tests.crypto import corpus
from tests.crypto.corpus import LATER, only, signed_by
from tests.crypto.test_detached import DETACHED, TEXT

PDF = "application/pdf"


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


@pytest.fixture(name="file")
def _file(tmp_path: Path) -> Path:
    file = tmp_path / "cong-van.pdf"
    file.write_bytes(signed_by("good"))
    return file


@pytest_asyncio.fixture(name="pool")
async def _pool(tmp_path: Path) -> AsyncIterator[VerifierPool]:
    corpus.lay(tmp_path / "config" / "trust")
    config = parse(
        {"node": {"code": "H13"}, "signatures": {"workers": 1}}, file=tmp_path / "gateway.toml"
    )
    async with verifying(config) as pool:
        await pool.warm()
        yield pool


async def test_a_worker_verifies_by_path(pool: VerifierPool, file: Path) -> None:
    """The whole road: configuration, trust folder, process, report."""
    assert only(await pool.verify(file, PDF, at=LATER)).verdict is Verdict.VALID


async def test_a_worker_sees_new_trust(pool: VerifierPool, file: Path, tmp_path: Path) -> None:
    """The folders are read again while the node runs."""
    before = only(await pool.verify(file, PDF, at=LATER)).reason
    (tmp_path / "config" / "trust" / "root.pem").unlink()
    (tmp_path / "config" / "trust" / "intermediate.pem").unlink()
    await asyncio.sleep(2.1)
    after = only(await pool.verify(file, PDF, at=LATER)).reason

    assert (before, after) == (Reason.HOLDS, Reason.NO_CHAIN)


async def test_a_detached_signature_goes_by_two_paths(pool: VerifierPool, tmp_path: Path) -> None:
    """The signature and what it signs."""
    signature, content = tmp_path / "a.p7s", tmp_path / "a.txt"
    signature.write_bytes(DETACHED)
    content.write_bytes(TEXT)
    report = await pool.verify(signature, "application/pkcs7-signature", at=LATER, content=content)

    assert only(report).verdict is Verdict.VALID


@pytest.mark.parametrize(
    ("screen", "fault"),
    [(sleeping, Fault.TIME), (gluttonous, Fault.MEMORY), (deadly, Fault.CRASH)],
)
async def test_a_runaway_file_is_cut_off_and_the_pool_lives_on(
    tmp_path: Path, file: Path, screen: object, fault: Fault
) -> None:
    """The file that runs away gives a fault, the next one its verdict."""
    corpus.lay(tmp_path / "trust")
    xml = tmp_path / "a.xml"
    xml.write_bytes(b"<a xmlns='http://www.w3.org/2000/09/xmldsig#'/>")
    pool = VerifierPool(
        [tmp_path / "trust"],
        VerificationPolicy(),
        screen=screen,  # type: ignore[arg-type]
        limits=WorkerLimits(workers=1, time_s=3.0, memory_mb=512),
    )
    try:
        await pool.warm()
        first = await pool.verify(xml, "application/xml", at=LATER)
        second = await pool.verify(file, PDF, at=LATER)
    finally:
        pool.close()

    assert (first.fault, only(second).verdict) == (fault, Verdict.VALID)


def test_the_guards_refuse_a_bomb() -> None:
    """No tree is built of XML that the parser of the house refuses."""
    bomb = b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"

    assert (screen_xml(bomb), screen_xml(b"<a/>")) == (False, True)
