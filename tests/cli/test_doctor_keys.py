"""`gateway doctor` on keys, certificates, trust and time stamps."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import rmtree

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from gateway.bootstrap.equipment import SystemClock
from gateway.crypto.keys import VALIDITY, make_signing_key
from gateway.crypto.pki import Wish, issue
from tests.cli.examining import change, examine
from tests.crypto.authority import a_stamper
from tests.pipeline.rooms import rooms


def test_a_lost_key_is_an_error(node: Path) -> None:
    """Without it no receipt can be signed."""
    (node / "config" / "secrets" / "node.key").unlink()

    status, found = examine(node)

    assert (status, found["keys"]["result"]) == (1, "error")


def test_a_certificate_that_ends_soon_is_a_warning(node: Path) -> None:
    """Sixty days ahead, so that there is time to get another."""
    start = datetime.now(UTC) - VALIDITY + timedelta(days=30)  # noqa: TID251 - as doctor sees it
    files = {
        "key_file": node / "config" / "secrets" / "node.key",
        "certificate_file": node / "config" / "node.crt",
    }
    for file in files.values():
        file.unlink()
    make_signing_key(**files, code="H13", name="UBND", now=start)

    status, found = examine(node)

    assert (status, found["keys"]["result"]) == (0, "warning")


def test_a_key_that_others_may_read_is_an_error(node: Path) -> None:
    """The remedy is in the message."""
    (node / "config" / "secrets" / "node.key").chmod(0o644)

    _, found = examine(node)

    assert "chmod 600" in found["keys"]["message"]


def test_an_authority_without_certificates_is_an_error(node: Path) -> None:
    """Its stamps could not be verified; the others are checked all the same."""
    change(node, 'tsa_url = ""', 'tsa_url = "http://127.0.0.1:9/tsa"')

    status, found = examine(node)

    assert (status, found["stamps"]["result"]) == (1, "error")


def test_receipts_that_wait_for_a_stamp_are_counted_down(node: Path, tmp_path: Path) -> None:
    """Nothing waits on a new node."""
    trusted = a_stamper(SystemClock().now()).trust(tmp_path / "tsa")
    change(node, 'tsa_url = ""', 'tsa_url = "http://127.0.0.1:9/tsa"')
    change(node, '["config/trust/timestamp"]', json.dumps([trusted]))

    _, found = examine(node)

    assert (found["stamps"]["result"], "every receipt" in found["stamps"]["message"]) == (
        "ok",
        True,
    )


@pytest.mark.parametrize(
    ("waited_h", "result", "told"),
    [(1, "ok", "23.0 hours left"), (20, "warning", "4.0 hours"), (25, "error", "-1.0 hours")],
)
def test_an_outage_of_the_authority_is_counted_down(
    tmp_path: Path, waited_h: int, result: str, told: str
) -> None:
    """From the oldest receipt without a stamp to the limit of a day, and beyond."""
    now = SystemClock().now()
    trusted = a_stamper(now).trust(tmp_path / "tsa")

    async def send() -> None:
        at = now - timedelta(hours=waited_h)
        async with rooms(tmp_path / "node", at=at) as node:
            await node.sent()
            await node.gateway.sealing.seal()

    asyncio.run(send())
    keys = f'tsa_url = "http://127.0.0.1:9/tsa"\ntsa_trust = ["{trusted}"]\ntsa_limit_h = 24.0'
    toml = f'[node]\ncode = "H13"\n[keys]\n{keys}\n'
    (tmp_path / "node" / "gateway.toml").write_text(toml, "utf-8")

    _, found = examine(tmp_path / "node")

    assert (found["stamps"]["result"], told in found["stamps"]["message"]) == (result, True)
    assert bool(found["stamps"]["remedy"]) is (result != "ok")


def a_tls_certificate(node: Path, *, days: float) -> None:
    """Let *node* show a certificate that lasts so many days."""
    now = SystemClock().now()
    wish = Wish(
        common_name="node.test",
        valid_from=now - timedelta(days=90),
        valid_to=now + timedelta(days=days, hours=1),
    )
    party = issue(wish)
    (node / "tls.pem").write_bytes(party.pem)
    key = load_der_private_key(party.key_der, None)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (node / "tls.key").write_bytes(pem)
    change(node, 'tls_certificate = ""', f'tls_certificate = "{node}/tls.pem"')
    change(node, 'tls_key = ""', f'tls_key = "{node}/tls.key"')


@pytest.mark.parametrize(
    ("days", "result", "stage"),
    [
        (61, "ok", ""),
        (60, "warning", "60 days ahead"),
        (30, "warning", "30 days ahead"),
        (14, "warning", "14 days ahead"),
        (7, "warning", "7 days ahead"),
        (0, "warning", "7 days ahead"),
        (-1, "error", "it has expired"),
    ],
)
def test_the_end_of_the_tls_certificate_is_told_ahead(
    node: Path, days: int, result: str, stage: str
) -> None:
    """60, 30, 14 and 7 days; an expired one is an error."""
    a_tls_certificate(node, days=days)

    _, found = examine(node)

    assert (found["tls"]["result"], stage in found["tls"]["message"]) == (result, True)
    assert bool(found["tls"]["remedy"]) is (result != "ok")


def test_a_missing_trust_folder_is_an_error(node: Path) -> None:
    """It is named in the configuration and is not there."""
    rmtree(node / "config" / "trust")

    _, found = examine(node)

    assert found["trust"]["result"] == "error"
