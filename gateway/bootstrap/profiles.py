"""Which policy profile each agency follows when, from the settings and the files they name."""

from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path

from msgspec.structs import replace

from gateway.config import Config
from gateway.domain.errors import Misconfigured
from gateway.domain.profile import Assignment, Profile, Profiles
from gateway.formats.profiles import read_profile


def shipped_profile(name: str) -> Profile:
    """Return the profile *name* that comes with the program.

    Raises:
        Misconfigured: there is none of that name.
    """
    folder = files("config").joinpath("profiles")
    known = {
        each.name.removesuffix(".toml"): each
        for each in folder.iterdir()
        if each.name.endswith(".toml")
    }
    if name not in known:
        raise Misconfigured(f"there is no profile `{name}`; known: {', '.join(sorted(known))}")
    return read_profile(known[name].read_bytes(), name=name)


def profiles_of(config: Config) -> Profiles:
    """Return who follows which profile; a file of the node wins over one that is shipped.

    Raises:
        Misconfigured: a profile is missing or wrong, or a date is none.
    """
    folder = config.path(config.screening.profiles)

    @cache
    def load(name: str) -> Profile:
        return _profile(folder, name)

    return Profiles(
        default=load(config.screening.profile), assignments=tuple(_assignments(config, load))
    )


def everybody_follows(config: Config, profile: str) -> Config:
    """Return *config* with *profile* for every agency.

    Raises:
        Misconfigured: there is none of that name, or it is wrong.
    """
    _profile(config.path(config.screening.profiles), profile)
    return replace(
        config,
        screening=replace(config.screening, profile=profile),
        office=tuple(replace(each, profile="") for each in config.office),
        profile=(),
    )


def _profile(folder: Path, name: str) -> Profile:
    file = folder / f"{name}.toml"
    if not name.replace("-", "").replace("_", "").isalnum() or not file.is_file():
        return shipped_profile(name)
    try:
        return read_profile(file.read_bytes(), name=name)
    except (OSError, Misconfigured) as error:
        raise Misconfigured(f"{file}: {error}") from error


def _assignments(config: Config, load: Callable[[str], Profile]) -> Iterator[Assignment]:
    for office in config.office:
        if office.profile:
            yield Assignment(agency=office.agency, profile=load(office.profile))
    for each in config.profile:
        yield Assignment(
            agency=each.agency,
            profile=load(each.name),
            since=_day(each.since, each.agency),
            until=_day(each.until, each.agency),
        )


def _day(text: str, agency: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Misconfigured(f"`profile` of {agency}: {text!r} is no date, {error}") from error
