"""`gateway agency`, `client`, `queue`, `held`: the commands of an administrator."""

import csv
import json
from io import StringIO
from pathlib import Path

import pytest

from tests.cli.commands import a_node, answer, run


@pytest.fixture(name="node")
def _node(tmp_path: Path) -> list[str]:
    """Return the option that names a node with H13, H13.01 and H13.02."""
    config = a_node(tmp_path / "node")
    answer("agency", "add", "Văn phòng", "--parent", "H13", *config)
    answer("agency", "add", "Sở Y tế", *config)
    return config


def _codes(node: list[str]) -> list[str]:
    return [each["code"] for each in answer("agency", "list", *node)]


def test_an_added_agency_is_told_in_the_words_of_the_contract(node: list[str]) -> None:
    """Code, name, parent, and nothing else."""
    added = answer("agency", "add", "Sở Tài chính", "--parent", "H13", *node)

    assert added == {"code": "H13.03", "name": "Sở Tài chính", "parent": "H13"}


def test_an_agency_can_bring_its_codes(node: list[str]) -> None:
    """Both forms as they were allotted."""
    answer("agency", "add", "Sở", "--code", "H13.20", "--legacy-code", "000.00.77.H13", *node)

    shown = answer("agency", "show", "000.00.77.H13", *node)

    assert (shown["code"], shown["legacy_provisional"]) == ("H13.20", False)


def test_a_refusal_is_one_line_on_standard_error(node: list[str]) -> None:
    """Exit status 1, and one clear line."""
    result = run("agency", "add", "Khác", "--code", "H13.01", *node)

    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)


def test_the_findings_of_a_refusal_are_in_two_languages(node: list[str]) -> None:
    """Vietnamese, and English beneath."""
    result = run("agency", "add", "Khác", "--code", "H13.01", *node)

    vietnamese = result.stdout.index("đã cấp cho")
    assert vietnamese < result.stdout.index("was given to")


def test_the_findings_of_a_refusal_can_be_read_by_programs(node: list[str]) -> None:
    """One JSON array."""
    result = run("agency", "add", "Khác", "--code", "H13.01", "--format", "json", *node)

    assert [each["code"] for each in json.loads(result.stdout)] == ["agency-code-used"]


def test_a_list_is_one_json_array(node: list[str]) -> None:
    """In the order of codes."""
    assert _codes(node) == ["H13", "H13.01", "H13.02"]


def test_a_list_can_be_csv(node: list[str]) -> None:
    """With the keys as the header."""
    result = run("agency", "list", "--format", "csv", *node)

    rows = list(csv.DictReader(StringIO(result.stdout)))
    assert [row["code"] for row in rows] == ["H13", "H13.01", "H13.02"]


def test_a_table_that_goes_to_a_file_is_not_cut(node: list[str]) -> None:
    """Only a window has a width."""
    name = "Ban Quản lý dự án đầu tư xây dựng các công trình giao thông và nông nghiệp " * 3
    answer("agency", "add", name, *node)

    assert name.strip() in run("agency", "list", *node).stdout


def test_a_name_cannot_steer_the_terminal(node: list[str]) -> None:
    """What came from outside is shown, not obeyed."""
    answer("agency", "add", "Sở \x1b[31mđỏ", *node)

    assert "\x1b" not in run("agency", "list", *node).stdout


def test_a_name_in_brackets_is_shown_as_it_is(node: list[str]) -> None:
    """Names are no markup."""
    answer("agency", "add", "Sở [bold]X[/bold]", *node)

    assert "Sở [bold]X[/bold]" in run("agency", "list", *node).stdout


def test_an_unknown_agency_cannot_be_shown(node: list[str]) -> None:
    """Exit status 1 and the code in the line."""
    result = run("agency", "show", "H13.99", *node)

    assert (result.exit_code, "H13.99" in result.stderr) == (1, True)


def test_a_moved_agency_is_told_with_its_new_code(node: list[str]) -> None:
    """Everything that changed."""
    changed = answer("agency", "move", "H13.02", "--parent", "H13.01", *node)

    assert {each["code"] for each in changed} == {"H13.02", "H13.01.01"}


def test_a_merged_agency_has_a_successor(node: list[str]) -> None:
    """The one that takes it in."""
    changed = answer("agency", "merge", "H13.02", "--into", "H13.01", "--decision", "9/NQ", *node)

    assert [(each["successor"], each["decision"]) for each in changed] == [("H13.01", "9/NQ")]


def test_a_closed_agency_names_its_last_day(node: list[str]) -> None:
    """The day before it no longer exists."""
    closed = answer(
        "agency", "close", "H13.02", "--successor", "H13.01", "--on", "2090-01-01", *node
    )

    assert (closed["valid_to"], closed["successor"]) == ("2089-12-31", "H13.01")


