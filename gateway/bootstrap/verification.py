"""Verification of signatures as the configuration wants it: policy, trust folders, workers."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import aiohttp
import structlog

from gateway.bootstrap.certificates import own_certificates
from gateway.config import Config
from gateway.crypto.ocsp_fetch import fetch_answers, forget_ended, questions
from gateway.crypto.policy import VerificationPolicy
from gateway.crypto.revocation_fetch import Fetched, fetch_lists, places
from gateway.crypto.trust import Trust, TrustRoom, load_trust
from gateway.crypto.workers import Setup
from gateway.crypto.workers import Verification as Verifying
from gateway.domain.legal_value import Owner, Owners
from gateway.domain.signatures import (
    WARNING_DAYS,
    Expiring,
    OwnCertificate,
    TrustedCertificate,
    days_left,
    is_expiring,
)
from gateway.formats.screening import screen_xml
from gateway.pipeline.verification import Verification
from gateway.ports import Blobs, Clock, Isolated, Store, Transaction
from gateway.processes import Nursery, Processes

log = structlog.get_logger()

_URGENT_DAYS = WARNING_DAYS[-1]
_HOUR_S, _DAY_S = 3600.0, 86_400.0
#: Of so many documents the signers are asked about, and of so many signers.
_RECENT_DOCUMENTS, _MOST_SIGNERS = 20_000, 1000
#: Imported before the first worker is forked, so that none waits for it.
VERIFYING = ("gateway.formats.screening", "gateway.crypto.workers")


def policy_of(config: Config) -> VerificationPolicy:
    """Return what the operator decided about signatures."""
    chosen = config.signatures
    return VerificationPolicy(
        allow_sha1=chosen.allow_sha1,
        least_rsa_bits=chosen.least_rsa_bits,
        require_revocation=chosen.revocation == "require",
        claimed_time_counts=chosen.claimed_time == "accepted",
    )


def trust_paths(config: Config) -> list[Path]:
    """Return the folders of certificates and revocation data, the fetched lists last."""
    chosen = config.signatures
    return [config.path(each) for each in (*chosen.trust, chosen.revocation_folder)]


def read_trust(config: Config) -> Trust:
    """Read the trust folders now. Blocks.

    Raises:
        Misconfigured: a file cannot be read.
    """
    return load_trust(trust_paths(config))


def verifying_processes(
    config: Config, *, count: int | None = None, nursery: Nursery | None = None
) -> Processes:
    """Return the room for verification; its workers start when they are needed.

    They are *count*, or as many as the configuration says, of *nursery* or one of their own.
    """
    chosen = config.signatures
    return Processes(
        count=count or chosen.workers,
        timeout_s=chosen.verify_timeout_s,
        memory_mb=chosen.verify_memory_mb,
        modules=VERIFYING,
        name="verification",
        nursery=nursery,
    )


def verification(config: Config, blobs: Blobs, isolated: Isolated) -> Verification:
    """Return what verifies the signatures of submissions, with *isolated* for the work."""
    return Verification(blobs=blobs, verify=verifier(config, isolated))


def verifier(config: Config, isolated: Isolated) -> Verifying:
    """Return what verifies single files by the trust folders and the policy of *config*."""
    setup = Setup(trust=tuple(trust_paths(config)), policy=policy_of(config), screen=screen_xml)
    return Verifying(isolated, setup, patience_s=config.signatures.verify_timeout_s)


def owners_of(config: Config) -> Owners:
    """Return how a person's certificate is told from an agency's."""
    chosen = config.signatures
    return Owners(
        person_marks=chosen.person_marks,
        agency_marks=chosen.agency_marks,
        agency_words=chosen.agency_words,
        unmarked=Owner(chosen.unmarked),
        agency_codes=chosen.agency_codes,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustWatch:
    """Looks after the trust folders of a running node: what expires, what is published anew."""

    config: Config
    clock: Clock
    room: TrustRoom
    signers: Callable[[], Awaitable[list[bytes]]]  #: certificates of documents of late, DER

    def listing(self) -> list[TrustedCertificate]:
        """Return the trusted certificates as they are now. Blocks."""
        return self.room.current(time.monotonic()).listing()

    def duties(self) -> tuple[tuple[Callable[[], Awaitable[None]], float], ...]:
        """Return what is to be done again and again, with the seconds between."""
        chosen = self.config.signatures
        fetching = (
            (self.fetch_revocation, chosen.crl_every_h * _HOUR_S),
            (self.ask_responders, chosen.ocsp_every_h * _HOUR_S),
        )
        return ((self.warn_of_expiry, _DAY_S), *(each for each in fetching if each[1]))

    def own(self) -> list[OwnCertificate]:
        """Return the certificates that the node itself lives by, as they are now. Blocks."""
        return own_certificates(self.config)

    async def warn_of_expiry(self) -> None:
        """Log every certificate, trusted or the node's own, that expires soon or has expired."""
        now = self.clock.now()
        trusted = await asyncio.to_thread(self.listing)
        for each in filter(partial(is_expiring, now=now), trusted):
            _tell("a trusted certificate expires", each, each.purpose.value, now)
        for own in filter(partial(is_expiring, now=now), await asyncio.to_thread(self.own)):
            _tell("a certificate of the node expires", own, own.use, now)

    async def fetch_revocation(self) -> None:
        """Fetch the revocation lists of the trusted authorities, if the operator wants that."""
        chosen, signers = self.config.signatures, await self.signers()
        trust = await asyncio.to_thread(self.room.current, time.monotonic())
        urls = await asyncio.to_thread(places, trust, chosen.crl_urls, signers)
        async with aiohttp.ClientSession() as session:
            found = await fetch_lists(urls, trust=trust, folder=self._folder, session=session)
        _report("crl", found)

    async def ask_responders(self) -> None:
        """Ask OCSP responders about those who signed lately, if the operator wants that."""
        signers, now = await self.signers(), self.clock.now()
        trust = await asyncio.to_thread(self.room.current, time.monotonic())
        # What ends before the turn after the next is asked for now: that one may fail.
        soon = timedelta(hours=2 * self.config.signatures.ocsp_every_h)
        asked = await asyncio.to_thread(
            questions, signers, trust=trust, folder=self._folder, now=now, soon=soon
        )
        async with aiohttp.ClientSession() as session:
            found = await fetch_answers(asked, session=session, now=now)
        await asyncio.to_thread(forget_ended, self._folder, now)
        _report("ocsp", found)

    @property
    def _folder(self) -> Path:
        return self.config.path(self.config.signatures.revocation_folder)


