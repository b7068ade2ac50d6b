"""What a node does before it serves: makes sure of its data, and clears up after a crash."""

import os
from functools import partial
from uuid import uuid4

from gateway.bootstrap.documents import is_known
from gateway.bootstrap.equipment import is_bucket
from gateway.bootstrap.gateway import Gateway
from gateway.domain.errors import Misconfigured
from gateway.pipeline.worker import make_due
from gateway.ports import Selection, Transaction
from gateway.storage import is_shared

_IDENTITY = "store_id"
_ANY = Selection(limit=1)


async def recover(gateway: Gateway) -> int:
    """Make sure of the data, set files without a document aside; return how many files.

    Nobody submits meanwhile.

    Raises:
        Misconfigured: database and documents do not belong together, or there is no node here.
    """
    if not await gateway.store.read(lambda tx: tx.directory.version()):
        raise Misconfigured(
            f"{gateway.config.storage.database} holds no node: `gateway init` makes one, "
            "[storage] names another database"
        )
    await _check_pair(gateway)

    if is_shared(gateway.config.storage.database) or is_bucket(gateway.config):
        return 0  # other nodes may be keeping files of which no commit tells yet; a duty sweeps
    known, today = partial(is_known, gateway.store), gateway.clock.now().date()
    return await gateway.run(partial(gateway.blobs.sweep, is_known=known, today=today))


async def begin_anew(gateway: Gateway) -> None:
    """Let nothing wait for the process that was, for its clock, or in a box that is one no more."""

    def unit(tx: Transaction) -> None:
        if not is_shared(gateway.config.storage.database):
            tx.jobs.release(None)  # nobody else can be at work on them
            tx.mails.free_all()
        make_due(tx, gateway.clock.now())

    await gateway.store.write(unit)
    await gateway.rerouting.run()


async def _check_pair(gateway: Gateway) -> None:
    """Refuse a database that is not the one of the documents: its sweep would set all aside."""
    ours = await gateway.store.read(lambda tx: tx.settings.find(_IDENTITY))
    theirs = await gateway.run(gateway.blobs.identity)
    if ours is not None and ours == theirs:
        return
    empty = await gateway.run(gateway.blobs.is_empty)
    known = await gateway.store.read(lambda tx: bool(tx.documents.select(_ANY)))
    storage = gateway.config.storage
    if theirs is not None or not empty or (ours is not None and known):
        raise Misconfigured(
            f"the database {storage.database} and the documents {storage.documents} do not belong "
            "together: name the right ones in [storage], or restore both from one backup"
        )
    identity = ours or str(uuid4())
    await gateway.store.write(lambda tx: tx.settings.put(_IDENTITY, identity))
    await gateway.run(partial(gateway.blobs.identify, identity))


def new_owner() -> str:
    """Name this process for its claims."""
    return f"{os.getpid()}-{uuid4()}"
