"""Accounts as administrators keep them: given, locked, opened again, reset, revoked."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from gateway.domain.account_findings import (
    AGENCY_MISSING,
    NAME_LONG,
    NAME_MISSING,
    USER_NAME_WRONG,
    chosen_role,
    name_taken,
)
from gateway.domain.accounts import Account, AccountState, Why, move, reopen
from gateway.domain.characters import first_unfit
from gateway.domain.directory import Agency, Directory
from gateway.domain.directory_checks import refuse
from gateway.domain.exchange import Caller, Role
from gateway.domain.findings import Finding
from gateway.domain.text import clean
from gateway.domain.user_names import USER_NAME, proposal, suffix_of, user_name
from gateway.pipeline.account_records import as_of
from gateway.pipeline.keeping import Keeping, administrators_only, reference
from gateway.ports import Run, Transaction

_LONGEST_NAME = 100


class IssuePassword(Protocol):
    """Makes one-time passwords and hashes them. Slow on purpose, blocks."""

    def __call__(self) -> tuple[str, str]:
        """Return a password and its hash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """An account with the password that is shown once and never again."""

    account: Account
    one_time_password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """How user names are made; see ``[accounts]``."""

    rule: str
    suffix: str  #: fixed; empty: of the agency


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """The room; equipped once by the wiring."""

    keeping: Keeping
    naming: Naming
    run: Run
    issue_password: IssuePassword

    async def listing(self, caller: Caller) -> list[Account]:
        """Return the accounts that *caller* keeps, as time has made them."""
        administrators_only(caller)
        now = self.keeping.clock.now()

        def query(tx: Transaction) -> list[Account]:
            directory = Directory(tx.directory.all())
            kept = [
                each for each in tx.accounts.all() if self.keeping.keeps(directory, caller, each)
            ]
            return [
                as_of(tx, each, policy=self.keeping.policy, root=self.keeping.root, now=now)
                for each in kept
            ]

        return await self.keeping.store.read(query)

    async def find(self, name: str, caller: Caller) -> Account:
        """Return one account; raise NotFound for one that *caller* does not keep."""
        administrators_only(caller)
        now = self.keeping.clock.now()
        return await self.keeping.store.read(lambda tx: self.keeping.find(tx, name, caller, now))

    async def propose(self, full_name: str, agency: str, caller: Caller) -> str:
        """Return a free user name for a person; empty when there is nothing to make it of."""
        administrators_only(caller)

        def query(tx: Transaction) -> str:
            directory = Directory(tx.directory.all())
            found = directory.find(agency)
            if found is None or not self.keeping.reaches(directory, caller, found.code):
                return ""  # which names are taken elsewhere is not the caller's to know
            wanted = self._name(clean(full_name), found)
            taken = tx.accounts.find
            return proposal(wanted, lambda name: taken(name) is not None) if wanted else ""

        return await self.keeping.store.read(query)

    async def add(
        self,
        caller: Caller,
        *,
        name: str,
        agency: str,
        role: Role | None,
        chosen: str | None = None,
        decision: str | None = None,
    ) -> Issued:
        """Give a person an account with one *role*; *chosen* overrides the user name.

        Raises:
            Refused: the name, the role or the agency is wrong, or the user name is taken.
        """
        administrators_only(caller)
        full_name, given = clean(name), (chosen or "").strip().lower() or None
        wrong = _name_findings(full_name)
        wrong += [] if agency else [AGENCY_MISSING.finding("/agency")]
        wrong += (
            [USER_NAME_WRONG.finding("/user_name")]
            if given and not USER_NAME.fullmatch(given)
            else []
        )
        held = chosen_role(role, wrong)
        password, password_hash = await self.run(self.issue_password)
        now = self.keeping.clock.now()

        def unit(tx: Transaction) -> Account:
            place = self.keeping.agency(tx, agency, caller, now)
            wanted = given or self._name(full_name, place)
            refuse([NAME_MISSING.finding("/name")] if not wanted else [])
            refuse(_taken(tx, wanted))
            account = Account(
                user_name=wanted,
                name=full_name,
                agency=place.code,
                state_at=now,
                state_by=caller.actor,
                password_hash=password_hash,
                issued_at=now,
                grants=(self.keeping.grant(place.code, held, caller, decision, now),),
                created_at=now,
            )
            tx.accounts.add(account)
            grant = account.grants[0]
            self.keeping.record(tx, account, caller, now, "account-added", grant, kind="granted")
            return account

        return Issued(account=await self.keeping.store.write(unit), one_time_password=password)

    async def lock(self, name: str, caller: Caller, *, decision: str | None = None) -> Account:
        """Lock *name* at the request of its agency (S4 art. 7.3.1c); its sessions end."""
        return await self._shut(name, caller, AccountState.LOCKED, decision)

    async def revoke(self, name: str, caller: Caller, *, decision: str | None = None) -> Account:
        """Revoke *name*; its sessions end."""
        return await self._shut(name, caller, AccountState.REVOKED, decision)

    async def unlock(self, name: str, caller: Caller, *, decision: str | None = None) -> Account:
        """Open *name* again, whatever shut it; one that is open stays so and is counted anew."""

        def change(tx: Transaction, account: Account, now: datetime) -> Account:
            if account.state is AccountState.ACTIVE:
                return tx.accounts.save(replace(account, failures=0))
            was = account.why
            opened = reopen(account, at=now, by=caller.actor, decision=reference(decision))
            changed = tx.accounts.save(opened)
            about = {"decision": reference(decision), "why": was.value if was else None}
            self.keeping.told(tx, changed, caller, now, "unlocked", about)
            return changed

        return await self.keeping.change(name, caller, change)

    async def write_to(self, name: str, caller: Caller, *, address: str) -> Account:
        """Let notices to everybody reach *name* at *address*, "" for no mail; raise Refused."""

        def change(tx: Transaction, account: Account, now: datetime) -> Account:
            return self.keeping.write_to(tx, account, caller, now, address)

        return await self.keeping.change(name, caller, change)

    async def reset(self, name: str, caller: Caller, *, second_factor: bool = False) -> Issued:
        """Give *name* a new one-time password; with *second_factor* that one goes, too.

        Raises:
            Forbidden: it is the caller's own: an open session gives nobody another password.
        """
        administrators_only(caller)
        password, password_hash = await self.run(self.issue_password)

        def change(tx: Transaction, account: Account, now: datetime) -> Account:
            issued = replace(
                account,
                password_hash=password_hash,
                must_change=True,
                issued_at=now,
                failures=0,
                totp=None if second_factor else account.totp,
                totp_pending=None,
                recovery=() if second_factor else account.recovery,
            )
            changed = tx.accounts.save(issued)
            tx.sessions.end_all(account.user_name)
            about = {"second_factor": "removed" if second_factor else None}
            self.keeping.told(tx, changed, caller, now, "password-reset", about)
            return changed

        account = await self.keeping.change_other(name, caller, change)
        return Issued(account=account, one_time_password=password)

    async def _shut(
        self, name: str, caller: Caller, to: AccountState, decision: str | None
    ) -> Account:
        def change(tx: Transaction, account: Account, now: datetime) -> Account:
            if account.state is to and (to is AccountState.REVOKED or _is_requested(account)):
                return account
            self.keeping.keep_one(tx, account)
            shut = move(
                account,
                to,
                at=now,
                by=caller.actor,
                why=Why.REQUEST,
                decision=reference(decision),
            )
            changed = tx.accounts.save(shut)
            tx.sessions.end_all(account.user_name)
            about = {"decision": reference(decision), "why": Why.REQUEST.value}
            self.keeping.told(tx, changed, caller, now, to.value, about)
            return changed

        return await self.keeping.change_other(name, caller, change)

    def _name(self, full_name: str, agency: Agency) -> str:
        suffix = self.naming.suffix or suffix_of(agency)
        return user_name(full_name, suffix, rule=self.naming.rule)


def _is_requested(account: Account) -> bool:
    """Whether *account* was shut at a request; a lock of time or of failures is another thing."""
    return account.why is Why.REQUEST and account.locked_until is None


def _name_findings(full_name: str) -> list[Finding]:
    if not full_name:
        return [NAME_MISSING.finding("/name")]
    unfit = len(full_name) > _LONGEST_NAME or first_unfit(full_name) is not None
    return [NAME_LONG.finding("/name")] if unfit else []


def _taken(tx: Transaction, wanted: str) -> list[Finding]:
    if tx.accounts.find(wanted) is None:
        return []
    free = proposal(wanted, lambda name: tx.accounts.find(name) is not None)
    return [name_taken(wanted, free)]
