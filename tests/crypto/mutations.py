"""Signed files changed at random, in the ways that a hand, a disk or an attacker changes them.

The same seed and the same files give the same mutations, in any process. Nothing here may import
what makes the house fast: plain pyHanko judges these, too.
"""

import random
import re
from collections.abc import Callable, Iterator, Mapping

_RANGE = re.compile(rb"/ByteRange\s*\[[\d\s]+\]")
_CONTENTS = re.compile(rb"/Contents\s*<([0-9A-Fa-f]{400,})>")
_OBJECT = re.compile(rb"(?<![0-9])(\d{1,6}) 0 obj\b(.*?)endobj", re.DOTALL)
_ENTRY = re.compile(rb"\d{10} \d{5} [nf]")
_TRAILER = re.compile(rb"/(?:Root|Prev|Size|Info|W|Index|Kids|Fields|V|Annots)\b[^/>]{1,40}\d")
_NUMBER = re.compile(rb"\d+")
_NAMES = (b"/Sig", b"/Type", b"/V", b"/Kids", b"/Fields", b"/AcroForm", b"/Prev", b"/Root", b"/FT")
_TOKENS = (b">>", b"<<", b"endobj\n", b"null ", b"%%EOF\n", b"stream\n", b"[", b"]", b"/X ", b"0 ")
_START = re.compile(rb"startxref\s+(\d+)")
_ROOT = re.compile(rb"/Root (\d+) 0 R")

Chance = random.Random
Mutator = Callable[[bytes, Chance], bytes]


def mutations(
    files: Mapping[str, bytes], count: int, *, seed: int = 4
) -> Iterator[tuple[str, bytes]]:
    """Yield *count* mutations of *files*, each with a name that says how it was made."""
    chance, names = Chance(seed), sorted(files)
    for number in range(count):
        name, mutate = chance.choice(names), chance.choice(MUTATORS)
        changed = mutate(files[name], chance)
        if chance.random() < 0.1:
            mutate_too = chance.choice(MUTATORS)
            changed = mutate_too(changed, chance)
        yield f"{number}-{mutate.__name__}-{name}", changed


def _put(pdf: bytes, begin: int, end: int, new: bytes) -> bytes:
    return pdf[:begin] + new + pdf[end:]


def _one(pattern: re.Pattern[bytes], pdf: bytes, chance: Chance) -> re.Match[bytes] | None:
    found = list(pattern.finditer(pdf))
    return chance.choice(found) if found else None


def flip_any(pdf: bytes, chance: Chance) -> bytes:
    """Change one byte anywhere."""
    if not pdf:
        return pdf
    place = chance.randrange(len(pdf))
    return _put(pdf, place, place + 1, bytes([pdf[place] ^ chance.randrange(1, 256)]))


