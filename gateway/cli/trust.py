"""`gateway trust`: whom the node trusts."""

from dataclasses import asdict
from pathlib import Path

import click

from gateway.bootstrap.verification import read_trust
from gateway.cli.options import config_option, format_option
from gateway.cli.output import show_list, tell_error
from gateway.config import load
from gateway.domain.signatures import TrustedCertificate

_COLUMNS = {
    "purpose": "Mục đích / purpose",
    "role": "Vai trò / role",
    "subject": "Chủ thể / subject",
    "issuer": "Nơi cấp / issuer",
    "valid_from": "Từ / from",
    "valid_to": "Đến / to",
    "sha256": "Vân tay / SHA-256",
    "file": "Tệp / file",
}


@click.group()
def trust() -> None:
    """See whom the node trusts when it verifies signatures."""


@trust.command("list")
@format_option()
@config_option
def list_trust(how: str, config_file: Path) -> None:
    """List the trust anchors and the intermediates below them.

    Certificates, CRLs and OCSP responses lie in the folders of `signatures.trust`; a folder
    named official-duty, public, timestamp or peers says what its anchors are trusted for.
    """
    found = read_trust(load(config_file))
    show_list([_record(each) for each in found.listing()], _COLUMNS, how)
    for fault in found.faults:
        tell_error(fault)


def _record(certificate: TrustedCertificate) -> dict[str, object]:
    record = asdict(certificate)
    role = "anchor" if record.pop("is_anchor") else "intermediate"
    times = {key: record[key].isoformat() for key in ("valid_from", "valid_to")}
    return {**record, "purpose": certificate.purpose.value, "role": role, **times}
