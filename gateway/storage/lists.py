"""Which statements together are a list of documents: each kind of question has an index of its own."""

from collections.abc import Iterator
from dataclasses import replace

from gateway.domain.document import Priority
from gateway.domain.lifecycle import DeliveryState
from gateway.ports import Selection
from gateway.storage.rows import instant

_NEWEST = 2**62
_WAITS = DeliveryState.WAITING.value
_BOXES = ("in", "out")
_PLAIN = {"in": "list_in", "out": "list_out", "all": "list_all"}
_WORDS = {"in": "list_in_words", "out": "list_out_words", "all": "list_all_words"}
_AT = {"in": "list_in_at", "out": "list_out_at"}
_WITH = {"in": "list_in_with", "out": "list_out_with"}
_STATE = {"in": "list_in_state", "out": "list_out_state"}
#: Statements that leave out what waits for its recipient, which lies in an index of its own.
_MOVED = frozenset({"list_in_at", "list_in_with", "list_in_state", "list_out_with"})
_WAITING = {"in": "list_in_waiting", "out": "list_out_waiting"}
_PRIORITIES = tuple(each.rank for each in Priority)


#: So many of the newest documents are looked through for words before the index is asked.
_NEAR = 5_000


def questions(selection: Selection) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield the statements whose rows together are the list, each with its values."""
    several = _one_by_one(selection)
    if several:
        for each in several:
            yield from questions(each)
        return
    if selection.words is None:
        yield from _plain(selection)
        return
    boxes = _boxes(selection)
    if selection.words:
        yield from ((_WORDS[box], _values(selection)) for box in boxes)
    by_names = replace(selection, words=None, named=(), arrival_number=None)
    if selection.counterpart is None and selection.agency is not None:
        for code in selection.named:
            yield from _plain(replace(by_names, counterpart=code))
    if selection.arrival_number is not None and "in" in boxes:
        yield "list_in_numbered", _values(selection)


def _one_by_one(selection: Selection) -> list[Selection]:
    """Return the questions that one of several states, or of several agencies, makes; [] of one."""
    if len(selection.at) > 1:
        return [replace(selection, at=(state,)) for state in selection.at]
    return [replace(selection, counterpart=code, partners=()) for code in selection.partners]


def _plain(selection: Selection) -> Iterator[tuple[str, dict[str, object]]]:
    values = _values(selection)
    if selection.agency is None:
        yield ("list_state" if _only_state(selection) else "list_all"), values
        return
    names = _PLAIN
    if selection.at:
        names = _AT
    elif selection.counterpart is not None:
        names = _WITH
    elif selection.state is not None:
        names = _STATE
    for box in _boxes(selection):
        name = names[box]
        if name not in _MOVED or selection.at != (_WAITS,):
            yield name, values
        if name in _MOVED and selection.at in {(), (_WAITS,)}:
            yield from ((_WAITING[box], values | {"priority": each}) for each in _PRIORITIES)


def _boxes(selection: Selection) -> tuple[str, ...]:
    if selection.agency is None:
        return ("all",)
    return (selection.box,) if selection.box in _BOXES else _BOXES


def _only_state(selection: Selection) -> bool:
    others = (selection.type, selection.since, selection.until, selection.counterpart)
    return selection.state is not None and not any(others)


def _values(selection: Selection) -> dict[str, object]:
    return {
        "agency": selection.agency,
        "before": selection.before or _NEWEST,
        "state": selection.state,
        "at": selection.at[0] if selection.at else None,
        "type": selection.type,
        "since": instant(selection.since),
        "until": instant(selection.until),
        "counterpart": selection.counterpart,
        "arrival_number": selection.arrival_number,
        "limit": selection.limit,
        "match": _match(selection),
        "asked": _asked(selection),
        "near": _NEAR,
    }


def _asked(selection: Selection) -> str:
    """Return the same as PostgreSQL asks, known to its planner: rare words are looked up first."""
    weights = "AB" if selection.anywhere else "A"
    words = (f"'{word}':{'*' * (len(word) > 1)}{weights}" for word in selection.words or ())
    return " & ".join(words)


def _match(selection: Selection) -> str:
    """Return the words as FTS5 asks for them; one letter is a word, not the beginning of one."""
    columns = "{subject marks}" if selection.anywhere else "subject"
    words = (f'"{word}"*' if len(word) > 1 else f'"{word}"' for word in selection.words or ())
    return f"{columns} : ({' AND '.join(words)})"
