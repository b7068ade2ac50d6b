"""A node with every room equipped, opened and closed as one."""

import random
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from functools import partial
from uuid import uuid4

from gateway.bootstrap.administering import Administration, administration
from gateway.bootstrap.announcing import Announcing, announcing, mail_server
from gateway.bootstrap.audit_segments import SegmentFolder
from gateway.bootstrap.calendars import Calendars, KeptCalendars
from gateway.bootstrap.clock_gauge import ClockGauge, clock_gauge
from gateway.bootstrap.connections import connect, routes_of
from gateway.bootstrap.documents import open_documents, scratch, sweeping
from gateway.bootstrap.envelopes import Composer, open_envelope
from gateway.bootstrap.equipment import Executor, Space, SystemClock, data_folder
from gateway.bootstrap.inspecting import inspecting_processes, inspector, virus_scanner
from gateway.bootstrap.peers import Peers, peers_of
from gateway.bootstrap.people import People, people
from gateway.bootstrap.receipts import node_anchors, stamp_authority
from gateway.bootstrap.references import References
from gateway.bootstrap.reports import publishing, reporting
from gateway.bootstrap.retention_rules import rules_of
from gateway.bootstrap.verification import (
    TrustWatch,
    recent_signers,
    trust_watch,
    verification,
    verifying_processes,
)
from gateway.config import Config
from gateway.crypto.keys import load_node_secret, load_signing_key
from gateway.crypto.receipts import ReceiptSigner, verify_receipt
from gateway.crypto.secrets import SecretBox, hash_token, new_secret, new_token
from gateway.domain.codes import sandbox_of
from gateway.domain.directory import Directory
from gateway.domain.exchange import Caller, Role
from gateway.domain.retention import Rule
from gateway.domain.routing import Routes
from gateway.domain.rules.mechanism import Reference
from gateway.formats.charts import as_png, as_svg
from gateway.formats.edxml import EdxmlReader
from gateway.formats.edxml_names import xml_place
from gateway.formats.figures import as_csv, as_csv_to_read, as_json, as_xlsx
from gateway.formats.metadata import read_metadata
from gateway.formats.status import write_status
from gateway.pipeline.acknowledge import Acknowledge
from gateway.pipeline.admission import Admission
from gateway.pipeline.agencies import Agencies
from gateway.pipeline.arrival import FormArrival, MessageArrival
from gateway.pipeline.audit_archive import AuditArchive
from gateway.pipeline.auditing import Auditing
from gateway.pipeline.clients import Credentials, Mint
from gateway.pipeline.dispatch import Dispatch
from gateway.pipeline.drafting import Drafting
from gateway.pipeline.duties import Duties
from gateway.pipeline.erasing import Erasing
from gateway.pipeline.examination import Examination
from gateway.pipeline.following import Following
from gateway.pipeline.held import Held
from gateway.pipeline.housekeeping import Housekeeping
from gateway.pipeline.inbox import Inbox
from gateway.pipeline.intake import Intake
from gateway.pipeline.kinship import Kinship
from gateway.pipeline.lookup import Lookup
from gateway.pipeline.movement import Movement
from gateway.pipeline.neighbours import Neighbours
from gateway.pipeline.publishing import Publishing
from gateway.pipeline.queue import Queue
from gateway.pipeline.recall import Recalling
from gateway.pipeline.receive import Receive
from gateway.pipeline.refusals import Refusals
from gateway.pipeline.registers import Registers
from gateway.pipeline.relay import Relay, node_caller
from gateway.pipeline.reporting import Reporting
from gateway.pipeline.rerouting import Rerouting
from gateway.pipeline.resuming import Resuming
from gateway.pipeline.sealing import Sealing
from gateway.pipeline.settling import Patience, Settling
from gateway.pipeline.stamping import Pace, Stamping
from gateway.pipeline.statistics import Statistics
from gateway.pipeline.submission import Channel
from gateway.pipeline.viewing import Viewing
from gateway.pipeline.vxp_box import VxpBox
from gateway.pipeline.vxp_systems import VxpSystems
from gateway.pipeline.worker import Worker
from gateway.ports import (
    AxisDirectory,
    Clock,
    Connection,
    DocumentFiles,
    MailServer,
    OfficeCalendars,
    Receiver,
    StampAuthority,
    Store,
)
from gateway.processes import Processes
from gateway.storage import open_store
from gateway.storage.checkpoints import CheckpointFolder

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """A node with every part ready; nothing runs yet."""

    config: Config
    clock: Clock
    zone: tzinfo
    store: Store
    blobs: DocumentFiles
    secret_box: SecretBox
    routes: Routes
    calendar: OfficeCalendars
    reference: Callable[[], Reference]
    run: Executor
    isolated: Processes
    verifying: Processes
    space: Space
    intake: Intake
    drafting: Drafting
    form: Callable[[Channel], FormArrival]
    message: Callable[[Channel], MessageArrival]
    inbox: Inbox
    acknowledge: Acknowledge
    recalling: Recalling
    erasing: Erasing
    duties: Duties
    held: Held
    kinship: Kinship
    lookup: Lookup
    registers: Registers
    sealing: Sealing
    stamping: Stamping
    viewing: Viewing
    auditing: Auditing
    audit_archive: AuditArchive
    resuming: Resuming
    queue: Queue
    rerouting: Rerouting
    following: Following
    agencies: Agencies
    credentials: Credentials
    people: People
    administration: Administration
    announcing: Announcing
    gauge: ClockGauge
    housekeeping: Housekeeping
    relay: Relay
    receive: Receive
    trust: TrustWatch
    statistics: Statistics
    reporting: Reporting
    publishing: Publishing
    removal_rules: tuple[Rule, ...]
    peers: Peers
    systems: VxpSystems
    vxp_box: VxpBox
    receivers: Mapping[str, tuple[Receiver, Caller]]
    neighbours: Neighbours
    axes: Mapping[str, AxisDirectory]

    def directory(self) -> Directory:
        """Return the newest snapshot of the directory. Blocks: never on the event loop."""
        return self.reference().directory

    async def check_space(self) -> None:
        """Refuse to start what may fill the disk; raise Unavailable below the minimum."""
        await self.space.check()

    async def admit(self) -> None:
        """Raise Unavailable when nothing should be submitted now: disk full, or work piled up."""
        self.intake.admission.check_store()
        self.intake.admission.check_work()  # first: what follows may itself wait for a thread
        self.blobs.check()
        await self.check_space()

    def worker(self, owner: str) -> Worker:
        """Return a worker that claims jobs as *owner*."""
        relay = self.config.relay
        return Worker(
            store=self.store,
            clock=self.clock,
            relay=self.relay,
            owner=owner,
            lanes=relay.lanes,
            poll_s=relay.poll_s,
            send_timeout_s=relay.send_timeout_s,
        )


