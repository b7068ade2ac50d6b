"""What the rooms of a node stand in: store, documents, keys, threads and processes, opened as one."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from uuid import uuid4

from gateway.bootstrap.calendars import Calendars
from gateway.bootstrap.clock_gauge import ClockGauge, clock_gauge
from gateway.bootstrap.documents import open_documents
from gateway.bootstrap.equipment import Executor, SystemClock
from gateway.bootstrap.inspecting import inspecting_processes
from gateway.bootstrap.verification import verifying_processes
from gateway.bootstrap.workers import nursery_of_workers
from gateway.config import Config
from gateway.crypto.keys import load_node_secret, load_signing_key
from gateway.crypto.receipts import ReceiptSigner
from gateway.crypto.secrets import SecretBox
from gateway.pipeline.scheduling import Scheduling
from gateway.ports import Clock, DocumentFiles, Store
from gateway.processes import Nursery, Processes
from gateway.storage import open_store


@dataclass(frozen=True, slots=True, kw_only=True)
class Premises:
    """Everything that is opened before there are rooms, and closed behind them."""

    clock: Clock
    calendars: Calendars
    store: Store
    blobs: DocumentFiles
    signer: ReceiptSigner
    secret_box: SecretBox
    run: Executor
    isolated: Processes
    verifying: Processes
    gauge: ClockGauge
    scheduling: Scheduling


@asynccontextmanager
async def open_premises(
    config: Config,
    *,
    clock: Clock | None = None,
    checkpoint: Callable[[str], None] = lambda name: None,
    nursery: Nursery | None = None,
) -> AsyncIterator[Premises]:
    """Open what the node of *config* stands in; close everything in the end.

    *checkpoint* is told the name of every instant at which a crash may bite (tests of crashes);
    *nursery* is that of a node of several processes.

    Raises:
        Misconfigured: a key, a file or the database is not as it must be.
    """
    clock, calendars = clock or SystemClock(), Calendars(config)
    key, chain = load_signing_key(
        key_file=config.path(config.keys.key_file),
        certificate_file=config.path(config.keys.certificate),
    )
    secret = load_node_secret(config.path(config.keys.secret_file))
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
        if nursery is None:
            nursery = stack.enter_context(closing(nursery_of_workers()))
        isolated = inspecting_processes(config, nursery=nursery)
        stack.callback(isolated.close)
        verifying = verifying_processes(config, nursery=nursery)
        stack.callback(verifying.close)
        blobs = stack.enter_context(open_documents(config, checkpoint=checkpoint))
        run = Executor.of(config)
        stack.callback(run.close)
        yield Premises(
            clock=clock,
            calendars=calendars,
            store=store,
            blobs=blobs,
            signer=ReceiptSigner(key, chain),
            secret_box=SecretBox(secret),
            run=run,
            isolated=isolated,
            verifying=verifying,
            gauge=clock_gauge(config, clock),
            scheduling=Scheduling(store=store, clock=clock, owner=uuid4().hex),
        )