def test_what_is_exported_can_be_imported(node: list[str], tmp_path: Path) -> None:
    """Nothing changes."""
    file = tmp_path / "agencies.csv"
    run("agency", "export", "-o", str(file), *node)

    assert answer("agency", "import", str(file), *node) == {
        "added": 0,
        "changed": 0,
        "unchanged": 3,
    }


def test_the_directory_that_is_shipped_can_be_imported(node: list[str], tmp_path: Path) -> None:
    """Every line of it is good."""
    file = tmp_path / "node" / "config" / "agencies-vn.csv"

    assert answer("agency", "import", str(file), *node)["added"] > 50


def test_a_bad_file_is_refused_as_a_whole(node: list[str], tmp_path: Path) -> None:
    """Each bad line is a finding."""
    file = tmp_path / "agencies.csv"
    file.write_text("code,name\nH13.05,Sở tốt\nH13.06,\n??,Sở\n", "utf-8")

    result = run("agency", "import", str(file), "--format", "json", *node)

    pointers = [each["pointer"] for each in json.loads(result.stdout)]
    assert (result.exit_code, pointers, _codes(node)) == (
        1,
        ["3:name", "4:code"],
        ["H13", "H13.01", "H13.02"],
    )


def test_a_file_that_is_no_text_is_refused(node: list[str], tmp_path: Path) -> None:
    """UTF-8 is asked for."""
    file = tmp_path / "agencies.csv"
    file.write_bytes(b"code,name\nH13.05,S\xff\n")

    result = run("agency", "import", str(file), *node)

    assert (result.exit_code, "UTF-8" in result.stderr) == (1, True)


def test_a_credential_is_told_in_the_words_of_the_contract(node: list[str]) -> None:
    """Token and secret are shown this once."""
    given = answer("client", "add", "H13.01", "--name", "QLVB", *node)

    assert set(given) == {"id", "agency", "token", "systemid", "secret"}


def test_a_list_of_credentials_shows_no_token(node: list[str]) -> None:
    """Not even a part of it, in no format."""
    given = answer("client", "add", "H13.01", "--name", "QLVB", *node)

    listed = "".join(
        run("client", "list", "--format", how, *node).stdout for how in ("table", "json", "csv")
    )

    assert (given["token"] in listed, given["secret"] in listed) == (False, False)


def test_a_revoked_credential_stays_listed(node: list[str]) -> None:
    """With the time at which it ended."""
    given = answer("client", "add", "H13.01", "--name", "QLVB", *node)
    run("client", "revoke", given["id"], *node)

    (listed,) = answer("client", "list", *node)

    assert listed["revoked_at"] is not None


def test_a_turned_credential_has_another_token(node: list[str]) -> None:
    """The id stays."""
    given = answer("client", "add", "H13.01", "--name", "QLVB", *node)

    turned = answer("client", "rotate", given["id"], *node)

    assert turned["id"] == given["id"]
    assert turned["token"] != given["token"]


def test_a_code_is_granted_to_a_system_and_withdrawn(node: list[str]) -> None:
    """By name, whoever's it is; what was not granted cannot be withdrawn."""
    given = answer("client", "add", "H13.01", "--name", "QLVB", *node)

    granted = answer("client", "grant", given["id"], "H13", *node)
    withdrawn = answer("client", "withdraw", given["id"], "H13", *node)
    again = run("client", "withdraw", given["id"], "H13", *node)

    assert (granted["code"], withdrawn["code"], again.exit_code) == ("H13", "H13", 1)


def test_an_auditor_gets_a_token(node: list[str]) -> None:
    """For a program that looks after the node."""
    given = answer("client", "add", "H13", "--name", "thanh tra", "--role", "auditor", *node)

    assert given["agency"] == "H13"


def test_an_unknown_role_is_wrong_usage(node: list[str]) -> None:
    """Exit status 2."""
    result = run("client", "add", "H13", "--name", "x", "--role", "king", *node)

    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)


def test_a_new_node_has_an_empty_queue(node: list[str]) -> None:
    """Nothing waits."""
    assert answer("queue", "list", *node) == []


@pytest.mark.parametrize("command", ["show", "retry", "drop"])
def test_an_unknown_entry_of_the_queue_is_refused(node: list[str], command: str) -> None:
    """Exit status 1."""
    assert run("queue", command, "7", *node).exit_code == 1


def test_all_that_waits_for_a_destination_is_tried_now(node: list[str]) -> None:
    """Here nothing waits."""
    result = run("queue", "retry", "--destination", "axis:truc", *node)

    assert (result.exit_code, result.stdout) == (0, "tried now: 0\n")