def trust_watch(
    config: Config, clock: Clock, signers: Callable[[], Awaitable[list[bytes]]]
) -> TrustWatch:
    """Return the watch over the trust folders of *config*; *signers* are those who signed lately."""
    room = TrustRoom(trust_paths(config))
    return TrustWatch(config=config, clock=clock, room=room, signers=signers)


async def recent_signers(store: Store) -> list[bytes]:
    """Return the certificates, in DER, that documents brought lately."""

    def query(tx: Transaction) -> list[bytes]:
        return tx.documents.recent_certificates(documents=_RECENT_DOCUMENTS, limit=_MOST_SIGNERS)

    return await store.read(query)


def _report(what: str, found: Sequence[Fetched]) -> None:
    for each in found:
        if each.fault:
            log.warning("no revocation data fetched", what=what, url=each.url, reason=each.fault)
        elif each.is_new:
            log.info("revocation data fetched", what=what, url=each.url)


def _tell(event: str, certificate: Expiring, purpose: str, now: datetime) -> None:
    left = days_left(certificate, now)
    tell = log.error if left <= _URGENT_DAYS else log.warning
    tell(
        event,
        subject=certificate.subject,
        purpose=purpose,
        valid_to=certificate.valid_to.isoformat(),
        days_left=left,
        file=certificate.file,
    )