@asynccontextmanager
async def open_gateway(
    config: Config,
    *,
    clock: Clock | None = None,
    checkpoint: Callable[[str], None] = lambda name: None,
) -> AsyncIterator[Gateway]:
    """Open the node of *config*; close everything in the end.

    *checkpoint* is told the name of every instant at which a crash may bite (tests of crashes).

    Raises:
        Misconfigured: a key, a file or an adapter is not as it must be.
    """
    clock = clock or SystemClock()
    calendars = Calendars(config)
    key, chain = load_signing_key(
        key_file=config.path(config.keys.key_file),
        certificate_file=config.path(config.keys.certificate),
    )
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(
            open_store(
                config.storage.database,
                folder=config.folder,
                chain="main",
                zone=calendars.zone,
                checkpoint=checkpoint,
            )
        )
        isolated = inspecting_processes(config)
        stack.callback(isolated.close)
        verifying = verifying_processes(config)
        stack.callback(verifying.close)
        blobs = stack.enter_context(open_documents(config, checkpoint=checkpoint))
        run = Executor.of(config)
        stack.callback(run.close)
        gauge = clock_gauge(config, clock)
        adapters = await connect(config, clock, stack, gauge)
        yield assemble(
            config,
            clock=clock,
            calendars=calendars,
            store=store,
            blobs=blobs,
            signer=ReceiptSigner(key, chain),
            secret_box=SecretBox(load_node_secret(config.path(config.keys.secret_file))),
            run=run,
            isolated=isolated,
            verifying=verifying,
            authority=stamp_authority(config, run),
            connections=adapters,
            mail=mail_server(config),
            gauge=gauge,
        )


