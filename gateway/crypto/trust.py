"""The trust folders: anchors, intermediates, CRLs and OCSP responses, read whole and anew.

A certificate whose issuer lies in the folders too is an intermediate, so that its revocation
counts; every other one is an anchor, unless it lies in a folder named ``intermediates``. The
folder of a purpose (``official-duty``, ``public``, ``timestamp``, ``peers``) says what an anchor
is trusted for. The *epoch* is a digest of all files: whatever was concluded with other files is
forgotten with them.
"""

import hashlib
import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Generic, TypeVar

from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509 import ocsp

from gateway.domain.errors import Misconfigured
from gateway.domain.signatures import Purpose, TrustedCertificate

T = TypeVar("T")
_LARGEST_FILE = 64 << 20
_MOST_FILES = 10_000
_ARMOUR = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)
_INTERMEDIATES = "intermediates"
#: Names of files that may hold revocation data.
_LISTS = frozenset({".crl", ".ocsp", ".ors", ".pem", ".der"})
#: The parts of a name that people know a certificate by; others stand for it when there are none.
_READ_FIRST = ("common_name", "organization_name")


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One certificate of the folders."""

    certificate: x509.Certificate
    parsed: asn1_x509.Certificate
    purpose: Purpose
    is_anchor: bool
    file: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationList:
    """One CRL of the folders, in the forms of the two libraries that read it."""

    crl: x509.CertificateRevocationList
    parsed: asn1_crl.CertificateList
    der: bytes
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Trust:
    """What the folders held when they were read."""

    epoch: str
    held: tuple[Held, ...] = ()
    crls: tuple[RevocationList, ...] = ()
    ocsps: tuple[asn1_ocsp.OCSPResponse, ...] = ()
    faults: tuple[str, ...] = ()  #: files that are none of these, each a sentence

    def anchors(self, *, stamps: bool) -> list[asn1_x509.Certificate]:
        """Return the anchors for documents, or for time stamps."""
        barred = {Purpose.PEERS} if stamps else {Purpose.PEERS, Purpose.TIMESTAMP}
        return [each.parsed for each in self.held if each.is_anchor and each.purpose not in barred]

    @cached_property
    def intermediates(self) -> list[asn1_x509.Certificate]:
        """The certificates between signers and anchors."""
        return [each.parsed for each in self.held if not each.is_anchor]

    @cached_property
    def crls_by_issuer(self) -> dict[bytes, list[RevocationList]]:
        """The CRLs by the DER of their issuer's name, newest first."""
        by_issuer: dict[bytes, list[RevocationList]] = {}
        for each in sorted(self.crls, key=lambda each: each.crl.last_update_utc, reverse=True):
            by_issuer.setdefault(each.parsed.issuer.dump(), []).append(each)
        return by_issuer

    @cached_property
    def ocsps_by_serial(self) -> dict[int, list[asn1_ocsp.OCSPResponse]]:
        """The OCSP responses by the serial number of what they are about."""
        by_serial: dict[int, list[asn1_ocsp.OCSPResponse]] = {}
        for each in self.ocsps:
            for serial in serials_of(each):
                by_serial.setdefault(serial, []).append(each)
        return by_serial

    def ocsps_about(self, serials: Iterable[int]) -> list[asn1_ocsp.OCSPResponse]:
        """Return the responses about certificates with one of *serials*."""
        return [each for one in set(serials) for each in self.ocsps_by_serial.get(one, ())]

    def issuer_of(self, certificate: x509.Certificate) -> x509.Certificate | None:
        """Return the certificate of the folders that issued *certificate*, None for a stranger."""
        for each in self.held:
            if each.certificate.subject == certificate.issuer:
                with suppress(ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
                    certificate.verify_directly_issued_by(each.certificate)
                    return each.certificate
        return None

    def listing(self) -> list[TrustedCertificate]:
        """Return every certificate as it is shown to people."""
        return [
            TrustedCertificate(
                purpose=each.purpose,
                is_anchor=each.is_anchor,
                subject=name_of(each.parsed.subject),
                issuer=name_of(each.parsed.issuer),
                valid_from=each.certificate.not_valid_before_utc,
                valid_to=each.certificate.not_valid_after_utc,
                sha256=each.parsed.sha256.hex(),
                file=str(each.file),
            )
            for each in self.held
        ]


def name_of(name: asn1_x509.Name) -> str:
    """Return a name of a certificate as people read it: who, then the body it belongs to."""
    parts: dict[str, object] = name.native
    said = [str(parts[key]) for key in _READ_FIRST if isinstance(parts.get(key), str)]
    return ", ".join(dict.fromkeys(said)) or str(name.human_friendly)


@dataclass(slots=True)
class _Contents:
    """What was found in the files so far."""

    certificates: dict[bytes, tuple[x509.Certificate, Path, Path]] = field(default_factory=dict)
    crls: dict[str, RevocationList] = field(default_factory=dict)
    ocsps: list[asn1_ocsp.OCSPResponse] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


_Taker = Callable[[_Contents, bytes, Path, Path], None]


def load_trust(paths: Sequence[Path]) -> Trust:
    """Read the certificates and folders *paths*; a path that is not there holds nothing.

    Beside a certificate that is named by itself, revocation data is looked for, too.

    Raises:
        Misconfigured: a file cannot be read, or there are absurdly many.
    """
    contents, digest = _Contents(), hashlib.sha256()
    for root, file, raw in _present(paths):
        digest.update(_told_apart(file, raw))
        _take(contents, raw, root, file)
    held = tuple(_held(contents))
    return Trust(
        epoch=digest.hexdigest(),
        held=held,
        crls=tuple(contents.crls.values()),
        ocsps=tuple(contents.ocsps),
        faults=tuple(contents.faults),
    )


def load_epoch(paths: Sequence[Path]) -> str:
    """Return :attr:`Trust.epoch` of *paths* alone, without what the files hold.

    Raises:
        Misconfigured: as :func:`load_trust`.
    """
    digest = hashlib.sha256()
    for _, file, raw in _present(paths):
        digest.update(_told_apart(file, raw))
    return digest.hexdigest()


class _Room(Generic[T]):
    """What is read of some folders, and again when a file came, went or changed."""

    def __init__(
        self, paths: Sequence[Path], load: Callable[[Sequence[Path]], T], *, look_every_s: float
    ) -> None:
        self._paths = tuple(paths)
        self._load = load
        self._look_every_s = look_every_s
        self._looked_at = float("-inf")
        self._read: tuple[tuple[tuple[str, int, int], ...], T] | None = None

    def current(self, monotonic_s: float) -> T:
        read = self._read
        if read is None or monotonic_s - self._looked_at >= self._look_every_s:
            self._looked_at = monotonic_s
            stamp = _stamp(self._paths)
            if read is None or stamp != read[0]:
                read = self._read = (stamp, self._load(self._paths))
        return read[1]


class TrustRoom:
    """The trust folders of a node, read again when a file came, went or changed."""

    def __init__(self, paths: Sequence[Path], *, look_every_s: float = 2.0) -> None:
        """Look at the folders *paths*, at most once in *look_every_s* seconds."""
        self._room = _Room(paths, load_trust, look_every_s=look_every_s)

    def current(self, monotonic_s: float) -> Trust:
        """Return what the folders hold; *monotonic_s* is a clock that only goes forward."""
        return self._room.current(monotonic_s)


class EpochRoom:
    """The epoch of the trust folders, for who need not know what they hold."""

    def __init__(self, paths: Sequence[Path], *, look_every_s: float = 2.0) -> None:
        """Look at the folders *paths*, at most once in *look_every_s* seconds."""
        self._room = _Room(paths, load_epoch, look_every_s=look_every_s)

    def current(self, monotonic_s: float) -> str:
        """Return the epoch; *monotonic_s* is a clock that only goes forward."""
        return self._room.current(monotonic_s)


def _stamp(paths: Sequence[Path]) -> tuple[tuple[str, int, int], ...]:
    stamps = []
    for _, file in _files(paths):
        try:
            state = file.stat()
        except FileNotFoundError:
            continue
        stamps.append((str(file), state.st_mtime_ns, state.st_size))
    return tuple(stamps)


def _files(paths: Sequence[Path]) -> list[tuple[Path, Path]]:
    """Return the files, each with the path that it was found under; hidden ones are passed over.

    What lies beside a named file is found under that file.
    """
    found: list[tuple[Path, Path]] = []
    for path in paths:
        if path.is_file():
            found.append((path, path))
            found += [(path, each) for each in sorted(path.parent.iterdir()) if _is_beside(each)]
        else:
            found += [
                (path, each)
                for each in sorted(path.rglob("*"))
                if each.is_file()
                and not any(part.startswith(".") for part in each.relative_to(path).parts)
            ]
    if len(found) > _MOST_FILES:
        raise Misconfigured(f"{paths[0]}: there are more than {_MOST_FILES} files to trust")
    return found


def _present(paths: Sequence[Path]) -> Iterator[tuple[Path, Path, bytes]]:
    """Yield the files with the path that each was found under, and what they hold."""
    for root, file in _files(paths):
        raw = _read(file)
        if raw is not None:
            yield root, file, raw


def _told_apart(file: Path, raw: bytes) -> bytes:
    """Return what an epoch is made of, for one file."""
    return str(file).encode("utf-8", "surrogateescape") + b"\0" + hashlib.sha256(raw).digest()


def _is_beside(file: Path) -> bool:
    return file.suffix.lower() in _LISTS and file.is_file() and not file.name.startswith(".")


def _read(file: Path) -> bytes | None:
    """Return the content of *file*, None when it was taken away in the meantime."""
    try:
        with file.open("rb") as stream:
            return stream.read(_LARGEST_FILE)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Misconfigured(f"{file}: cannot be read: {error.strerror}") from error


def _take(contents: _Contents, raw: bytes, root: Path, file: Path) -> None:
    if root.is_file() and file != root:
        for der in _ders(raw):
            _take_one(contents, der, root, file, takers=(_take_crl, _take_ocsp))
        return
    taken = [_take_one(contents, der, root, file, takers=_EVERYTHING) for der in _ders(raw)]
    if not any(taken) and file.suffix.lower() not in {".md", ".txt"}:
        contents.faults.append(f"{file}: this is no certificate, CRL or OCSP response")


def _ders(raw: bytes) -> Iterator[bytes]:
    blocks = _ARMOUR.findall(raw)
    for _, text in blocks:
        try:
            yield b64decode(b"".join(text.split()), validate=True)
        except (NotBase64, ValueError):
            continue
    if not blocks:
        yield raw


def _take_one(
    contents: _Contents, der: bytes, root: Path, file: Path, *, takers: Sequence[_Taker]
) -> bool:
    """Put *der* where it belongs; say whether it is anything known."""
    for take in takers:
        try:
            take(contents, der, root, file)
        except (ValueError, TypeError, KeyError, RecursionError):
            continue
        return True
    return False


def _take_certificates(contents: _Contents, der: bytes, root: Path, file: Path) -> None:
    try:
        certificates = [x509.load_der_x509_certificate(der)]
    except ValueError:
        certificates = pkcs7.load_der_pkcs7_certificates(der)
    for each in certificates:
        raw = each.public_bytes(Encoding.DER)
        # Read all that is asked later: an absurd field shows now, not in the middle of a path.
        parsed = asn1_x509.Certificate.load(raw)
        _ = parsed.native, parsed.subject.human_friendly
        contents.certificates.setdefault(raw, (each, root, file))


def _take_crl(contents: _Contents, der: bytes, root: Path, file: Path) -> None:
    crl = x509.load_der_x509_crl(der)
    parsed = asn1_crl.CertificateList.load(der)
    _ = crl.last_update_utc, crl.next_update_utc, parsed.issuer.human_friendly
    sha256 = hashlib.sha256(der).hexdigest()
    contents.crls[sha256] = RevocationList(crl=crl, parsed=parsed, der=der, sha256=sha256)


def _take_ocsp(contents: _Contents, der: bytes, root: Path, file: Path) -> None:
    ocsp.load_der_ocsp_response(der)
    contents.ocsps.append(asn1_ocsp.OCSPResponse.load(der))


_EVERYTHING: tuple[_Taker, ...] = (_take_certificates, _take_crl, _take_ocsp)


def _held(contents: _Contents) -> Iterable[Held]:
    issuers = {
        each.subject.public_bytes()
        for each, _, _ in contents.certificates.values()
        if _is_ca(each)
    }
    for der, (certificate, root, file) in contents.certificates.items():
        folders = () if file == root else file.relative_to(root).parts[:-1]
        is_own = certificate.issuer == certificate.subject
        has_issuer = certificate.issuer.public_bytes() in issuers and not is_own
        yield Held(
            certificate=certificate,
            parsed=asn1_x509.Certificate.load(der),
            purpose=_purpose((root.name, *folders)),
            is_anchor=not has_issuer and _INTERMEDIATES not in folders,
            file=file,
        )


def serials_of(response: asn1_ocsp.OCSPResponse) -> set[int]:
    """Return the serial numbers that *response* speaks of."""
    try:
        answers = response.basic_ocsp_response["tbs_response_data"]["responses"]
        return {each["cert_id"]["serial_number"].native for each in answers}
    except (ValueError, TypeError, KeyError, AttributeError):
        return set()


def _purpose(folders: Sequence[str]) -> Purpose:
    known = {purpose.value: purpose for purpose in Purpose}
    return next((known[each] for each in reversed(folders) if each in known), Purpose.ANY)


def _is_ca(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        return False
