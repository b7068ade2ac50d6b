"""Figures, standing reports and figures for everybody, equipped."""

from collections.abc import Callable
from datetime import tzinfo
from functools import partial
from uuid import uuid4

from gateway.config import Config
from gateway.domain.directory import Directory
from gateway.domain.periods import PeriodKind
from gateway.formats.charts import as_png, as_svg
from gateway.formats.figures import as_csv, as_csv_to_read, as_json, as_xlsx
from gateway.formats.report_files import compose_report
from gateway.pipeline.publishing import Publishing
from gateway.pipeline.relay import node_caller
from gateway.pipeline.reporting import Reporting
from gateway.pipeline.statistics import Statistics
from gateway.ports import Clock, Run, Store
from gateway.storage.report_folder import ReportFolder

#: The folder of reports below that of notices.
_FOLDER = "reports"


def statistics(
    config: Config,
    *,
    store: Store,
    clock: Clock,
    zone: tzinfo,
    run: Run,
    directory: Callable[[], Directory],
) -> Statistics:
    """Bind the room to its equipment."""
    office = config.node.name
    return Statistics(
        store=store,
        clock=clock,
        zone=zone,
        run=run,
        directory=directory,
        writers={
            "json": as_json,
            "csv": as_csv,
            "svg": partial(as_svg, office=office),
            "png": partial(as_png, office=office),
        },
        readables={"csv": as_csv_to_read, "xlsx": partial(as_xlsx, office=office)},
    )


def reporting(
    config: Config, *, store: Store, clock: Clock, zone: tzinfo, run: Run, statistics: Statistics
) -> Reporting:
    """Bind the room to its equipment."""
    return Reporting(
        store=store,
        clock=clock,
        zone=zone,
        run=run,
        statistics=statistics,
        kinds=[PeriodKind(kind) for kind in config.statistics.reports],
        compose=partial(
            compose_report,
            directory=statistics.directory,
            office=config.node.name or config.node.code,
        ),
        files=ReportFolder(config.path(config.notify.folder) / _FOLDER),
        node=node_caller(config.node.code),
        owner=uuid4().hex,
        by_mail=bool(config.notify.smtp_host),
    )


def publishing(
    config: Config, *, store: Store, clock: Clock, zone: tzinfo, statistics: Statistics
) -> Publishing:
    """Bind the room to its equipment."""
    return Publishing(
        store=store,
        clock=clock,
        zone=zone,
        statistics=statistics,
        node=node_caller(config.node.code),
        is_public=config.statistics.public,
        least=config.statistics.public_least,
    )