def assemble(
    config: Config,
    *,
    clock: Clock,
    calendars: Calendars,
    store: Store,
    blobs: DocumentFiles,
    signer: ReceiptSigner,
    secret_box: SecretBox,
    run: Executor,
    isolated: Processes,
    verifying: Processes,
    authority: StampAuthority | None,
    connections: Mapping[str, Connection],
    mail: MailServer | None,
    gauge: ClockGauge,
) -> Gateway:
    """Bind the rooms to their equipment."""
    routes, calendar = routes_of(config), KeptCalendars(calendars, store)
    reference = References(config, store=store, clock=clock, routes=routes, zone=calendars.zone)
    movement = Movement(
        node=config.node.code,
        zone=calendars.zone,
        routes=routes,
        calendar=calendar,
        normalise_sending=config.hours.normalise_sending,
        sent_when_acknowledged=config.hours.sent_when == "acknowledged",
    )
    dispatch = Dispatch(
        movement=movement,
        compose=Composer(
            blobs=blobs, directory=reference.directory, store=store, scratch=scratch(config)
        ),
    )
    file_bytes = config.limits.attachment_mb << 20
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
            inspect=inspector(config, isolated),
            verify=verification(config, blobs, verifying),
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
        run=run,
    )
    message = partial(
        MessageArrival, intake, open_reader=partial(EdxmlReader, attachment_limit=file_bytes + 1)
    )
    acknowledge = Acknowledge(
        store=store, clock=clock, movement=movement, reference=reference, run=run
    )
    envelope = partial(open_envelope, blobs)
    me = node_caller(config.node.code)
    sealing = Sealing(store=store, run=run, sign=signer)
    queue = Queue(store=store, clock=clock, movement=movement)
    trust = trust_watch(config, clock, partial(recent_signers, store))
    erasing = Erasing(store=store, blobs=blobs, run=run)
    following = Following(
        store=store,
        clock=clock,
        movement=movement,
        directory=reference.directory,
        run=run,
        node=me,
    )
    duties = Duties(store=store, clock=clock, movement=movement, in_time=dispatch.in_time)
    credentials = Credentials(
        store=store,
        clock=clock,
        zone=calendars.zone,
        mint=Mint(
            new_id=lambda: uuid4().hex,
            new_token=new_token,
            new_secret=new_secret,
            hash_token=hash_token,
            box=secret_box,
        ),
    )
    staff = people(
        config, store=store, clock=clock, zone=calendars.zone, run=run, secret_box=secret_box
    )
    checkpoints = CheckpointFolder(data_folder(config) / "checkpoints")
    audit_archive = AuditArchive(
        store=store,
        clock=clock,
        zone=calendars.zone,
        node=config.node.code,
        run=run,
        files=SegmentFolder(
            config.path(config.retention.audit_folder), partial(node_anchors, config)
        ),
        checkpoints=checkpoints,
        sign=signer,
        examine=lambda jws: verify_receipt(jws, node_anchors(config)),
    )
    auditing = Auditing(
        store=store,
        clock=clock,
        zone=calendars.zone,
        node=config.node.code,
        run=run,
        checkpoints=checkpoints,
        sign=signer,
        authority=authority,
        archived=audit_archive.checks,
        archived_lines=audit_archive.lines,
    )
    telling = announcing(
        config,
        store=store,
        clock=clock,
        zone=calendars.zone,
        run=run,
        routes=routes,
        directory=reference.directory,
        node=me,
        server=mail,
    )
    statistics = Statistics(
        store=store,
        clock=clock,
        zone=calendars.zone,
        run=run,
        directory=lambda: reference().directory,
        writers={
            "json": as_json,
            "csv": as_csv,
            "svg": partial(as_svg, office=config.node.name),
            "png": partial(as_png, office=config.node.name),
        },
        readables={"csv": as_csv_to_read, "xlsx": partial(as_xlsx, office=config.node.name)},
    )
    reports = reporting(
        config, store=store, clock=clock, zone=calendars.zone, run=run, statistics=statistics
    )
    return Gateway(
        config=config,
        clock=clock,
        zone=calendars.zone,
        store=store,
        blobs=blobs,
        secret_box=secret_box,
        routes=routes,
        calendar=calendar,
        reference=reference,
        run=run,
        isolated=isolated,
        verifying=verifying,
        space=Space(blobs, run, least_bytes=config.storage.minimum_free_mb << 20),
        intake=intake,
        drafting=Drafting(
            clock=clock,
            reference=reference,
            examination=intake.examination,
            read_metadata=read_metadata,
            run=run,
        ),
        form=partial(FormArrival, intake, read_metadata=read_metadata, file_bytes=file_bytes),
        message=message,
        inbox=Inbox(store=store, clock=clock, movement=movement),
        acknowledge=acknowledge,
        recalling=Recalling(store=store, clock=clock, movement=movement),
        erasing=erasing,
        duties=duties,
        following=following,
        held=Held(store=store, clock=clock, dispatch=dispatch, reference=reference, run=run),
        kinship=Kinship(store=store),
        lookup=Lookup(store=store, blobs=blobs, run=run, envelope=envelope, seal=sealing.seal),
        registers=Registers(store=store, zone=calendars.zone),
        sealing=sealing,
        stamping=Stamping(
            store=store,
            clock=clock,
            authority=authority,
            pace=Pace(every=timedelta(seconds=config.keys.tsa_every_s)),
            limit=timedelta(hours=config.keys.tsa_limit_h),
            jitter=random.random,
        ),
        viewing=Viewing(store=store, clock=clock),
        auditing=auditing,
        audit_archive=audit_archive,
        resuming=Resuming(store=store, clock=clock, zone=calendars.zone),
        queue=queue,
        rerouting=Rerouting(store=store, clock=clock, movement=movement, node=me),
        agencies=Agencies(
            store=store, clock=clock, zone=calendars.zone, sandbox=sandbox_of(config.node.code)
        ),
        credentials=credentials,
        statistics=statistics,
        reporting=reports,
        removal_rules=rules_of(config),
        publishing=publishing(
            config, store=store, clock=clock, zone=calendars.zone, statistics=statistics
        ),
        systems=VxpSystems(
            store=store,
            clock=clock,
            zone=calendars.zone,
            run=run,
            snapshot=reference.snapshot,
            secret_of=credentials.secret_of,
        ),
        vxp_box=VxpBox(
            store=store,
            clock=clock,
            movement=movement,
            envelope=envelope,
            compose_status=write_status,
            seal=sealing.seal,
        ),
        people=staff,
        administration=administration(
            config,
            store=store,
            clock=clock,
            calendar=calendar,
            in_time=dispatch.in_time,
            zone=calendars.zone,
            run=run,
            checkpoints=checkpoints,
            archived=audit_archive.checks,
            catch_up=statistics.catch_up,
            announcements=telling.announcements,
        ),
        announcing=telling,
        gauge=gauge,
        housekeeping=Housekeeping(
            store=store,
            clock=clock,
            queue=queue,
            ageing=staff.ageing,
            calendar=partial(calendar, config.node.code),
            node=me,
            receipt_deadline_h=config.relay.receipt_deadline_h,
            duties=(
                *trust.duties(),
                (statistics.tend, STATISTICS_S),
                (reports.look, REPORTS_S),
                (auditing.checkpoint, CHECKPOINT_S),
                (auditing.stamp, CHECKPOINT_S),
                (erasing.erase, ERASE_S),
                (duties.look, DUTIES_S),
                (following.look, FOLLOW_S),
                (telling.calling.look, CALL_S),
                *sweeping(config, blobs, store=store, clock=clock, run=run),
            ),
        ),
        trust=trust,
        peers=peers_of(config, reference.directory),
        relay=Relay(
            store=store,
            clock=clock,
            movement=movement,
            senders={
                lane: connection.sender
                for lane, connection in connections.items()
                if connection.sender is not None
            },
            envelope=envelope,
            compose_status=write_status,
            settling=Settling(
                clock=clock,
                movement=movement,
                patience=_patience(config),
                jitter=random.random,
                node=me,
            ),
            node=me,
        ),
        receive=Receive(
            store=store,
            clock=clock,
            arrive=message,
            acknowledge=acknowledge,
            refusals=Refusals(
                clock=clock,
                routes=routes,
                reference=reference,
                run=run,
                compose_status=write_status,
            ),
            poll_s=config.relay.poll_s,
            read_timeout_s=config.relay.send_timeout_s,
        ),
        neighbours=Neighbours(
            store=store,
            clock=clock,
            zone=calendars.zone,
            routes=routes,
            directory=reference.directory,
            run=run,
            every_s=config.relay.directory_s,
        ),
        axes={
            lane: connection.directory
            for lane, connection in connections.items()
            if lane.startswith("axis:") and connection.directory is not None
        },
        receivers={
            lane: (connection.receiver, _receiving(lane))
            for lane, connection in connections.items()
            if connection.receiver is not None
        },
    )


def _patience(config: Config) -> Patience:
    relay = config.relay
    return Patience(
        first_delay_s=relay.first_delay_s,
        longest_delay_s=relay.longest_delay_s,
        deadline_h=relay.deadline_h,
        least_attempts=relay.least_attempts,
        send_timeout_s=relay.send_timeout_s,
        least_bytes_s=relay.least_kb_s * 1024,
    )


def _receiving(lane: str) -> Caller:
    return Caller(actor=lane, agency=lane.partition(":")[2], role=Role.OFFICE, client=lane)
