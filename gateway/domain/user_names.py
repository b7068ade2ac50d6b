"""User names made from full names (S0 art. 3.2, S4 art. 7.1).

``Phan Song Toàn`` of an agency with the short name ``ldld`` is ``pstoan.ldld``. The seeds differ
where a person has several middle names: by the rule ``initials`` each gives its letter
(``Nguyễn Thị Ngọc Trâm``: ``ntntram``), by ``one-middle`` only the first (``nttram``).
"""

import re
from collections.abc import Callable
from itertools import count

from gateway.domain.directory import Agency
from gateway.domain.text import fold

INITIALS, ONE_MIDDLE = "initials", "one-middle"
_NOT_PLAIN = re.compile(r"[^a-z0-9]")
#: What an administrator may set by hand.
USER_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,62}[a-z0-9]")
_LONGEST_PART = 30


def user_name(full_name: str, suffix: str, *, rule: str) -> str:
    """Return the user name of a person; empty when the name holds no letter of the alphabet."""
    words = [word for each in full_name.split() if (word := _plain(each))]
    if not words:
        return ""
    *before, given = words
    if rule == ONE_MIDDLE:
        before = before[:2]
    local = "".join(word[0] for word in before) + given
    return f"{local[:_LONGEST_PART]}.{suffix}"


def suffix_of(agency: Agency) -> str:
    """Return what stands behind the dot: the agency's short name, else the initials of its name.

    Words in capitals (``UBND``) are abbreviations already and stay whole.
    """
    short = _plain(agency.short_name or "")
    if short:
        return short[:_LONGEST_PART]
    words = [(word, _plain(word)) for word in agency.name.split()]
    initials = "".join(
        plain if len(plain) > 1 and word.isupper() else plain[:1] for word, plain in words
    )
    return initials[:_LONGEST_PART] or _plain(agency.code)


def proposal(wanted: str, is_taken: Callable[[str], bool]) -> str:
    """Return *wanted*, or the first free name like it: ``pstoan2.ldld`` after ``pstoan.ldld``."""
    local, dot, suffix = wanted.rpartition(".")
    names = (wanted if n == 1 else f"{local}{n}{dot}{suffix}" for n in count(1))
    return next(name for name in names if not is_taken(name))


def _plain(word: str) -> str:
    return _NOT_PLAIN.sub("", fold(word))
