"""What time does to accounts: unused ones are locked, idle ones revoked, people warned before."""

from dataclasses import dataclass, replace
from datetime import datetime

from gateway.domain.accounts import Account, AccountState, warning
from gateway.domain.exchange import Caller
from gateway.domain.sessions import Stay
from gateway.pipeline.account_records import as_of, last_admin, tell
from gateway.pipeline.keeping import Keeping
from gateway.ports import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Ageing:
    """The room; equipped once by the wiring."""

    keeping: Keeping
    stay: Stay

    async def sweep(self, caller: Caller, *, now: datetime) -> int:
        """Do what time does to accounts, warn of what is near; return how many accounts changed."""

        def unit(tx: Transaction) -> int:
            return sum(self._age(tx, each, caller, now) for each in tx.accounts.all())

        return await self.keeping.store.write(unit)

    async def end_sessions(self, *, now: datetime) -> int:
        """Remove the sessions that ran out."""
        stay = self.stay
        return await self.keeping.store.write(
            lambda tx: tx.sessions.purge(now - stay.idle, now - stay.longest)
        )

    def _age(self, tx: Transaction, account: Account, caller: Caller, now: datetime) -> bool:
        become = as_of(tx, account, policy=self.keeping.policy, root=self.keeping.root, now=now)
        if become is not account:
            changed = tx.accounts.save(become)
            if changed.state is not AccountState.ACTIVE:
                tx.sessions.end_all(account.user_name)
            why = changed.why.value if changed.why else None
            self.keeping.told(tx, changed, caller, now, changed.state.value, {"why": why})
            return True
        coming = warning(account, self.keeping.policy, now)
        if coming is None or _was_warned(account, now - self.keeping.policy.warning):
            return False
        changed = tx.accounts.save(replace(account, warned_at=now))
        alone = last_admin(
            tx, account, policy=self.keeping.policy, root=self.keeping.root, now=now
        )
        about = {
            "why": coming.why.value,
            "due": coming.at.isoformat(),
            "last_admin": "yes" if alone else None,
        }
        tell(tx, changed, caller, at=now, kind="warned", about=about)
        return True


def _was_warned(account: Account, since: datetime) -> bool:
    return account.warned_at is not None and account.warned_at > since
