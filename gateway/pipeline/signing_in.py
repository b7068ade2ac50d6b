"""How a person comes in: password, second factor, the duties of a first sign-in, the session.

A wrong name and a wrong password get the same answer after the same work. Why an account is shut
is told only to who knows its password, and while it is shut for wrong passwords no password is
tried at all: the lock is no oracle. The browser bears a random token; the database knows its hash.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from gateway.domain.accounts import Account, AccountState, Why, failed, move
from gateway.domain.errors import NotFound
from gateway.domain.exchange import Caller, Role
from gateway.domain.passwords import LONGEST_PASSWORD, normal
from gateway.domain.sessions import Session, Stage, Stay, next_stage
from gateway.pipeline.account_records import as_of, audit_account, find_account, last_admin, tell
from gateway.pipeline.keeping import Keeping
from gateway.pipeline.resting import NOTHING
from gateway.ports import Run, Transaction

#: How old the last sight of a session may be before it is written again.
_SIGHT = timedelta(seconds=60)
_LONGEST_AGENT = 200


class CheckPassword(Protocol):
    """Compares a password with its hash. Slow on purpose, blocks."""

    def __call__(self, password: str, stored: str) -> bool:
        """Whether *password* is the one that was *stored*."""


class Codes(Protocol):
    """Reads the codes of a second factor."""

    def step_of(self, sealed: bytes, user_name: str, code: str, now: datetime) -> int | None:
        """Return the time step of which *code* is the code, None when it is of none."""

    def hash_recovery(self, code: str) -> str:
        """Return the form in which a recovery code is stored."""


class Denial(StrEnum):
    """Why somebody was not let in."""

    WRONG = "wrong"  #: name or password, or shut for wrong ones
    SHUT = "shut"  #: locked or revoked; ``account`` says why
    NO_RIGHT = "no-right"  #: no grant is in force


@dataclass(frozen=True, slots=True, kw_only=True)
class Denied:
    """Nobody came in."""

    denial: Denial
    account: Account | None = None  #: told only to who knows its password


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Where somebody calls from."""

    address: str | None
    agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who is at the console."""

    account: Account
    session: Session

    def caller(self, agency: str, role: Role) -> Caller:
        """Return the person as a caller of a room, in one of the roles held."""
        return Caller(
            actor=self.account.actor, agency=agency, role=role, address=self.session.address
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """Somebody came a stage further; *token* is what the browser bears from now on."""

    person: Person
    token: str
    before: datetime | None  #: the last sign-in before this one
    before_from: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningIn:
    """The room; equipped once by the wiring."""

    keeping: Keeping
    run: Run
    stay: Stay
    password_fits: CheckPassword
    nobody: str  #: hash of no password, so that an unknown name costs the same
    codes: Codes
    new_token: Callable[[], str]
    hash_token: Callable[[str], str]

    async def find(self, token: str) -> Person | None:
        """Return who bears *token*, None when the session ended or ran out."""
        id_, now = self.hash_token(token), self.keeping.clock.now()

        def query(tx: Transaction) -> Person | None:
            session = tx.sessions.find(id_)
            if session is None or self.stay.is_over(session, now):
                return None
            account = tx.accounts.find(session.user_name)
            if account is None or account.state is not AccountState.ACTIVE:
                return None
            return Person(account=account, session=session)

        person = await self.keeping.store.read(query)
        if person is not None and now - person.session.seen_at > _SIGHT:
            seen = replace(person.session, seen_at=now)
            await self.keeping.store.write(lambda tx: tx.sessions.save(seen), rests_on=NOTHING)
        return person

    async def sign_in(self, name: str, password: str, visit: Visit) -> Entered | Denied:
        """Try a user name and a password."""
        user_name, given = name.strip().lower()[:64], normal(password)[: LONGEST_PASSWORD + 1]
        known = await self.keeping.store.read(lambda tx: tx.accounts.find(user_name))
        now = self.keeping.clock.now()
        barred = known is not None and _is_barred(known, now)
        stored = self.nobody if known is None or barred else known.password_hash
        fits = await self.run(lambda: self.password_fits(given, stored))
        if known is None:
            return Denied(denial=Denial.WRONG)
        return await self.keeping.store.write(
            lambda tx: self._judge(tx, user_name, visit, now, fits=fits and not barred)
        )

    async def second_factor(self, token: str, code: str, visit: Visit) -> Entered | Denied:
        """Try a code of the second factor, or a recovery code, in a session that waits for it."""
        id_, now = self.hash_token(token), self.keeping.clock.now()

        def unit(tx: Transaction) -> Entered | Denied:
            session = tx.sessions.find(id_)
            if session is None or session.stage is not Stage.CODE:
                return Denied(denial=Denial.WRONG)
            account = find_account(tx, session.user_name)
            proved = self._proved(account, code, now)
            if proved is None:
                return self._fail(tx, account, visit, now, factor="code")
            tx.sessions.end(id_)
            return self._enter(tx, proved, visit, now)

        return await self.keeping.store.write(unit)

    async def block(self, name: str, proof: str, visit: Visit) -> bool:
        """Block a lost account at once, for who knows its password or a recovery code."""
        user_name = name.strip().lower()[:64]
        known = await self.keeping.store.read(lambda tx: tx.accounts.find(user_name))
        stored = self.nobody if known is None else known.password_hash
        given = normal(proof)[: LONGEST_PASSWORD + 1]
        fits = await self.run(lambda: self.password_fits(given, stored))
        if known is None or not (fits or self._is_recovery(known, proof)):
            return False
        await self.block_own(known.user_name, visit)
        return True

    async def block_own(self, user_name: str, visit: Visit) -> None:
        """Lock the account of its owner and end all its sessions (S2 art. 18.2b, S4 art. 7.4)."""
        now = self.keeping.clock.now()

        def unit(tx: Transaction) -> None:
            account = tx.accounts.find(user_name)
            if account is None or account.state is AccountState.REVOKED:
                return
            owner = _owner(account, visit)
            by = owner.actor
            locked = move(account, AccountState.LOCKED, at=now, by=by, why=Why.OWNER)
            changed = tx.accounts.save(locked)
            tx.sessions.end_all(user_name)
            audit_account(tx, changed, owner, at=now, operation="account-blocked-by-owner")
            tell(tx, changed, owner, at=now, kind="blocked")

        await self.keeping.store.write(unit)

    async def sign_out(self, person: Person) -> None:
        """End the session of *person*."""
        await self.end(person, person.session.id)

    async def sessions(self, person: Person) -> list[Session]:
        """Return the sessions of *person* that have not run out, newest first."""
        now, name = self.keeping.clock.now(), person.account.user_name
        found = await self.keeping.store.read(lambda tx: tx.sessions.of(name))
        return [each for each in found if not self.stay.is_over(each, now)]

    async def end(self, person: Person, session: str) -> None:
        """End one session of *person*; raise NotFound for another's."""
        now = self.keeping.clock.now()

        def unit(tx: Transaction) -> None:
            found = tx.sessions.find(session)
            if found is None or found.user_name != person.account.user_name:
                raise NotFound("there is no such session of yours")
            tx.sessions.end(session)
            owner = _owner(person.account, Visit(address=person.session.address, agent=""))
            audit_account(
                tx, person.account, owner, at=now, operation="session-ended", action="sign-out"
            )

        await self.keeping.store.write(unit)

    async def end_others(self, person: Person) -> int:
        """End every session of *person* but this one."""
        name, this = person.account.user_name, person.session.id
        return await self.keeping.store.write(lambda tx: tx.sessions.end_all(name, but=this))

    def _judge(
        self, tx: Transaction, user_name: str, visit: Visit, now: datetime, *, fits: bool
    ) -> Entered | Denied:
        account = tx.accounts.find(user_name)
        if account is None:
            return Denied(denial=Denial.WRONG)
        keeping = self.keeping
        account = as_of(tx, account, policy=keeping.policy, root=keeping.root, now=now)
        if not fits:
            return self._fail(tx, account, visit, now, factor="password")
        if account.state is not AccountState.ACTIVE:
            return self._refuse(tx, account, visit, now, Denial.SHUT)
        if not account.in_force:
            return self._refuse(tx, account, visit, now, Denial.NO_RIGHT)
        if account.totp is not None:
            return self._begin(tx, account, Stage.CODE, visit, now)
        return self._enter(tx, account, visit, now)

    def _enter(self, tx: Transaction, account: Account, visit: Visit, now: datetime) -> Entered:
        """Let a person in who has proved who it is."""
        seen = replace(account, signed_in_at=now, signed_in_from=visit.address, failures=0)
        changed = tx.accounts.save(seen)
        audit_account(
            tx, changed, _owner(changed, visit), at=now, operation="signed-in", action="sign-in"
        )
        entered = self._begin(
            tx, changed, next_stage(changed, self.keeping.policy, now), visit, now
        )
        return replace(entered, before=account.signed_in_at, before_from=account.signed_in_from)

    def _begin(
        self, tx: Transaction, account: Account, stage: Stage, visit: Visit, now: datetime
    ) -> Entered:
        token = self.new_token()
        session = Session(
            id=self.hash_token(token),
            user_name=account.user_name,
            stage=stage,
            created_at=now,
            seen_at=now,
            address=visit.address,
            agent=visit.agent[:_LONGEST_AGENT],
        )
        tx.sessions.add(session)
        person = Person(account=account, session=session)
        return Entered(person=person, token=token, before=None, before_from=None)

    def _fail(
        self, tx: Transaction, account: Account, visit: Visit, now: datetime, *, factor: str
    ) -> Denied:
        if account.state is AccountState.ACTIVE:
            policy, root = self.keeping.policy, self.keeping.root
            last = last_admin(tx, account, policy=policy, root=root, now=now)
            counted = failed(account, policy, at=now, last_admin=last)
            account = tx.accounts.save(counted)
            if account.state is AccountState.LOCKED:
                tx.sessions.end_all(account.user_name)
                tell(tx, account, _owner(account, visit), at=now, kind="failures")
        self._note(tx, account, visit, now, f"wrong-{factor}")
        return Denied(denial=Denial.WRONG)

    def _refuse(
        self, tx: Transaction, account: Account, visit: Visit, now: datetime, denial: Denial
    ) -> Denied:
        self._note(tx, account, visit, now, denial.value)
        return Denied(denial=denial, account=account)

    def _note(
        self, tx: Transaction, account: Account, visit: Visit, now: datetime, reason: str
    ) -> None:
        stranger = Caller(
            actor="nobody", agency=account.agency, role=Role.VIEWER, address=visit.address
        )
        audit_account(
            tx,
            account,
            stranger,
            at=now,
            operation="sign-in-refused",
            action="sign-in-refused",
            about={"reason": reason, "state": account.state.value},
        )

    def _proved(self, account: Account, code: str, now: datetime) -> Account | None:
        """Return *account* with the code used up, None when it is wrong."""
        if account.totp is not None:
            step = self.codes.step_of(account.totp, account.user_name, code, now)
            if step is not None and step > account.totp_step:
                return replace(account, totp_step=step)
        if self._is_recovery(account, code):
            used = self.codes.hash_recovery(code)
            left = tuple(each for each in account.recovery if each != used)
            return replace(account, recovery=left)
        return None

    def _is_recovery(self, account: Account, code: str) -> bool:
        return self.codes.hash_recovery(code) in account.recovery


def _is_barred(account: Account, now: datetime) -> bool:
    """Whether passwords are not even tried: there were too many wrong ones."""
    until = account.locked_until
    shut = account.state is AccountState.LOCKED and account.why is Why.FAILURES
    return shut and (until is None or now < until)


def _owner(account: Account, visit: Visit) -> Caller:
    return Caller(
        actor=account.actor, agency=account.agency, role=Role.VIEWER, address=visit.address
    )
