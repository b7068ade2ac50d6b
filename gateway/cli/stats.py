"""`gateway stats`: exchange statistics from the audit records."""

from pathlib import Path

import click

from gateway.bootstrap.gateway import Gateway
from gateway.cli.node import on_node
from gateway.cli.options import config_option, format_option
from gateway.cli.output import CSV, JSON, TABLE, show_table, working
from gateway.domain.exchange import Caller
from gateway.domain.figures import ACTUAL, HEADINGS, LEGAL, ROLL_UPS, Question, question_of
from gateway.pipeline.statistics import Rows

XLSX = "xlsx"
#: Columns in a terminal, beside the groups; the other formats have all.
_SHOWN = (
    "sent",
    "deliveries",
    "arrived",
    "accepted",
    "refused",
    "done",
    "failed",
    "recalled",
    "original",
    "accepted_same_day",
    "sent_next_morning",
    "arrived_median_s",
)


@click.command()
@click.option("--from", "first", required=True, metavar="D", help="First day, as 2026-01-31.")
@click.option("--to", "last", required=True, metavar="D", help="Last day, inclusive.")
@click.option("--group", default="", metavar="NAMES", help="What to group by, as agency,month.")
@click.option(
    "--by",
    type=click.Choice([LEGAL, ACTUAL]),
    default=LEGAL,
    show_default=True,
    help="Count by legal or by actual dates.",
)
@click.option("--agency", metavar="CODE", help="Only what this agency sent and received.")
@click.option(
    "--roll-up",
    type=click.Choice(ROLL_UPS),
    help="Count for the agencies above, or for the successor of a closed one, too.",
)
@click.option("--recompute", is_flag=True, help="Read every audit record anew first.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write to FILE.",
)
@format_option(TABLE, CSV, JSON, XLSX)
@config_option
def stats(
    *,
    first: str,
    last: str,
    group: str,
    by: str,
    agency: str | None,
    roll_up: str | None,
    recompute: bool,
    output: Path | None,
    how: str,
    config_file: Path,
) -> None:
    """Print what was sent, delivered and answered in a period, as the audit records tell it.

    A document to several recipients is one `sent` and several `deliveries`. Grouped by agency, a
    row has what the agency sent and what it received; `direction` tells them apart.

    Groups: agency, direction, counterpart, type, priority, business, legal_value, paper, state,
    reason, day, month, quarter, half, year.
    """
    if how == XLSX and output is None:
        raise click.UsageError("a spreadsheet goes to a file: add -o FILE.xlsx")
    question = question_of(
        first=first, last=last, group=group, by=by, agency=agency, roll_up=roll_up
    )

    table = how == TABLE and output is None

    async def work(gateway: Gateway, caller: Caller) -> Rows | bytes:
        if recompute:
            await gateway.statistics.recompute()
        if table:
            return await gateway.statistics.report(question, caller)
        if how == XLSX:
            locale = gateway.config.node.locale
            return await gateway.statistics.readable(question, caller, how, locale)
        form = CSV if how == TABLE else how
        return await gateway.statistics.written(question, caller, form)

    with working("Đang tính / counting"):
        result = on_node(config_file, work)
    if not isinstance(result, bytes):
        _show(question, result)
    elif output is None:
        click.echo(result.decode().rstrip("\n"))
    else:
        output.write_bytes(result)
        click.echo(f"Đã ghi / written: {output}")


def _show(question: Question, rows: Rows) -> None:
    columns = (*question.group, *_SHOWN)
    heads = [f"{HEADINGS[name]} / {name}" for name in columns]
    show_table(heads, [[row[name] for name in columns] for row in rows])
