"""`gateway account`: people, their roles and what shuts and opens their accounts."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import click

from gateway.bootstrap.gateway import Gateway
from gateway.cli.node import on_node
from gateway.cli.options import config_option, format_option
from gateway.cli.output import TABLE, show_list, show_record
from gateway.domain.accounts import PERSON_ROLES, Account, due
from gateway.domain.exchange import Caller, Role
from gateway.pipeline.accounts import Issued

_COLUMNS = {
    "user_name": "Tên tài khoản / user name",
    "name": "Họ và tên / name",
    "agency": "Cơ quan / agency",
    "roles": "Vai trò / roles",
    "state": "Trạng thái / state",
    "why": "Lý do / why",
    "signed_in_at": "Đăng nhập / signed in",
    "due": "Sắp đến / due",
}

_role_option = click.option(
    "--role",
    type=click.Choice([role.value for role in PERSON_ROLES]),
    required=True,
    help="What the person may do for the agency.",
)
_decision_option = click.option(
    "--decision", help="Number and notation of the decision or request, or the reason."
)


@click.group()
def account() -> None:
    """Give, list, lock, unlock, reset and revoke the accounts of people."""


@account.command()
@click.option("--name", required=True, help="Full name with its accents; makes the user name.")
@click.option("--agency", required=True, help="Code of the agency where the person works.")
@_role_option
@click.option("--user-name", "chosen", help="Another user name, for people of equal names.")
@_decision_option
@format_option()
@config_option
def add(
    name: str,
    agency: str,
    role: str,
    chosen: str | None,
    decision: str | None,
    how: str,
    config_file: Path,
) -> None:
    """Give a person an account; the one-time password is shown once."""

    async def work(gateway: Gateway, caller: Caller) -> Issued:
        return await gateway.people.accounts.add(
            caller, name=name, agency=agency, role=Role(role), chosen=chosen, decision=decision
        )

    _show_once(on_node(config_file, work), how)


@account.command("list")
@click.option("--agency", help="Only of this agency.")
@format_option()
@config_option
def list_accounts(*, agency: str | None, how: str, config_file: Path) -> None:
    """List the accounts, never their secrets."""

    async def work(gateway: Gateway, caller: Caller) -> list[dict[str, object]]:
        accounts = await gateway.people.accounts.listing(caller)
        return [_shown(each, gateway) for each in accounts if agency in {None, each.agency}]

    show_list(on_node(config_file, work), _COLUMNS, how)


@account.command()
@click.argument("user_name")
@_decision_option
@format_option()
@config_option
def lock(user_name: str, decision: str | None, how: str, config_file: Path) -> None:
    """Lock an account at the request of its agency; its sessions end."""

    async def work(gateway: Gateway, caller: Caller) -> Account:
        return await gateway.people.accounts.lock(user_name, caller, decision=decision)

    _show_changed(config_file, work, how)


@account.command()
@click.argument("user_name")
@_decision_option
@format_option()
@config_option
def unlock(user_name: str, decision: str | None, how: str, config_file: Path) -> None:
    """Open an account again, whatever shut it; this always works."""

    async def work(gateway: Gateway, caller: Caller) -> Account:
        return await gateway.people.accounts.unlock(user_name, caller, decision=decision)

    _show_changed(config_file, work, how)


@account.command()
@click.argument("user_name")
@_decision_option
@format_option()
@config_option
def revoke(user_name: str, decision: str | None, how: str, config_file: Path) -> None:
    """Revoke an account; its sessions end."""

    async def work(gateway: Gateway, caller: Caller) -> Account:
        return await gateway.people.accounts.revoke(user_name, caller, decision=decision)

    _show_changed(config_file, work, how)


@account.command()
@click.argument("user_name")
@click.argument("address", default="")
@format_option()
@config_option
def mail(user_name: str, address: str, how: str, config_file: Path) -> None:
    """Let notices of incidents and maintenance reach a person at ADDRESS; without one no more."""

    async def work(gateway: Gateway, caller: Caller) -> Account:
        return await gateway.people.accounts.write_to(user_name, caller, address=address)

    _show_changed(config_file, work, how)


@account.command()
@click.argument("user_name")
@click.option("--second-factor", is_flag=True, help="Remove the second factor, too.")
@format_option()
@config_option
def reset(user_name: str, *, second_factor: bool, how: str, config_file: Path) -> None:
    """Give an account a new one-time password, which is shown once."""

    async def work(gateway: Gateway, caller: Caller) -> Issued:
        return await gateway.people.accounts.reset(user_name, caller, second_factor=second_factor)

    _show_once(on_node(config_file, work), how)


@account.command()
@click.argument("user_name")
@click.option("--agency", required=True, help="Code of the agency that the role is for.")
@_role_option
@_decision_option
@format_option()
@config_option
def grant(
    user_name: str, agency: str, role: str, decision: str | None, how: str, config_file: Path
) -> None:
    """Give an account a role, also for another agency."""

    async def work(gateway: Gateway, caller: Caller) -> Account:
        return await gateway.people.rights.grant(
            user_name, caller, agency=agency, role=Role(role), decision=decision
        )

    _show_changed(config_file, work, how)


@account.command("end-grant")
@click.argument("user_name")
@click.option("--agency", required=True, help="Code of the agency that the role is for.")
@_role_option
@_decision_option
@format_option()
@config_option
def end_grant(
    user_name: str, agency: str, role: str, decision: str | None, how: str, config_file: Path
) -> None:
    """Take a role from an account."""

    async def work(gateway: Gateway, caller: Caller) -> Account:
        return await gateway.people.rights.end_grant(
            user_name, caller, agency=agency, role=Role(role), decision=decision
        )

    _show_changed(config_file, work, how)


@account.command()
@click.argument("user_name")
@format_option()
@config_option
def approve(user_name: str, how: str, config_file: Path) -> None:
    """Approve, as the second person, the rights that wait."""

    async def work(gateway: Gateway, caller: Caller) -> Account:
        return await gateway.people.rights.approve(user_name, caller)

    _show_changed(config_file, work, how)


@account.command()
@click.argument("user_name")
@click.option("--receiver", required=True, help="User name of the head of the unit.")
@click.option("--decision", required=True, help="Number and notation of the decision.")
@click.option("--agency", help="Where the person goes on; without it the account is locked.")
@click.option(
    "--role",
    type=click.Choice([role.value for role in PERSON_ROLES]),
    help="The role there; needed with --agency.",
)
@format_option()
@config_option
def transfer(
    user_name: str,
    receiver: str,
    decision: str,
    agency: str | None,
    role: str | None,
    how: str,
    config_file: Path,
) -> None:
    """Hand the duties of a person who changes place over to the head of the unit."""

    async def work(gateway: Gateway, caller: Caller) -> Account:
        return await gateway.people.rights.transfer(
            user_name,
            caller,
            receiver=receiver,
            decision=decision,
            agency=agency,
            role=Role(role) if role else None,
        )

    _show_changed(config_file, work, how)


def _show_changed(
    config_file: Path, work: Callable[[Gateway, Caller], Awaitable[Account]], how: str
) -> None:
    async def shown(gateway: Gateway, caller: Caller) -> dict[str, object]:
        return _shown(await work(gateway, caller), gateway)

    show_record(on_node(config_file, shown), how)


def _show_once(issued: Issued, how: str) -> None:
    shown = {
        "user_name": issued.account.user_name,
        "one_time_password": issued.one_time_password,
    }
    show_record(shown, how)
    if how == TABLE:
        click.echo("Chỉ hiển thị một lần / shown once: hand it over in person.", err=True)


def _shown(account: Account, gateway: Gateway) -> dict[str, object]:
    zone, coming = gateway.zone, due(account, gateway.people.accounts.keeping.policy)
    seen = account.signed_in_at
    return {
        "user_name": account.user_name,
        "name": account.name,
        "agency": account.agency,
        "roles": [
            f"{each.role.value}@{each.agency}" + ("?" if each.waits else "")
            for each in account.grants
            if not each.ended_at
        ],
        "state": account.state.value,
        "why": account.why.value if account.why else None,
        "decision": account.decision,
        "must_change": account.must_change,
        "second_factor": account.totp is not None,
        "mail": account.mail or None,
        "created_at": account.created_at.astimezone(zone).isoformat(),
        "signed_in_at": seen and seen.astimezone(zone).isoformat(),
        "due": coming
        and f"{coming.state.value} {coming.at.astimezone(zone):%Y-%m-%d} ({coming.why.value})",
    }
