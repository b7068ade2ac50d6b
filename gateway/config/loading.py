"""Reading `gateway.toml`: the only file that reads TOML, files of secrets or variables."""

import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import msgspec

from gateway.config.contradictions import contradictions
from gateway.config.whole import Config
from gateway.domain.errors import Misconfigured

#: Fields of the whole that are no keys.
_NO_KEYS = ("folder", "file")


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
        raise Misconfigured(f"{file}: {error}".replace("`$.", "`").replace("$.", "")) from error
    config = msgspec.structs.replace(config, folder=file.absolute().parent, file=file.absolute())
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
    known = {field.encode_name: field for field in msgspec.structs.fields(struct)}
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


def _struct_of(kind: object) -> type[msgspec.Struct] | None:
    for candidate in (kind, *get_args(kind)):
        if isinstance(candidate, type) and issubclass(candidate, msgspec.Struct):
            return candidate
    return None
