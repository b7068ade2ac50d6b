"""`gateway receipt`: what receipts prove, and the keys that sign them."""

from pathlib import Path

import click
import msgspec

from gateway.bootstrap.administration import make_next_key
from gateway.bootstrap.gateway import Gateway
from gateway.bootstrap.receipts import verify_receipts
from gateway.cli.node import on_node
from gateway.cli.options import config_option, format_option
from gateway.cli.output import (
    JSON,
    TABLE,
    show_findings,
    show_json,
    show_list,
    show_record,
    show_table,
    working,
)
from gateway.config import load
from gateway.domain.exchange import Caller
from gateway.domain.receipts import Verdict, Verified

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NAMES = {
    "id": "Biên nhận / receipt",
    "issuer": "Nút cấp / issuer",
    "code": "Mã văn bản / document code",
    "document_id": "Định danh / identifier",
    "from": "Bên gửi / from",
    "to": "Bên nhận / to",
    "event": "Sự kiện / event",
    "note": "Ghi chú / note",
    "at": "Thời điểm thực / at",
    "legal_at": "Thời điểm pháp lý / legal time",
    "signer": "Người ký / signer",
    "stamped_at": "Dấu thời gian / stamped",
}
_COLUMNS = {key: _NAMES[key] for key in ("id", "code", "to", "event", "at", "legal_at")}
_VERDICTS = {
    True: "HỢP LỆ: nút đã cấp biên nhận này, nội dung không bị sửa. / VALID: issued by the node "
    "that is trusted, and unchanged.",
    False: "KHÔNG HỢP LỆ / INVALID",
}


@click.group()
def receipt() -> None:
    """Verify receipts offline, and renew the key that signs them."""


@receipt.command()
@click.argument("file", type=_FILE)
@click.argument("more", nargs=-1, type=_FILE, metavar="")
@click.option(
    "--document", "documents", multiple=True, type=_FILE, help="An attachment to compare."
)
@click.option(
    "--trust",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Certificate of the node, of its authority or of time stamps, or a folder of them.",
)
@click.option("--complete", is_flag=True, help="FILE must hold every receipt of its documents.")
@format_option(TABLE, JSON)
@config_option
@click.pass_context
def verify(
    ctx: click.Context,
    *,
    file: Path,
    more: tuple[Path, ...],
    documents: tuple[Path, ...],
    trust: tuple[Path, ...],
    complete: bool,
    how: str,
    config_file: Path,
) -> None:
    """Verify the receipts of FILE with nothing but the certificates that are trusted.

    FILE holds a receipt (JWS), several of them one a line, or what the REST API answered. Nothing
    is asked of any node. Without --trust, the configuration names the certificates: the node's
    own, its former ones, its peers'. Files behind a --document are documents, too.
    """
    if more and not documents:
        raise click.UsageError("several files: name documents with --document")
    if not trust and not config_file.exists():
        raise click.UsageError("name the certificate of the node with --trust")
    with working("verifying …"):
        verdict = verify_receipts(
            file,
            trust=trust,
            config=None if trust else load(config_file),
            documents=(*documents, *more),
            must_be_complete=complete,
        )
    if how == JSON:
        show_json(_as_json(file, verdict))
    else:
        _show(verdict)
    if not verdict.is_valid:
        ctx.exit(1)


@receipt.command("new-key")
@format_option(TABLE, JSON)
@config_option
def new_key(how: str, config_file: Path) -> None:
    """Make the next signing key with its certificate, and say how to put it into use.

    The present key signs until the configuration names the new one and the node starts again;
    what waits for its signature by now is signed with it, for the new certificate begins today.
    """
    on_node(config_file, _seal)
    made = make_next_key(load(config_file))
    show_record(made, how)
    if how == TABLE:
        click.echo("Put these three keys into [keys], then start the node again.", err=True)


async def _seal(node: Gateway, _operator: Caller) -> None:
    await node.sealing.seal()


def _as_json(file: Path, verdict: Verdict) -> dict[str, object]:
    return {
        "file": str(file),
        "verdict": "valid" if verdict.is_valid else "invalid",
        "receipts": [_record(each) for each in verdict.receipts],
        "findings": [msgspec.to_builtins(each) for each in verdict.findings],
    }


def _record(each: Verified) -> dict[str, object]:
    """Return what a receipt says, and who says it; nulls where the signature does not hold."""
    said = {} if each.said is None else msgspec.to_builtins(each.said)
    return {
        **said,
        "valid": each.said is not None,
        "digest": each.digest,
        "signer": each.signer,
        "serial": each.serial,
        "stamped_at": each.stamped_at,
    }


def _show(verdict: Verdict) -> None:
    known = [_record(each) for each in verdict.receipts if each.said is not None]
    if len(known) == 1:
        show_record({key: known[0][key] for key in _NAMES}, TABLE, names=_NAMES)
        rows = [(part["n"], part["name"], part["sha256"]) for part in known[0]["attachments"]]  # type: ignore[attr-defined]
        show_table(["", "Tệp đính kèm / attachment", "SHA-256"], rows)
    elif known:
        show_list(known, _COLUMNS, TABLE)
    show_findings(verdict.findings)
    click.echo(_VERDICTS[verdict.is_valid])
