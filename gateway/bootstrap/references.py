"""What rules may look at, kept fresh: the directory, limits, today."""

from datetime import tzinfo
from functools import partial
from time import monotonic

from gateway.config import Config
from gateway.domain.directory import Directory
from gateway.domain.routing import Routes
from gateway.domain.rules.mechanism import Limits, Reference, Screening
from gateway.formats.codelists import document_types
from gateway.ports import Clock, Store, Transaction

#: How long a snapshot is good without a look at what other processes committed.
FRESH_S = 0.02


class References:
    """What rules may look at: the directory is read anew when its version changed."""

    def __init__(
        self, config: Config, *, store: Store, clock: Clock, routes: Routes, zone: tzinfo
    ) -> None:
        """Start without a snapshot; the first call reads it."""
        self._store = store
        self._clock = clock
        self._routes = routes
        self._zone = zone
        self._known: tuple[int, Directory] = (-1, Directory())
        self._fresh_until = 0.0
        self._types = {code: kind.name for code, kind in document_types().items()}
        limits = config.limits
        self._limits = Limits(
            attachment_bytes=limits.attachment_mb << 20,
            total_bytes=limits.total_mb << 20,
            attachments=limits.attachments,
            recipients=limits.recipients,
            extensions=frozenset(limits.extensions),
        )
        self._screening = Screening(
            refused_kinds=frozenset(config.screening.refuse_kinds),
            held_kinds=frozenset(config.screening.hold_kinds),
        )

    def directory(self) -> Directory:
        """Return the newest snapshot. Blocks: never on the event loop."""
        known, now = self._known, monotonic()
        if now < self._fresh_until:
            return known[1]
        newest = self._store.read_here(partial(_newer_directory, known=known))
        if newest is not known:
            self._known = newest
        self._fresh_until = now + FRESH_S
        return newest[1]

    def snapshot(self) -> tuple[int, Directory]:
        """Return the newest snapshot with its version. Blocks: never on the event loop."""
        self.directory()
        return self._known

    def expire(self) -> None:
        """Look again: this process has committed something."""
        self._fresh_until = 0.0

    def __call__(self) -> Reference:
        """Return a frozen reference of this moment. Blocks: never on the event loop."""
        directory = self.directory()
        return Reference(
            today=self._clock.now().astimezone(self._zone).date(),
            directory=directory,
            is_ours=lambda code: self._routes.is_ours(code, directory),
            is_reachable=lambda code: self._routes.way_to(code, directory) is not None,
            types=self._types,
            limits=self._limits,
            screening=self._screening,
        )


def _newer_directory(tx: Transaction, *, known: tuple[int, Directory]) -> tuple[int, Directory]:
    version = tx.directory.version()
    return known if version == known[0] else (version, Directory(tx.directory.all()))
