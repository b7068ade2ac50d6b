"""Places for rules about what an inspection saw in files; which trait is worth what, rules say.

A file inside an archive is judged like one beside it; its name is then ``a.zip/b.docx``.
"""

from collections.abc import Iterator
from dataclasses import replace

from gateway.domain.findings import Severity
from gateway.domain.inspection import Trait
from gateway.domain.rules.mechanism import Candidate, Place, at

#: Source of rules that keep recipients from harm.
SAFE = "NĐ 30/2020/NĐ-CP art. 21.2; safety of the receiving systems"
_LONGEST_WHAT = 80
#: Folders in the name of a part; what lies deeper is told of the whole archive.
_DEEPEST = 64
#: Findings of one code about one file; an archive may hold a thousand bad ones.
_MOST_PLACES = 10


def seen(
    candidate: Candidate, trait: Trait, *, severity: Severity | None = None
) -> Iterator[Place]:
    """Yield every file that shows *trait*, once, with the first part that does."""
    for file in candidate.files:
        if not file.observations:
            continue
        shown_by = [each for each in file.observations if each.trait is trait]
        members = {each.name for each in file.members} if shown_by else set()
        places: dict[str, str] = {}
        for each in shown_by:
            places.setdefault(_inner(members, each.part), each.what)
        for inner, what in list(places.items())[:_MOST_PLACES]:
            shown = f" ({what[:_LONGEST_WHAT]})" if what else ""
            place = at(f"/attachments/{file.n}", name=f"{file.name}{inner}", what=shown)
            yield replace(place, severity=severity)


def _inner(members: set[str], part: str) -> str:
    """Return which of *members* a *part* belongs to; parts of office files do not count."""
    for _ in range(_DEEPEST):
        if not part or part in members:
            break
        part = part.rpartition("/")[0]
    return f"/{part}" if part in members else ""
