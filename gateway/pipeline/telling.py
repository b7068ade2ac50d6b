"""Telling everybody: what happens to a notice becomes events, mails and packets in its own commit.

Whoever changes a notice tells of it in the same unit of work: the notice as it then is is kept,
a line goes into the stream of every agency, a job to every office with a webhook, a mail to every
address. Each waits for its own receiver alone and is sent when it can be; nothing waits for it.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

import msgspec

from gateway.domain.accounts import AccountState
from gateway.domain.announcements import Announcement, Event, Telling, record
from gateway.domain.directory import Agency, Directory
from gateway.domain.exchange import EVERYBODY, Job, Notice
from gateway.domain.mail import addresses_in, distinct
from gateway.domain.routing import Routes, lane_of_office
from gateway.ports import Clock, Packet, Run, Store, Transaction

#: The kind of the job that tells an office.
ANNOUNCEMENT = "announcement"
#: As documents that go at once: what stops the exchange is told before what waits for it.
_PRIORITY = 3
#: The delivery of offices that hear of things by HTTP.
_WEBHOOK = "webhook"
#: Parts of an agency's contact that hold addresses, those of administrators first.
_CONTACTS = ("admin_email", "email")


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Who hears of something."""

    streams: bool = True  #: every agency, by its stream of events
    lanes: tuple[str, ...] = ()  #: offices with a webhook
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Herald:
    """Knows whom to tell; equipped once by the wiring."""

    store: Store
    clock: Clock
    zone: tzinfo
    routes: Routes
    directory: Callable[[], Directory]
    run: Run
    by_mail: bool  #: there is a mail server
    also: tuple[str, ...] = ()  #: addresses beside those of agencies and accounts

    async def everybody(self) -> Audience:
        """Return administrators and all agencies: their streams, their webhooks, their mail."""
        lanes = tuple(
            lane_of_office(code) for code, way in self.routes.offices.items() if way == _WEBHOOK
        )
        if not self.by_mail:
            return Audience(lanes=lanes)
        accounts = await self.store.read(lambda tx: tx.accounts.all())
        people = [
            each.mail for each in accounts if each.mail and each.state is not AccountState.REVOKED
        ]
        agencies = await self.run(self._contacts)
        return Audience(lanes=lanes, addresses=tuple(distinct([*self.also, *people, *agencies])))

    def contact(self, address: str) -> Audience:
        """Return one person alone, nobody where there is no mail server."""
        return Audience(streams=False, addresses=(address,) if self.by_mail else ())

    def _contacts(self) -> list[str]:
        """Return the addresses of the open agencies that this node answers for. Blocks."""
        directory = self.directory()
        today = self.clock.now().astimezone(self.zone).date()
        return [
            address
            for agency in directory
            if agency.is_open(today) and self.routes.is_ours(agency.code, directory)
            for address in _addresses_of(agency)
        ]


def tell(
    tx: Transaction, announcement: Announcement, event: Event, audience: Audience, at: datetime
) -> Announcement:
    """Store *announcement* and tell *audience* what happened to it; return it as it now is."""
    told = replace(announcement, told=announcement.told + 1)
    telling = Telling(announcement=told, event=event, at=at)
    tx.announcements.put(told)
    tx.announcements.keep(telling)
    if audience.streams:
        tx.feed.add_notice(
            Notice(
                agency=EVERYBODY,
                kind=told.kind.value,
                document=str(told.id),
                code=None,
                state=event.value,
                at=at,
            )
        )
    for lane in audience.lanes:
        tx.jobs.put(
            Job(
                kind=ANNOUNCEMENT,
                lane=lane,
                item=telling.id,
                priority=_PRIORITY,
                due_at=at,
                created_at=at,
            )
        )
    for each in audience.addresses:
        tx.mails.put(telling.id, each, at, announcement=told.id)
    return told


def packet_of(tx: Transaction, job: Job, *, node: str, zone: tzinfo) -> Packet | None:
    """Return what tells an office, None when nothing is known of it any more.

    The bytes are those of the moment that is told of, whenever they are sent.
    """
    telling = tx.announcements.telling(job.item)
    if telling is None:
        return None
    what = telling.announcement
    shown = record(what, zone=zone, now=telling.at, names=False)
    told = {"event": telling.event.value, "told": what.told, "node": node, **shown}
    content = msgspec.json.encode(told)
    return Packet(
        id=f"{node}-{what.kind.value}-{telling.id}",
        event=what.kind.value,
        document=str(what.id),
        to=job.lane.partition(":")[2],
        media_type="application/json",
        size=len(content),
        open=_from_memory(content),
        sender=node,
        trace=(node,),
        priority=job.priority,
    )


def _addresses_of(agency: Agency) -> list[str]:
    """Return where an agency is written to: its administrators, else its office."""
    contact = agency.contact or {}
    found = ([*addresses_in(contact.get(part, ""))] for part in _CONTACTS)
    return next((each for each in found if each), [])


def _from_memory(content: bytes) -> Callable[[], AbstractContextManager[Iterator[bytes]]]:
    @contextmanager
    def open_bytes() -> Iterator[Iterator[bytes]]:
        yield iter((content,))

    return open_bytes
