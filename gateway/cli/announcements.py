"""`gateway incident` and `gateway maintenance`: notices to every agency and whoever signs in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from gateway.bootstrap.gateway import Gateway
from gateway.cli.node import on_node
from gateway.cli.options import config_option, format_option, read_instant
from gateway.cli.output import show_list, show_record
from gateway.domain.announcements import (
    Announcement,
    AnnouncementKind,
    Changes,
    Severity,
    record,
)
from gateway.domain.exchange import Caller

F = TypeVar("F", bound=Callable[..., object])

_INCIDENT, _MAINTENANCE = AnnouncementKind.INCIDENT, AnnouncementKind.MAINTENANCE
_COLUMNS = {
    "id": "Số / id",
    "state": "Trạng thái / state",
    "severity": "Mức độ / severity",
    "text": "Nội dung / text",
    "begins_at": "Từ / from",
    "until": "Dự kiến xong / until",
    "acknowledged_by": "Tiếp nhận / acknowledged",
    "ended_at": "Kết thúc / ended",
    "note": "Ghi chú / note",
}
_MAIL_COLUMNS = {
    "recipient": "Người nhận / recipient",
    "telling": "Thông báo / notice",
    "state": "Trạng thái / state",
    "attempts": "Lần / attempts",
    "sent_at": "Đã gửi / sent",
    "last_error": "Lỗi / error",
}


def _instant(ctx: click.Context, parameter: click.Parameter, value: str | None) -> datetime | None:
    if value is None:
        return None
    try:
        return read_instant(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


_severity = click.option(
    "--severity", type=click.Choice([each.value for each in Severity]), help="How grave it is."
)
_limit = click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
_id = click.argument("id_", metavar="ID", type=int)


def _said(command: F) -> F:
    """Add what a notice says beside its text and its beginning."""
    for option in (
        click.option("--afterwards-en", help="The same in English."),
        click.option("--meanwhile-en", help="The same in English."),
        click.option("--afterwards", help="How documents are entered when work goes on."),
        click.option("--meanwhile", help="What users do in the meantime."),
        click.option("--text-en", help="The text in English."),
    ):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """The commands that incidents and maintenance share."""

    kind: AnnouncementKind
    group: click.Group

    def add(self, ending: str, about: str) -> None:
        """Add `change`, *ending*, `list` and `mails` to the group."""
        self._change()
        self._ending(ending, about)
        self._list()
        self._mails()

    def _change(self) -> None:
        @self.group.command("change")
        @_id
        @click.option("--text", help="What happened, or will be done.")
        @click.option("--from", "begins", callback=_instant, help="Beginning (ISO 8601).")
        @click.option("--until", callback=_instant, help="Expected end (ISO 8601).")
        @_severity
        @_said
        @format_option()
        @config_option
        def change(
            id_: int,
            begins: datetime | None,
            severity: str | None,
            how: str,
            config_file: Path,
            **said: Any,  # noqa: ANN401 - texts and an instant, by the names of their fields
        ) -> None:
            """Tell something of the notice ID otherwise; everybody is told."""
            changes = Changes(
                begins_at=begins, severity=Severity(severity) if severity else None, **said
            )

            async def work(gateway: Gateway, caller: Caller) -> Announcement:
                room = gateway.announcing.announcements
                return await room.change(id_, changes, caller, kind=self.kind)

            _show(config_file, how, work)

    def _ending(self, name: str, about: str) -> None:
        @self.group.command(name, help=about)
        @_id
        @click.option("--note", default="", help="How it ended, or why.")
        @format_option()
        @config_option
        def end(id_: int, note: str, how: str, config_file: Path) -> None:
            async def work(gateway: Gateway, caller: Caller) -> Announcement:
                room = gateway.announcing.announcements
                return await room.end(id_, caller, kind=self.kind, note=note)

            _show(config_file, how, work)

    def _list(self) -> None:
        @self.group.command("list")
        @_limit
        @format_option()
        @config_option
        def listing(limit: int, how: str, config_file: Path) -> None:
            """List them, newest first."""

            async def work(gateway: Gateway, caller: Caller) -> list[dict[str, object]]:
                room = gateway.announcing.announcements
                listed = await room.listing(self.kind, limit=limit)
                return [_record(gateway, each) for each in listed]

            columns = {
                key: head
                for key, head in _COLUMNS.items()
                if self.kind is _INCIDENT or key not in {"severity", "acknowledged_by"}
            }
            show_list(on_node(config_file, work), columns, how)

    def _mails(self) -> None:
        @self.group.command("mails")
        @_id
        @_limit
        @format_option()
        @config_option
        def mails(id_: int, limit: int, how: str, config_file: Path) -> None:
            """List the mails about the notice ID and what became of each."""

            async def work(gateway: Gateway, caller: Caller) -> list[dict[str, object]]:
                room = gateway.announcing.announcements
                found = await room.mails(id_, caller, limit=limit)
                return [
                    {
                        "recipient": each.recipient,
                        "telling": each.telling,
                        "state": each.state,
                        "attempts": each.attempts,
                        "sent_at": each.sent_at
                        and each.sent_at.astimezone(gateway.zone).isoformat(),
                        "last_error": each.last_error,
                    }
                    for each in found
                ]

            show_list(on_node(config_file, work), _MAIL_COLUMNS, how)


@click.group()
def incident() -> None:
    """Tell every agency of an outage, until it is over."""


@incident.command("open")
@click.argument("text")
@click.option("--from", "begins", callback=_instant, help="Since when (ISO 8601).  [default: now]")
@click.option("--until", callback=_instant, help="When work is expected to go on (ISO 8601).")
@_severity
@_said
@format_option()
@config_option
def open_incident(
    *,
    severity: str | None,
    how: str,
    config_file: Path,
    **said: Any,  # noqa: ANN401 - see `_publish`
) -> None:
    """Open an incident: TEXT says what happened."""
    _publish(_INCIDENT, said, how, config_file, severity=severity)


@incident.command("acknowledge")
@_id
@format_option()
@config_option
def acknowledge_incident(id_: int, how: str, config_file: Path) -> None:
    """Take the incident ID on: no further contact is called."""

    async def work(gateway: Gateway, caller: Caller) -> Announcement:
        return await gateway.announcing.announcements.acknowledge(id_, caller)

    _show(config_file, how, work)


@click.group()
def maintenance() -> None:
    """Tell every agency of maintenance before it begins."""


@maintenance.command("plan")
@click.argument("text")
@click.option("--from", "begins", required=True, callback=_instant, help="Beginning (ISO 8601).")
@click.option("--until", required=True, callback=_instant, help="End (ISO 8601).")
@_said
@format_option()
@config_option
def plan_maintenance(*, how: str, config_file: Path, **said: Any) -> None:  # noqa: ANN401 - see `_publish`
    """Plan maintenance: TEXT says what will be done."""
    _publish(_MAINTENANCE, said, how, config_file)


_Group(kind=_INCIDENT, group=incident).add("close", "Close the incident ID.")
_Group(kind=_MAINTENANCE, group=maintenance).add(
    "cancel", "Cancel the maintenance ID, or end it early."
)


def _publish(
    kind: AnnouncementKind,
    said: dict[str, Any],
    how: str,
    config_file: Path,
    *,
    severity: str | None = None,
) -> None:
    """Tell everybody; *said* has texts, None for none, and the instants `begins` and `until`."""

    async def work(gateway: Gateway, caller: Caller) -> Announcement:
        now = gateway.clock.now()
        draft = Announcement(
            kind=kind,
            text=said["text"],
            text_en=said["text_en"] or "",
            meanwhile=said["meanwhile"] or "",
            afterwards=said["afterwards"] or "",
            meanwhile_en=said["meanwhile_en"] or "",
            afterwards_en=said["afterwards_en"] or "",
            begins_at=said["begins"] or now,
            until=said["until"],
            severity=Severity(severity or Severity.MAJOR),
            by=caller.actor,
            at=now,
        )
        return await gateway.announcing.announcements.publish(draft, caller)

    _show(config_file, how, work)


def _show(config_file: Path, how: str, work: Callable[[Gateway, Caller], Any]) -> None:
    """Do *work* and show the notice that it returns."""

    async def shown(gateway: Gateway, caller: Caller) -> dict[str, object]:
        return _record(gateway, await work(gateway, caller))

    show_record(on_node(config_file, shown), how)


def _record(gateway: Gateway, announcement: Announcement) -> dict[str, object]:
    now = gateway.clock.now()
    return dict(record(announcement, zone=gateway.zone, now=now, names=True))
