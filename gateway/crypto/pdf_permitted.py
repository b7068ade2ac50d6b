"""What may follow a signature: pyHanko's own rules, and notes where the signer permitted them.

pyHanko counts every annotation as a forbidden change. A certification may permit annotations, but
one can draw whatever it likes over what was signed. So only those count as permitted
that viewers draw in their own way: sticky notes and marks on text, without an appearance, action
or layer of their own. Everything else stays a change that nothing explains.

Source: ISO 32000-2 section 12.8.2.2 (DocMDP); Rohlmann and others, "Breaking the Specification:
PDF Certification", 2021.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import HistoricalResolver
from pyhanko.sign.diff_analysis import (
    DEFAULT_DIFF_POLICY,
    ModificationLevel,
    QualifiedWhitelistRule,
    ReferenceUpdate,
    StandardDiffPolicy,
)
from pyhanko.sign.fields import MDPPerm

from gateway.domain.signatures import Update

_KINDS = frozenset({"/Text", "/Popup", "/Highlight", "/Underline", "/Squiggly", "/StrikeOut"})
_ENTRIES = frozenset(
    {
        *("/Type", "/Subtype", "/Rect", "/Contents", "/P", "/NM", "/M", "/F", "/C", "/CA", "/T"),
        *("/RC", "/Subj", "/CreationDate", "/Open", "/Name", "/QuadPoints", "/Popup", "/Parent"),
        *("/IRT", "/RT", "/State", "/StateModel"),
    }
)
UPDATES = {
    ModificationLevel.NONE: Update.NONE,
    ModificationLevel.LTA_UPDATES: Update.ARCHIVAL,
    ModificationLevel.FORM_FILLING: Update.FORM,
    ModificationLevel.ANNOTATIONS: Update.FORM,
    ModificationLevel.OTHER: Update.FORBIDDEN,
}


def is_permitted(level: ModificationLevel, permitted: MDPPerm | None) -> bool:
    """Whether changes of *level* may follow; notes only where the signer permitted them."""
    if permitted is None:
        return level.value < ModificationLevel.ANNOTATIONS.value
    return level is not ModificationLevel.OTHER and level.value <= permitted.value


class NoteRule(QualifiedWhitelistRule):
    """Explains pages that got notes, and the notes, as annotations."""

    def apply_qualified(
        self, old: HistoricalResolver, new: HistoricalResolver
    ) -> Iterable[tuple[ModificationLevel, ReferenceUpdate]]:
        """Yield what is explained between two revisions."""
        for reference in new.explicit_refs_in_revision():
            for each in _explained(reference, old, new):
                yield ModificationLevel.ANNOTATIONS, ReferenceUpdate(each)


def _explained(
    reference: generic.Reference, old: HistoricalResolver, new: HistoricalResolver
) -> Iterator[generic.Reference]:
    """Yield the page *reference* with its new notes, or nothing."""
    if old.is_ref_unassignable(reference):
        return
    before, now = old(reference), new(reference)
    if not (_is_page(before) and _is_page(now)) or _others(before) != _others(now):
        return
    kept, found = _annotations(before, old), _annotations(now, new)
    added = found[len(kept) :]
    if found[: len(kept)] == kept and all(_is_note(each, old, new) for each in added):
        yield reference
        yield from filter(None, added)


def _is_page(value: Any) -> bool:  # noqa: ANN401 - any object of a file
    return isinstance(value, generic.DictionaryObject) and value.get("/Type") == "/Page"


def _others(page: generic.DictionaryObject) -> dict[str, Any]:
    """Return the entries of *page* but its annotations, as they are written."""
    return {key: page.raw_get(key) for key in page if key != "/Annots"}


def _annotations(
    page: generic.DictionaryObject, revision: HistoricalResolver
) -> list[generic.Reference | None]:
    """Return the annotations of *page*; None stands for one that is no reference."""
    found = page.raw_get("/Annots") if "/Annots" in page else ()
    if isinstance(found, generic.IndirectObject):
        found = revision(found.reference)
    each_raw = found.raw_get if isinstance(found, generic.ArrayObject) else None
    listed = [each_raw(place) for place in range(len(found))] if each_raw else []
    return [
        each.reference if isinstance(each, generic.IndirectObject) else None for each in listed
    ]


def _is_note(
    reference: generic.Reference | None, old: HistoricalResolver, new: HistoricalResolver
) -> bool:
    """Whether *reference* is a note, and new."""
    if reference is None or not old.is_ref_unassignable(reference):
        return False
    note = new(reference)
    return (
        isinstance(note, generic.DictionaryObject)
        and note.get("/Subtype") in _KINDS
        and set(note) <= _ENTRIES
    )


POLICY = StandardDiffPolicy(
    global_rules=[*DEFAULT_DIFF_POLICY.global_rules, NoteRule()],
    form_rule=DEFAULT_DIFF_POLICY.form_rule,
)
