"""What the command line does beside a running node: its rooms without adapters, and its founding."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from itertools import count
from pathlib import Path

from gateway.bootstrap.equipment import SystemClock
from gateway.bootstrap.gateway import Gateway, assemble
from gateway.bootstrap.premises import open_premises
from gateway.config import Config
from gateway.crypto import keys
from gateway.crypto.secrets import hash_password, new_one_time_password
from gateway.domain.exchange import Caller
from gateway.pipeline.initialise import Founded, initialise
from gateway.ports import Clock

#: What `new-key` put behind the name of a file.
_NUMBER = re.compile(r"-\d+$")


@asynccontextmanager
async def open_rooms(config: Config, *, clock: Clock | None = None) -> AsyncIterator[Gateway]:
    """Open the node of *config* without its adapters, as an administrator beside it needs it.

    Jobs that are queued here are worked off by the node that runs. An adapter that is broken, or
    whose secret lies in a variable that only the service has, is no obstacle.

    Raises:
        Misconfigured: a key, a file or the database is not as it must be.
    """
    async with open_premises(config, clock=clock) as premises:
        yield assemble(config, premises, authority=None, connections={}, mail=None)


def make_keys(config: Config, *, clock: Clock | None = None) -> None:
    """Make the signing key, its certificate and the secret of the node of *config*.

    Raises:
        Misconfigured: one of them exists or cannot be written.
    """
    keys.make_signing_key(
        key_file=config.path(config.keys.key_file),
        certificate_file=config.path(config.keys.certificate),
        code=config.node.code,
        name=config.node.name,
        now=(clock or SystemClock()).now(),
    )
    keys.make_node_secret(config.path(config.keys.secret_file))


def make_next_key(config: Config) -> dict[str, object]:
    """Make another signing key beside the present one; return the keys of [keys] that name it.

    The present certificate goes to the former ones: what it signed stays provable.

    Raises:
        Misconfigured: the files cannot be written.
    """
    present = config.keys
    n = next(n for n in count(2) if not config.path(_numbered(present.key_file, n)).exists())
    key_file, certificate = _numbered(present.key_file, n), _numbered(present.certificate, n)
    keys.make_signing_key(
        key_file=config.path(key_file),
        certificate_file=config.path(certificate),
        code=config.node.code,
        name=config.node.name,
        now=SystemClock().now(),
    )
    former = [*present.former, present.certificate]
    return {"certificate": certificate, "key_file": key_file, "former": former}


def _numbered(file: str, n: int) -> str:
    """Return the name of the *n*-th file in the place of *file*: `node.key`, `node-2.key`."""
    path = Path(file)
    return str(path.with_name(f"{_NUMBER.sub('', path.stem)}-{n}{path.suffix}"))


def has_keys(config: Config) -> bool:
    """Whether the signing key of the node of *config* was made."""
    return config.path(config.keys.key_file).exists()


def key_faults(config: Config, *, now: datetime) -> list[str]:
    """Return what is wrong with the keys of the node of *config*, each a sentence."""
    return keys.key_faults(
        key_file=config.path(config.keys.key_file),
        certificate_file=config.path(config.keys.certificate),
        secret_file=config.path(config.keys.secret_file),
        now=now,
    )


async def found(gateway: Gateway, caller: Caller) -> Founded:
    """Enter the root agency and the first administrator of a new node; see `initialise`."""
    return await initialise(
        code=gateway.config.node.code,
        name=gateway.config.node.name,
        caller=caller,
        store=gateway.store,
        clock=gateway.clock,
        zone=gateway.zone,
        new_password=new_one_time_password,
        hash_password=hash_password,
    )
