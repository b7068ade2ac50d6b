"""The rooms that take documents in, equipped: by the form, as messages, and while one is written."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from gateway.bootstrap.inspecting import inspector, virus_scanner
from gateway.bootstrap.premises import Premises
from gateway.bootstrap.references import References
from gateway.bootstrap.verification import verification
from gateway.config import Config
from gateway.domain.routing import Routes
from gateway.formats.edxml import EdxmlReader
from gateway.formats.edxml_names import xml_place
from gateway.formats.metadata import read_metadata
from gateway.pipeline.admission import Admission
from gateway.pipeline.arrival import FormArrival, MessageArrival
from gateway.pipeline.bringing_on import BringingOn
from gateway.pipeline.dispatch import Dispatch
from gateway.pipeline.drafting import Drafting
from gateway.pipeline.examination import Examination
from gateway.pipeline.intake import Intake
from gateway.pipeline.spooled import Spooled
from gateway.pipeline.submission import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class TakingIn:
    """Every way in, and the room behind them."""

    intake: Intake
    drafting: Drafting
    form: Callable[[Channel], FormArrival]
    message: Callable[[Channel], MessageArrival]


def taking_in(
    config: Config,
    premises: Premises,
    *,
    routes: Routes,
    dispatch: Dispatch,
    reference: References,
) -> TakingIn:
    """Bind the rooms to their equipment."""
    store, blobs, clock, run = premises.store, premises.blobs, premises.clock, premises.run
    file_bytes = config.limits.attachment_mb << 20
    spooled = Spooled(blobs=blobs, run=run)
    intake = Intake(
        store=store,
        blobs=blobs,
        clock=clock,
        dispatch=dispatch,
        reference=reference,
        examination=Examination(
            store=store,
            blobs=blobs,
            routes=routes,
            inspect=inspector(config, premises.isolated),
            verify=verification(config, blobs, premises.verifying),
            scan=virus_scanner(config),
            xml_place=xml_place,
        ),
        admission=Admission(
            store=store,
            monotonic=time.monotonic,
            behind_s=config.storage.behind_s,
            work_behind_s=run.behind_s,
            longest_wait_s=config.http.behind_s,
            most_waiting=config.relay.most_waiting,
        ),
        spooled=spooled,
        bring_on=BringingOn(store=store, clock=clock, dispatch=dispatch, spooled=spooled),
        run=run,
    )
    return TakingIn(
        intake=intake,
        drafting=Drafting(
            clock=clock,
            reference=reference,
            examination=intake.examination,
            read_metadata=read_metadata,
            run=run,
        ),
        form=partial(FormArrival, intake, read_metadata=read_metadata, file_bytes=file_bytes),
        message=partial(
            MessageArrival,
            intake,
            open_reader=partial(EdxmlReader, attachment_limit=file_bytes + 1),
        ),
    )
