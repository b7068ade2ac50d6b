"""Is a certificate trusted for a purpose at a moment? Paths and revocation, through pyHanko.

What was found valid is remembered by certificate, purpose, epoch of the trust folders and the
certificates that came along, for the span of moments in which nothing that was used changes:
validity of every certificate, next update of every list. What was found wanting is never
remembered, and a document that brings revocation data of its own is always judged anew.
"""

from collections import OrderedDict
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, TypeVar

from asn1crypto import x509
from pyhanko_certvalidator import ValidationContext, find_valid_path
from pyhanko_certvalidator.errors import (
    DisallowedAlgorithmError,
    ExpiredError,
    InsufficientRevinfoError,
    InvalidCertificateError,
    NotYetValidError,
    PathBuildingError,
    RevokedError,
    ValidationError,
)
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.policy_decl import NO_REVOCATION, CertRevTrustPolicy

from gateway.crypto.policy import VerificationPolicy, may_sign, may_stamp
from gateway.crypto.revocation import (
    Brought,
    RevocationLists,
    evidence_of,
    is_spoken_of,
    lateness,
    lists_of,
)
from gateway.crypto.trust import Trust
from gateway.domain.signatures import Evidence, Reason

T = TypeVar("T")
_REMEMBERED = 4096
_MOST_STRANGERS = 64
_TOLERANCE = timedelta(seconds=1)
_UNCHECKED = CertRevTrustPolicy(NO_REVOCATION, retroactive_revinfo=True)


#: The first and the last moment of a time.
Span = tuple[datetime, datetime]


class Usage(Enum):
    """What a certificate is to be trusted for."""

    DOCUMENT = "document"
    TIMESTAMP = "timestamp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a certificate stands at a moment; HOLDS when all is well."""

    reason: Reason
    since: datetime | None = None  #: when it expired or was revoked
    note: str = ""
    evidence: tuple[Evidence, ...] = ()
    span: Span | None = None  #: when it HOLDS: the moments for which nothing would change


#: Certificate, usage, epoch of the trust folders, certificates that came along.
_Key = tuple[bytes, Usage, str, tuple[bytes, ...]]


