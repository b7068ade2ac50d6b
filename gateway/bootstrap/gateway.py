"""A node with every room equipped, opened and closed as one."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import tzinfo
from functools import partial

from gateway.bootstrap.administering import Administration, administration
from gateway.bootstrap.announcing import Announcing, announcing, mail_server
from gateway.bootstrap.calendars import KeptCalendars
from gateway.bootstrap.clock_gauge import ClockGauge
from gateway.bootstrap.connections import connect, routes_of
from gateway.bootstrap.documents import scratch
from gateway.bootstrap.envelopes import Composer, open_envelope
from gateway.bootstrap.equipment import Executor, Space
from gateway.bootstrap.handing_over import handing_over
from gateway.bootstrap.peers import Peers, peers_of
from gateway.bootstrap.people import People, people
from gateway.bootstrap.premises import Premises, open_premises
from gateway.bootstrap.programs import programs
from gateway.bootstrap.receipts import stamp_authority
from gateway.bootstrap.recording import recording
from gateway.bootstrap.references import References
from gateway.bootstrap.reports import publishing, reporting, statistics
from gateway.bootstrap.retention_rules import rules_of
from gateway.bootstrap.rounds import housekeeping
from gateway.bootstrap.taking_in import taking_in
from gateway.bootstrap.verification import (
    TrustWatch,
    recent_signers,
    trust_watch,
)
from gateway.config import Config
from gateway.crypto.secrets import SecretBox
from gateway.domain.codes import sandbox_of
from gateway.domain.directory import Directory
from gateway.domain.exchange import Caller
from gateway.domain.retention import Rule
from gateway.domain.routing import Routes
from gateway.domain.rules.mechanism import Reference
from gateway.pipeline.acknowledge import Acknowledge
from gateway.pipeline.agencies import Agencies
from gateway.pipeline.arrival import FormArrival, MessageArrival
from gateway.pipeline.audit_archive import AuditArchive
from gateway.pipeline.auditing import Auditing
from gateway.pipeline.clients import Credentials
from gateway.pipeline.dispatch import Dispatch
from gateway.pipeline.drafting import Drafting
from gateway.pipeline.duties import Duties
from gateway.pipeline.erasing import Erasing
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
from gateway.pipeline.registers import Registers
from gateway.pipeline.relay import Relay, node_caller
from gateway.pipeline.reporting import Reporting
from gateway.pipeline.rerouting import Rerouting
from gateway.pipeline.resuming import Resuming
from gateway.pipeline.scheduling import Scheduling
from gateway.pipeline.sealing import Sealing
from gateway.pipeline.stamping import Stamping
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
from gateway.processes import Nursery, Processes


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
    scheduling: Scheduling
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
    nursery: Nursery | None = None,
) -> AsyncIterator[Gateway]:
    """Open the node of *config*; close everything in the end.

    *checkpoint* is told the name of every instant at which a crash may bite (tests of crashes);
    *nursery* is that of a node of several processes.

    Raises:
        Misconfigured: a key, a file or an adapter is not as it must be.
    """
    async with (
        open_premises(config, clock=clock, checkpoint=checkpoint, nursery=nursery) as premises,
        AsyncExitStack() as stack,
    ):
        yield assemble(
            config,
            premises,
            authority=stamp_authority(config, premises.run),
            connections=await connect(config, premises.clock, stack, premises.gauge),
            mail=mail_server(config),
        )


def assemble(
    config: Config,
    premises: Premises,
    *,
    authority: StampAuthority | None,
    connections: Mapping[str, Connection],
    mail: MailServer | None,
) -> Gateway:
    """Bind the rooms to their equipment."""
    store, blobs, clock, run = premises.store, premises.blobs, premises.clock, premises.run
    zone = premises.calendars.zone
    routes, calendar = routes_of(config), KeptCalendars(premises.calendars, store)
    reference = References(config, store=store, clock=clock, routes=routes, zone=zone)
    movement = Movement(
        node=config.node.code,
        zone=zone,
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
    entry = taking_in(config, premises, routes=routes, dispatch=dispatch, reference=reference)
    acknowledge = Acknowledge(
        store=store, clock=clock, movement=movement, reference=reference, run=run
    )
    me = node_caller(config.node.code)
    records = recording(config, premises, authority=authority)
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
    clients = programs(
        store=store,
        blobs=blobs,
        clock=clock,
        zone=zone,
        run=run,
        secret_box=premises.secret_box,
        reference=reference,
        movement=movement,
        recording=records,
    )
    staff = people(
        config, store=store, clock=clock, zone=zone, run=run, secret_box=premises.secret_box
    )
    telling = announcing(
        config,
        store=store,
        clock=clock,
        zone=zone,
        run=run,
        routes=routes,
        directory=reference.directory,
        node=me,
        server=mail,
    )
    figures = statistics(
        config, store=store, clock=clock, zone=zone, run=run, directory=reference.directory
    )
    reports = reporting(config, store=store, clock=clock, zone=zone, run=run, statistics=figures)
    outside = handing_over(
        config,
        store=store,
        blobs=blobs,
        clock=clock,
        zone=zone,
        run=run,
        routes=routes,
        reference=reference,
        movement=movement,
        arrive=entry.message,
        acknowledge=acknowledge,
        connections=connections,
    )
    return Gateway(
        config=config,
        clock=clock,
        zone=zone,
        store=store,
        blobs=blobs,
        secret_box=premises.secret_box,
        routes=routes,
        calendar=calendar,
        reference=reference,
        run=run,
        isolated=premises.isolated,
        verifying=premises.verifying,
        space=Space(blobs, run, least_bytes=config.storage.minimum_free_mb << 20),
        intake=entry.intake,
        drafting=entry.drafting,
        form=entry.form,
        message=entry.message,
        inbox=Inbox(store=store, clock=clock, movement=movement),
        acknowledge=acknowledge,
        recalling=Recalling(store=store, clock=clock, movement=movement),
        erasing=erasing,
        duties=duties,
        following=following,
        held=Held(store=store, clock=clock, dispatch=dispatch, reference=reference, run=run),
        kinship=Kinship(store=store),
        lookup=Lookup(
            store=store,
            blobs=blobs,
            run=run,
            envelope=partial(open_envelope, blobs),
            seal=records.sealing.seal,
        ),
        registers=Registers(store=store, zone=zone),
        sealing=records.sealing,
        stamping=records.stamping,
        viewing=Viewing(store=store, clock=clock),
        auditing=records.auditing,
        audit_archive=records.audit_archive,
        resuming=Resuming(store=store, clock=clock, zone=zone),
        queue=queue,
        rerouting=Rerouting(store=store, clock=clock, movement=movement, node=me),
        agencies=Agencies(
            store=store, clock=clock, zone=zone, sandbox=sandbox_of(config.node.code)
        ),
        credentials=clients.credentials,
        statistics=figures,
        reporting=reports,
        removal_rules=rules_of(config),
        publishing=publishing(config, store=store, clock=clock, zone=zone, statistics=figures),
        systems=clients.systems,
        vxp_box=clients.vxp_box,
        people=staff,
        administration=administration(
            config,
            store=store,
            clock=clock,
            calendar=calendar,
            in_time=dispatch.in_time,
            zone=zone,
            run=run,
            checkpoints=records.checkpoints,
            archived=records.audit_archive.checks,
            catch_up=figures.catch_up,
            announcements=telling.announcements,
            directory=reference.directory,
        ),
        announcing=telling,
        gauge=premises.gauge,
        scheduling=premises.scheduling,
        housekeeping=housekeeping(
            config,
            scheduling=premises.scheduling,
            store=store,
            blobs=blobs,
            clock=clock,
            run=run,
            calendar=calendar,
            queue=queue,
            people=staff,
            trust=trust,
            statistics=figures,
            reporting=reports,
            recording=records,
            erasing=erasing,
            duties=duties,
            following=following,
            announcing=telling,
        ),
        trust=trust,
        peers=peers_of(config, reference.directory),
        relay=outside.relay,
        receive=outside.receive,
        neighbours=outside.neighbours,
        axes=outside.axes,
        receivers=outside.receivers,
    )
