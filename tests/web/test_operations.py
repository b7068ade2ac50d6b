"""Health, readiness and metrics of a node that runs."""

import asyncio
import re
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from prometheus_client.parser import text_string_to_metric_families

from gateway.crypto.pki import make_pki
from gateway.web.operations import Operations
from tests.nodes import OFFICE, OTHER, Node, serving


async def meters(node: Node) -> dict[str, float]:
    """Return every sample by name and labels."""
    answer = await node.get("/metrics")
    assert answer.status == 200, answer.body
    return {
        f"{sample.name}{dict(sorted(sample.labels.items())) or ''}": sample.value
        for family in text_string_to_metric_families(answer.body.decode())
        for sample in family.samples
    }


async def checks(node: Node) -> dict[str, str]:
    """Return the checks of readiness with their status."""
    answer = await node.get("/readyz")
    return {check["name"]: check["status"] for check in answer.json()["checks"]}


async def test_a_node_that_runs_is_alive(node: Node) -> None:
    """Liveness asks nothing but an answer."""
    answer = await node.get("/healthz")

    assert (answer.status, answer.json()) == (200, {"status": "ok"})


async def test_a_sound_node_is_ready(node: Node) -> None:
    """Every check is named."""
    answer = await node.get("/readyz")

    assert (answer.status, answer.json()["status"]) == (200, "ready")
    assert set(await checks(node)) == {
        "running",
        "database",
        "writer",
        "disk",
        "documents",
        "calendar",
    }


async def test_a_full_disk_makes_the_node_unready(node_folder: Path) -> None:
    """Below the minimum of free space nothing is taken in, and the check says so."""
    async with serving(node_folder, storage={"minimum_free_mb": 1 << 40}) as node:
        answer = await node.get("/readyz")

        assert (answer.status, answer.json()["code"]) == (503, "not-ready")
        assert (await checks(node))["disk"] == "failed"


async def test_an_unready_node_is_alive_all_the_same(node_folder: Path) -> None:
    """Restarting a node does not empty its disk."""
    async with serving(node_folder, storage={"minimum_free_mb": 1 << 40}) as node:
        assert (await node.get("/healthz")).status == 200


async def test_an_unready_node_answers_a_problem_with_the_time_to_come_back(
    node_folder: Path,
) -> None:
    """503 has the form of every error."""
    async with serving(node_folder, storage={"minimum_free_mb": 1 << 40}) as node:
        answer = await node.get("/readyz")

        assert answer.headers["Content-Type"] == "application/problem+json"
        assert int(answer.headers["Retry-After"]) > 0


async def test_readiness_tells_no_path(node_folder: Path) -> None:
    """Anybody may look, so nothing of the machine is shown."""
    async with serving(node_folder, storage={"minimum_free_mb": 1 << 40}) as node:
        assert str(node_folder) not in (await node.get("/readyz")).body.decode()


async def test_a_year_without_days_off_is_a_warning(node_folder: Path) -> None:
    """A calendar that ends makes legal times provisional; documents still travel."""
    calendar = node_folder / "config" / "calendar-vn.toml"
    text = calendar.read_text("utf-8")
    calendar.write_text(
        re.sub(r"^year = \[.*?^\]", "year = []", text, flags=re.DOTALL | re.MULTILINE), "utf-8"
    )
    async with serving(node_folder) as node:
        answer = await node.get("/readyz")

        assert answer.status == 200
        assert (await checks(node))["calendar"] == "warning"


async def test_a_locked_database_makes_the_writer_fail(node: Node) -> None:
    """A writer that does not come through is found within seconds."""
    release = asyncio.Event()
    loop = asyncio.get_running_loop()

    def hold(_tx: object) -> None:
        asyncio.run_coroutine_threadsafe(release.wait(), loop).result()

    holding = asyncio.create_task(node.gateway.store.write(hold))
    try:
        assert (await checks(node))["writer"] == "failed"
    finally:
        release.set()
        await holding


async def test_metrics_count_requests_by_route(node: Node) -> None:
    """The label is the pattern of the address, never an id."""
    for document in ("a", "b", "c"):
        await node.get(f"/api/v1/documents/{document}", who=OFFICE)

    labels = "{'method': 'GET', 'route': '/api/v1/documents/{id}', 'status': '4xx'}"
    assert (await meters(node))[f"gateway_requests_total{labels}"] == 3


async def test_unknown_addresses_share_one_label(node: Node) -> None:
    """Nobody fills the memory by asking for nonsense."""
    for path in ("/x", "/y", "/z"):
        await node.get(path)

    labels = "{'method': 'GET', 'route': 'other', 'status': '4xx'}"
    assert (await meters(node))[f"gateway_requests_total{labels}"] == 3


async def test_metrics_measure_the_time_of_requests(node: Node) -> None:
    """Every request has its place in the histogram."""
    await node.get("/healthz")
    await node.get("/healthz")

    labels = "{'method': 'GET', 'route': '/healthz'}"
    assert (await meters(node))[f"gateway_request_seconds_count{labels}"] == 2