def flip_signature(pdf: bytes, chance: Chance) -> bytes:
    """Change one byte of the structure of a signature, most often where it says something."""
    found = _one(_CONTENTS, pdf, chance)
    if found is None:
        return flip_any(pdf, chance)
    digits = len(found[1].rstrip(b"0")) or len(found[1])
    place = found.start(1) + 2 * chance.randrange(max(1, digits // 2))
    byte = int(pdf[place : place + 2], 16) ^ chance.randrange(1, 256)
    return _put(pdf, place, place + 2, b"%02x" % byte)


def truncate_signature(pdf: bytes, chance: Chance) -> bytes:
    """Put zeros from somewhere on."""
    found = _one(_CONTENTS, pdf, chance)
    if found is None:
        return flip_any(pdf, chance)
    kept = chance.randrange(len(found[1].rstrip(b"0")) + 1)
    return _put(pdf, found.start(1) + kept, found.end(1), b"0" * (len(found[1]) - kept))


def swap_signatures(pdf: bytes, chance: Chance) -> bytes:
    """Put one signature of the file in the place of another."""
    one, two = _one(_CONTENTS, pdf, chance), _one(_CONTENTS, pdf, chance)
    if one is None or two is None or len(one[1]) != len(two[1]) or one.start() == two.start():
        return flip_signature(pdf, chance)
    swapped = _put(pdf, one.start(1), one.end(1), two[1])
    return _put(swapped, two.start(1), two.end(1), one[1])


def edit_range(pdf: bytes, chance: Chance) -> bytes:
    """Change a number of a byte range."""
    return _edit_number(_RANGE, pdf, chance)


def edit_entry(pdf: bytes, chance: Chance) -> bytes:
    """Change an entry of a table."""
    found = _one(_ENTRY, pdf, chance)
    if found is None:
        return edit_trailer(pdf, chance)
    place = chance.choice(
        [chance.randrange(len(pdf)), int(found[0][:10]) + chance.choice((1, -1))]
    )
    kind = chance.choice((b"n", b"n", b"f"))
    return _put(pdf, found.start(), found.end(), b"%010d %05d %s" % (max(0, place), 0, kind))


def edit_trailer(pdf: bytes, chance: Chance) -> bytes:
    """Change a number that the structure of the file hangs on."""
    return _edit_number(_TRAILER, pdf, chance)


def edit_start(pdf: bytes, chance: Chance) -> bytes:
    """Change where the last table is said to be."""
    return _edit_number(_START, pdf, chance)


def _edit_number(pattern: re.Pattern[bytes], pdf: bytes, chance: Chance) -> bytes:
    found = _one(pattern, pdf, chance)
    number = None if found is None else _one(_NUMBER, found[0], chance)
    if found is None or number is None:
        return flip_any(pdf, chance)
    old = int(number[0])
    new = chance.choice([old + 1, old - 1, 0, 1, old * 10, chance.randrange(len(pdf)), -1, 65_536])
    begin = found.start() + number.start()
    text = (b"%d" % new).ljust(len(number[0]))
    return _put(pdf, begin, begin + len(number[0]), text)


def rename(pdf: bytes, chance: Chance) -> bytes:
    """Misspell one name."""
    name = chance.choice(_NAMES)
    found = _one(re.compile(re.escape(name) + rb"\b"), pdf, chance)
    if found is None:
        return flip_any(pdf, chance)
    return _put(pdf, found.end() - 1, found.end(), chance.choice((b"x", b" ", b"#", b"/")))


def insert(pdf: bytes, chance: Chance) -> bytes:
    """Put a word of the language somewhere."""
    place = chance.randrange(len(pdf) + 1)
    return _put(pdf, place, place, chance.choice(_TOKENS))


def cut_slice(pdf: bytes, chance: Chance) -> bytes:
    """Take some bytes out."""
    place = chance.randrange(len(pdf) + 1)
    return _put(pdf, place, place + chance.choice((1, 2, 10, 100)), b"")


def double_slice(pdf: bytes, chance: Chance) -> bytes:
    """Write some bytes twice."""
    place = chance.randrange(len(pdf) + 1)
    return _put(pdf, place, place, pdf[place : place + chance.choice((1, 10, 500))])


def truncate(pdf: bytes, chance: Chance) -> bytes:
    """Lose the end."""
    return pdf[: chance.randrange(len(pdf) + 1)]


def append_bytes(pdf: bytes, chance: Chance) -> bytes:
    """Add an object, or a piece of the file itself, behind the end."""
    found = _one(_OBJECT, pdf, chance)
    if found is None or chance.random() < 0.3:
        return pdf + chance.choice((b"\n", b" \r\n", b"\x00", b"%%EOF\n", pdf[-200:]))
    return pdf + b"\n" + found[0] + chance.choice((b"\n", b"\n%%EOF\n"))


def append_revision(pdf: bytes, chance: Chance) -> bytes:
    """Write an object anew, changed or not, and a table that does or does not list it."""
    found, start, root = _one(_OBJECT, pdf, chance), _one(_START, pdf, chance), _ROOT.search(pdf)
    if found is None or start is None or root is None:
        return flip_any(pdf, chance)
    content = found[2] if chance.random() < 0.3 else flip_any(found[2], chance)
    number = chance.choice((int(found[1]), int(found[1]), 900))
    place = len(pdf) + 1
    changed = pdf + b"\n%d 0 obj" % number + content + b"endobj\n"
    table = b"xref\n0 1\n0000000000 65535 f \n"
    if chance.random() < 0.8:
        table += b"%d 1\n%010d 00000 n \n" % (number, place)
    entries = (max(number + 1, 40), int(root[1]), int(start[1]), len(changed))
    trailer = b"trailer\n<</Size %d/Root %d 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % entries
    return changed + table + trailer


MUTATORS: tuple[Mutator, ...] = (
    flip_any,
    flip_any,
    flip_signature,
    flip_signature,
    truncate_signature,
    swap_signatures,
    edit_range,
    edit_entry,
    edit_trailer,
    edit_start,
    rename,
    insert,
    cut_slice,
    double_slice,
    truncate,
    append_bytes,
    append_revision,
    append_revision,
)
