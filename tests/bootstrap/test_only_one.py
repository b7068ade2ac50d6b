"""One process, or one family of them, serves the data of a node."""

import threading
import time
from pathlib import Path

import pytest

from bench.sites import make_site
from gateway.bootstrap.equipment import only_one
from gateway.config import Config, load
from gateway.domain.errors import Misconfigured


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """Return the settings of a node."""
    return load(make_site(tmp_path / "node").config_file)


def test_another_is_told_at_once_that_it_is_served(config: Config) -> None:
    """Who only looks does not wait."""
    begun = time.monotonic()
    with (
        only_one(config),
        pytest.raises(Misconfigured, match="serves this data"),
        only_one(config),
    ):
        pass

    assert time.monotonic() - begun < 1.0


def test_who_takes_over_waits_for_the_last_process_to_end(config: Config) -> None:
    """Of a node that was killed the last process goes a moment after the first."""
    is_held, let_go = threading.Event(), threading.Event()

    def linger() -> None:
        with only_one(config):
            is_held.set()
            let_go.wait(10)

    lingering = threading.Thread(target=linger)
    lingering.start()
    is_held.wait(10)
    threading.Timer(0.3, let_go.set).start()

    with only_one(config, patience_s=10.0):
        assert let_go.is_set()

    lingering.join()
