"""`GET /statistics` and `gateway stats`: the same figures in every form."""

import asyncio
import csv
import io
import json
from pathlib import Path

import openpyxl
import pytest

from tests.cli.commands import run
from tests.nodes import ADMIN, AUDITOR, OFFICE, OTHER, Node

PATH = "/api/v1/statistics?from=2026-01-01&to=2099-12-31"


async def test_the_answer_has_the_fields_of_the_contract(node: Node) -> None:
    """`from`, `to`, `by`, `group`, `rows`."""
    await node.submit()

    answer = (await node.get(f"{PATH}&group=type,month", who=AUDITOR)).json()

    assert set(answer) == {"from", "to", "by", "group", "rows"}
    assert (answer["by"], answer["group"]) == ("legal", ["type", "month"])
    assert (answer["rows"][0]["type"], answer["rows"][0]["sent"]) == ("CV", 1)


async def test_what_was_just_sent_is_counted(node: Node) -> None:
    """Up to the last commit."""
    for n in range(3):
        await node.submit()
        (row,) = (await node.get(PATH, who=ADMIN)).json()["rows"]
        assert row["sent"] == n + 1


async def test_an_office_gets_its_own(node: Node) -> None:
    """The recipient sent nothing."""
    await node.submit()

    (row,) = (await node.get(PATH, who=OTHER)).json()["rows"]

    assert (row["sent"], row["deliveries"]) == (0, 1)


async def test_an_office_asking_for_another_is_refused(node: Node) -> None:
    """403."""
    assert (await node.get(f"{PATH}&agency={OFFICE}", who=OTHER)).status == 403


@pytest.mark.parametrize("group", ["", "&group=agency", "&group=direction,month"])
async def test_one_agency_rolled_up_is_its_row_among_all(node: Node, group: str) -> None:
    """The province sent nothing by itself; what its offices sent and received counts for it."""
    await node.submit()
    everybody = await node.get(
        f"{PATH}&roll_up=hierarchy&group=agency{group.replace('&group=', ',')}", who=AUDITOR
    )
    expected = [each for each in everybody.json()["rows"] if each["agency"] == "H13"]

    rows = (await node.get(f"{PATH}&agency=H13&roll_up=hierarchy{group}", who=AUDITOR)).json()[
        "rows"
    ]

    assert sum(each["sent"] for each in rows) == 1
    assert [{"agency": "H13"} | each for each in rows] == expected


async def test_an_agency_without_figures_is_one_row_of_nothing_rolled_up(node: Node) -> None:
    """As it is without."""
    (row,) = (await node.get(f"{PATH}&agency=H13&roll_up=both", who=AUDITOR)).json()["rows"]

    assert row["sent"] == 0


async def test_an_office_gets_nothing_of_others_by_rolling_up(node: Node) -> None:
    """Neither their figures in its own row, nor rows of others."""
    await node.submit()

    plain = await node.get(f"{PATH}&group=agency", who=OTHER)
    rolled = await node.get(f"{PATH}&group=agency&roll_up=both", who=OTHER)

    assert rolled.json()["rows"] == plain.json()["rows"]
    assert [each["agency"] for each in rolled.json()["rows"]] == [OTHER]


async def test_a_spreadsheet_says_what_is_rolled_up(node: Node) -> None:
    """In the line of its period; not where no row is of an agency."""
    told = []
    for group in ("agency", "month"):
        asked = f"{PATH}&format=xlsx&roll_up=both&group={group}"
        book = openpyxl.load_workbook(io.BytesIO((await node.get(asked, who=AUDITOR)).body))
        told.append("mỗi cơ quan gồm cả" in str(book.worksheets[0]["A5"].value))

    assert told == [True, False]


async def test_csv_has_the_same_figures(node: Node) -> None:
    """Headed by the names of the contract."""
    await node.submit()

    answer = await node.get(f"{PATH}&format=csv&group=agency", who=AUDITOR)

    rows = {row["agency"]: row for row in csv.DictReader(io.StringIO(answer.body.decode()))}
    assert (rows[OFFICE]["sent"], rows[OTHER]["deliveries"]) == ("1", "1")


async def test_a_spreadsheet_opens_and_bears_the_official_lines(node: Node) -> None:
    """The office, the nation, the title, the period, and the figures as numbers."""
    await node.submit()

    answer = await node.get(f"{PATH}&format=xlsx", who=AUDITOR)

    sheet = openpyxl.load_workbook(io.BytesIO(answer.body)).active
    assert sheet is not None
    lines = [[cell.value for cell in row if cell.value is not None] for row in sheet.rows]
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in lines[0]
    assert lines[7][0] == 1


@pytest.mark.parametrize(
    "query", ["", "?from=2026-01-01", "?from=x&to=y", "?from=2026-01-01&to=2026-01-31&group=x"]
)
async def test_a_question_that_cannot_be_read_is_a_problem(node: Node, query: str) -> None:
    """400 with what is wrong and where."""
    answer = await node.get(f"/api/v1/statistics{query}", who=AUDITOR)

    assert (answer.status, answer.json()["code"]) == (400, "bad-parameter")
    assert answer.json()["findings"]


async def test_the_command_prints_the_same(node: Node, node_folder: Path) -> None:
    """While the node runs."""
    await node.submit()
    (node_folder / "gateway.toml").write_text(
        '[node]\ncode = "H13"\nname = "UBND tỉnh"\n[storage]\nminimum_free_mb = 0\n', "utf-8"
    )
    config = ["--config", str(node_folder / "gateway.toml")]
    period = ["--from", "2026-01-01", "--to", "2099-12-31", "--group", "agency"]

    printed = await asyncio.to_thread(run, "stats", *period, "--format", "json", *config)

    asked = (await node.get(f"{PATH}&group=agency", who=AUDITOR)).json()
    assert json.loads(printed.stdout) == asked


@pytest.mark.parametrize(
    ("form", "kind", "begins"),
    [("svg", "image/svg+xml", b"<svg"), ("png", "image/png", b"\x89PNG")],
)
async def test_a_chart_is_a_form_like_the_others(
    node: Node, form: str, kind: str, begins: bytes
) -> None:
    """For a report, by the same address."""
    await node.submit()

    answer = await node.get(f"{PATH}&group=month&format={form}", who=AUDITOR)

    assert answer.headers["Content-Type"] == kind
    assert answer.body.startswith(begins)


def test_the_command_draws_beside_what_it_prints(node_folder: Path, tmp_path: Path) -> None:
    """To a file whose name says the form."""
    file = tmp_path / "nam.svg"
    (node_folder / "gateway.toml").write_text(
        '[node]\ncode = "H13"\nname = "UBND tỉnh"\n[storage]\nminimum_free_mb = 0\n', "utf-8"
    )
    period = ["--from", "2026-01-01", "--to", "2026-12-31", "--group", "month"]

    printed = run(
        *["stats", *period, "--format", "json", "--chart", str(file)],
        *["--config", str(node_folder / "gateway.toml")],
    )

    assert json.loads(printed.stdout)["rows"] == []
    assert "Nguồn: UBND tỉnh" in file.read_text("utf-8")
