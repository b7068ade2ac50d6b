"""Revocation data has an age: an old word against a certificate counts, an old one for it does not."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Protocol

import pytest

from gateway.crypto.pki import ocsp_response, revocation_list
from gateway.crypto.policy import VerificationPolicy
from gateway.domain.signatures import Reason
from tests.crypto import corpus
from tests.crypto.corpus import DAY, LATER, SIGNED, country, signed_by, verified


class Make(Protocol):
    """Makes revocation data of one kind."""

    def __call__(
        self, who: str, since: datetime | None, *, until: datetime
    ) -> dict[str, bytes]: ...


def reason(
    who: str,
    folder: Path,
    files: Mapping[str, bytes],
    *,
    stamped: bool = False,
    policy: VerificationPolicy | None = None,
) -> Reason:
    """Return what becomes of a document of *who*, with these *files* in the place of the lists."""
    kept = {name: each for name, each in country().trust.items() if name != "intermediate.crl"}
    trust = corpus.lay(folder, {**kept, **files})
    return verified(signed_by(who, stamped=stamped), corpus.bench(trust, policy=policy)).reason


def a_list(who: str, since: datetime | None, *, until: datetime) -> dict[str, bytes]:
    """Return a list that revokes *who* since then, and holds *until*."""
    serial = country().people[who].certificate.serial_number
    gone = {} if since is None else {serial: since}
    issuer = country().pki.intermediate
    return {"ca.crl": revocation_list(issuer, gone, issued_at=until - DAY, next_at=until)}


def an_answer(who: str, since: datetime | None, *, until: datetime) -> dict[str, bytes]:
    """Return an OCSP answer that says the same."""
    pki = country().pki
    answer = ocsp_response(
        country().people[who],
        issuer=pki.intermediate,
        responder=pki.responder,
        issued_at=until - DAY,
        next_at=until,
        revoked_at=since,
    )
    return {"ca.ors": answer}


@pytest.mark.parametrize("make", [a_list, an_answer])
def test_data_that_ended_decides_nothing_in_favour(tmp_path: Path, make: Make) -> None:
    """Much can have happened since."""
    files = make("good", None, until=SIGNED - DAY)

    assert reason("good", tmp_path, files) is Reason.NO_REVOCATION_DATA


@pytest.mark.parametrize("make", [a_list, an_answer])
def test_a_revocation_is_not_forgotten_when_its_data_ended(tmp_path: Path, make: Make) -> None:
    """Nobody is trusted again because nobody asked."""
    files = make("good", SIGNED - 3 * DAY, until=SIGNED - DAY)

    assert reason("good", tmp_path, files) is Reason.REVOKED


@pytest.mark.parametrize("make", [a_list, an_answer])
def test_who_does_without_data_is_told_of_a_revocation_all_the_same(
    tmp_path: Path, make: Make
) -> None:
    """`revocation = "prefer"`: good until data says otherwise, and old data does."""
    policy = VerificationPolicy(require_revocation=False)
    gone = make("good", SIGNED - 3 * DAY, until=SIGNED - DAY)

    assert reason("good", tmp_path / "none", {}, policy=policy) is Reason.HOLDS
    assert reason("good", tmp_path / "gone", gone, policy=policy) is Reason.REVOKED


@pytest.mark.parametrize("make", [a_list, an_answer])
def test_a_revocation_after_the_signing_does_not_undo_it(tmp_path: Path, make: Make) -> None:
    """NĐ 68/2024/NĐ-CP art. 31: what counts is the time of signing, which a stamp proves."""
    files = make("good", SIGNED + DAY, until=LATER + DAY)

    assert reason("good", tmp_path, files, stamped=True) is Reason.HOLDS
    assert reason("good", tmp_path, files) is Reason.REVOKED_UNPROVEN


def test_an_answer_of_somebody_else_revokes_nobody(tmp_path: Path) -> None:
    """A person's certificate is no responder's."""
    pki = country().pki
    forged = ocsp_response(
        pki.person,
        issuer=pki.intermediate,
        responder=pki.agency,
        issued_at=LATER - DAY,
        next_at=LATER + DAY,
        revoked_at=SIGNED - DAY,
    )

    assert reason("good", tmp_path, {"ca.ors": forged}) is Reason.NO_REVOCATION_DATA
