"""`gateway queue`: what waits to be handed over, and what failed for good."""

from pathlib import Path

import click

from gateway.bootstrap.gateway import Gateway
from gateway.cli.node import on_node
from gateway.cli.options import config_option, format_option
from gateway.cli.output import show_list, show_record
from gateway.domain.exchange import Caller
from gateway.pipeline.queue import Queued
from gateway.web.queue_entries import queue_entry

_COLUMNS = {
    "id": "Số / id",
    "kind": "Loại / kind",
    "lane": "Nơi đến / destination",
    "to": "Bên nhận / to",
    "state": "Trạng thái / state",
    "attempts": "Lần gửi / attempts",
    "due_at": "Gửi lại lúc / due",
    "last_error": "Lỗi / last error",
}


@click.group()
def queue() -> None:
    """See and mend deliveries that wait or failed for good."""


@queue.command("list")
@click.option("--limit", type=click.IntRange(1, 100_000), default=500, show_default=True)
@format_option()
@config_option
def list_queue(limit: int, how: str, config_file: Path) -> None:
    """List what waits, oldest first."""

    async def work(gateway: Gateway, caller: Caller) -> list[dict[str, object]]:
        return [_record(gateway, each) for each in await gateway.queue.listing(limit=limit)]

    show_list(on_node(config_file, work), _COLUMNS, how)


@queue.command()
@click.argument("id_", metavar="ID", type=int)
@format_option()
@config_option
def show(id_: int, how: str, config_file: Path) -> None:
    """Show the entry ID with its delivery and destination."""

    async def work(gateway: Gateway, caller: Caller) -> dict[str, object]:
        return _record(gateway, await gateway.queue.show(id_))

    show_record(on_node(config_file, work), how)


@queue.command()
@click.argument("ids", metavar="[ID...]", type=int, nargs=-1)
@click.option("--destination", metavar="LANE", help="All that waits for it, such as axis:truc.")
@config_option
def retry(ids: tuple[int, ...], destination: str | None, config_file: Path) -> None:
    """Try the entries ID, or all that waits for a destination, again now."""
    if bool(ids) == bool(destination):
        raise click.UsageError("name entries, or a --destination")

    async def work(gateway: Gateway, caller: Caller) -> int:
        if destination:
            return await gateway.queue.retry_lane(destination, caller)
        for each in ids:
            await gateway.queue.retry(each, caller)
        return len(ids)

    click.echo(f"tried now: {on_node(config_file, work)}")


@queue.command()
@click.argument("ids", metavar="ID...", type=int, nargs=-1, required=True)
@click.option("--note", help="Why; the sender reads it.")
@config_option
def drop(ids: tuple[int, ...], note: str | None, config_file: Path) -> None:
    """Give the entries ID up: their deliveries are cancelled."""

    async def work(gateway: Gateway, caller: Caller) -> None:
        for each in ids:
            await gateway.queue.drop(each, caller, note=note)

    on_node(config_file, work)


def _record(gateway: Gateway, queued: Queued) -> dict[str, object]:
    return queue_entry(queued, now=gateway.clock.now(), zone=gateway.zone)
