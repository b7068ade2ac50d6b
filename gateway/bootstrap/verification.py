"""Verification of signatures as the configuration wants it: policy, trust folders, workers."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import aiohttp
import structlog

from gateway.config import Config
from gateway.crypto.policy import VerificationPolicy
from gateway.crypto.revocation_fetch import fetch_lists, places
from gateway.crypto.trust import Trust, TrustRoom, load_trust
from gateway.crypto.workers import Setup
from gateway.crypto.workers import Verification as Verifying
from gateway.domain.legal_value import Owner, Owners
from gateway.domain.signatures import WARNING_DAYS, TrustedCertificate, days_left, is_expiring
from gateway.formats.xml import SafeParser
from gateway.pipeline.verification import Verification
from gateway.ports import Blobs, Clock, Isolated
from gateway.processes import Processes

log = structlog.get_logger()

_URGENT_DAYS = WARNING_DAYS[-1]
_DAY_S = 86_400.0
#: Imported before the first call of a worker, so that no file waits for it.
_MODULES = ("gateway.bootstrap.verification",)


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


def verifying_processes(config: Config, *, count: int | None = None) -> Processes:
    """Return the room for verification; its workers start when they are needed.

    They are *count*, or as many as the configuration says.
    """
    chosen = config.signatures
    return Processes(
        count=count or chosen.workers,
        timeout_s=chosen.verify_timeout_s,
        memory_mb=chosen.verify_memory_mb,
        modules=_MODULES,
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

    def listing(self) -> list[TrustedCertificate]:
        """Return the trusted certificates as they are now. Blocks."""
        return self.room.current(time.monotonic()).listing()

    def duties(self) -> tuple[tuple[Callable[[], Awaitable[None]], float], ...]:
        """Return what is to be done again and again, with the seconds between."""
        every_s = self.config.signatures.crl_every_h * 3600.0
        fetching = ((self.fetch_revocation, every_s),) if every_s else ()
        return ((self.warn_of_expiry, _DAY_S), *fetching)

    async def warn_of_expiry(self) -> None:
        """Log every trusted certificate that expires soon or has expired."""
        now = self.clock.now()
        for each in await asyncio.to_thread(self.listing):
            if is_expiring(each, now):
                _tell(each, now)

    async def fetch_revocation(self) -> None:
        """Fetch the revocation lists of the trusted authorities, if the operator wants that."""
        trust = await asyncio.to_thread(self.room.current, time.monotonic())
        folder = self.config.path(self.config.signatures.revocation_folder)
        urls = places(trust, self.config.signatures.crl_urls)
        async with aiohttp.ClientSession() as session:
            for each in await fetch_lists(urls, trust=trust, folder=folder, session=session):
                if each.fault:
                    log.warning("no revocation list fetched", url=each.url, reason=each.fault)
                elif each.is_new:
                    log.info("revocation list fetched", url=each.url)


def trust_watch(config: Config, clock: Clock) -> TrustWatch:
    """Return the watch over the trust folders of *config*."""
    return TrustWatch(config=config, clock=clock, room=TrustRoom(trust_paths(config)))


def _tell(certificate: TrustedCertificate, now: datetime) -> None:
    left = days_left(certificate, now)
    tell = log.error if left <= _URGENT_DAYS else log.warning
    tell(
        "a trusted certificate expires",
        subject=certificate.subject,
        purpose=certificate.purpose.value,
        valid_to=certificate.valid_to.isoformat(),
        days_left=left,
        file=certificate.file,
    )


class _Deaf:
    """Takes the events of a message and does nothing: only the guards of the parser count."""

    in_bulk = True  #: text is bounded by the size of the file

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        pass

    def end(self, name: str) -> None:
        pass

    def data(self, text: str) -> None:
        pass


def screen_xml(data: bytes) -> bool:
    """Whether *data* passes the guards of the house and may become a tree."""
    parser = SafeParser(_Deaf())
    parser.feed(data)
    parser.close()
    return parser.finding is None
