"""What people do with their own accounts: the password, the second factor, what they were told."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from gateway.domain.accounts import Account, needs_totp
from gateway.domain.errors import Conflict, Forbidden, Refused
from gateway.domain.exchange import Caller, Role
from gateway.domain.findings import Finding
from gateway.domain.passwords import (
    LONGEST_PASSWORD,
    Guessed,
    normal,
    password_findings,
    personal_words,
)
from gateway.domain.rules.mechanism import Statement
from gateway.domain.sessions import AccountNotice, Session, Stage, next_stage
from gateway.pipeline.account_records import audit_account, find_account
from gateway.pipeline.keeping import Keeping
from gateway.pipeline.signing_in import CheckPassword, Codes, Entered, Person
from gateway.ports import Run, Transaction

_NOTICES = 20

CURRENT_WRONG = Statement(
    code="account-password-wrong",
    vi="Mật khẩu hiện tại không đúng.",
    en="The present password is wrong.",
    remedy="Nhập lại mật khẩu đang dùng.",
    remedy_en="Type the password that you use now.",
    source="[accounts]; policy of the node",
)
REPEAT_WRONG = Statement(
    code="account-password-repeat",
    vi="Hai lần nhập mật khẩu mới không giống nhau.",
    en="The new password was typed differently the second time.",
    remedy="Nhập lại mật khẩu mới ở cả hai ô.",
    remedy_en="Type the new password again in both fields.",
    source="[accounts]; policy of the node",
)
CODE_WRONG = Statement(
    code="account-code-wrong",
    vi="Mã không đúng hoặc đã hết hạn.",
    en="The code is wrong or has run out.",
    remedy="Nhập mã 6 số đang hiện; kiểm tra đồng hồ của điện thoại.",
    remedy_en="Type the six digits shown now; check the clock of the telephone.",
    source="[accounts]; policy of the node",
)


class MakeCodes(Codes, Protocol):
    """Makes and reads the codes of a second factor."""

    def new_secret(self, user_name: str) -> bytes:
        """Return a new secret, encrypted."""

    def enrolment(self, sealed: bytes, user_name: str) -> tuple[str, str]:
        """Return a secret as people type it, and the address that an application reads."""

    def new_recovery_codes(self) -> tuple[str, ...]:
        """Return new recovery codes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAccount:
    """The room; equipped once by the wiring."""

    keeping: Keeping
    run: Run
    least_length: int
    password_fits: CheckPassword
    hash_password: Callable[[str], str]
    guess: Callable[[str, tuple[str, ...]], Guessed]
    codes: MakeCodes
    new_token: Callable[[], str]
    hash_token: Callable[[str], str]

    async def change_password(
        self, person: Person, *, current: str | None, new: str, repeat: str
    ) -> Entered:
        """Set a new password; every other session ends, this one goes on under a new token.

        *current* is asked for unless the password was just typed to come in.

        Raises:
            Refused: the new password breaks the policy; findings say how.
        """
        new_password = normal(new)[: LONGEST_PASSWORD + 1]
        findings = [] if normal(repeat) == normal(new) else [REPEAT_WRONG.finding("/repeat")]
        findings += await self._fresh(person, current, new_password)
        if findings:
            raise Refused("the password cannot be changed so", findings=findings)
        password_hash = await self.run(lambda: self.hash_password(new_password))

        def change(account: Account, now: datetime) -> Account:
            return replace(
                account, password_hash=password_hash, must_change=False, password_at=now
            )

        return await self._renew(person, change, "password-changed")

    async def write_to(self, person: Person, address: str) -> Account:
        """Let notices to everybody reach the person at *address*, "" for no mail; raise Refused."""
        now, account = self.keeping.clock.now(), person.account
        caller = person.caller(account.agency, Role.VIEWER)

        def unit(tx: Transaction) -> Account:
            known = find_account(tx, account.user_name)
            return self.keeping.write_to(tx, known, caller, now, address)

        return await self.keeping.store.write(unit)

    async def begin_second_factor(self, person: Person) -> tuple[str, str]:
        """Return the secret of a second factor that is being set up, and its address."""
        name = person.account.user_name
        sealed = self.codes.new_secret(name)

        def unit(tx: Transaction) -> bytes:
            account = _own(tx, person)
            if account.totp_pending is not None:
                return account.totp_pending
            tx.accounts.save(replace(account, totp_pending=sealed))
            return sealed

        return self.codes.enrolment(await self.keeping.store.write(unit), name)

    async def confirm_second_factor(
        self, person: Person, code: str
    ) -> tuple[Entered, tuple[str, ...]]:
        """Put the second factor in force; return the session that goes on and recovery codes.

        Raises:
            Refused: the code is not of the secret that was shown.
        """
        recovery = self.codes.new_recovery_codes()
        hashes = tuple(self.codes.hash_recovery(each) for each in recovery)

        def change(account: Account, now: datetime) -> Account:
            pending = account.totp_pending
            step = pending and self.codes.step_of(pending, account.user_name, code, now)
            if not step:
                raise Refused(CODE_WRONG.en, findings=[CODE_WRONG.finding("/code")])
            return replace(
                account, totp=pending, totp_pending=None, totp_step=step, recovery=hashes
            )

        return await self._renew(person, change, "second-factor-added"), recovery

    async def drop_second_factor(self, person: Person, password: str) -> Entered:
        """Go without a second factor.

        Raises:
            Forbidden: a role of the account asks for one.
            Refused: the password is wrong.
        """
        if not await self._is_password(person, password):
            raise Refused(CURRENT_WRONG.en, findings=[CURRENT_WRONG.finding("/current")])

        def change(account: Account, now: datetime) -> Account:
            bare = replace(account, totp=None, totp_pending=None, recovery=())
            if needs_totp(bare, self.keeping.policy):
                raise Forbidden("a role of this account asks for a second factor")
            return bare

        return await self._renew(person, change, "second-factor-removed")

    async def notices(self, person: Person) -> list[AccountNotice]:
        """Return what *person* has not read yet, newest first."""
        name = person.account.user_name
        return await self.keeping.store.read(lambda tx: tx.accounts.notices(name, _NOTICES))

    async def read_notices(self, person: Person, upto: int) -> None:
        """Note that *person* has read the notices up to a number."""
        name, now = person.account.user_name, self.keeping.clock.now()
        await self.keeping.store.write(lambda tx: tx.accounts.read_notices(name, upto, now))

    async def _fresh(self, person: Person, current: str | None, new: str) -> list[Finding]:
        account = person.account
        asks = person.session.stage is not Stage.PASSWORD
        wrong = asks and not await self._is_password(person, current or "")
        personal = personal_words(account.name, account.user_name)
        guessed = await self.run(lambda: self.guess(new, personal))
        is_old = await self.run(lambda: self.password_fits(new, account.password_hash))
        return [CURRENT_WRONG.finding("/current")] * wrong + password_findings(
            new, guessed, least=self.least_length, personal=personal, is_old=is_old
        )

    async def _is_password(self, person: Person, password: str) -> bool:
        given, stored = normal(password)[: LONGEST_PASSWORD + 1], person.account.password_hash
        return await self.run(lambda: self.password_fits(given, stored))

    async def _renew(
        self, person: Person, change: Callable[[Account, datetime], Account], operation: str
    ) -> Entered:
        """Change the account and give the browser a new token; other sessions end."""
        token, now = self.new_token(), self.keeping.clock.now()

        def unit(tx: Transaction) -> Person:
            account = tx.accounts.save(change(_own(tx, person), now))
            tx.sessions.end_all(account.user_name)
            stage = next_stage(account, self.keeping.policy, now)
            session = _renewed(person.session, self.hash_token(token), stage, now)
            tx.sessions.add(session)
            caller = Caller(
                actor=account.actor,
                agency=account.agency,
                role=Role.VIEWER,
                address=session.address,
            )
            audit_account(tx, account, caller, at=now, operation=operation)
            return Person(account=account, session=session)

        renewed = await self.keeping.store.write(unit)
        return Entered(person=renewed, token=token, before=None, before_from=None)


def _own(tx: Transaction, person: Person) -> Account:
    account = tx.accounts.find(person.account.user_name)
    if account is None or tx.sessions.find(person.session.id) is None:
        raise Conflict("the session has ended")
    return account


def _renewed(session: Session, id_: str, stage: Stage, now: datetime) -> Session:
    return replace(session, id=id_, stage=stage, seen_at=now)