@pytest.mark.parametrize("what", [(), ("7", "--destination", "axis:truc")])
def test_a_retry_names_entries_or_a_destination(node: list[str], what: tuple[str, ...]) -> None:
    """Exit status 2."""
    assert run("queue", "retry", *what, *node).exit_code == 2


def test_a_new_node_holds_nothing(node: list[str]) -> None:
    """Nothing waits for a decision."""
    assert answer("held", "list", *node) == []


def test_an_unknown_document_cannot_be_released(node: list[str]) -> None:
    """Exit status 1."""
    assert run("held", "release", "x", *node).exit_code == 1


@pytest.mark.parametrize("option", ["--note", "--reason"])
def test_a_refusal_of_a_held_document_takes_its_reason(node: list[str], option: str) -> None:
    """Under either name; the document is unknown."""
    assert run("held", "refuse", "x", option, "trùng", *node).exit_code == 1


def test_a_refusal_of_a_held_document_needs_a_reason(node: list[str]) -> None:
    """Wrong usage without."""
    assert run("held", "refuse", "x", *node).exit_code == 2


def test_without_a_configuration_the_line_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`gateway init` makes one."""
    monkeypatch.chdir(tmp_path)

    result = run("agency", "list")

    assert (result.exit_code, "gateway init" in result.stderr) == (1, True)


def test_an_unknown_key_of_the_configuration_is_named(node: list[str], tmp_path: Path) -> None:
    """With the nearest one that is known."""
    file = tmp_path / "node" / "gateway.toml"
    file.write_text(file.read_text("utf-8").replace("port = ", "prot = "), "utf-8")

    result = run("agency", "list", *node)

    assert (result.exit_code, "did you mean `port`" in result.stderr) == (1, True)


def _clerk(node: list[str], *more: str) -> dict[str, str]:
    return dict(
        answer(
            "account",
            "add",
            "--name",
            "Nguyễn Văn An",
            "--agency",
            "H13.01",
            "--role",
            "clerk",
            *more,
            *node,
        )
    )


def test_an_added_account_is_told_in_the_words_of_the_contract(node: list[str]) -> None:
    """The user name made of the full name, and the password that is shown once."""
    added = _clerk(node)

    assert set(added) == {"user_name", "one_time_password"}
    assert added["user_name"] == "nvan.vp"


def test_an_equal_name_is_refused_with_a_proposal(node: list[str]) -> None:
    """One line names it; the administrator can take it."""
    _clerk(node)

    result = run(
        "account", "add", "--name", "Ngô Vũ An", "--agency", "H13.01", "--role", "clerk", *node
    )

    assert (result.exit_code, "nvan2.vp" in result.stderr) == (1, True)
    assert _clerk(node, "--user-name", "nvan2.vp")["user_name"] == "nvan2.vp"


@pytest.mark.parametrize(("deed", "state"), [("lock", "locked"), ("revoke", "revoked")])
def test_an_account_is_shut_and_opened(node: list[str], deed: str, state: str) -> None:
    """Local unlock always works."""
    name = _clerk(node)["user_name"]

    shut = answer("account", deed, name, "--decision", "12/QĐ", *node)
    opened = answer("account", "unlock", name, *node)

    assert (shut["state"], shut["decision"], opened["state"]) == (state, "12/QĐ", "active")


def test_a_reset_shows_a_new_password_once(node: list[str]) -> None:
    """Another than the first."""
    added = _clerk(node)

    again = answer("account", "reset", added["user_name"], *node)

    assert again["user_name"] == added["user_name"]
    assert again["one_time_password"] != added["one_time_password"]


def test_accounts_are_listed_without_secrets(node: list[str]) -> None:
    """The first administrator and the clerk, with state and roles."""
    added = _clerk(node)

    result = run("account", "list", "--format", "json", *node)

    listed = {each["user_name"]: each["roles"] for each in json.loads(result.stdout)}
    assert listed == {"nvan.vp": ["clerk@H13.01"], "quantri.h13": ["admin@H13"]}
    assert "argon2" not in result.stdout
    assert added["one_time_password"] not in result.stdout


def test_the_last_administrator_stays(node: list[str]) -> None:
    """The line says what to do instead."""
    result = run("account", "lock", "quantri.h13", *node)

    assert (result.exit_code, "reset" in result.stderr) == (1, True)


def test_a_person_who_leaves_hands_over(node: list[str]) -> None:
    """To the head of the unit."""
    name = _clerk(node)["user_name"]
    head = _clerk(node, "--user-name", "thutruong.vp")["user_name"]

    left = answer("account", "transfer", name, "--receiver", head, "--decision", "9/QĐ", *node)

    assert (left["state"], left["why"], left["roles"]) == ("locked", "handed-over", [])


def test_an_unknown_account_is_one_clear_line(node: list[str]) -> None:
    """Exit status 1."""
    result = run("account", "unlock", "khongco", *node)

    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)
