"""What rules may look at, kept fresh: the directory, limits, today."""

from collections.abc import Callable
from datetime import date, tzinfo

from gateway.config import Config
from gateway.domain.directory import Directory
from gateway.domain.routing import Routes
from gateway.domain.rules.mechanism import Limits, Reference, Screening
from gateway.formats.codelists import document_types
from gateway.ports import Clock, Store


class References:
    """What rules may look at: the directory is read anew when its version changed."""

    def __init__(
        self, config: Config, *, store: Store, clock: Clock, routes: Routes, zone: tzinfo
    ) -> None:
        """Start without a snapshot; the first call reads it."""
        self._store = store
        self._clock = clock
        self._zone = zone
        self._known: tuple[int, Directory] = (-1, Directory())
        self._at = reference_at(config, routes)

    def directory(self) -> Directory:
        """Return the newest snapshot. Blocks: never on the event loop."""
        known, version = self._known, self._store.version("directory")
        if version != known[0]:
            directory = self._store.read_here(lambda tx: Directory(tx.directory.all()))
            known = self._known = (version, directory)
        return known[1]

    def __call__(self) -> Reference:
        """Return a frozen reference of this moment. Blocks: never on the event loop."""
        return self._at(self._clock.now().astimezone(self._zone).date(), self.directory())


def reference_at(config: Config, routes: Routes) -> Callable[[date, Directory], Reference]:
    """Return what makes the reference of a day and a directory; the rest is read once."""
    types = {code: kind.name for code, kind in document_types().items()}
    limits = config.limits
    most = Limits(
        attachment_bytes=limits.attachment_mb << 20,
        total_bytes=limits.total_mb << 20,
        attachments=limits.attachments,
        recipients=limits.recipients,
        extensions=frozenset(limits.extensions),
    )
    screening = Screening(
        refused_kinds=frozenset(config.screening.refuse_kinds),
        held_kinds=frozenset(config.screening.hold_kinds),
    )

    def at(today: date, directory: Directory) -> Reference:
        return Reference(
            today=today,
            directory=directory,
            is_ours=lambda code: routes.is_ours(code, directory),
            is_reachable=lambda code: routes.way_to(code, directory) is not None,
            types=types,
            limits=most,
            screening=screening,
        )

    return at
