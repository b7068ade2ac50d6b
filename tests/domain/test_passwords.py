"""What a chosen password must be."""

from gateway.domain.passwords import Guessed, normal, password_findings, personal_words

FINE = Guessed(leaked=False, easy=False)
PERSONAL = personal_words("Nguyễn Văn Hoàng", "nvhoang.snv")


def codes(password: str, guessed: Guessed = FINE, *, is_old: bool = False) -> list[str]:
    """Return the codes of what is wrong with *password*."""
    found = password_findings(password, guessed, least=12, personal=PERSONAL, is_old=is_old)
    return [each.code for each in found]


def test_several_unrelated_words_are_fine() -> None:
    """With accents and spaces."""
    assert codes("tách trà nguội bên hiên") == []


def test_a_short_one_is_refused() -> None:
    """Eleven characters of twelve."""
    assert codes("tách trà ng") == ["account-password-short"]


def test_a_leaked_one_is_refused() -> None:
    """And said to be that, not just easy."""
    assert codes("1234567890123", Guessed(leaked=True, easy=True)) == ["account-password-leaked"]


def test_an_easy_one_is_refused() -> None:
    """Rows of keys and dates."""
    assert codes("asdfghjkl;'12", Guessed(leaked=False, easy=True)) == ["account-password-easy"]


def test_ones_own_name_is_refused() -> None:
    """In whatever accents."""
    assert codes("NguyenVanHoang1") == ["account-password-personal"]


def test_the_present_one_is_refused() -> None:
    """A change changes."""
    assert codes("tách trà nguội bên hiên", is_old=True) == ["account-password-same"]


def test_a_password_is_one_however_it_is_typed() -> None:
    """Keyboards send composed and decomposed letters."""
    assert normal("tra\u0300") == normal("trà")
