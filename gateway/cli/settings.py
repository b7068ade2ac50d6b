"""The text of a new `gateway.toml`: every key live, one line each, with its description."""

import json
from collections.abc import Iterator
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta

from gateway.config import AgencyProfile, Axis, Config, Node, Office, Peer, RetentionRule

_HEAD = """\
# Configuration of a node of the liaison gateway.
#
# Every key is here with its default; change what differs and start the node again. A key that is
# not known is an error. Relative paths start at the folder of this file. Secrets never stand
# here: name a variable (…_env) or a file (…_file) that holds one.
"""
_EXAMPLES = {
    "axis": (
        Axis(
            name="truc-quoc-gia",
            adapter="vxp",
            endpoint="https://axis.example.gov.vn/vxp",
            codes=("*",),
            systemid="sys.h13",
            secret_file="config/secrets/truc-quoc-gia",  # noqa: S106 - a path
        ),
        "an axis or a peer node; one table for each (remove the # in front)",
    ),
    "peer": (
        Peer(agency="H40", names=("lienthong.h40.example.gov.vn",)),
        "a node that must show its certificate, at `http.peer_port`",
    ),
    "office": (
        Office(
            agency="H13.01",
            delivery="webhook",
            url="https://office.example.gov.vn/inbox",
            secret_file="config/secrets/h13.01",  # noqa: S106 - a path
        ),
        "how an agency of this node is reached; without a table by the pull box",
    ),
    "profile": (
        AgencyProfile(agency="H13.01", name="ben-tre-2014", since="2026-01-01"),
        "which policy profile an agency and all below it follow; the nearest and newest holds",
    ),
    "removal": (
        RetentionRule(
            name="cong-van-5-nam",
            days=1826,
            states=("closed",),
            types=("CV",),
            decision="15/QĐ-SNV",
        ),
        "after how long content is removed; the first rule that fits holds, without one it stays",
    ),
}


def settings_text(node: Node, **sections: msgspec.Struct) -> str:
    """Return the configuration of *node*, with *sections* in the place of their defaults."""
    config = Config(node=node, **sections)  # type: ignore[arg-type] # a section for each name
    return "\n".join(_lines(config))


def _lines(config: Config) -> Iterator[str]:
    yield _HEAD
    for field in msgspec.structs.fields(config):
        if field.name in _EXAMPLES:
            example, purpose = _EXAMPLES[field.name]
            yield f"# [[{field.name}]]  # {purpose}"
            yield from (f"# {line}" for line in _table(example))
            yield ""
            continue
        section = getattr(config, field.name)
        if isinstance(section, msgspec.Struct):
            purpose = _summary(section)
            yield f"[{field.name}]  # {purpose}"
            yield from _table(section)
            yield ""


def _table(section: msgspec.Struct) -> Iterator[str]:
    hints = get_type_hints(type(section), include_extras=True)
    for field in msgspec.structs.fields(section):
        value = getattr(section, field.name)
        yield f"{field.encode_name} = {_value(value)}  # {_description(hints[field.name])}"


def _summary(section: msgspec.Struct) -> str:
    first = (type(section).__doc__ or "").partition("\n")[0].rstrip(".")
    return first[:1].lower() + first[1:]


def _description(hint: Any) -> str:  # noqa: ANN401 - annotations have no common type
    if get_origin(hint) is Annotated:
        for part in get_args(hint)[1:]:
            if isinstance(part, Meta) and part.description:
                return part.description
    return ""


def _value(value: object) -> str:
    """Return *value* in TOML; JSON writes strings, numbers, booleans and lists of them alike."""
    return json.dumps(value, ensure_ascii=False)
