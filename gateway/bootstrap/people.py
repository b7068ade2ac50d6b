"""The rooms of people, equipped with passwords, codes and the periods of ``[accounts]``."""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from gateway.config import Config
from gateway.crypto.one_time_codes import (
    enrolment_uri,
    new_recovery_codes,
    new_totp_secret,
    step_of,
)
from gateway.crypto.passwords import guess
from gateway.crypto.secrets import (
    SecretBox,
    hash_password,
    hash_token,
    new_one_time_password,
    new_token,
    password_fits,
)
from gateway.domain.accounts import AccountPolicy
from gateway.domain.exchange import Role
from gateway.domain.sessions import Stay
from gateway.pipeline.accounts import Accounts, Naming
from gateway.pipeline.ageing import Ageing
from gateway.pipeline.attempts import Attempts
from gateway.pipeline.keeping import Keeping
from gateway.pipeline.own_account import OwnAccount
from gateway.pipeline.rights import Rights
from gateway.pipeline.signing_in import SigningIn
from gateway.ports import Clock, Run, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Every room of people."""

    accounts: Accounts
    rights: Rights
    ageing: Ageing
    signing_in: SigningIn
    own_account: OwnAccount
    attempts: Attempts


class SealedCodes:
    """The codes of a second factor; its secrets are encrypted with the node's."""

    def __init__(self, box: SecretBox, *, issuer: str) -> None:
        """Show *issuer* in the application that makes the codes."""
        self._box = box
        self._issuer = issuer

    def new_secret(self, user_name: str) -> bytes:
        """Return a new secret, encrypted."""
        return self._box.encrypt(new_totp_secret(), purpose=_purpose(user_name))

    def enrolment(self, sealed: bytes, user_name: str) -> tuple[str, str]:
        """Return a secret as people type it, and the address that an application reads."""
        secret = self._box.decrypt(sealed, purpose=_purpose(user_name))
        return secret, enrolment_uri(secret, user_name=user_name, issuer=self._issuer)

    def step_of(self, sealed: bytes, user_name: str, code: str, now: datetime) -> int | None:
        """Return the time step of which *code* is the code, None when it is of none."""
        return step_of(self._box.decrypt(sealed, purpose=_purpose(user_name)), code, now)

    def new_recovery_codes(self) -> tuple[str, ...]:
        """Return new recovery codes."""
        return new_recovery_codes()

    def hash_recovery(self, code: str) -> str:
        """Return the form in which a recovery code is stored, however it was typed."""
        bare = "".join(each for each in code.lower() if each.isalnum())
        return hash_token(f"recovery:{bare}")


def people(
    config: Config, *, store: Store, clock: Clock, zone: tzinfo, run: Run, secret_box: SecretBox
) -> People:
    """Bind the rooms of people to their equipment."""
    settings = config.accounts
    keeping = Keeping(
        store=store, clock=clock, zone=zone, root=config.node.code, policy=policy_of(config)
    )
    stay = Stay(
        idle=timedelta(minutes=settings.session_minutes),
        longest=timedelta(hours=settings.session_hours),
    )
    codes = SealedCodes(secret_box, issuer=config.node.name or config.node.code)
    return People(
        attempts=Attempts(store=store, clock=clock, most=settings.sign_ins_per_minute),
        accounts=Accounts(
            keeping=keeping,
            naming=Naming(rule=settings.name_rule, suffix=settings.name_suffix),
            run=run,
            issue_password=_issue_password,
        ),
        rights=Rights(keeping=keeping),
        ageing=Ageing(keeping=keeping, stay=stay),
        signing_in=SigningIn(
            keeping=keeping,
            run=run,
            stay=stay,
            password_fits=password_fits,
            nobody=_NOBODY,
            codes=codes,
            new_token=new_token,
            hash_token=hash_token,
        ),
        own_account=OwnAccount(
            keeping=keeping,
            run=run,
            least_length=settings.password_length,
            password_fits=password_fits,
            hash_password=hash_password,
            guess=guess,
            codes=codes,
            new_token=new_token,
            hash_token=hash_token,
        ),
    )


def policy_of(config: Config) -> AccountPolicy:
    """Return the periods and limits of ``[accounts]``."""
    settings = config.accounts
    return AccountPolicy(
        unused=timedelta(days=settings.unused_days),
        idle=timedelta(days=settings.idle_days),
        password_age=timedelta(days=settings.password_days),
        password_grace=timedelta(days=settings.password_grace_days),
        warning=timedelta(days=settings.warn_days),
        failures=settings.failures,
        failures_lock=timedelta(minutes=settings.failures_lock_minutes),
        totp_roles=frozenset(Role(each) for each in settings.second_factor),
        four_eyes=settings.four_eyes,
    )


#: An argon2id hash with the parameters in force that no password fits.
_NOBODY = (
    "$argon2id$v=19$m=65536,t=3,p=4$bm9ib2R5LW5vYm9keSE$"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)


def _issue_password() -> tuple[str, str]:
    password = new_one_time_password()
    return password, hash_password(password)


def _purpose(user_name: str) -> str:
    return f"totp:{user_name}"
