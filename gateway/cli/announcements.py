"""`gateway incident` and `gateway maintenance`: notices to everybody who signs in."""

from datetime import datetime
from pathlib import Path

import click

from gateway.bootstrap.gateway import Gateway
from gateway.cli.node import on_node
from gateway.cli.options import config_option, format_option, read_instant
from gateway.cli.output import show_list, show_record
from gateway.domain.announcements import Announcement, AnnouncementKind
from gateway.domain.exchange import Caller

_COLUMNS = {
    "id": "Số / id",
    "state": "Trạng thái / state",
    "text": "Nội dung / text",
    "begins_at": "Từ / from",
    "until": "Dự kiến xong / until",
    "ended_at": "Kết thúc / ended",
    "note": "Ghi chú / note",
}


def _instant(ctx: click.Context, parameter: click.Parameter, value: str | None) -> datetime | None:
    if value is None:
        return None
    try:
        return read_instant(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


_english = click.option("--text-en", default="", help="The text in English.")
_meanwhile = click.option("--meanwhile", default="", help="What users do in the meantime.")
_afterwards = click.option(
    "--afterwards", default="", help="How documents are entered when work goes on."
)
_limit = click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)


@click.group()
def incident() -> None:
    """Tell everybody of an outage, until it is over."""


@incident.command("open")
@click.argument("text")
@click.option("--from", "begins", callback=_instant, help="Since when (ISO 8601).  [default: now]")
@click.option("--until", callback=_instant, help="When work is expected to go on (ISO 8601).")
@_english
@_meanwhile
@_afterwards
@format_option()
@config_option
def open_incident(
    *,
    text: str,
    begins: datetime | None,
    until: datetime | None,
    text_en: str,
    meanwhile: str,
    afterwards: str,
    how: str,
    config_file: Path,
) -> None:
    """Open an incident: TEXT says what happened."""
    parts = {"text": text, "text_en": text_en, "meanwhile": meanwhile, "afterwards": afterwards}
    _publish(AnnouncementKind.INCIDENT, parts, begins, until, how, config_file)


@incident.command("close")
@click.argument("id_", metavar="ID", type=int)
@click.option("--note", default="", help="How it ended.")
@format_option()
@config_option
def close_incident(id_: int, note: str, how: str, config_file: Path) -> None:
    """Close the incident ID."""
    _end(AnnouncementKind.INCIDENT, id_, note, how, config_file)


@incident.command("list")
@_limit
@format_option()
@config_option
def list_incidents(limit: int, how: str, config_file: Path) -> None:
    """List incidents, newest first."""
    _list(AnnouncementKind.INCIDENT, limit, how, config_file)


@click.group()
def maintenance() -> None:
    """Tell everybody of maintenance before it begins."""


@maintenance.command("plan")
@click.argument("text")
@click.option("--from", "begins", required=True, callback=_instant, help="Beginning (ISO 8601).")
@click.option("--until", required=True, callback=_instant, help="End (ISO 8601).")
@_english
@_meanwhile
@_afterwards
@format_option()
@config_option
def plan_maintenance(
    *,
    text: str,
    begins: datetime | None,
    until: datetime | None,
    text_en: str,
    meanwhile: str,
    afterwards: str,
    how: str,
    config_file: Path,
) -> None:
    """Plan maintenance: TEXT says what will be done."""
    parts = {"text": text, "text_en": text_en, "meanwhile": meanwhile, "afterwards": afterwards}
    _publish(AnnouncementKind.MAINTENANCE, parts, begins, until, how, config_file)


@maintenance.command("cancel")
@click.argument("id_", metavar="ID", type=int)
@click.option("--note", default="", help="Why.")
@format_option()
@config_option
def cancel_maintenance(id_: int, note: str, how: str, config_file: Path) -> None:
    """Cancel the maintenance ID, or end it early."""
    _end(AnnouncementKind.MAINTENANCE, id_, note, how, config_file)


@maintenance.command("list")
@_limit
@format_option()
@config_option
def list_maintenance(limit: int, how: str, config_file: Path) -> None:
    """List maintenance, newest first."""
    _list(AnnouncementKind.MAINTENANCE, limit, how, config_file)


def _publish(
    kind: AnnouncementKind,
    parts: dict[str, str],
    begins: datetime | None,
    until: datetime | None,
    how: str,
    config_file: Path,
) -> None:
    async def work(gateway: Gateway, caller: Caller) -> dict[str, object]:
        now = gateway.clock.now()
        draft = Announcement(
            kind=kind,
            text=parts["text"],
            text_en=parts["text_en"],
            meanwhile=parts["meanwhile"],
            afterwards=parts["afterwards"],
            begins_at=begins or now,
            until=until,
            by=caller.actor,
            at=now,
        )
        told = await gateway.administration.announcements.publish(draft, caller)
        return _record(gateway, told)

    show_record(on_node(config_file, work), how)


def _end(kind: AnnouncementKind, id_: int, note: str, how: str, config_file: Path) -> None:
    async def work(gateway: Gateway, caller: Caller) -> dict[str, object]:
        room = gateway.administration.announcements
        return _record(gateway, await room.end(id_, caller, kind=kind, note=note))

    show_record(on_node(config_file, work), how)


def _list(kind: AnnouncementKind, limit: int, how: str, config_file: Path) -> None:
    async def work(gateway: Gateway, caller: Caller) -> list[dict[str, object]]:
        listed = await gateway.administration.announcements.listing(kind, limit=limit)
        return [_record(gateway, each) for each in listed]

    show_list(on_node(config_file, work), _COLUMNS, how)


def _record(gateway: Gateway, announcement: Announcement) -> dict[str, object]:
    def said(at: datetime | None) -> str | None:
        return None if at is None else at.astimezone(gateway.zone).isoformat()

    return {
        "id": announcement.id,
        "kind": announcement.kind.value,
        "state": announcement.state(gateway.clock.now()).value,
        "text": announcement.text,
        "text_en": announcement.text_en,
        "begins_at": said(announcement.begins_at),
        "until": said(announcement.until),
        "meanwhile": announcement.meanwhile,
        "afterwards": announcement.afterwards,
        "by": announcement.by,
        "ended_at": said(announcement.ended_at),
        "note": announcement.note,
    }
