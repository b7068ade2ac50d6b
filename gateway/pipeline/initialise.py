"""The beginning of a node: its root agency and its first administrator, in one commit."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo

from gateway.domain import directory_plan
from gateway.domain.accounts import Account, Grant
from gateway.domain.directory import Directory
from gateway.domain.errors import Conflict
from gateway.domain.exchange import AuditEntry, Caller, Role
from gateway.pipeline.agencies import record_changes
from gateway.ports import Clock, Store, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Founded:
    """The first administrator; the password is shown once and never again."""

    user_name: str
    one_time_password: str


async def initialise(
    *,
    code: str,
    name: str,
    caller: Caller,
    store: Store,
    clock: Clock,
    zone: tzinfo,
    new_password: Callable[[], str],
    hash_password: Callable[[str], str],
) -> Founded:
    """Enter the node's *code* as root agency and make its first administrator.

    Raises:
        Refused: *code* or *name* cannot be those of an agency; findings say why.
        Conflict: the node has agencies already.
    """
    now, password = clock.now(), new_password()
    password_hash = await asyncio.to_thread(hash_password, password)
    administrator = _administrator(code, caller, now, password_hash)

    def unit(tx: Transaction) -> None:
        if tx.directory.all():
            raise Conflict("the node has its root agency already")
        nothing = Directory()
        day = now.astimezone(zone).date()
        root = directory_plan.add(nothing, name=name, on=day, code=code, allow_gap=True)
        record_changes(tx, nothing, [root], operation="init", caller=caller, at=now)
        tx.accounts.add(administrator)
        tx.audit.append(_account_added(administrator, caller, now))

    await store.write(unit)
    return Founded(user_name=administrator.user_name, one_time_password=password)


def _administrator(code: str, caller: Caller, now: datetime, password_hash: str) -> Account:
    grant = Grant(
        agency=code,
        role=Role.ADMIN,
        by=caller.actor,
        at=now,
        approved_by=caller.actor,
        approved_at=now,
    )
    return Account(
        user_name=f"quantri.{code.lower()}",
        name="Quản trị viên",
        agency=code,
        state_at=now,
        state_by=caller.actor,
        password_hash=password_hash,
        issued_at=now,
        grants=(grant,),
        created_at=now,
    )


def _account_added(account: Account, caller: Caller, at: datetime) -> AuditEntry:
    return AuditEntry(
        at=at,
        actor=caller.actor,
        address=caller.address,
        action="changed",
        about=account.actor,
        data={
            "operation": "account-added",
            "agency": account.agency,
            "role": Role.ADMIN.value,
            "for": account.agency,
        },
    )
