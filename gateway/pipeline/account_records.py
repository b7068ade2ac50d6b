"""What every change of an account leaves behind: an audit record, and word to whom it concerns."""

from collections.abc import Mapping
from datetime import datetime

from gateway.domain.accounts import Account, AccountPolicy, aged, is_last_admin
from gateway.domain.errors import NotFound
from gateway.domain.exchange import AuditEntry, Caller, Role
from gateway.domain.sessions import AccountNotice
from gateway.ports import Transaction


def find_account(tx: Transaction, user_name: str) -> Account:
    """Return an account; raise NotFound."""
    found = tx.accounts.find(user_name.strip().lower())
    if found is None:
        raise NotFound(f"there is no account {user_name[:64]!r}")
    return found


def last_admin(
    tx: Transaction, account: Account, *, policy: AccountPolicy, root: str, now: datetime
) -> bool:
    """Whether *account* alone administers the node *root* at *now*."""
    if Role.ADMIN not in account.roles(root):
        return False
    return is_last_admin(account, tx.accounts.all(), root, policy, now)


def as_of(
    tx: Transaction, account: Account, *, policy: AccountPolicy, root: str, now: datetime
) -> Account:
    """Return *account* as time has made it by *now*."""
    last = last_admin(tx, account, policy=policy, root=root, now=now)
    return aged(account, policy, now=now, last_admin=last)


def audit_account(
    tx: Transaction,
    account: Account,
    caller: Caller,
    *,
    at: datetime,
    operation: str,
    action: str = "changed",
    about: Mapping[str, str | None] | None = None,
) -> None:
    """Write who did what to *account*; secrets are never in *about*."""
    told = {key: value for key, value in (about or {}).items() if value is not None}
    tx.audit.append(
        AuditEntry(
            at=at,
            actor=caller.actor,
            address=caller.address,
            action=action,
            about=account.actor,
            data={"operation": operation, "agency": account.agency, **told},
        )
    )


def tell(
    tx: Transaction,
    account: Account,
    caller: Caller,
    *,
    at: datetime,
    kind: str,
    about: Mapping[str, str | None] | None = None,
) -> None:
    """Tell the owner and the other administrators of a change (NĐ 30/2020 Annex VI III.3c)."""
    told = {key: value for key, value in (about or {}).items() if value is not None}
    told |= {"account": account.user_name, "name": account.name, "by": caller.actor}
    admins = {
        each.user_name
        for each in tx.accounts.all()
        if any(grant.role is Role.ADMIN for grant in each.in_force)
    }
    for user_name in sorted(admins | {account.user_name}):
        if f"account:{user_name}" != caller.actor:
            tx.accounts.notify(AccountNotice(user_name=user_name, at=at, kind=kind, data=told))
