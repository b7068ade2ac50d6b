"""People at a node that a test drives by hand."""

from dataclasses import dataclass
from datetime import timedelta

import pyotp

from gateway.domain.exchange import Caller, Role
from gateway.domain.sessions import Stage
from gateway.pipeline.signing_in import Entered, Person, Visit
from tests.pipeline.rooms import ADMIN, Rooms

VISIT = Visit(address="10.0.0.7", agent="Firefox")
PASSWORD = "tách trà nguội bên hiên"
OTHER_PASSWORD = "cánh đồng lúa chín vàng ươm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """An account and what its owner holds."""

    user_name: str
    one_time: str


async def hire(
    rooms: Rooms, name: str = "Nguyễn Văn An", *, agency: str = "H13.01", role: Role = Role.CLERK
) -> Held:
    """Give a person an account."""
    issued = await rooms.gateway.people.accounts.add(ADMIN, name=name, agency=agency, role=role)
    return Held(user_name=issued.account.user_name, one_time=issued.one_time_password)


async def sign_in(rooms: Rooms, held: Held, password: str = PASSWORD) -> Entered:
    """Sign in and return the session; fail when nobody is let in."""
    entered = await rooms.gateway.people.signing_in.sign_in(held.user_name, password, VISIT)
    assert isinstance(entered, Entered), entered
    return entered


async def settle(rooms: Rooms, held: Held) -> Entered:
    """Go through the first sign-in: choose a password, set a second factor up where asked."""
    entered = await sign_in(rooms, held, held.one_time)
    own = rooms.gateway.people.own_account
    entered = await own.change_password(
        entered.person, current=None, new=PASSWORD, repeat=PASSWORD
    )
    if entered.person.session.stage is Stage.ENROL:
        secret, _ = await own.begin_second_factor(entered.person)
        entered, _ = await own.confirm_second_factor(entered.person, code_of(rooms, secret))
    return entered


def code_of(rooms: Rooms, secret: str, *, later: int = 0) -> str:
    """Return the code that an application shows now, or some steps later."""
    return pyotp.TOTP(secret).at(rooms.clock.now() + timedelta(seconds=30 * later))


def administrator(person: Person) -> Caller:
    """Return a person as administrator of the node."""
    return person.caller("H13", Role.ADMIN)