async def test_metrics_count_what_became_of_submissions(node: Node) -> None:
    """Accepted, held, repeated and refused ones are told apart."""
    await node.submit(headers={"Idempotency-Key": "one"})
    await node.submit(headers={"Idempotency-Key": "one"})
    await node.submit(kind="petition")
    await node.submit(to=["H13.99"])

    counted = await meters(node)

    outcomes = ("accepted", "repeated", "held", "refused", "failed")
    found = [counted[f"gateway_submissions_total{{'outcome': '{each}'}}"] for each in outcomes]
    assert found == [1, 1, 1, 1, 0]


async def test_metrics_show_jobs_that_wait_and_destinations_that_are_away(
    node_folder: Path,
) -> None:
    """A folder that is not there puts its office in back-off."""
    office = {"agency": OTHER, "delivery": "folder", "folder": "link"}
    (node_folder / "desk").mkdir()
    (node_folder / "file").write_text("in the way", "utf-8")
    (node_folder / "link").symlink_to(node_folder / "desk")
    async with serving(node_folder, office=[office]) as node:
        (node_folder / "other").symlink_to(node_folder / "file")
        (node_folder / "other").replace(node_folder / "link")
        assert (await node.submit()).status == 201
        counted: dict[str, float] = {}
        for _ in range(200):
            counted = await meters(node)
            if counted["gateway_destinations_in_backoff"]:
                break
            await asyncio.sleep(0.05)

        assert counted["gateway_destinations_in_backoff"] == 1
        assert counted["gateway_queue_depth"] == 1


async def test_metrics_show_free_space_and_the_years_of_the_calendar(node: Node) -> None:
    """What runs out slowly is seen in time."""
    following = node.gateway.clock.now().year + 2
    covered = node.gateway.calendar("H13").covered_years

    counted = await meters(node)

    assert counted["gateway_free_bytes"] > 0
    for year in range(2026, following):
        name = f"gateway_calendar_covered{{'year': '{year}'}}"
        assert counted.get(name, 0) == (year in covered)


async def test_metrics_show_how_long_trusted_certificates_last(node_folder: Path) -> None:
    """A certificate that nobody renews is seen in time."""
    pki = make_pki(datetime(2026, 3, 2, tzinfo=UTC))
    folder = node_folder / "config" / "trust" / "public"
    folder.mkdir(parents=True)
    (folder / "root.pem").write_bytes(pki.root.pem)
    async with serving(node_folder) as node:
        counted = await meters(node)
        now = node.gateway.clock.now()

    [(name, left)] = [each for each in counted.items() if each[0].startswith("gateway_trust_days")]
    assert "'purpose': 'public'" in name
    assert left == (pki.root.certificate.not_valid_after_utc - now).days


async def test_metrics_show_how_long_the_node_s_own_certificates_last(node: Node) -> None:
    """That which signs receipts, here."""
    counted = await meters(node)

    [(name, left)] = [
        each for each in counted.items() if each[0].startswith("gateway_certificate_days")
    ]
    assert "'use': 'receipts'" in name
    assert 3600 < left <= 3653


async def test_two_applications_count_for_themselves(node_folder: Path, tmp_path: Path) -> None:
    """A registry belongs to one application."""
    copy = Path(shutil.copytree(node_folder, tmp_path / "second"))
    async with serving(node_folder) as first, serving(copy) as second:
        await first.submit()

        name = "gateway_submissions_total{'outcome': 'accepted'}"
        assert [(await meters(each))[name] for each in (first, second)] == [1, 0]


async def test_a_proxy_on_this_machine_does_not_open_the_metrics(node: Node) -> None:
    """Who comes through a proxy is judged by the address that the proxy saw."""
    answer = await node.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"})

    assert (answer.status, answer.json()["code"]) == (404, "not-found")


@pytest.mark.parametrize(
    ("seen", "status"),
    [("198.51.100.7", 200), ("127.0.0.1, 203.0.113.9", 404), ("nonsense", 404)],
)
async def test_the_named_networks_read_the_metrics(
    node_folder: Path, seen: str, status: int
) -> None:
    """Only the last address counts: those before it are the caller's own words."""
    async with serving(node_folder, http={"metrics_from": ["198.51.100.0/24"]}) as node:
        answer = await node.get("/metrics", headers={"X-Forwarded-For": seen})

        assert answer.status == status


async def test_measuring_costs_less_than_thirty_microseconds() -> None:
    """The middleware stands in the way of every request."""
    operations = Operations(())
    request = make_mocked_request("GET", "/healthz")
    response = web.Response()

    async def handler(_request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(0)
        return response

    async def per_call(rounds: int) -> float:
        started = time.process_time()
        for _ in range(rounds):
            await operations.measure(request, handler)
        return (time.process_time() - started) / rounds

    await per_call(100)
    best = min([await per_call(500) for _ in range(10)])
    assert best < 30e-6
