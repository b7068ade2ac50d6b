"""Bad lines of a directory file, and what is wrong between lines: doubles, lost ends, circles."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gateway.domain.directory import Agency


@dataclass(frozen=True, slots=True, kw_only=True)
class BadLine:
    """Why one line cannot be taken; lines count from 1, the header is the first."""

    line: int
    column: str  #: name of the column, "" when it is the whole line
    message: str  #: Vietnamese
    message_en: str


def bad_line(line: int, column: str, message: str, message_en: str) -> BadLine:
    """Return what is wrong with one line."""
    return BadLine(line=line, column=column, message=message, message_en=message_en)


def doubles(read: Sequence[tuple[int, Agency]]) -> Iterator[BadLine]:
    """Report codes, and stored older codes, that stand on an earlier line too."""
    for column in ("code", "legacy_code"):
        lines: dict[str, int] = {}
        for line, agency in read:
            code = getattr(agency, column)
            if code is None or (column == "legacy_code" and agency.legacy_provisional):
                continue
            first = lines.setdefault(code, line)
            if first != line:
                yield bad_line(
                    line,
                    column,
                    f"Mã “{code}” đã có ở dòng {first}.",
                    f"{code!r} stands on line {first} already.",
                )


def lost(read: Sequence[tuple[int, Agency]], known: Collection[str]) -> Iterator[BadLine]:
    """Report parents and successors that do not exist."""
    for line, agency in read:
        for column, code in (("parent", agency.parent), ("successor", agency.successor)):
            if code is not None and code not in known:
                yield bad_line(
                    line,
                    column,
                    f"Không có cơ quan mang mã “{code}”.",
                    f"No agency has the code {code!r}.",
                )


def circles(read: Sequence[tuple[int, Agency]]) -> Iterator[BadLine]:
    """Report lines that lie above or after themselves."""
    for column in ("parent", "successor"):
        following = {agency.code: getattr(agency, column) for _, agency in read}
        circling = _circling(following)
        for line, agency in read:
            if agency.code in circling:
                yield bad_line(
                    line,
                    column,
                    f"“{agency.code}” quay vòng về chính nó.",
                    f"{agency.code!r} leads back to itself.",
                )


def _circling(following: Mapping[str, str | None]) -> set[str]:
    """Return the codes that are reached again when one goes on from them."""
    settled: set[str] = set()
    circling: set[str] = set()
    for start in following:
        path: dict[str, None] = {}
        code: str | None = start
        while code is not None and code not in settled and code not in path:
            path[code] = None
            code = following.get(code)
        if code in path:
            steps = list(path)
            circling.update(steps[steps.index(code) :])
        settled.update(path)
    return circling
