"""Files inside of documents (PDF attachments, packaged objects): judged as members of an archive.

What harms there harms as if it were attached; that such a file is cut or has links of its own is
its own affair.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import BinaryIO

from gateway.domain.inspection import Inspected, Observation, Trait, is_program

Look = Callable[[BinaryIO], Inspected]

#: Documents in documents; deeper ones are not opened.
MOST_LEVELS = 6
#: What an object of another program may show without being of harm: it is opened with its host.
OBJECT_MAY_BE = frozenset({Trait.ENCRYPTED})
_TOLD = frozenset(
    {
        Trait.ACTIVE_CONTROL,
        Trait.BOMB,
        Trait.COMMAND_FIELD,
        Trait.EMBEDDED_FILE,
        Trait.EMBEDDED_PROGRAM,
        Trait.ENCRYPTED,
        Trait.MACRO,
        Trait.NESTED,
        Trait.OVERLAP,
        Trait.PDF_LAUNCH,
        Trait.PDF_SUBMIT,
        Trait.POLYGLOT,
        Trait.REMOTE_TEMPLATE,
        Trait.TOO_MANY_MEMBERS,
        Trait.UNREAD_METHOD,
    }
)
#: Office formats that exist to hold macros.
_MACRO_EXTENSIONS = frozenset(
    {"docm", "dotm", "xlsm", "xltm", "xlam", "pptm", "potm", "ppsm", "ppam"}
)
_LONGEST = 200


def look_into_embedded(
    file: BinaryIO, names: Sequence[str], look: Look, *, may_be: Collection[Trait] = ()
) -> Iterator[Observation]:
    """Yield what harms in an embedded *file*, but for what it *may be*.

    It goes by all of *names* and is told by the first.
    """
    found, name = look(file), names[0]
    parts = [(each, found.media_type) for each in names]
    parts += [(f"{name}/{each.name}", each.media_type) for each in found.members]
    for part, media_type in parts:
        if not part.endswith("/"):
            yield from _runs(part, media_type)
    if any(each.is_encrypted for each in found.members) and Trait.ENCRYPTED not in may_be:
        yield Observation(trait=Trait.ENCRYPTED, what=name[:_LONGEST])
    for each in found.observations:
        if each.trait in _TOLD and each.trait not in may_be:
            what = ": ".join(filter(None, (name, each.what)))
            yield Observation(trait=each.trait, what=what[:_LONGEST])


def _runs(name: str, media_type: str) -> Iterator[Observation]:
    if is_program(name, media_type):
        yield Observation(trait=Trait.EMBEDDED_PROGRAM, what=name[:_LONGEST])
    elif name.rpartition(".")[2].lower() in _MACRO_EXTENSIONS:
        yield Observation(trait=Trait.MACRO, what=name[:_LONGEST])
