"""The rights of people: roles for agencies, each resting on a decision (S3 art. 9.4).

With four eyes a grant is without effect until a second person, neither its giver nor its holder,
has approved it. Whoever changes place hands the duties over to the head of the unit.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from gateway.domain.account_findings import (
    AGENCY_MISSING,
    REASON_MISSING,
    RECEIVER_WRONG,
    chosen_role,
)
from gateway.domain.accounts import (
    Account,
    AccountState,
    Grant,
    Why,
    move,
    needs_totp,
)
from gateway.domain.directory_checks import refuse
from gateway.domain.errors import Conflict, Forbidden, NotFound, Refused
from gateway.domain.exchange import Caller, Role
from gateway.pipeline.keeping import Keeping, reference
from gateway.ports import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """The room; equipped once by the wiring. Nobody changes rights of one's own."""

    keeping: Keeping

    async def grant(
        self, name: str, caller: Caller, *, agency: str, role: Role | None, decision: str | None
    ) -> Account:
        """Give *name* another role, or the same for another agency; a repeat changes nothing."""
        missing = [] if agency else [AGENCY_MISSING.finding("/agency")]
        chosen = chosen_role(role, missing)

        def change(tx: Transaction, account: Account, now: datetime) -> Account:
            place = self.keeping.agency(tx, agency, caller, now)
            if any(_is(each, place.code, chosen) for each in account.grants):
                return account
            given = self.keeping.grant(place.code, chosen, caller, decision, now)
            changed = tx.accounts.save(replace(account, grants=(*account.grants, given)))
            self._sign_in_anew(tx, changed)
            self.keeping.record(tx, changed, caller, now, "granted", given, kind="granted")
            return changed

        return await self.keeping.change_other(name, caller, change)

    async def end_grant(
        self, name: str, caller: Caller, *, agency: str, role: Role, decision: str | None
    ) -> Account:
        """Take a role from *name*; the sessions of its holder end.

        Raises:
            NotFound: there is no such grant.
            Conflict: it is the last that administers the node.
        """

        def change(tx: Transaction, account: Account, now: datetime) -> Account:
            ended = next((each for each in account.grants if _is(each, agency, role)), None)
            if ended is None:
                raise NotFound(f"{account.user_name} is no {role.value} of {agency}")
            if role is Role.ADMIN and agency == self.keeping.root:
                self.keeping.keep_one(tx, account)
            over = replace(
                ended, ended_by=caller.actor, ended_at=now, end_decision=reference(decision)
            )
            grants = tuple(over if each is ended else each for each in account.grants)
            changed = tx.accounts.save(replace(account, grants=grants))
            tx.sessions.end_all(account.user_name)
            self.keeping.record(tx, changed, caller, now, "grant-ended", over, kind="grant-ended")
            return changed

        return await self.keeping.change_other(name, caller, change)

    async def approve(self, name: str, caller: Caller) -> Account:
        """Approve, as the second person, what waits; raise Conflict when nothing does."""

        def change(tx: Transaction, account: Account, now: datetime) -> Account:
            waiting = [each for each in account.grants if each.waits]
            mine = [each for each in waiting if each.by != caller.actor]
            if waiting and not mine:
                raise Forbidden("whoever gave a right cannot approve it")
            if not waiting:
                raise Conflict(f"no grant of {account.user_name} waits for approval")
            grants = tuple(
                replace(each, approved_by=caller.actor, approved_at=now) if each in mine else each
                for each in account.grants
            )
            changed = tx.accounts.save(replace(account, grants=grants))
            self._sign_in_anew(tx, changed)
            for each in mine:
                self.keeping.record(
                    tx, changed, caller, now, "grant-approved", each, kind="granted"
                )
            return changed

        return await self.keeping.change_other(name, caller, change)

    async def transfer(
        self,
        name: str,
        caller: Caller,
        *,
        receiver: str,
        decision: str | None,
        agency: str | None = None,
        role: Role | None = None,
    ) -> Account:
        """Hand the duties of *name* over to the head of the unit (S3 art. 9.4, 10.2).

        Every grant ends. Who goes on to another *agency* gets *role* there; who leaves the service
        has the account locked.

        Raises:
            Refused: the receiver is not an active account of the same agency, no decision, or no
                role for the new place.
        """
        missing = [] if reference(decision) else [REASON_MISSING.finding("/decision")]
        refuse(missing)
        chosen = None if agency is None else chosen_role(role)

        def change(tx: Transaction, account: Account, now: datetime) -> Account:
            head = tx.accounts.find(receiver.strip().lower())
            fits = head is not None and head.user_name != account.user_name
            if head is None or not fits or not _works(head, account.agency):
                raise Refused(RECEIVER_WRONG.en, findings=[RECEIVER_WRONG.finding("/receiver")])
            self.keeping.keep_one(tx, account)
            left = self._leaves(account, caller, now, reference(decision))
            if agency is None or chosen is None:
                moved = move(
                    left,
                    AccountState.LOCKED,
                    at=now,
                    by=caller.actor,
                    why=Why.HANDED_OVER,
                    decision=reference(decision),
                )
            else:
                place = self.keeping.agency(tx, agency, caller, now).code
                given = self.keeping.grant(place, chosen, caller, decision, now)
                moved = replace(left, agency=place, grants=(*left.grants, given))
            changed = tx.accounts.save(replace(moved, handed_to=head.user_name))
            tx.sessions.end_all(account.user_name)
            about = {
                "to": head.user_name,
                "decision": reference(decision),
                "left": account.agency,
                "agency": changed.agency,
            }
            self.keeping.told(tx, changed, caller, now, "handed-over", about)
            return changed

        return await self.keeping.change_other(name, caller, change)

    def _sign_in_anew(self, tx: Transaction, account: Account) -> None:
        """End the sessions of who now needs a second factor and has none."""
        if needs_totp(account, self.keeping.policy):
            tx.sessions.end_all(account.user_name)

    def _leaves(self, account: Account, caller: Caller, now: datetime, why: str | None) -> Account:
        """Return *account* without a right."""
        grants = tuple(
            each
            if each.ended_at
            else replace(each, ended_by=caller.actor, ended_at=now, end_decision=why)
            for each in account.grants
        )
        return replace(account, grants=grants)


def _is(grant: Grant, agency: str, role: Role) -> bool:
    return grant.ended_at is None and grant.agency == agency and grant.role is role


def _works(head: Account, agency: str) -> bool:
    return head.state is AccountState.ACTIVE and (
        head.agency == agency or bool(head.roles(agency))
    )
