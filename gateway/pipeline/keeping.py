"""How accounts are kept: who may, over whom, by which decision, and what is told and recorded.

An administrator of an agency keeps the accounts of that agency and of those below it; the node's
own administrators keep all.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from gateway.domain.account_findings import MAIL_WRONG
from gateway.domain.accounts import Account, AccountPolicy, Grant
from gateway.domain.directory import Agency, Directory
from gateway.domain.directory_checks import open_agency, refuse
from gateway.domain.errors import Conflict, Forbidden, NotFound
from gateway.domain.exchange import Caller, Role
from gateway.domain.findings import Finding
from gateway.domain.mail import is_address
from gateway.domain.text import clean
from gateway.pipeline.account_records import as_of, audit_account, find_account, last_admin, tell
from gateway.ports import Clock, Store, Transaction

Change = Callable[[Transaction, Account, datetime], Account]

_LONGEST_DECISION = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """What every room of accounts shares."""

    store: Store
    clock: Clock
    zone: tzinfo
    root: str  #: code of the node
    policy: AccountPolicy

    async def change(
        self,
        name: str,
        caller: Caller,
        change: Change,
    ) -> Account:
        """Commit a *change* of the account *name*; raise NotFound, Forbidden or Conflict."""
        administrators_only(caller)
        now = self.clock.now()
        return await self.store.write(lambda tx: change(tx, self.find(tx, name, caller, now), now))

    async def change_other(
        self,
        name: str,
        caller: Caller,
        change: Change,
    ) -> Account:
        """Change an account; nobody changes the rights of one's own."""
        if caller.actor == f"account:{name.strip().lower()}":
            raise Forbidden("another administrator must do this to your own account")
        return await self.change(name, caller, change)

    def find(self, tx: Transaction, name: str, caller: Caller, now: datetime) -> Account:
        """Return an account as time has made it; raise NotFound for one *caller* keeps not."""
        account = find_account(tx, name)
        if not self.keeps(Directory(tx.directory.all()), caller, account):
            raise NotFound(f"there is no account {account.user_name!r}")
        return as_of(tx, account, policy=self.policy, root=self.root, now=now)

    def keeps(self, directory: Directory, caller: Caller, account: Account) -> bool:
        """Whether *caller* keeps *account*: its agency and every one it has rights for."""
        places = {account.agency} | {each.agency for each in account.grants if not each.ended_at}
        return all(self.reaches(directory, caller, place) for place in places)

    def reaches(self, directory: Directory, caller: Caller, code: str) -> bool:
        """Whether *caller* keeps accounts of the agency *code*."""
        return caller.agency in {self.root, code} or directory.is_below(code, caller.agency)

    def agency(self, tx: Transaction, code: str, caller: Caller, now: datetime) -> Agency:
        """Return the open agency *code*; raise Refused or Forbidden."""
        directory, findings = Directory(tx.directory.all()), list[Finding]()
        day = now.astimezone(self.zone).date()
        agency = open_agency(directory, code, "/agency", day, findings)
        refuse(findings)
        if agency is None or not self.reaches(directory, caller, agency.code):
            raise Forbidden(f"{caller.agency} keeps no accounts of {code}")
        return agency

    def grant(
        self, agency: str, role: Role, caller: Caller, decision: str | None, now: datetime
    ) -> Grant:
        """Return a new grant; with four eyes it waits for a second person."""
        alone = not self.policy.four_eyes
        return Grant(
            agency=agency,
            role=role,
            decision=reference(decision),
            by=caller.actor,
            at=now,
            approved_by=caller.actor if alone else None,
            approved_at=now if alone else None,
        )

    def keep_one(self, tx: Transaction, account: Account) -> None:
        """Raise Conflict when *account* alone administers the node."""
        now = self.clock.now()
        if last_admin(tx, account, policy=self.policy, root=self.root, now=now):
            raise Conflict(
                f"{account.user_name} is the last administrator of the node and stays; give "
                "another account the role admin first, or `gateway account reset` this one"
            )

    def write_to(
        self, tx: Transaction, account: Account, caller: Caller, now: datetime, address: str
    ) -> Account:
        """Let notices to everybody reach *account* at *address*; "" for no mail; raise Refused."""
        wanted = address.strip()
        if wanted and not is_address(wanted):
            refuse([MAIL_WRONG.finding("/mail")])
        if wanted == account.mail:
            return account
        changed = tx.accounts.save(replace(account, mail=wanted))
        audit_account(tx, changed, caller, at=now, operation="account-mail")
        return changed

    def record(
        self,
        tx: Transaction,
        account: Account,
        caller: Caller,
        now: datetime,
        operation: str,
        grant: Grant,
        *,
        kind: str,
    ) -> None:
        """Record what became of *grant*, and tell whom it concerns."""
        about = {
            "role": grant.role.value,
            "for": grant.agency,
            "decision": grant.end_decision if grant.ended_at else grant.decision,
            "waits": "yes" if grant.waits else None,
        }
        audit_account(tx, account, caller, at=now, operation=operation, about=about)
        tell(tx, account, caller, at=now, kind=kind, about=about)

    def told(
        self,
        tx: Transaction,
        account: Account,
        caller: Caller,
        now: datetime,
        kind: str,
        about: Mapping[str, str | None],
    ) -> None:
        """Record what became of *account*, and tell whom it concerns."""
        audit_account(tx, account, caller, at=now, operation=f"account-{kind}", about=about)
        tell(tx, account, caller, at=now, kind=kind, about=about)


def administrators_only(caller: Caller) -> None:
    """Raise Forbidden for everybody else."""
    if caller.role is not Role.ADMIN:
        raise Forbidden("only administrators keep accounts")


def reference(decision: str | None) -> str | None:
    """Return *decision* as it is kept."""
    return clean(decision or "")[:_LONGEST_DECISION] or None
