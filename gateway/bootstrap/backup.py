"""Backups of a node: made on a schedule and by command, verified, rotated, restored."""

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import mkdtemp

import msgspec
import structlog
from cryptography import x509

from gateway.bootstrap.documents import fill, open_documents
from gateway.bootstrap.equipment import data_folder, documents_folder, is_bucket
from gateway.bootstrap.gateway import Gateway
from gateway.bootstrap.receipts import verify_receipts
from gateway.config import Config, load
from gateway.crypto.keys import certificates_in
from gateway.crypto.receipts import verify_receipt
from gateway.domain.errors import Misconfigured, Refused, Unavailable
from gateway.domain.exchange import AuditEntry, Caller
from gateway.domain.rotation import Rotation, superfluous
from gateway.ports import Transaction
from gateway.storage import copies, is_shared
from gateway.storage.blobs import IDENTITY, FolderBlobs
from gateway.storage.copies import Progress
from gateway.storage.registry import BLOCKED

log = structlog.get_logger()

_NAME = "%Y%m%dT%H%M%SZ"
_KIND = "backup"
_CONFIG = "gateway.toml"
#: A backup that nobody went on with for so long was left by a crash.
_ABANDONED_S = 86_400.0
#: Rising keys of a restored node begin so much higher: behind every cursor that was given out.
_LEAP = 1_000_000_000
#: A node younger than this has nothing that a schedule must save.
_YOUNG = timedelta(hours=1)


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a backup says of itself, signed by its node."""

    kind: str
    issuer: str
    at: str
    count: int  #: files of documents
    bytes: int
    missing: tuple[str, ...]
    outside: tuple[str, ...]  #: files that the settings name and that are not in the backup
    digests: dict[str, str]


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
    final = to / now.strftime(_NAME)
    if final.exists():
        raise Refused(f"{final}: there is a backup of this second already")
    settings, outside = _settings(config)
    earlier, identity = copies.list_backups(to), gateway.blobs.identity()
    source = copies.Source(
        database=partial(copies.copy_database, _database_file(config)),
        documents=gateway.blobs.open,
        settings=settings,
        identity={} if identity is None else {IDENTITY: identity},
    )
    _clear_remains(to, now)
    partial_folder = to / f".{final.name}.partial"
    copied = copies.make(
        partial_folder,
        source,
        before=earlier[-1] if earlier and not anew else None,
        progress=progress,
    )
    manifest = Manifest(
        kind=_KIND,
        issuer=config.node.code,
        at=now.astimezone(gateway.zone).isoformat(),
        count=copied.documents,
        bytes=copied.bytes,
        missing=copied.missing,
        outside=tuple(outside),
        digests=copied.digests,
    )
    payload = msgspec.to_builtins(manifest)
    copies.complete(partial_folder, final, gateway.auditing.sign(payload))
    return Made(folder=final, manifest=manifest, faults=tuple(verify(final, progress=progress)))


def _clear_remains(to: Path, now: datetime) -> None:
    """Remove what a crash left of backups that were never completed."""
    for each in to.glob(".*Z.partial") if to.is_dir() else ():
        if now.timestamp() - each.stat().st_mtime > _ABANDONED_S:
            shutil.rmtree(each, ignore_errors=True)


def verify(
    folder: Path, *, trust: Sequence[Path] = (), progress: Progress = lambda _: None
) -> list[str]:
    """Read everything in the backup *folder* again; return what is wrong, each a sentence.

    Its signature is judged by the certificates of *trust*, else by that of the node in it.

    Raises:
        Refused: it is no backup.
    """
    manifest = read_manifest(folder, trust=trust)
    missing = [f"documents/{key}: it was missing already" for key in manifest.missing]
    found = copies.faults(folder, manifest.digests, progress)
    return [*missing, *(each for each in found if each.split(": it is")[0] not in missing)]


def read_manifest(folder: Path, *, trust: Sequence[Path] = ()) -> Manifest:
    """Return what the backup *folder* says of itself; raise Refused when it is none."""
    try:
        jws = (folder / copies.MANIFEST).read_text("ascii").strip()
        anchors = certificates_in(trust) if trust else _own_certificates(folder)
        manifest = msgspec.convert(verify_receipt(jws, anchors), Manifest)
    except (OSError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise Refused(f"{folder}: this is no complete backup: {error}") from error
    except Refused as error:
        raise Refused(f"{folder}: its manifest does not convince: {error.message}") from error
    if manifest.kind != _KIND:
        raise Refused(f"{folder}: this is no backup")
    return manifest


def restore(
    folder: Path, target: Path, *, trust: Sequence[Path] = (), progress: Progress = lambda _: None
) -> Config:
    """Put the backup *folder* into a new node whose configuration is *target*; return it.

    What is restored numbers nothing until :func:`resume`.

    Raises:
        Refused: it is no whole backup, or there is a node at the place already.
    """
    manifest = read_manifest(folder, trust=trust)
    for fault in verify(folder, trust=trust, progress=progress):
        raise Refused(f"{folder}: {fault}; choose another backup")
    settings = folder / copies.SETTINGS
    config = msgspec.structs.replace(load(settings / _CONFIG), folder=target.parent.absolute())
    database = _database_file(config)
    _refuse_present(target, config.folder / "config", database, *_own_documents(config))
    staging: Path | None = None
    try:
        config.folder.mkdir(parents=True, exist_ok=True)
        staging = Path(mkdtemp(prefix=".restore-", dir=config.folder))
        copies.copy_settings(folder, manifest.digests, staging)
        _restore_documents(folder, msgspec.structs.replace(config, folder=staging), progress)
        for documents in _own_documents(config):
            copies.copy_documents(folder, documents, identity=IDENTITY)
        database.parent.mkdir(parents=True, exist_ok=True)
        copies.copy_database(folder / copies.DATABASE, database)
        _block(database)
        _move_settings(staging, config.folder, target)
    except OSError as error:
        raise Unavailable(f"{target.parent}: it cannot be written: {error}") from error
    finally:
        if staging is not None:
            shutil.rmtree(staging, ignore_errors=True)
    return load(target)


def _own_documents(config: Config) -> list[Path]:
    """Return the folder of the documents, nothing when they are in a bucket."""
    return [] if is_bucket(config) else [documents_folder(config)]


def _restore_documents(folder: Path, config: Config, progress: Progress) -> None:
    """Put what is missing into the bucket of *config*, whose settings lie in its folder."""
    if not is_bucket(config):
        return
    source = FolderBlobs(folder / copies.DOCUMENTS, checkpoint=lambda _: None)
    with open_documents(config, checkpoint=lambda _: None) as files:
        wanted = copies.blobs(folder / copies.DATABASE)
        fill(files, source, wanted, name=config.storage.documents, progress=progress)


async def note_restored(gateway: Gateway, caller: Caller, manifest: Manifest) -> None:
    """Record that the node comes from a backup."""
    entry = AuditEntry(
        at=gateway.clock.now(),
        actor=caller.actor,
        address=caller.address,
        action="restored",
        about=f"backup:{manifest.at}",
        data={"made_at": manifest.at, "documents": manifest.count},
    )

    def unit(tx: Transaction) -> None:
        tx.settings.put("restored_from", manifest.at)
        tx.audit.append(entry)

    await gateway.store.write(unit)


def codes_of(config: Config, files: Sequence[Path]) -> list[str]:
    """Return the document codes in *files* of receipts; raise Refused for one that is wrong."""
    codes = []
    for file in files:
        verdict = verify_receipts(
            file, trust=(), config=config, documents=(), must_be_complete=False
        )
        for finding in verdict.findings if not verdict.is_valid else ():
            raise Refused(f"{file}: {finding.message_en}", findings=verdict.findings)
        codes += [each.said.code for each in verdict.receipts if each.said and each.said.code]
    return codes


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupDuty:
    """Makes backups on a schedule, and removes those that rotation lets go."""

    gateway: Gateway
    caller: Caller

    async def __call__(self) -> None:
        """Make a backup when the newest is old enough."""
        if is_shared(self.gateway.config.storage.database):
            return  # a server's own backups hold more than one node can
        config = self.gateway.config.backup
        folder = self.gateway.config.path(config.folder)
        if not config.every_h or not await self._is_due(folder, timedelta(hours=config.every_h)):
            return
        made = await back_up(self.gateway, self.caller, to=folder)
        if made.faults:
            log.error("the backup is not whole", backup=made.folder.name, faults=made.faults[:5])
            return
        log.info("backup made", backup=made.folder.name, documents=made.manifest.count)
        rotation = Rotation(
            daily=config.keep_daily, weekly=config.keep_weekly, monthly=config.keep_monthly
        )
        await self.gateway.run(partial(rotate, folder, rotation))

    async def _is_due(self, folder: Path, every: timedelta) -> bool:
        now = self.gateway.clock.now()
        newest = await self.gateway.run(partial(newest_backup, folder))
        if newest is not None:
            return now - newest >= every
        first = await self.gateway.store.read(lambda tx: tx.audit.after("", 0, 1))
        return bool(first) and now - datetime.fromisoformat(first[0].at) >= min(_YOUNG, every)


def newest_backup(folder: Path) -> datetime | None:
    """Return when the newest complete backup in *folder* was made, None without any."""
    made = [at for each in copies.list_backups(folder) if (at := _made_at(each)) is not None]
    return max(made, default=None)


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
    inside[_CONFIG] = inside.pop(config.file.name, config.file)
    outside = sorted({str(each) for each in found if not each.is_relative_to(root)})
    return inside, outside


def _files(folder: Path) -> Iterator[Path]:
    return (each for each in folder.rglob("*") if each.is_file())


def _own_certificates(folder: Path) -> list[x509.Certificate]:
    """Return the certificate of the node that lies in a backup."""
    settings = folder / copies.SETTINGS
    config = load(settings / _CONFIG)
    return certificates_in([settings / config.keys.certificate])


def _database_file(config: Config) -> Path:
    scheme, _, rest = config.storage.database.partition(":///")
    if scheme != "sqlite":
        raise Misconfigured("backups of this kind are of SQLite; use the tools of the database")
    return config.path(rest)


def _refuse_present(*places: Path) -> None:
    for place in places:
        if place.exists():
            raise Refused(f"{place} exists; a backup is restored to a new node")


def _block(database: Path) -> None:
    """Let the restored node number nothing for now, and begin its feeds behind every cursor."""
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(
            "INSERT INTO counter (series, value) VALUES (?, 1) "
            "ON CONFLICT (series) DO UPDATE SET value = 1",
            (BLOCKED,),
        )
        rising = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'"
        ).fetchall()
        known = dict(connection.execute("SELECT name, seq FROM sqlite_sequence").fetchall())
        for (name,) in rising:
            connection.execute("DELETE FROM sqlite_sequence WHERE name = ?", (name,))
            connection.execute(
                "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)",
                (name, known.get(name, 0) + _LEAP),
            )


def _move_settings(staging: Path, folder: Path, target: Path) -> None:
    """Move settings to their places, the configuration last: it makes a node of all."""
    for file in sorted(_files(staging)):
        place = folder / file.relative_to(staging)
        if file != staging / _CONFIG:
            place.parent.mkdir(parents=True, exist_ok=True)
            file.rename(place)
    (staging / _CONFIG).rename(target)
