"""A new node from a backup, which numbers nothing until it is resumed."""

import json
import re
import shutil
import sqlite3
import tomllib
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
from gateway.domain.errors import GatewayError, Refused, Unavailable
from gateway.domain.exchange import AuditEntry, Caller
from gateway.ports import Transaction
from gateway.storage import copies, is_shared
from gateway.storage.blobs import IDENTITY, FolderBlobs
from gateway.storage.copied_files import DOCUMENTS, Progress, blobs
from gateway.storage.registry import BLOCKED
from gateway.storage.snapshots import put_on_server

#: Rising keys of a restored node begin so much higher: behind every cursor that was given out.
_LEAP = 1_000_000_000
#: The line of the settings that names the database, and the head of its section.
_DATABASE = re.compile(
    r"^(\[storage\][^\n]*\n(?:(?!\s*\[)[^\n]*\n)*?)[ \t]*database[ \t]*=[^\n]*", re.MULTILINE
)
_STORAGE = re.compile(r"^\[storage\][^\n]*$", re.MULTILINE)


def restore(
    folder: Path,
    target: Path,
    *,
    trust: Sequence[Path] = (),
    key: Path | None = None,
    database: str | None = None,
    progress: Progress = lambda _: None,
) -> Config:
    """Put the backup *folder* into a new node whose configuration is *target*; return it.

    An encrypted one is decrypted with the private *key*, for the while, beside the new node. The
    *database* is the one that its settings name, unless another is named. What is restored numbers
    nothing until it is resumed.

    Raises:
        Refused: it is no whole backup, or there is a node at the place already.
    """
    manifest = read_manifest(folder, trust=trust)
    for fault in verify(folder, trust=trust, progress=progress):
        raise Refused(f"{folder}: {fault}; chọn bản sao lưu khác / choose another backup")
    with opened(folder, manifest, key=key, scratch=target.parent) as plain:
        for fault in _faults(plain, manifest, progress) if plain != folder else ():
            raise Refused(f"{folder}: {fault}; chọn bản sao lưu khác / choose another backup")
        return _restore(plain, target, manifest, database, progress)


def _faults(plain: Path, manifest: Manifest, progress: Progress) -> Iterator[str]:
    return copies.faults(plain, manifest.digests, packed=manifest.packages, progress=progress)


def _restore(
    folder: Path, target: Path, manifest: Manifest, database: str | None, progress: Progress
) -> Config:
    config = _settings(folder / copies.SETTINGS / CONFIG, target.parent.absolute(), database)
    _refuse_present(
        target, config.folder / "config", *_own_database(config), *_own_documents(config)
    )
    archive = config.path(config.retention.folder)
    made = [*_own_documents(config), *(() if archive.exists() else (archive,))]
    staging: Path | None = None
    try:
        config.folder.mkdir(parents=True, exist_ok=True)
        staging = Path(mkdtemp(prefix=".restore-", dir=config.folder))
        copies.copy_settings(folder, manifest.digests, staging)
        if database is not None:
            name_database(staging / CONFIG, database)
        for each in manifest.folders:
            (config.folder / each).mkdir(parents=True, exist_ok=True)
        _restore_data(folder, config, staging, progress)
        _move_settings(staging, config.folder, target)
    except GatewayError:
        _remove_begun(config, made)
        raise
    except (OSError, sqlite3.Error) as error:
        _remove_begun(config, made)
        raise Unavailable(f"{target.parent}: it cannot be written: {error}") from error
    finally:
        if staging is not None:
            shutil.rmtree(staging, ignore_errors=True)
    return load(target)


def _restore_data(folder: Path, config: Config, staging: Path, progress: Progress) -> None:
    """Bring back documents, archive packages, and the database last."""
    _restore_documents(folder, config, staging, progress)
    copies.copy_packages(folder, config.path(config.retention.folder))
    _restore_database(folder / copies.DATABASE, config, staging)


def _settings(file: Path, folder: Path, database: str | None) -> Config:
    """Return the settings in *file* as of a node in *folder*, over another *database* if named."""
    config = msgspec.structs.replace(load(file), folder=folder)
    if database is None:
        return config
    storage = msgspec.structs.replace(config.storage, database=database)
    return msgspec.structs.replace(config, storage=storage)


def name_database(file: Path, url: str) -> None:
    """Let the settings in *file* name the database *url*; raise Refused where they cannot."""
    text = file.read_text("utf-8")
    named = f"database = {json.dumps(url)}"
    written, count = _DATABASE.subn(lambda found: found[1] + named, text, count=1)
    if not count:
        written, count = _STORAGE.subn(lambda found: f"{found[0]}\n{named}", text, count=1)
    if not count:
        written = f"{text.rstrip()}\n\n[storage]\n{named}\n"
    try:
        said = tomllib.loads(written)["storage"]["database"]
    except (tomllib.TOMLDecodeError, KeyError, TypeError):
        said = None
    if said != url:
        raise Refused(
            f"{file.name}: [storage] database must stand on a line of its own to be changed"
        )
    file.write_text(written, "utf-8")


def _restore_database(file: Path, config: Config, staging: Path) -> None:
    """Put the database of a backup where *config* wants it; it numbers nothing for now."""
    if is_shared(config.storage.database):
        copy = staging / copies.DATABASE
        copies.copy_database(file, copy)
        _block(copy)
        put_on_server(copy, config.storage.database, beyond=_LEAP)
        copy.unlink()
        return
    database = database_file(config)
    database.parent.mkdir(parents=True, exist_ok=True)
    copies.copy_database(file, database)
    _block(database)


def _remove_begun(config: Config, made: Sequence[Path]) -> None:
    """Remove the folders *made* and the database, none of which was there before.

    A server takes all or nothing.
    """
    for place in made:
        shutil.rmtree(place, ignore_errors=True)
    for database in _own_database(config):
        for file in database.parent.glob(f"{database.name}*"):
            file.unlink(missing_ok=True)


def _own_database(config: Config) -> list[Path]:
    """Return the file of the database, nothing when it is on a server."""
    return [] if is_shared(config.storage.database) else [database_file(config)]


def _own_documents(config: Config) -> list[Path]:
    """Return the folder of the documents, nothing when they are in a bucket."""
    return [] if is_bucket(config) else [documents_folder(config)]


def _restore_documents(folder: Path, config: Config, staging: Path, progress: Progress) -> None:
    """Put the documents where *config* wants them: into its folder, or what is missing into its bucket.

    The settings, which tell of the keys of a bucket, still lie in *staging*.
    """
    database = folder / copies.DATABASE
    for documents in _own_documents(config):
        copies.copy_documents(folder, documents, identity=IDENTITY)
        _identify(database, documents)
    if not is_bucket(config):
        return
    source = FolderBlobs(folder / DOCUMENTS, checkpoint=lambda _: None)
    staged = msgspec.structs.replace(config, folder=staging)
    with open_documents(staged, checkpoint=lambda _: None) as files:
        wanted = blobs(database)
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
