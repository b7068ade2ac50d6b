"""The virus scanner spoken to is the program itself, with one signature of our own."""

import io
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.domain.inspection import Scanned
from gateway.scanning import Clamd
from tests.scanning.scanner import EICAR

CLAMD = shutil.which("clamd")

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(CLAMD is None, reason="clamd is not installed (Debian: clamav-daemon)"),
]


@pytest.fixture
def clamd() -> Iterator[str]:
    """Run a real clamd that knows one signature, on a unix socket; say its address."""
    with tempfile.TemporaryDirectory(prefix="clamd") as name:
        folder = Path(name)
        (folder / "db").mkdir()
        (folder / "db" / "own.ndb").write_text(f"Eicar:0:*:{EICAR.hex()}\n", "ascii")
        config = folder / "clamd.conf"
        config.write_text(
            f"LocalSocket {folder}/s\nDatabaseDirectory {folder}/db\nForeground yes\n"
            f"TemporaryDirectory {folder}\n",
            "utf-8",
        )
        command = [str(CLAMD), "-c", str(config)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:  # noqa: S603
            until = time.monotonic() + 20
            while not (folder / "s").exists() and time.monotonic() < until:
                time.sleep(0.05)
            yield f"unix:{folder}/s"
            server.terminate()


def test_a_real_clamd_finds_what_it_knows_and_passes_the_rest(clamd: str) -> None:
    """The protocol is that of the program itself."""
    said = [
        Clamd(address=clamd, timeout_s=10.0)(io.BytesIO(each)) for each in (EICAR, b"Kinh gui")
    ]

    assert [Scanned(malware="Eicar.UNOFFICIAL"), Scanned()] == said
