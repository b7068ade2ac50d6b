"""Archives (zip): the directory against the members, and every member for what it is.

Members are unpacked one after another into a file that leaves memory when it grows, within the
bounds that the node sets; what is over them is not unpacked.
"""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import BinaryIO

from gateway.domain.inspection import (
    Bounds,
    Inspected,
    Member,
    Observation,
    Trait,
    is_by_product,
)
from gateway.formats.zip_directory import (
    BadZip,
    Entry,
    ZipDirectory,
    begin_of_data,
    read_directory,
    unpack,
)

_IN_MEMORY = 1_048_576
#: Smaller members may shrink as they like.
_NO_BOMB = 1_048_576
_LOOKED_AT_BEHIND = 4096
_DAMAGE = frozenset({Trait.TRUNCATED, Trait.DAMAGED, Trait.UNREADABLE, Trait.LEGACY_TEXT})

Look = Callable[[BinaryIO, int], Inspected]


def look_into_archive(
    file: BinaryIO, seen: Inspected, bounds: Bounds, *, depth: int, look: Look
) -> Inspected:
    """Return *seen* with the members of an archive and what they show.

    *depth* is that of the archive, 1 for the outermost; *look* inspects a member at a depth.
    """
    try:
        directory = read_directory(file, most=bounds.members + 1)
    except BadZip:
        return replace(seen, observations=(Observation(trait=Trait.TRUNCATED),))
    observations = list(_directory(file, directory, bounds))
    if Trait.OVERLAP in {each.trait for each in observations}:
        return replace(seen, observations=tuple(observations))
    members: list[Member] = []
    left = bounds.unpacked_bytes
    for entry in directory.entries[: bounds.members]:
        if left <= 0:
            observations.append(Observation(trait=Trait.BOMB, part=entry.name))
            break
        taken, found = _member(file, entry, bounds, left, lambda inner: look(inner, depth + 1))
        left -= taken
        members += found.members
        observations += found.observations
    return replace(seen, observations=tuple(observations), members=tuple(members))


def _directory(file: BinaryIO, directory: ZipDirectory, bounds: Bounds) -> Iterator[Observation]:
    """Compare the directory with itself and with the places of the members."""
    if directory.count > bounds.members or len(directory.entries) > bounds.members:
        yield Observation(trait=Trait.TOO_MANY_MEMBERS, what=str(directory.count))
    if directory.before:
        yield Observation(trait=Trait.POLYGLOT, what="before")
    elif _something_is_behind(file, directory):
        yield Observation(trait=Trait.POLYGLOT, what="after")
    if _overlaps(file, directory):
        yield Observation(trait=Trait.OVERLAP)
    for entry in directory.entries:
        if entry.packing and not entry.is_encrypted:
            trait = Trait.UNUSUAL_METHOD if entry.can_be_unpacked else Trait.UNREAD_METHOD
            yield Observation(trait=trait, part=entry.name, what=entry.packing)


def _something_is_behind(file: BinaryIO, directory: ZipDirectory) -> bool:
    file.seek(-directory.behind, 2)
    return bool(file.read(_LOOKED_AT_BEHIND).strip(b"\0 \r\n\t")) if directory.behind else False


def _overlaps(file: BinaryIO, directory: ZipDirectory) -> bool:
    free = 0
    for entry in sorted(directory.entries, key=lambda each: each.offset):
        if entry.offset < free:
            return True
        try:
            free = begin_of_data(file, entry) + entry.packed
        except BadZip:
            return True
    return free > directory.begin


def _member(
    file: BinaryIO, entry: Entry, bounds: Bounds, left: int, look: Callable[[BinaryIO], Inspected]
) -> tuple[int, Inspected]:
    """Return how many bytes a member unpacked to, and itself and its own members."""
    member = Member(
        name=entry.name, size=entry.size, is_link=entry.is_link, is_encrypted=entry.is_encrypted
    )
    if entry.is_folder or entry.is_encrypted or entry.is_link or not entry.can_be_unpacked:
        return 0, _alone(member)
    packed = min(entry.packed, file.seek(0, 2))
    most = min(left, max(_NO_BOMB, bounds.ratio * packed)) + 1
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as unpacked:
        try:
            for chunk in unpack(file, entry, most=most):
                unpacked.write(chunk)
        except BadZip as error:
            wrong = Observation(trait=Trait.UNREADABLE_MEMBER, part=entry.name, what=str(error))
            return unpacked.tell(), _alone(member, wrong)
        size = unpacked.tell()
        if size >= most:
            return size, _alone(member, Observation(trait=Trait.BOMB, part=entry.name))
        found = look(unpacked)  # type: ignore[arg-type] # it is as good as a file
        return size, _inside(replace(member, size=size), _worth_telling(entry.name, found))


def _worth_telling(name: str, found: Inspected) -> Inspected:
    """Return *found* without the damage of what nobody will open."""
    if not is_by_product(name):
        return found
    kept = tuple(each for each in found.observations if each.trait not in _DAMAGE)
    return replace(found, observations=kept)


def _alone(member: Member, *observations: Observation) -> Inspected:
    return Inspected(
        media_type="", extensions=frozenset(), observations=observations, members=(member,)
    )


def _inside(member: Member, found: Inspected) -> Inspected:
    """Return the member with what was found in it, named by its way through the archives."""
    known = replace(member, media_type=found.media_type, carries=found.extensions)
    inner = (replace(each, name=f"{member.name}/{each.name}") for each in found.members)
    return replace(
        found,
        members=(known, *inner),
        observations=tuple(
            replace(each, part=f"{member.name}/{each.part}" if each.part else member.name)
            for each in found.observations
        ),
    )
