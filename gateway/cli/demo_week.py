"""A week of documents between desks, for `gateway demo --keep`: real rooms, a clock that is led.

The letters stand in `week.csv`. Every letter is submitted, signed, numbered and answered by the rooms
of the node at the instant at which it is said to have happened, so that times, numbers, receipts and
audit records are those of a week of work. All people and agencies are invented.
"""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import partial
from pathlib import Path

from gateway.bootstrap.administration import open_rooms
from gateway.bootstrap.gateway import Gateway
from gateway.bootstrap.recovery import recover
from gateway.bootstrap.specimen import Notary, unsigned, without_accents
from gateway.config import load
from gateway.domain.exchange import Caller, Role
from gateway.pipeline.acknowledge import Report
from gateway.pipeline.signing_in import Denied, Visit
from gateway.pipeline.submission import Channel

PASSWORD = "ba chiec thuyen tren song Lam"  # noqa: S105 - of the demonstration, printed by it
#: Agencies whose clerks read at their desks.
DESKS = {
    "H13.03": ("Sở Xây dựng", "SXD"),
    "H13.04": ("Sở Tài nguyên và Môi trường", "STNMT"),
    "H13.05": ("Ủy ban nhân dân huyện Suối Reo", "UBND-SR"),
    "H13.06": ("Sở Giao thông vận tải", "SGTVT"),
    "H13.07": ("Văn phòng Ủy ban nhân dân tỉnh", "VP"),
}
PEOPLE = (
    ("Nguyễn Thị Ngọc Trâm", "H13.03", Role.CLERK),
    ("Trần Văn Bình", "H13.04", Role.CLERK),
    ("Phạm Thị Hoa", "H13.03", Role.VIEWER),
    ("Lê Minh Quang", "H13", Role.ADMIN),
    ("Đỗ Phương Loan", "H13", Role.AUDITOR),
)
_FILE = Path(__file__).with_name("week.csv")
_WORKDAYS = 5
_SATURDAY = 5
#: How long before the demonstration its node was founded.
FOUNDED_BEFORE = timedelta(days=30)
_TRUST = ("config", "trust", "official-duty")


