"""Authorities and certificates of nodes, made on the spot, and the files that nodes read."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from gateway.crypto.pki import Party, Wish, issue, revocation_list

_NOW = datetime.now(UTC)  # noqa: TID251 - TLS looks at the clock of the machine
_YEAR = timedelta(days=365)
_PURPOSES = (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """An authority that certifies nodes."""

    party: Party

    def certify(self, name: str, *hosts: str) -> Party:
        """Return a node *name* with a certificate for TLS, at *hosts*."""
        wish = _wish(name, usages=("digital_signature",), purposes=_PURPOSES, hosts=hosts)
        return issue(wish, issuer=self.party)

    def believe(self, folder: Path, name: str = "peers.crt") -> Path:
        """Write the authority into *folder*; return the file."""
        return put(folder / name, self.party.pem)

    def revoke(self, folder: Path, *parties: Party) -> None:
        """Write a list into *folder* that revokes *parties*."""
        numbers = {each.certificate.serial_number: _NOW for each in parties}
        der = revocation_list(self.party, numbers, issued_at=_NOW, next_at=_NOW + _YEAR)
        put(folder / "peers.crl", der)


def an_authority(name: str = "CA của các nút") -> Authority:
    """Return a new authority."""
    return Authority(party=issue(_wish(name, is_authority=True)))


def install(folder: Path, party: Party, name: str = "tls") -> tuple[str, str]:
    """Write certificate and key of *party* into *folder*; return their paths."""
    key = party.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    key_file = put(folder / f"{name}.key", key)
    return str(put(folder / f"{name}.pem", party.pem)), str(key_file)


def put(file: Path, content: bytes) -> Path:
    """Write *content* to *file* in one step, over what was there; return it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f".{file.name}.new")
    fresh.write_bytes(content)
    return fresh.replace(file)


def _wish(name: str, **more: object) -> Wish:
    return Wish(common_name=name, valid_from=_NOW - _YEAR, valid_to=_NOW + _YEAR, **more)  # type: ignore[arg-type] # as the fields
