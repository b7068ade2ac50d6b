"""Reading `gateway.toml`: the only file that reads TOML, files of secrets or variables."""

import difflib
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import msgspec
from msgspec import structs

from gateway.config.contradictions import contradictions
from gateway.config.whole import Config
from gateway.domain.errors import Misconfigured

#: Fields of the whole that are no keys.
_NO_KEYS = ("folder", "file")
#: The place that an error of a value names, and the steps to it.
_PLACE = re.compile(r"at `\$((?:\.\w+|\[\d+\])+)`")
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")


def load(file: Path) -> Config:
    """Read *file* into a :class:`Config`.

    Raises:
        Misconfigured: the file is missing or unreadable, a key is unknown or a value wrong.
    """
    try:
        raw = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise Misconfigured(
            f"{file}: there is no such file; `gateway init` makes one, --config names another"
        ) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Misconfigured(f"{file}: {error}") from error
    return parse(raw, file=file)


def parse(raw: Mapping[str, Any], *, file: Path) -> Config:
    """Turn the tables *raw* of *file* into a :class:`Config`; errors as in :func:`load`."""
    for problem in _unknown_keys(raw, Config, ""):
        raise Misconfigured(f"{file}: {problem}")
    try:
        config = msgspec.convert(
            {key: value for key, value in raw.items() if key not in _NO_KEYS}, Config
        )
    except msgspec.ValidationError as error:
        told = f"{error}".replace("`$.", "`").replace("$.", "")
        raise Misconfigured(f"{file}: {told}{_choice(error, raw)}") from error
    config = structs.replace(config, folder=file.absolute().parent, file=file.absolute())
    for problem in contradictions(config):
        raise Misconfigured(f"{file}: {problem}")
    return config


def secret(*, env: str, file: Path | None) -> str | None:
    """Return the secret that the variable *env* or *file* holds, None when neither is named.

    Raises:
        Misconfigured: what is named holds nothing.
    """
    if env:
        value = os.environ.get(env, "")
        if not value:
            raise Misconfigured(f"the variable {env} that should hold a secret is not set")
        return value
    if file is not None:
        try:
            return file.read_text("utf-8").strip()
        except OSError as error:
            raise Misconfigured(f"{file}: cannot read the secret: {error.strerror}") from error
    return None


def _unknown_keys(raw: Mapping[str, Any], struct: type[msgspec.Struct], at: str) -> Iterator[str]:
    known = {field.encode_name: field for field in structs.fields(struct)}
    for key in _NO_KEYS if struct is Config else ():
        del known[key]
    for key, value in raw.items():
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"; did you mean `{near[0]}`?" if near else f"; known: {', '.join(known)}"
            yield f"unknown key `{at}{key}`{hint}"
            continue
        inner = _struct_of(known[key].type)
        tables = value if isinstance(value, list) else [value]
        for table in tables if inner is not None else []:
            if isinstance(table, Mapping) and inner is not None:
                yield from _unknown_keys(table, inner, f"{at}{key}.")


def _choice(error: msgspec.ValidationError, raw: Mapping[str, Any]) -> str:
    """Return what may stand at the place that *error* names, nothing where that is no choice."""
    place = _PLACE.search(str(error))
    kind: object = Config
    value: object = raw
    for key, index in _STEP.findall(place[1]) if place is not None else ():
        struct = _struct_of(kind)
        if key and struct is not None and isinstance(value, Mapping):
            kind = next(each.type for each in structs.fields(struct) if each.encode_name == key)
            value = value.get(key)
        elif index and isinstance(value, list):
            value = value[int(index)]
    allowed = list(_literals(kind))
    if not allowed:
        return ""
    near = difflib.get_close_matches(str(value), allowed, n=1)
    hint = f"; did you mean `{near[0]}`?" if near else ""
    return f"{hint}; allowed: {', '.join(f'`{each}`' for each in allowed)}"


def _literals(kind: object) -> Iterator[str]:
    """Yield the values that a choice, or a list of choices, may have."""
    if get_origin(kind) is Literal:
        yield from (str(each) for each in get_args(kind))
        return
    for inner in get_args(kind):
        yield from _literals(inner)


def _struct_of(kind: object) -> type[msgspec.Struct] | None:
    for candidate in (kind, *get_args(kind)):
        if isinstance(candidate, type) and issubclass(candidate, msgspec.Struct):
            return candidate
    return None
