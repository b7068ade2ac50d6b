"""`gateway retention`: what the rules would remove, removing it, and verifying archive packages."""

from pathlib import Path

import click
import msgspec

from gateway.bootstrap.gateway import Gateway
from gateway.bootstrap.packages import package_faults, statement_of
from gateway.bootstrap.receipts import trusted
from gateway.bootstrap.retention import retention_of
from gateway.cli.node import config_here, on_node
from gateway.cli.options import config_option, format_option
from gateway.cli.output import JSON, TABLE, counting, show_findings, show_json, show_list
from gateway.domain.errors import Refused
from gateway.domain.exchange import Caller
from gateway.domain.retention import Due
from gateway.pipeline.retention import Outcome
from gateway.web.representation import Representation

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_COLUMNS = {
    "id": "Định danh / id",
    "code": "Mã văn bản / code",
    "from": "Bên gửi / from",
    "type": "Loại / type",
    "state": "Trạng thái / state",
    "since": "Từ / since",
    "rule": "Quy tắc / rule",
    "action": "Xử lý / action",
    "decision": "Quyết định / decision",
    "files": "Tệp / files",
    "size": "Dung lượng / bytes",
}


@click.group()
def retention() -> None:
    """Remove or archive the content of old documents by the rules of [[removal]].

    Message and files go; data, receipts and audit records stay.
    """


@retention.command()
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@format_option()
@config_option
def plan(*, as_json: bool, how: str, config_file: Path) -> None:
    """List what would go now, oldest first; nothing is changed."""

    async def work(gateway: Gateway, _: Caller) -> list[dict[str, object]]:
        represent = Representation(gateway.zone)
        room = retention_of(gateway, represent)
        batches = room.plan(gateway.clock.now())
        return [_line(each, represent) async for batch in batches for each in batch]

    show_list(on_node(config_file, work), _COLUMNS, JSON if as_json else how)


@retention.command()
@format_option(TABLE, JSON)
@config_option
@click.pass_context
def run(ctx: click.Context, *, how: str, config_file: Path) -> None:
    """Archive and remove now what `gateway retention plan` lists.

    Packages are written to [retention] folder and verified before anything is removed. The exit
    status is 1 when some content could not be archived: it stays.
    """

    async def work(gateway: Gateway, caller: Caller) -> Outcome:
        room = retention_of(gateway, Representation(gateway.zone))
        with counting("Đã xóa nội dung / content removed") as tell:
            return await room.carry_out(caller, now=gateway.clock.now(), progress=tell)

    outcome = on_node(config_file, work)
    if how == JSON:
        failed = [{"document": id_, "reason": why} for id_, why in outcome.failed]
        show_json({"removed": outcome.removed, "archived": outcome.archived, "failed": failed})
    else:
        click.echo(
            f"Đã xóa nội dung / content removed: {outcome.removed} "
            f"(lưu trữ trước / archived before: {outcome.archived})"
        )
        for id_, why in outcome.failed:
            click.echo(f"Giữ lại / kept: {id_}: {why}")
    ctx.exit(1 if outcome.failed else 0)


@retention.command()
@click.argument("files", nargs=-1, required=True, type=_FILE, metavar="FILE...")
@click.option(
    "--trust",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Certificate of the node, or a folder of them.  [default: those of the node here]",
)
@format_option(TABLE, JSON)
@config_option
@click.pass_context
def verify(
    ctx: click.Context,
    *,
    files: tuple[Path, ...],
    trust: tuple[Path, ...],
    how: str,
    config_file: Path,
) -> None:
    """Verify archive packages, without the node that wrote them.

    Signature, manifest, and every file by its digest. The exit status is 1 when anything is wrong.
    """
    config = None if trust else config_here(ctx, config_file)
    if config is None and not trust:
        raise Refused("name the certificate of the node by --trust, or its settings by --config")
    anchors = trusted(trust, config)
    wrong = False
    for file in files:
        findings = package_faults(file, anchors)
        wrong = wrong or bool(findings)
        said = None if findings else statement_of(file, anchors)
        if how == JSON:
            show_json(
                {
                    "file": str(file),
                    "valid": not findings,
                    "package": msgspec.to_builtins(said),
                    "findings": msgspec.to_builtins(findings),
                }
            )
        elif said is None:
            click.echo(f"{file}: BỊ HỎNG HOẶC BỊ SỬA / DAMAGED OR CHANGED")
            show_findings(findings)
        else:
            click.echo(f"{file}: NGUYÊN VẸN / INTACT: {said.code or said.document} ({said.at})")
    ctx.exit(1 if wrong else 0)


def _line(due: Due, represent: Representation) -> dict[str, object]:
    document = due.document
    return {
        "id": document.id,
        "code": document.code,
        "from": document.sender,
        "type": document.metadata.type,
        "state": document.state.value,
        "since": represent.instant(due.since),
        "rule": due.rule.name,
        "action": due.rule.action.value,
        "decision": due.rule.decision,
        "files": len(document.attachments),
        "size": (document.size or 0)
        if document.envelope
        else sum(each.size for each in document.attachments),
    }
