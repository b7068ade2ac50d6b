"""`gateway stats`: exchange statistics from the audit records."""

from pathlib import Path

import click

from gateway.bootstrap.gateway import Gateway
from gateway.cli.downtime import show_downtime
from gateway.cli.node import on_node
from gateway.cli.options import config_option, format_option
from gateway.cli.output import CSV, JSON, TABLE, show_table, working
from gateway.domain.exchange import Caller
from gateway.domain.figures import ACTUAL, HEADINGS, LEGAL, ROLL_UPS, Question, question_of
from gateway.pipeline.statistics import Rows

XLSX = "xlsx"
CHARTS = (".svg", ".png")
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
@click.option(
    "--agency",
    metavar="CODE",
    help="Only what this agency sent and received; with --roll-up also what counts for it.",
)
@click.option(
    "--roll-up",
    type=click.Choice(ROLL_UPS),
    help="Count for the agencies above, for the successor of a closed one, or for both, too.",
)
@click.option(
    "--downtime",
    is_flag=True,
    help="How long outages and maintenance lasted instead; --group day, month, quarter, half, year.",
)
@click.option("--recompute", is_flag=True, help="Read every audit record anew first.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write to FILE.",
)
@click.option(
    "--chart",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Draw the figures to FILE.svg or FILE.png, too.",
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
    downtime: bool,
    recompute: bool,
    output: Path | None,
    chart: Path | None,
    how: str,
    config_file: Path,
) -> None:
    """Print what was sent, delivered and answered in a period, as the audit records tell it.

    A document to several recipients is one `sent` and several `deliveries`. Grouped by agency, a
    row has what the agency sent and what it received; `direction` tells them apart.

    Groups: agency, direction, counterpart, account, type, priority, business, legal_value,
    signed, paper, way, state, reason, hour, day, month, quarter, half, year.
    """
    if downtime:
        show_downtime((first, last, group), how, output, config_file)
        return
    if how == XLSX and output is None:
        raise click.UsageError("a spreadsheet goes to a file: add -o FILE.xlsx")
    question = question_of(
        first=first, last=last, group=group, by=by, agency=agency, roll_up=roll_up
    )
    wanted = [TABLE if how == TABLE and output is None else CSV if how == TABLE else how]
    wanted += [] if chart is None else [_kind_of(chart)]

    async def work(gateway: Gateway, caller: Caller) -> list[Rows | bytes]:
        if recompute:
            await gateway.statistics.recompute()
        return [await _form(gateway, caller, question, form) for form in wanted]

    with working("Đang tính / counting"):
        result, *drawn = on_node(config_file, work)
    _give(question, result, output)
    for picture in drawn:
        _give(question, picture, chart)


async def _form(gateway: Gateway, caller: Caller, question: Question, form: str) -> Rows | bytes:
    if form == TABLE:
        return await gateway.statistics.report(question, caller)
    if form == XLSX:
        locale = gateway.config.node.locale
        return await gateway.statistics.readable(question, caller, form, locale)
    return await gateway.statistics.written(question, caller, form)


def _kind_of(chart: Path) -> str:
    if chart.suffix not in CHARTS:
        raise click.UsageError("a chart goes to a file that ends in .svg or .png")
    return chart.suffix[1:]


def _give(question: Question, result: Rows | bytes, file: Path | None) -> None:
    """Print a table or a text, or write a file and say so."""
    if not isinstance(result, bytes):
        _show(question, result)
    elif file is None:
        click.echo(result.decode().rstrip("\n"))
    else:
        try:
            file.write_bytes(result)
        except OSError as error:
            raise click.ClickException(f"{file}: {error.strerror}") from error
        click.echo(f"Đã ghi / written: {file}", err=file.suffix in CHARTS)


def _show(question: Question, rows: Rows) -> None:
    columns = (*question.group, *_SHOWN)
    heads = [f"{HEADINGS[name]} / {name}" for name in columns]
    show_table(heads, [[row[name] for name in columns] for row in rows])
