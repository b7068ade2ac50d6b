"""`gateway client`: credentials of office systems and of administrators' programs."""

from pathlib import Path

import click

from gateway.bootstrap.gateway import Gateway
from gateway.cli.node import on_node
from gateway.cli.options import config_option, format_option
from gateway.cli.output import TABLE, show_list, show_record
from gateway.domain.exchange import Caller, Client, Role
from gateway.domain.wire import HeldCode
from gateway.pipeline.clients import PROGRAM_ROLES, Credential

_COLUMNS = {
    "id": "Id",
    "agency": "Cơ quan / agency",
    "name": "Tên / name",
    "role": "Vai trò / role",
    "systemid": "systemid",
    "created_at": "Cấp lúc / given",
    "revoked_at": "Thu hồi lúc / revoked",
}


@click.group()
def client() -> None:
    """Give, list, turn and revoke credentials, and grant codes to VXP systems."""


@client.command()
@click.argument("agency")
@click.option("--name", required=True, help="What the credential is for; need not be unique.")
@click.option(
    "--role",
    type=click.Choice([role.value for role in PROGRAM_ROLES]),
    default=Role.OFFICE.value,
    show_default=True,
    help="What its program may do.",
)
@click.option("--decision", help="Reference of the decision it rests on.")
@format_option()
@config_option
def add(
    agency: str, name: str, role: str, decision: str | None, how: str, config_file: Path
) -> None:
    """Give AGENCY a credential; token and secret are shown once."""

    async def work(gateway: Gateway, caller: Caller) -> Credential:
        return await gateway.credentials.add(
            agency, caller, name=name, role=Role(role), decision=decision
        )

    _show_once(on_node(config_file, work), how)


@client.command("list")
@click.option("--all/--valid", "revoked_too", default=True, help="Revoked ones too, or not.")
@format_option()
@config_option
def list_clients(*, revoked_too: bool, how: str, config_file: Path) -> None:
    """List the credentials, never their tokens."""

    async def work(gateway: Gateway, caller: Caller) -> list[dict[str, object]]:
        return [
            {
                "id": each.id,
                "agency": each.agency,
                "name": each.name,
                "role": each.role.value,
                "systemid": each.systemid,
                "created_at": each.created_at.astimezone(gateway.zone).isoformat(),
                "revoked_at": None
                if each.revoked_at is None
                else each.revoked_at.astimezone(gateway.zone).isoformat(),
                "decision": each.decision,
            }
            for each in await gateway.credentials.listing()
            if revoked_too or each.revoked_at is None
        ]

    show_list(on_node(config_file, work), _COLUMNS, how)


@client.command()
@click.argument("id_", metavar="ID")
@format_option()
@config_option
def revoke(id_: str, how: str, config_file: Path) -> None:
    """Make the credential ID worthless, at once and for good."""

    async def work(gateway: Gateway, caller: Caller) -> Client:
        return await gateway.credentials.revoke(id_, caller)

    revoked = on_node(config_file, work)
    at = revoked.revoked_at.isoformat() if revoked.revoked_at else None
    show_record({"id": revoked.id, "agency": revoked.agency, "revoked_at": at}, how)


@client.command()
@click.argument("id_", metavar="ID")
@format_option()
@config_option
def rotate(id_: str, how: str, config_file: Path) -> None:
    """Give the credential ID a new token and secret; the old ones are dead at once."""

    async def work(gateway: Gateway, caller: Caller) -> Credential:
        return await gateway.credentials.rotate(id_, caller)

    _show_once(on_node(config_file, work), how)


@client.command()
@click.argument("id_", metavar="ID")
@click.argument("code")
@format_option()
@config_option
def grant(id_: str, code: str, how: str, config_file: Path) -> None:
    """Let the VXP system of the credential ID speak for the agency CODE, too."""

    async def work(gateway: Gateway, caller: Caller) -> HeldCode:
        return await gateway.systems.grant(id_, code, caller)

    _show_held(on_node(config_file, work), how)


@client.command()
@click.argument("id_", metavar="ID")
@click.argument("code")
@format_option()
@config_option
def withdraw(id_: str, code: str, how: str, config_file: Path) -> None:
    """Take the agency CODE from the VXP system of the credential ID."""

    async def work(gateway: Gateway, caller: Caller) -> HeldCode:
        return await gateway.systems.withdraw(id_, code, caller)

    _show_held(on_node(config_file, work), how)


def _show_held(held: HeldCode, how: str) -> None:
    shown = {"id": held.client, "code": held.code, "written": held.written}
    show_record(shown, how)


def _show_once(credential: Credential, how: str) -> None:
    shown = {
        "id": credential.client.id,
        "agency": credential.client.agency,
        "token": credential.token,
        "systemid": credential.client.systemid,
        "secret": credential.secret,
    }
    show_record(shown, how)
    if how == TABLE:
        click.echo("Chỉ hiển thị một lần / shown once: keep token and secret now.", err=True)
