"""Names of files that came from outside, made safe to be written."""

from gateway.domain.text import clean

#: Longest file name of the usual file systems, in bytes, with room for a number in front.
_LONGEST_NAME_BYTES = 240
_FORBIDDEN = frozenset('/\\:*?"<>|')


def safe_name(name: str) -> str:
    """Return *name*, which came from outside, as a name that is safe in a folder.

    No separators, no hidden files, no control characters, at most 240 bytes with its ending kept.
    """
    kept = ("_" if each in _FORBIDDEN else each for each in name)
    plain = "".join(each for each in kept if each.isprintable() or each.isspace())
    plain = clean(plain).strip(". ") or "attachment"
    stem, dot, ending = plain.rpartition(".")
    if not dot or len(ending.encode()) > _LONGEST_NAME_BYTES // 2:
        stem, dot, ending = plain, "", ""
    room = _LONGEST_NAME_BYTES - len((dot + ending).encode())
    return stem.encode()[:room].decode(errors="ignore") + dot + ending
