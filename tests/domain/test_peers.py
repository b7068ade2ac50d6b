"""Whose certificate it is: by the code of the node, or by the names that were written down."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.errors import Forbidden
from gateway.domain.peers import Shown, check_peer, code_of_peer

_NAMES = st.sampled_from(["h13", "h40", "gw.h40.gov.vn", "gw.h13.gov.vn"])


def shown(*names: str, is_revoked: bool = False) -> Shown:
    """Return a certificate that names *names*."""
    return Shown(names=frozenset(names), is_revoked=is_revoked)


def test_the_code_is_a_name() -> None:
    """In either case of letters."""
    check_peer(shown("h40"), "H40", {})


def test_written_names_take_the_place_of_the_code() -> None:
    """The operator said which."""
    with pytest.raises(Forbidden):
        check_peer(shown("h40"), "H40", {"H40": ("gw.h40.gov.vn",)})


def test_a_revoked_certificate_is_nobody_s() -> None:
    """Whatever it names."""
    with pytest.raises(Forbidden):
        check_peer(shown("h40", is_revoked=True), "H40", {})


def test_without_a_certificate_only_those_come_that_need_none() -> None:
    """Office systems show none."""
    check_peer(None, "H13.01", {"H40": ()})
    with pytest.raises(Forbidden):
        check_peer(None, "H40", {"H40": ("H40",)})


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("H40", "H40"),
        ("h40.01", "H40.01"),
        ("000.00.00.h40", "000.00.00.H40"),
        ("vxp.dang", "vxp.dang"),
    ],
)
def test_a_code_is_read_as_codes_are_written(written: str, code: str) -> None:
    """Capital letters where the form has them."""
    assert code_of_peer(written) == code


@pytest.mark.parametrize("written", ["", "H4", "H40.", "tỉnh bên", "gw h40"])
def test_what_is_no_code_names_no_peer(written: str) -> None:
    """A certificate would be asked of nobody."""
    with pytest.raises(ValueError, match="no agency code"):
        code_of_peer(written)


@given(st.sets(_NAMES), st.lists(_NAMES, max_size=3))
def test_a_certificate_opens_what_it_names_and_nothing_else(
    names: set[str], written: list[str]
) -> None:
    """One name in common is needed, and is enough."""
    peers = {"H40": tuple(written)} if written else {}
    fits = bool(names & set(written or ["h40"]))

    try:
        check_peer(shown(*names), "H40", peers)
    except Forbidden:
        assert not fits
    else:
        assert fits
