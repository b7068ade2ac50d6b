"""A node with people at their desks, for browsers: real pages, real documents.

H13.01 and H13.02 read at their desks; Trâm is the clerk of the first, Bình of the second, and
Quang administers the node. `staff` hires them, once for many tests, since hashing a password takes
its time; `desks` serves a copy of the folder that it left.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pyotp

from gateway.bootstrap.gateway import Gateway, open_gateway
from gateway.crypto.specimen import page
from gateway.domain.exchange import Caller, Role
from gateway.pipeline.acknowledge import Report
from gateway.pipeline.signing_in import Entered, Visit
from gateway.pipeline.submission import Channel
from gateway.ports import Clock
from tests.nodes import OFFICE, OTHER, Node, a_metadata, config_of, serving

OPERATOR = Caller(actor="cli", agency="H13", role=Role.ADMIN)
PASSWORD = "tách trà nguội bên hiên"
VISIT = Visit(address="127.0.0.1", agent="test")
DESKS = [{"agency": code, "delivery": "desk"} for code in (OFFICE, OTHER)]
_STAFF = "staff.json"
#: Nothing that a process of its own must look into, which would take its time to begin.
TEXTS = {"1184_STC-NS.txt": b"Van ban", "Bieu 01.txt": b"Bieu"}
#: What is shown beside its document.
PDFS = {"1184_STC-NS.pdf": page(("Mot van ban de xem tai ban lam viec",))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Desks:
    """The node, and who sits where."""

    node: Node
    tram: str  #: user name of the clerk of H13.01
    binh: str  #: of the clerk of H13.02
    quang: str  #: of the administrator
    secret: str  #: of the administrator's second factor
    newcomer: str  #: who never signed in
    one_time: str  #: and the password that was handed over

    def code(self, later: int = 1) -> str:
        """Return a code of the administrator that was not used yet."""
        now = self.node.gateway.clock.now() + timedelta(seconds=30 * later)
        return pyotp.TOTP(self.secret).at(now)


async def staff(folder: Path) -> None:
    """Hire the people of the node in *folder*, which does not run."""
    async with open_gateway(config_of(folder)) as gateway:
        tram, _ = await hired(gateway, "Nguyễn Thị Ngọc Trâm", OFFICE, Role.CLERK)
        binh, _ = await hired(gateway, "Trần Văn Bình", OTHER, Role.CLERK)
        quang, secret = await hired(gateway, "Lê Minh Quang", "H13", Role.ADMIN)
        issued = await gateway.people.accounts.add(
            OPERATOR, name="Phạm Thị Hoa", agency=OFFICE, role=Role.VIEWER
        )
    people = {
        "tram": tram,
        "binh": binh,
        "quang": quang,
        "secret": secret,
        "newcomer": issued.account.user_name,
        "one_time": issued.one_time_password,
    }
    await asyncio.to_thread((folder / _STAFF).write_text, json.dumps(people), "utf-8")


@asynccontextmanager
async def desks(
    folder: Path,
    *,
    accounts: Mapping[str, int] | None = None,
    office: Sequence[object] = DESKS,
    clock: Clock | None = None,
    **sections: object,
) -> AsyncIterator[Desks]:
    """Serve the node of *folder* with its staff; *accounts* are keys of that table."""
    people = json.loads(await asyncio.to_thread((folder / _STAFF).read_text, "utf-8"))
    limits = {"sign_ins_per_minute": 1000, **(accounts or {})}
    async with serving(
        folder, clock=clock, office=list(office), accounts=limits, **sections
    ) as node:
        yield Desks(node=node, **people)


async def send(
    node: Node, by: str = OTHER, to: str | Sequence[str] = OFFICE, **changes: object
) -> str:
    """Send a document with plain files from desk to desk, or desks; return its id."""
    return await send_files(node, TEXTS, by, to, **changes)


async def send_files(
    node: Node,
    files: Mapping[str, bytes],
    by: str = OTHER,
    to: str | Sequence[str] = OFFICE,
    /,
    **changes: object,
) -> str:
    """Send a document with *files* from desk to desk, or desks; return its id."""
    caller = Caller(actor="account:x", agency=by, role=Role.CLERK)
    form = node.gateway.form(Channel(origin=caller.actor, caller=caller))
    for name, content in files.items():
        form.begin_file(name, "application/octet-stream")
        form.write(content)
    raw = json.dumps(
        a_metadata(**({"to": [to] if isinstance(to, str) else [*to]} | changes))
    ).encode()
    return (await form.complete(lambda: raw)).document.id


async def report(node: Node, document: str, code: str, by: str = OFFICE) -> None:
    """Report a status as the desk of *by*."""
    caller = Caller(actor="account:x", agency=by, role=Role.CLERK)
    await node.gateway.acknowledge.report(document, Report(code=code, note="lý do"), caller)


async def hired(gateway: Gateway, name: str, agency: str, role: Role) -> tuple[str, str]:
    """Give a person an account that was put to use; return user name and second factor."""
    people = gateway.people
    issued = await people.accounts.add(OPERATOR, name=name, agency=agency, role=role)
    user_name = issued.account.user_name
    entered = await people.signing_in.sign_in(user_name, issued.one_time_password, VISIT)
    assert isinstance(entered, Entered)
    entered = await people.own_account.change_password(
        entered.person, current=None, new=PASSWORD, repeat=PASSWORD
    )
    secret = ""
    if role is Role.ADMIN:
        secret, _ = await people.own_account.begin_second_factor(entered.person)
        code = pyotp.TOTP(secret).at(gateway.clock.now())
        entered, _ = await people.own_account.confirm_second_factor(entered.person, code)
    await people.signing_in.sign_out(entered.person)
    return user_name, secret
