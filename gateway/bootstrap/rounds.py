"""What a node looks after again and again, and how often."""

from functools import partial

from gateway.bootstrap.announcing import Announcing
from gateway.bootstrap.documents import sweeping
from gateway.bootstrap.people import People
from gateway.bootstrap.recording import Recording
from gateway.bootstrap.verification import TrustWatch
from gateway.config import Config
from gateway.pipeline.duties import Duties
from gateway.pipeline.erasing import Erasing
from gateway.pipeline.following import Following
from gateway.pipeline.housekeeping import Housekeeping
from gateway.pipeline.queue import Queue
from gateway.pipeline.relay import node_caller
from gateway.pipeline.reporting import Reporting
from gateway.pipeline.scheduling import Scheduling
from gateway.pipeline.statistics import Statistics
from gateway.ports import Clock, DocumentFiles, OfficeCalendars, Run, Store

#: How often the records are read into the facts of the statistics, seconds.
STATISTICS_S = 60.0
#: How often it is looked whether a period is over and not reported, seconds.
REPORTS_S = 300.0
#: How often the ends of the audit chains are signed, seconds.
CHECKPOINT_S = 3600.0

#: How often files of recalled documents are looked for.
ERASE_S = 5.0
#: How often missed duties are looked for.
DUTIES_S = 60.0
#: How often it is looked whether what waits for an axis has another way.
FOLLOW_S = 30.0
#: How often it is looked what is to be told of incidents and maintenance as time goes by.
CALL_S = 15.0


def housekeeping(
    config: Config,
    *,
    scheduling: Scheduling,
    store: Store,
    blobs: DocumentFiles,
    clock: Clock,
    run: Run,
    calendar: OfficeCalendars,
    queue: Queue,
    people: People,
    trust: TrustWatch,
    statistics: Statistics,
    reporting: Reporting,
    recording: Recording,
    erasing: Erasing,
    duties: Duties,
    following: Following,
    announcing: Announcing,
) -> Housekeeping:
    """Bind the room to its equipment."""
    return Housekeeping(
        store=store,
        scheduling=scheduling,
        clock=clock,
        queue=queue,
        ageing=people.ageing,
        calendar=partial(calendar, config.node.code),
        node=node_caller(config.node.code),
        receipt_deadline_h=config.relay.receipt_deadline_h,
        duties=(
            *trust.duties(),
            scheduling.once("statistics", statistics.tend, STATISTICS_S),
            scheduling.once("reports", reporting.look, REPORTS_S, spaced=True),
            (recording.auditing.checkpoint, CHECKPOINT_S),
            (recording.auditing.stamp, CHECKPOINT_S),
            (erasing.erase, ERASE_S),
            scheduling.once("duties", duties.look, DUTIES_S),
            (following.look, FOLLOW_S),
            (announcing.calling.look, CALL_S),
            *sweeping(config, blobs, scheduling, store=store, clock=clock, run=run),
        ),
    )