class LedClock:
    """A clock that stands where it is put; see :class:`gateway.ports.Clock`."""

    def __init__(self, at: datetime) -> None:
        """Stand at *at*."""
        self._at = at

    def now(self) -> datetime:
        """Return the instant, aware, UTC."""
        return self._at

    def lead(self, at: datetime) -> None:
        """Stand at *at*."""
        self._at = at.astimezone(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """An account of the demonstration."""

    user_name: str
    name: str
    agency: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """Something that happens in the week."""

    at: datetime
    letter: dict[str, str]
    code: str = ""  #: status code; "": the letter is sent
    note: str | None = None


def days_before(now: datetime, zone: tzinfo) -> list[date]:
    """Return the last working days up to *now*, oldest first."""
    days: list[date] = []
    day = now.astimezone(zone).date()
    while len(days) < _WORKDAYS:
        if day.weekday() < _SATURDAY:
            days.insert(0, day)
        day -= timedelta(days=1)
    return days


async def add_week(file: Path, *, until: datetime) -> list[Signed]:
    """Give the node of the configuration *file* desks, people and a week of their documents.

    The node was founded `FOUNDED_BEFORE` *until*. Return who can sign in.
    """
    _set_desks_up(file)
    clock = LedClock(until)
    async with open_rooms(load(file), clock=clock) as rooms:
        await recover(rooms)
        return await _live_through(rooms, clock, until=until)


def _set_desks_up(file: Path) -> None:
    """Let agencies read at desks, and administrators in by their passwords alone."""
    text = file.read_text("utf-8").replace('second_factor = ["admin"]', "second_factor = []")
    desks = "".join(f'\n[[office]]\nagency = "{code}"\ndelivery = "desk"\n' for code in DESKS)
    file.write_text(text + desks, "utf-8")


async def _live_through(gateway: Gateway, clock: LedClock, *, until: datetime) -> list[Signed]:
    """Let the week happen at the node whose rooms follow *clock*; return who can sign in."""
    operator = Caller(actor="cli", agency=gateway.config.node.code, role=Role.ADMIN)
    days = days_before(until, gateway.zone)
    clock.lead(datetime.combine(days[0], time(7), gateway.zone))
    for code, (name, short_name) in DESKS.items():
        await gateway.agencies.add(operator, name=name, code=code, short_name=short_name)
    people = [await _hire(gateway, operator, *each) for each in PEOPLE]
    signing = Notary(until)
    _trust(gateway, signing.trust(issued_at=clock.now(), next_at=until + timedelta(days=30)))
    names = {each.code: each.name for each in await gateway.run(gateway.directory)}
    sent: dict[str, str] = {}
    for deed in sorted(_deeds(days, gateway.zone), key=lambda each: each.at):
        if deed.at >= until:
            break
        clock.lead(deed.at)
        name = deed.letter["number"] + deed.letter["notation"]
        if not deed.code:
            pdf = await gateway.run(
                partial(_file, signing, deed, names.get(deed.letter["sender"], ""))
            )
            sent[name] = await _send(gateway, deed, pdf)
        elif name in sent:
            await _report(gateway, deed, sent[name], people)
    await gateway.sealing.seal()
    return people


def _deeds(days: list[date], zone: tzinfo) -> Iterator[Deed]:
    with _FILE.open(encoding="utf-8", newline="") as lines:
        for letter in csv.DictReader(lines):
            begun = time.fromisoformat(letter["time"])
            at = datetime.combine(days[int(letter["day"])], begun, zone)
            yield Deed(at=at, letter=letter | {"on": at.date().isoformat()})
            for each in _fates(letter["fate"]):
                code, after, note = each
                yield Deed(at=at + after, letter=letter, code=code, note=note)


def _fates(text: str) -> Iterator[tuple[str, timedelta, str | None]]:
    """Yield code, delay and note of `03@9 02@52:note`; a note is the rest of the line."""
    told, _, note = text.partition(":")
    for each in told.split():
        code, _, minutes = each.partition("@")
        yield code, timedelta(minutes=int(minutes)), note or None


def _file(signing: Notary, deed: Deed, agency: str) -> bytes:
    lines, letter = _lines(deed.letter), deed.letter
    if letter["signed"] != "yes":
        return unsigned(lines)
    at = deed.at - timedelta(minutes=6)
    return signing.signed(lines, person=letter["signer"], agency=agency, at=at)


def _lines(letter: dict[str, str]) -> list[str]:
    subject = without_accents(letter["subject"])
    words, lines = subject.split(), [""]
    for word in words:
        if len(lines[-1]) + len(word) > 58:  # noqa: PLR2004 - the width of the page
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    head = f"So: {letter['number']}/{without_accents(letter['notation'])}"
    foot = [letter["position"].upper(), letter["signer"]]
    return [head, "", *lines, "", *map(without_accents, foot)]


async def _send(gateway: Gateway, deed: Deed, pdf: bytes) -> str:
    letter = deed.letter
    caller = Caller(actor="account:minhhoa", agency=letter["sender"], role=Role.CLERK)
    form = gateway.form(Channel(origin=caller.actor, caller=caller))
    form.begin_file(f"{letter['number']}_{without_accents(letter['notation'])}.pdf", None)
    await gateway.run(lambda: form.write(pdf))
    metadata: dict[str, object] = {
        "to": letter["to"].split(),
        "type": letter["type"],
        "number": letter["number"],
        "notation": letter["notation"],
        "subject": letter["subject"],
        "promulgated_on": letter["on"],
        "place": "Lam Giang",
        "signer": {"full_name": letter["signer"], "position": letter["position"]},
        "priority": letter["priority"],
    }
    if letter["due"]:
        due = date.fromisoformat(letter["on"]) + timedelta(days=int(letter["due"]))
        metadata["due_on"] = due.isoformat()
    raw = json.dumps(metadata).encode()
    return (await form.complete(lambda: raw)).document.id


async def _report(gateway: Gateway, deed: Deed, document: str, people: list[Signed]) -> None:
    for agency in deed.letter["to"].split():
        clerk = next((each for each in people if each.agency == agency), None)
        caller = Caller(
            actor=f"account:{clerk.user_name}" if clerk else f"client:{agency}",
            agency=agency,
            role=Role.CLERK,
        )
        staff = {"department": "Phòng Chuyên môn"} if deed.code in {"04", "05", "06"} else {}
        report = Report(code=deed.code, note=deed.note, staff=staff)
        await gateway.acknowledge.report(document, report, caller)


async def _hire(gateway: Gateway, operator: Caller, name: str, agency: str, role: Role) -> Signed:
    """Give a person an account and let it be put to use."""
    issued = await gateway.people.accounts.add(
        operator, name=name, agency=agency, role=role, decision="07/QĐ-UBND"
    )
    user_name, visit = issued.account.user_name, Visit(address="127.0.0.1", agent="demo")
    entered = await gateway.people.signing_in.sign_in(user_name, issued.one_time_password, visit)
    if not isinstance(entered, Denied):
        changed = await gateway.people.own_account.change_password(
            entered.person, current=None, new=PASSWORD, repeat=PASSWORD
        )
        await gateway.people.signing_in.sign_out(changed.person)
    return Signed(user_name=user_name, name=name, agency=agency, role=role)


def _trust(gateway: Gateway, files: dict[str, bytes]) -> None:
    folder = gateway.config.folder.joinpath(*_TRUST)
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
