"""The disk that takes two milliseconds more for every fsync."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bench.slow_disk import slow_disk

_TIMES = 20
#: Prints how long so many calls of each kind took, in seconds.
_PROGRAM = f"""
import ctypes, os, sys, time
file = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT)
libc = ctypes.CDLL(None)
for call in (os.fsync, os.fdatasync, lambda file: libc.sync_file_range(file, 0, 0, 2)):
    begun = time.monotonic()
    for _ in range({_TIMES}):
        call(file)
    print(time.monotonic() - begun)
"""


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler here")
async def test_every_sync_of_a_file_takes_two_milliseconds_more(tmp_path: Path) -> None:
    """Both calls that promise durability; what promises nothing stays as it is."""
    environment = await slow_disk(tmp_path)

    assert environment is not None
    done = subprocess.run(  # noqa: S603, ASYNC221 - the program is ours, and short
        [sys.executable, "-c", _PROGRAM, str(tmp_path / "file")],
        env=dict(environment),
        capture_output=True,
        check=True,
        text=True,
    )
    whole, data, started = map(float, done.stdout.split())
    assert min(whole, data) >= _TIMES * 0.002
    assert started < min(whole, data)


async def test_where_nothing_can_be_compiled_there_is_no_such_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The benchmark says so and goes on."""
    monkeypatch.setenv("PATH", str(tmp_path))

    assert await slow_disk(tmp_path) is None
