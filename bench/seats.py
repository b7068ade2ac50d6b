"""People at the desks of a node that is measured."""

from collections.abc import Iterable
from pathlib import Path

from gateway.bootstrap.administration import open_rooms
from gateway.config import load
from gateway.domain.exchange import Caller, Role
from gateway.pipeline.signing_in import Denied, Visit

_PASSWORD = "bốn chiếc ghế gỗ bên cửa sổ"  # noqa: S105 - of a node that lives for a minute
_VISIT = Visit(address="127.0.0.1", agent="bench")


async def seated(config_file: Path, agencies: Iterable[str]) -> dict[str, str]:
    """Give each agency a clerk who is signed in; return the tokens of their sessions."""
    sessions = {}
    async with open_rooms(load(config_file)) as gateway:
        operator = Caller(actor="cli", agency=gateway.config.node.code, role=Role.ADMIN)
        people = gateway.people
        for agency in agencies:
            issued = await people.accounts.add(
                operator,
                name="Nguyễn Văn An",
                agency=agency,
                role=Role.CLERK,
                chosen=f"clerk.{agency.lower().replace('.', '')}",
            )
            entered = await people.signing_in.sign_in(
                issued.account.user_name, issued.one_time_password, _VISIT
            )
            if isinstance(entered, Denied):
                raise TypeError(f"{issued.account.user_name} was not let in")
            changed = await people.own_account.change_password(
                entered.person, current=None, new=_PASSWORD, repeat=_PASSWORD
            )
            sessions[agency] = changed.token
    return sessions
