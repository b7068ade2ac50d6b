"""Tokens, passwords and what is kept encrypted."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.crypto.secrets import (
    SecretBox,
    hash_password,
    hash_token,
    new_one_time_password,
    new_secret,
    new_token,
    password_fits,
)
from gateway.domain.errors import Misconfigured

BOX = SecretBox(b"k" * 32)


@given(text=st.text(), purpose=st.text(max_size=40))
def test_what_was_encrypted_opens_for_its_purpose(text: str, purpose: str) -> None:
    """Writing and reading again is the identity."""
    assert text == BOX.decrypt(BOX.encrypt(text, purpose=purpose), purpose=purpose)


def test_what_was_encrypted_does_not_open_for_another_purpose() -> None:
    """The secret of one client cannot be put in the place of another's."""
    sealed = BOX.encrypt("secret", purpose="client:a")

    with pytest.raises(Misconfigured):
        BOX.decrypt(sealed, purpose="client:b")


def test_what_was_encrypted_does_not_open_on_another_node() -> None:
    """Another secret file, another key."""
    sealed = BOX.encrypt("secret", purpose="client:a")

    with pytest.raises(Misconfigured):
        SecretBox(b"o" * 32).decrypt(sealed, purpose="client:a")


def test_the_same_text_is_never_encrypted_to_the_same_bytes() -> None:
    """Each time has its own nonce."""
    assert BOX.encrypt("secret", purpose="p") != BOX.encrypt("secret", purpose="p")


@given(st.binary(max_size=80))
def test_arbitrary_bytes_do_not_open(sealed: bytes) -> None:
    """A damaged row is an error for the operator, never a wrong secret."""
    with pytest.raises(Misconfigured):
        BOX.decrypt(sealed, purpose="p")


def test_a_token_is_recognisable() -> None:
    """Scanners for leaked secrets look for the prefix."""
    assert re.fullmatch(r"lg_[0-9A-Za-z_-]{43}", new_token())


def test_no_two_tokens_are_the_same() -> None:
    """They are random."""
    assert len({new_token() for _ in range(1000)}) == 1000


def test_a_secret_is_plain_ascii() -> None:
    """Clients use it as text, not decoded."""
    assert re.fullmatch(r"[0-9A-Za-z_-]{43}", new_secret())


def test_the_hash_of_a_token_is_its_sha_256() -> None:
    """What is stored can be computed by anyone who has the token."""
    assert hash_token("abc").startswith("ba7816bf8f01cfea414140de5dae2223")


@given(st.text())
def test_any_text_that_is_no_token_has_a_hash(text: str) -> None:
    """What comes in a header is looked up, whatever it is."""
    assert len(hash_token(text)) == 64


def test_a_password_fits_its_hash() -> None:
    """The right one is let in."""
    assert password_fits("đúng rồi", hash_password("đúng rồi"))


def test_another_password_does_not_fit() -> None:
    """The wrong one is not."""
    assert not password_fits("sai rồi", hash_password("đúng rồi"))


def test_a_broken_hash_fits_nothing() -> None:
    """A damaged row lets nobody in."""
    assert not password_fits("x", "no hash")


def test_passwords_are_hashed_with_argon2id() -> None:
    """The form says so."""
    assert hash_password("x").startswith("$argon2id$")


def test_a_one_time_password_can_be_read_out() -> None:
    """Four groups without letters that look alike."""
    assert re.fullmatch(r"([a-hjkmnp-z2-9]{5}-){3}[a-hjkmnp-z2-9]{5}", new_one_time_password())
