"""Backups of a node: made on a schedule and by command, encrypted or not, verified, rotated."""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import BinaryIO

import msgspec
import structlog

from gateway.bootstrap.backup_manifest import (
    CERTIFICATE,
    CONFIG,
    KIND,
    Manifest,
    read_manifest,
    verify,
)
from gateway.bootstrap.equipment import data_folder
from gateway.bootstrap.gateway import Gateway
from gateway.config import Config
from gateway.crypto.encryption import encryption
from gateway.domain.errors import NotFound, Refused, Unavailable
from gateway.domain.exchange import AuditEntry, Caller
from gateway.domain.rotation import Rotation, superfluous
from gateway.storage import copies, is_shared, snapshots
from gateway.storage.blobs import IDENTITY
from gateway.storage.copied_files import Progress

log = structlog.get_logger()

_NAME = "%Y%m%dT%H%M%SZ"
#: The setting in which nodes over one database find when one of them made a backup on schedule.
_MADE = "backup_made_at"
#: A backup that nobody went on with for so long was left by a crash.
_ABANDONED_S = 86_400.0
#: A clock that is set right a little makes no backup doubtful.
_AHEAD = timedelta(minutes=5)
#: A node younger than this has nothing that a schedule must save.
_YOUNG = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A backup that was made and verified."""

    folder: Path
    manifest: Manifest
    faults: tuple[str, ...]


async def back_up(
    gateway: Gateway, caller: Caller, *, to: Path, progress: Progress = lambda _: None
) -> Made:
    """Make a backup below *to*, read it again, and record it.

    Raises:
        Unavailable: it cannot be written; nothing is left.
    """
    await gateway.sealing.seal()
    await gateway.auditing.checkpoint()
    now = gateway.clock.now()
    made = await gateway.run(partial(_make, gateway, to, now, progress))
    if made.faults:  # a recall in between, or a file of the backup before that has gone bad
        await gateway.run(partial(shutil.rmtree, made.folder))
        made = await gateway.run(partial(_make, gateway, to, now, progress, anew=True))
    entry = AuditEntry(
        at=now,
        actor=caller.actor,
        address=caller.address,
        action="backup",
        about=f"backup:{made.folder.name}",
        data={
            "documents": made.manifest.count,
            "packages": made.manifest.packages,
            "bytes": made.manifest.bytes,
            "missing": len(made.manifest.missing),
            "faults": len(made.faults),
        },
    )
    await gateway.store.write(lambda tx: tx.audit.append(entry))
    return made


def _make(
    gateway: Gateway, to: Path, now: datetime, progress: Progress, *, anew: bool = False
) -> Made:
    """Make a backup and read it again; *anew* copies every file, and links none."""
    config = gateway.config
    final = _free_name(to, now)
    settings, outside = _settings(config)
    _clear_remains([*to.glob(".*Z.partial"), *data_folder(config).glob(".backup-*")], now)
    partial_folder = to / f".{final.name}.partial"
    copied = copies.make(
        partial_folder,
        _source(gateway, settings),
        before=None if anew else _before(to, config.backup.recipients),
        progress=progress,
    )
    manifest = Manifest(
        kind=KIND,
        issuer=config.node.code,
        at=now.astimezone(gateway.zone).isoformat(),
        count=copied.documents,
        bytes=copied.bytes,
        missing=copied.missing,
        packages=copied.packages,
        outside=tuple(outside),
        digests=copied.digests,
        folders=tuple(_empty_folders(config)),
        recipients=config.backup.recipients,
        sealed=copied.sealed,
    )
    payload = msgspec.to_builtins(manifest)
    try:
        if copied.sealed:
            shutil.copyfile(config.path(config.keys.certificate), partial_folder / CERTIFICATE)
        copies.complete(partial_folder, final, gateway.auditing.sign(payload))
    except OSError as error:
        shutil.rmtree(partial_folder, ignore_errors=True)
        raise Unavailable(f"{final}: the backup cannot be written: {error}") from error
    faults = (*copied.damaged, *verify(final, progress=progress))
    return Made(folder=final, manifest=manifest, faults=faults)


def _free_name(to: Path, at: datetime) -> Path:
    """Return where a backup of the instant *at* goes, a second later when there is one already."""
    final = to / at.strftime(_NAME)
    while final.exists() or (to / f".{final.name}.partial").exists():
        at += timedelta(seconds=1)
        final = to / at.strftime(_NAME)
    return final


def _source(gateway: Gateway, settings: dict[str, Path]) -> copies.Source:
    """Return what is copied of the node: *settings*, database and documents."""
    config, identity = gateway.config, gateway.blobs.identity()
    recipients = config.backup.recipients
    return copies.Source(
        database=partial(snapshots.take, config.storage.database, folder=config.folder),
        documents=gateway.blobs.open,
        packages=partial(_open_package, config.path(config.retention.folder)),
        settings=settings,
        identity={} if identity is None else {IDENTITY: identity},
        scratch=data_folder(config),
        encrypt=encryption(recipients) if recipients else None,
    )


def _open_package(folder: Path, place: str) -> BinaryIO:
    """Open an archive package; raise NotFound for one that lies elsewhere by now."""
    try:
        return (folder / place).open("rb")
    except FileNotFoundError as error:
        raise NotFound(f"{folder / place}: there is no such package") from error


def _before(to: Path, recipients: tuple[str, ...]) -> Path | None:
    """Return the newest backup in *to* when it is for the same *recipients*: it lends its files."""
    with suppress(Refused, IndexError):
        newest = copies.list_backups(to)[-1]
        return newest if read_manifest(newest).recipients == recipients else None
    return None


def _clear_remains(folders: Iterable[Path], now: datetime) -> None:
    """Remove what a crash left of backups that were never completed."""
    for each in folders:
        if now.timestamp() - each.stat().st_mtime > _ABANDONED_S:
            shutil.rmtree(each, ignore_errors=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupDuty:
    """Makes backups on a schedule, and removes those that rotation lets go."""

    gateway: Gateway
    caller: Caller

    async def __call__(self) -> None:
        """Make a backup when the newest is old enough."""
        config = self.gateway.config.backup
        folder = self.gateway.config.path(config.folder)
        if not config.every_h or not await self._is_due(folder, timedelta(hours=config.every_h)):
            return
        begun = self.gateway.clock.now()
        made = await back_up(self.gateway, self.caller, to=folder)
        if made.faults:
            log.error("the backup is not whole", backup=made.folder.name, faults=made.faults[:5])
            return
        log.info("backup made", backup=made.folder.name, documents=made.manifest.count)
        if is_shared(self.gateway.config.storage.database):
            await self.gateway.store.write(lambda tx: tx.settings.put(_MADE, begun.isoformat()))
        rotation = Rotation(
            daily=config.keep_daily, weekly=config.keep_weekly, monthly=config.keep_monthly
        )
        await self.gateway.run(partial(rotate, folder, rotation))

    async def _is_due(self, folder: Path, every: timedelta) -> bool:
        now = self.gateway.clock.now()
        newest = await newest_of_node(self.gateway, folder, now)
        if newest is not None:
            return now - newest >= every
        began = await self.gateway.store.read(lambda tx: tx.audit.began_at())
        return began is not None and now - began >= min(_YOUNG, every)


async def newest_of_node(gateway: Gateway, folder: Path, now: datetime) -> datetime | None:
    """Return when the newest backup was made: in *folder*, or on schedule by whichever node."""
    newest = await gateway.run(partial(newest_backup, folder, now))
    noted = await gateway.store.read(lambda tx: tx.settings.find(_MADE))
    elsewhere = None if noted is None else datetime.fromisoformat(noted)
    return max((at for at in (newest, elsewhere) if at and at <= now + _AHEAD), default=None)


def newest_backup(folder: Path, now: datetime) -> datetime | None:
    """Return when the newest complete backup in *folder* was made, None without any.

    One that bears a time to come was made while the clock was ahead: nobody knows how old it is.
    """
    made = [at for each in copies.list_backups(folder) if (at := _made_at(each)) is not None]
    return max((at for at in made if at <= now + _AHEAD), default=None)


def rotate(folder: Path, rotation: Rotation) -> None:
    """Remove the backups in *folder* that need not be kept."""
    made = {at: each for each in copies.list_backups(folder) if (at := _made_at(each)) is not None}
    for at in superfluous(made, rotation):
        shutil.rmtree(made[at])


def _made_at(folder: Path) -> datetime | None:
    with suppress(ValueError):
        return datetime.strptime(folder.name, _NAME).replace(tzinfo=UTC)
    return None


def _settings(config: Config) -> tuple[dict[str, Path], list[str]]:
    """Return the files of settings by their place, and what lies outside the node's folder."""
    root = config.path("")
    checkpoints = data_folder(config) / "checkpoints"
    archived = config.path(config.retention.audit_folder)
    found = [config.file, *_files(root / "config"), *_files(checkpoints), *_files(archived)]
    named = [config.keys.certificate, config.keys.key_file, config.keys.secret_file]
    named += [config.http.tls_certificate, config.http.tls_key]
    found += [config.path(each) for each in named if each]
    inside = {
        str(each.relative_to(root)): each
        for each in found
        if each.is_file() and each.is_relative_to(root)
    }
    inside[CONFIG] = inside.pop(config.file.name, config.file)
    outside = sorted({str(each) for each in found if not each.is_relative_to(root)})
    return inside, outside


def _empty_folders(config: Config) -> Iterator[str]:
    """Yield the folders of settings that hold nothing yet: a node wants its trust folders there."""
    root = config.path("")
    for each in sorted((root / "config").rglob("*")):
        if each.is_dir() and not any(each.iterdir()):
            yield str(each.relative_to(root))


def _files(folder: Path) -> Iterator[Path]:
    return (each for each in folder.rglob("*") if each.is_file())
