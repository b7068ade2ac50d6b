"""A signing time that no stamp proves: it proves nothing for the signer, but may speak against him."""

from datetime import timedelta
from pathlib import Path

import pytest

from gateway.crypto.pki import Wish, issue
from gateway.crypto.specimen import Pen, sign_pdf
from gateway.domain.signatures import Reason
from tests.crypto.corpus import DAY, LATER, PLAIN, SIGNED, bench, country, lay, verified

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("issued", "reason"),
    [
        (-DAY, Reason.HOLDS),
        (7 * HOUR, Reason.HOLDS),  # the time of the zone, written as if it were UTC
        (13 * HOUR, Reason.NOT_YET_VALID),
        (2 * DAY, Reason.NOT_YET_VALID),
    ],
)
def test_who_claims_to_have_signed_before_the_certificate_was_issued(
    tmp_path: Path, issued: timedelta, reason: Reason
) -> None:
    """It was not valid by his own word, though it is valid now."""
    pki = country().pki
    wish = Wish(common_name="An", valid_from=SIGNED + issued, valid_to=LATER + 90 * DAY)
    pen = Pen(party=issue(wish, issuer=pki.intermediate), at=SIGNED, chain=(pki.intermediate,))

    signature = verified(sign_pdf(PLAIN, pen), bench(lay(tmp_path / "trust")))

    assert signature.reason is reason
