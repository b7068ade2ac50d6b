"""What a backup says of itself, and whether all of it is still so."""

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfile
from tempfile import gettempdir

import msgspec
from cryptography import x509

from gateway.config import load
from gateway.crypto.encryption import decryption
from gateway.crypto.keys import certificates_in
from gateway.crypto.receipts import verify_receipt
from gateway.domain.errors import Refused
from gateway.storage import copies
from gateway.storage.copied_files import DOCUMENTS, Progress
from gateway.storage.copy_folder import sealed_faults, unseal
from gateway.storage.spool_folder import own_folder, remove_left

KIND = "backup"
CONFIG = "gateway.toml"
#: The certificate of the node lies beside what is encrypted: it verifies the manifest.
CERTIFICATE = "node.crt"


class Manifest(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What a backup says of itself, signed by its node."""

    kind: str
    issuer: str
    at: str
    count: int  #: files of documents
    bytes: int
    missing: tuple[str, ...]
    outside: tuple[str, ...]  #: files that the settings name and that are not in the backup
    digests: dict[str, str]
    folders: tuple[
        str, ...
    ] = ()  #: of the settings that hold no file, as they lie below the node's
    recipients: tuple[str, ...] = ()  #: public keys that it is encrypted to
    packages: int | None = None  #: archive packages; None: of a release that left them out
    sealed: str = ""  #: SHA-256 of the list of encrypted files


def verify(
    folder: Path,
    *,
    trust: Sequence[Path] = (),
    key: Path | None = None,
    progress: Progress = lambda _: None,
) -> list[str]:
    """Read everything in the backup *folder* again; return what is wrong, each a sentence.

    Its signature is judged by the certificates of *trust*, else by that of the node in it. Of an
    encrypted one every file is compared as it was written; with the private *key* also what is in
    it, decrypted for the while into the machine's folder for temporary files, never beside backups.

    Raises:
        Refused: it is no backup, or cannot be read with the key.
    """
    manifest = read_manifest(folder, trust=trust)
    if not manifest.sealed:
        return _faults(folder, manifest, progress)
    remove_left(_scratch())
    found = list(sealed_faults(folder, manifest.sealed, progress))
    if key is None or found:
        return [*_missing(manifest), *found]
    with opened(folder, manifest, key=key, scratch=_own_scratch()) as plain:
        return _faults(plain, manifest, progress)


def _scratch() -> Path:
    """Return where this user's backups are decrypted on this machine."""
    return Path(gettempdir()) / f"gateway-opened-{os.geteuid()}"


def _own_scratch() -> Path:
    """Return that folder, made so that nobody else enters it; raise Refused for a stranger's."""
    place = _scratch()
    place.mkdir(mode=0o700, exist_ok=True)
    found = place.lstat()
    if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) != 0o700:  # noqa: PLR2004 - the owner alone
        raise Refused(
            f"{place}: thư mục của người khác; chỉ nơi khác bằng TMPDIR / "
            "another user's folder; name another place by TMPDIR"
        )
    return place


def _faults(folder: Path, manifest: Manifest, progress: Progress) -> list[str]:
    known = {f"{DOCUMENTS}/{key}" for key in manifest.missing}
    found = copies.faults(folder, manifest.digests, packed=manifest.packages, progress=progress)
    return [*_missing(manifest), *(each for each in found if each.partition(": ")[0] not in known)]


def _missing(manifest: Manifest) -> list[str]:
    """Return what is told of files that were missing when the backup was made."""
    places = (f"{DOCUMENTS}/{key}" for key in sorted(manifest.missing))
    return [f"{place}: đã thiếu từ trước / it was missing already" for place in places]


@contextmanager
def opened(folder: Path, manifest: Manifest, *, key: Path | None, scratch: Path) -> Iterator[Path]:
    """Give the backup as plain files: itself, or decrypted for the while below *scratch*.

    What a process that was killed left there is removed first.

    Raises:
        Refused: it is encrypted, and there is no *key* or the wrong one.
    """
    if not manifest.sealed:
        yield folder
        return
    if key is None:
        raise Refused(
            f"{folder}: bản sao lưu được mã hóa, chỉ tệp khóa bí mật bằng --key / "
            "it is encrypted; name the file of the private key by --key"
        )
    decrypt = decryption(key)
    with own_folder(scratch) as place:
        plain = place / "plain"
        plain.mkdir()
        try:
            unseal(folder, plain, decrypt)
        except OSError as error:
            raise Refused(
                f"{folder}: không giải mã được bằng {key} / "
                f"it cannot be decrypted with {key}: {error}"
            ) from error
        copyfile(folder / copies.MANIFEST, plain / copies.MANIFEST)
        yield plain


def read_manifest(folder: Path, *, trust: Sequence[Path] = ()) -> Manifest:
    """Return what the backup *folder* says of itself; raise Refused when it is none."""
    try:
        jws = (folder / copies.MANIFEST).read_text("ascii").strip()
        anchors = certificates_in(trust) if trust else _own_certificates(folder)
        manifest = msgspec.convert(verify_receipt(jws, anchors), Manifest)
    except (OSError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise Refused(
            f"{folder}: không phải bản sao lưu đầy đủ / this is no complete backup: {error}"
        ) from error
    except Refused as error:
        raise Refused(
            f"{folder}: bản kê không đáng tin / its manifest does not convince: {error.message}"
        ) from error
    if manifest.kind != KIND:
        raise Refused(f"{folder}: đây không phải bản sao lưu / this is no backup")
    return manifest


def _own_certificates(folder: Path) -> list[x509.Certificate]:
    """Return the certificate of the node that lies in a backup."""
    if (folder / CERTIFICATE).is_file():
        return certificates_in([folder / CERTIFICATE])
    settings = folder / copies.SETTINGS
    config = load(settings / CONFIG)
    return certificates_in([settings / config.keys.certificate])