class Paths:
    """Judges certificates with one policy; remembers what held."""

    def __init__(self, policy: VerificationPolicy) -> None:
        """Judge by *policy*."""
        self._policy = policy
        self._known: OrderedDict[_Key, Standing] = OrderedDict()
        self._lists = RevocationLists()
        self._epoch = ""

    def judge(
        self,
        certificate: x509.Certificate,
        brought: Brought,
        trust: Trust,
        *,
        usage: Usage,
        moment: datetime,
    ) -> Standing:
        """Return how *certificate* stands for *usage* at *moment*."""
        if trust.epoch != self._epoch:
            self._epoch = trust.epoch
            self._known.clear()
            self._lists.forget()
        # What came along counts: a path may fail over a certificate that cannot be read.
        along = tuple(each.sha256 for each in brought.certificates[:_MOST_STRANGERS])
        key = (certificate.sha256, usage, trust.epoch, along)
        known = self._known.get(key)
        has_own_data = bool(brought.crls or brought.ocsps)
        if known is not None and not has_own_data and is_within(known.span, moment):
            self._known.move_to_end(key)
            return known
        if not (may_sign if usage is Usage.DOCUMENT else may_stamp)(certificate):
            return Standing(reason=Reason.USAGE)
        standing, path = self._judge(certificate, brought, trust, usage, moment)
        if path is None or has_own_data:
            return standing
        standing = replace(standing, span=_span(path, trust, moment))
        if standing.span is not None:
            self._known[key] = standing
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return standing

    def _judge(
        self,
        certificate: x509.Certificate,
        brought: Brought,
        trust: Trust,
        usage: Usage,
        moment: datetime,
    ) -> tuple[Standing, ValidationPath | None]:
        """Return the standing, and the path when it holds."""
        policy = self._policy.revocation(is_signer=usage is Usage.DOCUMENT)
        undecided: Standing | None = None
        try:
            path = _run(self._find(certificate, brought, trust, usage, moment, policy))
        except InsufficientRevinfoError as error:
            try:
                path = _run(self._find(certificate, brought, trust, usage, moment, _UNCHECKED))
            except (ValidationError, PathBuildingError):
                return _fallen(error), None
            if not self._lists.cover(path, trust, moment):
                undecided = _fallen(error)
        except (ValidationError, PathBuildingError) as error:
            return _fallen(error), None
        since = self._lists.revoked_since(path, trust)
        if undecided is not None or not self._policy.require_revocation:
            since = since or self._lists.once_revoked(path, trust)
        evidence = evidence_of(path, trust, brought)
        if since is not None and since <= moment:
            return Standing(reason=Reason.REVOKED, since=since, evidence=evidence), None
        if undecided is not None:
            return replace(undecided, evidence=evidence), None
        note = lateness(certificate, trust)
        return Standing(reason=Reason.HOLDS, note=note, evidence=evidence), path

    async def _find(
        self,
        certificate: x509.Certificate,
        brought: Brought,
        trust: Trust,
        usage: Usage,
        moment: datetime,
        revocation: CertRevTrustPolicy,
    ) -> ValidationPath:
        """Return a valid path; raise what pyHanko finds wrong with the best one."""
        strangers = brought.certificates[:_MOST_STRANGERS]
        known = (certificate, *trust.intermediates, *strangers)
        serials = [each.serial_number for each in known]
        context = ValidationContext(
            trust_roots=trust.anchors(stamps=usage is Usage.TIMESTAMP),
            other_certs=[*trust.intermediates, *strangers],
            moment=moment,
            crls=[*(each.parsed for each in trust.crls), *brought.crls],
            ocsps=[*trust.ocsps_about(serials), *brought.ocsps],
            revinfo_policy=revocation,
            algorithm_usage_policy=self._policy.algorithms(),
            time_tolerance=_TOLERANCE,
        )
        candidates = context.path_builder.async_build_paths_lazy(certificate)
        path: ValidationPath = await find_valid_path(
            certificate, candidates, validation_context=context
        )
        return path


def is_within(span: Span | None, moment: datetime) -> bool:
    """Whether *moment* lies within *span*."""
    return span is not None and span[0] <= moment <= span[1]


def _span(path: ValidationPath, trust: Trust, moment: datetime) -> Span | None:
    """Return the moments for which a valid *path* stays so, None when each has to be judged."""
    certificates = list(path.iter_certs(include_root=False))
    if not certificates or is_spoken_of(certificates, trust):
        return None  # revoked later, or known by a short-lived answer: the moment matters
    lists = [each for one in certificates for each in lists_of(one, trust)]
    begins = max(each.not_valid_before for each in certificates)
    ends = [each.not_valid_after for each in certificates]
    ends += [each.crl.next_update_utc or each.crl.last_update_utc for each in lists]
    span = (begins, min(ends))
    return span if is_within(span, moment) else None


def _run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Drive *coroutine* to its end: without a network it never waits, so no loop is needed."""
    try:
        coroutine.send(None)
    except StopIteration as finished:
        result: T = finished.value
        return result
    coroutine.close()
    raise ValidationError("the path needs the network")


def _fallen(error: Exception) -> Standing:
    """Return what the refusal of pyHanko means; the more special kinds come first."""
    reason = next((each for kind, each in _KINDS if isinstance(error, kind)), Reason.CHAIN)
    since = next(
        (getattr(error, name) for name in _SINCE if getattr(error, name, None) is not None), None
    )
    return Standing(reason=reason, since=since, note=str(error)[:500])


_KINDS: tuple[tuple[type[Exception], Reason], ...] = (
    (RevokedError, Reason.REVOKED),
    (ExpiredError, Reason.EXPIRED),
    (NotYetValidError, Reason.NOT_YET_VALID),
    (InsufficientRevinfoError, Reason.NO_REVOCATION_DATA),
    (DisallowedAlgorithmError, Reason.WEAK),
    (PathBuildingError, Reason.NO_CHAIN),
    (InvalidCertificateError, Reason.NO_CHAIN),
)
_SINCE = ("revocation_dt", "expired_dt", "valid_from")
