"""Profiles as files: what is shipped can be read, what is wrong is named."""

from importlib.resources import files

import pytest

from gateway.domain.errors import Misconfigured
from gateway.domain.profile import Decision
from gateway.formats.profiles import read_profile

SHIPPED = sorted(
    each.name for each in files("config").joinpath("profiles").iterdir() if each.is_file()
)


def test_there_is_one_of_each_regulation_and_the_default() -> None:
    """Five regulations and the node that follows none."""
    assert SHIPPED == [
        "bac-giang-2014.toml",
        "ben-tre-2014.toml",
        "default.toml",
        "ha-nam-2019.toml",
        "ldld-ben-tre-2018.toml",
        "xin-man-2023.toml",
    ]


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_profile_can_be_read(name: str) -> None:
    """Each has its title, and every kind its article."""
    raw = files("config").joinpath("profiles", name).read_bytes()

    profile = read_profile(raw, name=name)

    assert profile.title
    assert all(kind.source for kind in profile.kinds)


@pytest.mark.parametrize(
    ("name", "held", "refused"),
    [
        ("default", {"petition", "complaint", "denunciation", "one-stop", "sensitive"}, set()),
        ("xin-man-2023", {"complaint", "denunciation", "sensitive"}, set()),
        ("ben-tre-2014", {"complaint", "denunciation", "sensitive"}, {"pornographic"}),
        ("ha-nam-2019", set(), set()),
        ("bac-giang-2014", {"petition", "complaint", "denunciation", "one-stop"}, set()),
        ("ldld-ben-tre-2018", {"complaint", "denunciation", "sensitive"}, {"harmful"}),
    ],
)
def test_a_profile_bars_what_its_regulation_bars(
    name: str, held: set[str], refused: set[str]
) -> None:
    """The regulations disagree: one bars no kind, another the files of the one-stop desk."""
    raw = files("config").joinpath("profiles", f"{name}.toml").read_bytes()
    kinds = read_profile(raw, name=name).kinds

    assert held == {kind.name for kind in kinds if kind.decision is Decision.HOLD}
    assert refused == {kind.name for kind in kinds if kind.decision is Decision.REFUSE}


@pytest.mark.parametrize(
    ("raw", "named"),
    [
        (b"title = ", "Invalid value"),
        (b"\xff", "utf-8"),
        (b"", "title"),
        (b'title = "x"\nextensions = []', "extensions"),
        (
            b'title = "x"\n[[kind]]\nname = "a"\nvi = "a"\nen = "a"\nsource = "s"\ndecision = "no"',
            "decision",
        ),
        (
            b'title = "x"\n[[kind]]\nname = "a"\nvi = "a"\nen = "a"\nsource = "s"\ntypes = ["QD"]',
            "QD",
        ),
    ],
)
def test_a_profile_that_is_wrong_is_refused_by_name(raw: bytes, named: str) -> None:
    """The message says what is wrong."""
    with pytest.raises(Misconfigured, match=named):
        read_profile(raw, name="x")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("ldld-ben-tre-2018", Decision.REFUSE), ("default", Decision.CARRY)],
)
def test_a_profile_asks_for_a_signature_where_its_regulation_does(
    name: str, expected: Decision
) -> None:
    """The union's art. 4 lets nothing travel unsigned; elsewhere it is for reference."""
    raw = files("config").joinpath("profiles", f"{name}.toml").read_bytes()

    assert expected is read_profile(raw, name=name).signing.unsigned
