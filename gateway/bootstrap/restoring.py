"""A new node from a backup, which numbers nothing until it is resumed."""

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import mkdtemp

import msgspec

from gateway.bootstrap.backup_manifest import CONFIG, Manifest, opened, read_manifest, verify
from gateway.bootstrap.documents import fill, open_documents
from gateway.bootstrap.equipment import database_file, documents_folder, is_bucket
from gateway.bootstrap.gateway import Gateway
from gateway.bootstrap.receipts import verify_receipts
from gateway.config import Config, load
from gateway.domain.errors import Refused, Unavailable
from gateway.domain.exchange import AuditEntry, Caller
from gateway.ports import Transaction
from gateway.storage import copies
from gateway.storage.blobs import IDENTITY, FolderBlobs
from gateway.storage.copied_files import DOCUMENTS, Progress, blobs
from gateway.storage.registry import BLOCKED

#: Rising keys of a restored node begin so much higher: behind every cursor that was given out.
_LEAP = 1_000_000_000


def restore(
    folder: Path,
    target: Path,
    *,
    trust: Sequence[Path] = (),
    key: Path | None = None,
    progress: Progress = lambda _: None,
) -> Config:
    """Put the backup *folder* into a new node whose configuration is *target*; return it.

    An encrypted one is decrypted with the private *key*, for the while, beside the new node. What is
    restored numbers nothing until it is resumed.

    Raises:
        Refused: it is no whole backup, or there is a node at the place already.
    """
    manifest = read_manifest(folder, trust=trust)
    for fault in verify(folder, trust=trust, progress=progress):
        raise Refused(f"{folder}: {fault}; chọn bản sao lưu khác / choose another backup")
    with opened(folder, manifest, key=key, scratch=target.parent) as plain:
        for fault in _faults(plain, manifest, progress) if plain != folder else ():
            raise Refused(f"{folder}: {fault}; chọn bản sao lưu khác / choose another backup")
        return _restore(plain, target, manifest, progress)


def _faults(plain: Path, manifest: Manifest, progress: Progress) -> Iterator[str]:
    return copies.faults(plain, manifest.digests, packed=manifest.packages, progress=progress)


def _restore(folder: Path, target: Path, manifest: Manifest, progress: Progress) -> Config:
    settings = folder / copies.SETTINGS
    config = msgspec.structs.replace(load(settings / CONFIG), folder=target.parent.absolute())
    database = database_file(config)
    _refuse_present(target, config.folder / "config", database, *_own_documents(config))
    archive = config.path(config.retention.folder)
    made = [*_own_documents(config), *(() if archive.exists() else (archive,))]
    staging: Path | None = None
    try:
        config.folder.mkdir(parents=True, exist_ok=True)
        staging = Path(mkdtemp(prefix=".restore-", dir=config.folder))
        copies.copy_settings(folder, manifest.digests, staging)
        _restore_documents(folder, msgspec.structs.replace(config, folder=staging), progress)
        _restore_data(folder, config, database)
        for each in manifest.folders:
            (config.folder / each).mkdir(parents=True, exist_ok=True)
        _move_settings(staging, config.folder, target)
    except (OSError, sqlite3.Error) as error:
        for place in made:  # none of it was there before
            shutil.rmtree(place, ignore_errors=True)
        for file in database.parent.glob(f"{database.name}*"):
            file.unlink(missing_ok=True)
        raise Unavailable(f"{target.parent}: it cannot be written: {error}") from error
    finally:
        if staging is not None:
            shutil.rmtree(staging, ignore_errors=True)
    return load(target)


def _restore_data(folder: Path, config: Config, database: Path) -> None:
    """Bring back documents that lie in a folder, archive packages, and the database last."""
    for documents in _own_documents(config):
        copies.copy_documents(folder, documents, identity=IDENTITY)
    copies.copy_packages(folder, config.path(config.retention.folder))
    database.parent.mkdir(parents=True, exist_ok=True)
    copies.copy_database(folder / copies.DATABASE, database)
    for documents in _own_documents(config):
        _identify(database, documents)
    _block(database)


def _own_documents(config: Config) -> list[Path]:
    """Return the folder of the documents, nothing when they are in a bucket."""
    return [] if is_bucket(config) else [documents_folder(config)]


def _restore_documents(folder: Path, config: Config, progress: Progress) -> None:
    """Put what is missing into the bucket of *config*, whose settings lie in its folder."""
    if not is_bucket(config):
        return
    source = FolderBlobs(folder / DOCUMENTS, checkpoint=lambda _: None)
    with open_documents(config, checkpoint=lambda _: None) as files:
        wanted = blobs(folder / copies.DATABASE)
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


def _refuse_present(*places: Path) -> None:
    for place in places:
        if place.exists():
            raise Refused(f"{place} exists; a backup is restored to a new node")


def _identify(database: Path, documents: Path) -> None:
    """Give the *documents* the id of their database: no digest speaks for its file in a backup."""
    with closing(sqlite3.connect(database)) as connection:
        row = connection.execute("SELECT value FROM setting WHERE name = 'store_id'").fetchone()
    if row is not None:
        FolderBlobs(documents, checkpoint=lambda _: None).identify(row[0])


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
    for file in sorted(each for each in staging.rglob("*") if each.is_file()):
        place = folder / file.relative_to(staging)
        if file != staging / CONFIG:
            place.parent.mkdir(parents=True, exist_ok=True)
            file.rename(place)
    (staging / CONFIG).rename(target)
