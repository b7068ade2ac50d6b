"""What rules may look at, kept fresh: the directory, limits, today."""

from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo

from gateway.bootstrap.inspecting import archive_bounds
from gateway.bootstrap.profiles import profiles_of
from gateway.bootstrap.verification import owners_of
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

    def snapshot(self) -> tuple[int, Directory]:
        """Return the newest snapshot with its version. Blocks: never on the event loop."""
        self.directory()
        return self._known

    def __call__(self) -> Reference:
        """Return a frozen reference of this moment. Blocks: never on the event loop."""
        return self._at(self._clock.now().astimezone(self._zone), self.directory())


def reference_at(config: Config, routes: Routes) -> Callable[[datetime, Directory], Reference]:
    """Return what makes the reference of an instant and a directory; the rest is read once."""
    types = document_types()
    names = {code: kind.name for code, kind in types.items()}
    since = {code: kind.since for code, kind in types.items() if kind.since is not None}
    limits = config.limits
    most = Limits(
        attachment_bytes=limits.attachment_mb << 20,
        total_bytes=limits.total_mb << 20,
        attachments=limits.attachments,
        recipients=limits.recipients,
        extensions=frozenset(limits.extensions),
        archive=archive_bounds(config),
    )
    screening = Screening(
        refuses_macros=config.screening.macros == "refuse",
        refuses_encrypted=config.screening.encrypted == "refuse",
        holds_unscanned=config.screening.unscanned == "hold",
    )
    tolerance = timedelta(seconds=limits.clock_tolerance_s)
    profiles, owners = profiles_of(config), owners_of(config)

    def at(now: datetime, directory: Directory) -> Reference:
        return Reference(
            today=now.date(),
            latest_day=(now + tolerance).date(),
            directory=directory,
            is_ours=lambda code: routes.is_ours(code, directory),
            is_reachable=lambda code: routes.way_to(code, directory) is not None,
            types=names,
            types_since=since,
            limits=most,
            screening=screening,
            owners=owners,
            profiles=profiles,
            profile=profiles.default,
        )

    return at
