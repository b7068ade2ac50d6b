"""The words about signatures: every reason has a meaning, and the meanings agree."""

import pytest

from gateway.domain.signatures import MEANINGS, Indication, Reason, Signature, Verdict


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_is_explained_in_both_languages(reason: Reason) -> None:
    """A clerk reads Vietnamese, an integrator English."""
    assert MEANINGS[reason].vi
    assert MEANINGS[reason].en


@pytest.mark.parametrize("reason", Reason)
def test_only_what_passes_is_valid(reason: Reason) -> None:
    """The verdict of the contract and the indication of the standard never contradict."""
    meaning = MEANINGS[reason]

    assert (meaning.verdict is Verdict.VALID) == (meaning.indication is Indication.PASSED)
    assert (meaning.verdict is Verdict.INVALID) == (meaning.indication is Indication.FAILED)


@pytest.mark.parametrize("reason", Reason)
def test_the_detail_has_the_words_of_the_standard(reason: Reason) -> None:
    """One sentence, then indication and sub-indication."""
    signature = Signature(kind="pades", reason=reason)

    assert signature.detail.startswith(MEANINGS[reason].vi)
    assert signature.sub_indication in signature.detail
