"""What a PDF does or points to (ISO 32000-1 section 12.6), object by object.

What leads to another file is told; what leads to the network without being clicked is worse.
"""

import re
from collections.abc import Iterator
from itertools import islice

import pikepdf

from gateway.domain.inspection import Observation, Trait
from gateway.formats.image_files import is_bomb

_ACTIONS = {
    "/Launch": Trait.PDF_LAUNCH,
    "/SubmitForm": Trait.PDF_SUBMIT,
    "/ImportData": Trait.PDF_SUBMIT,
    "/JavaScript": Trait.PDF_SCRIPT,
}
#: Actions that lead to another file: under which key they name it.
_LEADING = {"/GoToR": "/F", "/GoToE": "/F", "/Thread": "/F", "/URI": "/URI"}
_SCRIPTED = ("/JS", "/XFA")
#: What is done without a click: when the file, a page or a field is opened, shown, closed.
_BY_ITSELF = ("/OpenAction", "/AA")
_FILE = re.compile(r"\s*(?:file:|smb:|\\\\|//)", re.IGNORECASE)
_SCRIPT = re.compile(r"\s*(?:javascript|vbscript|data):", re.IGNORECASE)
_REMOTE = re.compile(r"\s*(?:[a-z][a-z0-9+.-]+:|\\\\|//)", re.IGNORECASE)
_ON_THIS_DISK = re.compile(r"\s*file:/{0,3}(?:[a-z][:|]|localhost/)", re.IGNORECASE)
_MOST_CHAINED = 100
_LONGEST = 120


def actions_of(each: pikepdf.Object) -> Iterator[Observation]:
    """Yield what the dictionary or stream *each* does, links to or holds that is no file."""
    action = _ACTIONS.get(str(each.get("/S")))
    if action is not None:
        yield Observation(trait=action)
    yield from _scripts(each)
    if str(each.get("/Subtype")) == "/RichMedia":
        yield Observation(trait=Trait.EMBEDDED_FILE, what="RichMedia")
    if str(each.get("/Subtype")) == "/Image" and is_bomb(_pixels(each)):
        yield Observation(trait=Trait.BOMB)
    target = _target(each)
    if target is not None:
        yield Observation(trait=Trait.EXTERNAL_LINK, what=target[:_LONGEST])
    for target in _targets_by_itself(each):
        yield Observation(trait=Trait.REMOTE_TEMPLATE, what=target[:_LONGEST])


def _scripts(each: pikepdf.Object) -> Iterator[Observation]:
    for key in _SCRIPTED:
        if key in each:
            yield Observation(trait=Trait.PDF_SCRIPT, what=key.removeprefix("/"))
    if _SCRIPT.match(str(each.get("/URI", ""))):
        yield Observation(trait=Trait.PDF_SCRIPT, what="URI")


def _pixels(image: pikepdf.Object) -> int:
    sides = [image.get("/Width", 0), image.get("/Height", 0)]
    return int(sides[0]) * int(sides[1])


def _target(each: pikepdf.Object) -> str | None:
    """Return the other file to which *each* leads; pages of the web are hyperlinks, no files."""
    if isinstance(each, pikepdf.Stream):
        return _file_name(each.get("/F"))  # its bytes stand in another file
    kind = str(each.get("/S"))
    named = _file_name(each.get(_LEADING.get(kind, "")))
    is_page_of_the_web = kind == "/URI" and named is not None and not _FILE.match(named)
    return None if is_page_of_the_web else named


def _file_name(specification: object) -> str | None:
    """Return the name in a file specification: a text, or a dictionary that embeds nothing."""
    if isinstance(specification, pikepdf.Dictionary):
        if "/EF" in specification:
            return None
        names = (specification.get(key) for key in ("/UF", "/F", "/Unix", "/DOS", "/Mac"))
        specification = next((each for each in names if each is not None), None)
    return str(specification) if isinstance(specification, pikepdf.String) else None


def _targets_by_itself(each: pikepdf.Object) -> Iterator[str]:
    """Yield what is fetched from the network without a click."""
    if isinstance(each, pikepdf.Stream):
        waiting: list[object] = [each]
    else:
        waiting = [each.get(key) for key in _BY_ITSELF]
    for _ in range(_MOST_CHAINED):
        if not waiting:
            return
        action = waiting.pop()
        if isinstance(action, pikepdf.Array):
            waiting += islice(action, _MOST_CHAINED)
        if not isinstance(action, pikepdf.Dictionary | pikepdf.Stream):
            continue
        target = _target(action)
        if target is not None and _REMOTE.match(target) and not _ON_THIS_DISK.match(target):
            yield target
        if not isinstance(action, pikepdf.Stream):
            waiting += [action.get(key) for key in action.keys() if key != "/Parent"]  # noqa: SIM118 - a dictionary of pikepdf iterates otherwise
