"""What an attacker's list makes of passwords."""

import pytest

from gateway.crypto.passwords import guess


@pytest.mark.parametrize("password", ["password1234", "Matkhau@123456", "qwertyuiop12"])
def test_leaked_passwords_are_known(password: str) -> None:
    """Also with a usual tail."""
    assert guess(password, ()).leaked or guess(password, ()).easy


@pytest.mark.parametrize(
    "password", ["123456789012", "vanthuvanthu", "aaaaaaaaaaaaaaaa", "x" * 200]
)
def test_patterns_are_easy(password: str) -> None:
    """Repeats, rows and the words of the office."""
    assert guess(password, ()).easy


@pytest.mark.parametrize("password", ["tách trà nguội bên hiên", "correct horse battery staple"])
def test_several_words_are_not(password: str) -> None:
    """In any language."""
    found = guess(password, ())

    assert (found.leaked, found.easy) == (False, False)
