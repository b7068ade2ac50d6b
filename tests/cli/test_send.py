"""The metadata that `gateway send` puts together."""

from gateway.cli.send import compose_metadata


def test_options_make_metadata() -> None:
    """The signer's parts come together; what was not given is left out."""
    given = {"to": ("H13.02",), "subject": "S", "signer": "A", "position": "B", "number": None}

    assert compose_metadata({}, given) == {
        "to": ("H13.02",),
        "subject": "S",
        "signer": {"full_name": "A", "position": "B"},
    }


def test_options_win_over_the_file() -> None:
    """Also inside the signer."""
    from_file = {"to": ["H13.02"], "subject": "F", "signer": {"full_name": "F", "position": "P"}}

    merged = compose_metadata(from_file, {"to": (), "subject": "O", "signer": "O"})

    assert merged == {
        "to": ["H13.02"],
        "subject": "O",
        "signer": {"full_name": "O", "position": "P"},
    }


def test_what_the_file_says_stays() -> None:
    """Also what no option knows: the node judges it."""
    assert compose_metadata({"business": {"kind": "new"}}, {}) == {"business": {"kind": "new"}}
