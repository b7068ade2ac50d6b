"""Changes of the directory: each function says which agencies change, or refuses and says why.

Nothing is changed here: the caller stores what is returned in one transaction, and the
reference of the decision that a change rests on stands in each changed agency. A code that was
ever used is never assigned again; a unit that moves gets a new code and leaves the old one
closed with the new one as its successor (QĐ 09/2025/QĐ-TTg closes codes in this way).

Every function raises ``Refused`` with findings ``agency-…``, all it can see at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TypedDict

from gateway.domain.codes import QD20_LENGTH, is_dotted, parent_of
from gateway.domain.directory import Agency, AgencyKind, Directory, default_kind
from gateway.domain.directory_checks import (
    code_findings,
    inside,
    legacy_findings,
    open_agency,
    refuse,
    refused,
)
from gateway.domain.directory_findings import finding
from gateway.domain.directory_moving import Moving, with_free_reversal
from gateway.domain.findings import Finding
from gateway.domain.text import clean


class AgencyChanges(TypedDict, total=False):
    """The fields of an agency that may change while its code stays."""

    name: str
    short_name: str | None
    kind: AgencyKind
    contact: Mapping[str, str] | None
    legacy_code: str | None
    decision: str | None


def add(
    directory: Directory,
    *,
    name: str,
    on: date,
    code: str | None = None,
    parent: str | None = None,
    allow_gap: bool = False,
    legacy_code: str | None = None,
    short_name: str | None = None,
    kind: AgencyKind | None = None,
    contact: Mapping[str, str] | None = None,
    decision: str | None = None,
    sandbox: str | None = None,
) -> Agency:
    """Return a new agency, valid from the day *on*; *sandbox* is the code of the node's own.

    Without *code* the next free one below *parent* is assigned. A dotted code needs the agency
    of its upper groups; with *allow_gap* the nearest one that exists will do (VXP systems
    register below codes they were granted, and levels between need not exist).
    """
    findings = [] if clean(name) else [finding("agency-name-missing", "/name")]
    upper = None if parent is None else open_agency(directory, parent, "/parent", on, findings)
    if code is None:
        code = _assigned(directory, parent, upper, findings)
    else:
        wrong = code_findings(directory, code, sandbox=sandbox)
        if wrong:
            findings += wrong
        elif parent is None:
            upper = _dotted_parent(directory, code, on, findings, allow_gap=allow_gap)
        elif upper is not None and not _fits(code, upper.code, allow_gap=allow_gap):
            findings.append(finding("agency-code-parent", "/code", code=code, parent=upper.code))
    findings += legacy_findings(directory, legacy_code, code)
    refuse(findings)
    agency = Agency(
        code=code,
        name=clean(name),
        parent=upper.code if upper is not None else None,
        legacy_code=legacy_code,
        short_name=_cleaned(short_name),
        kind=kind or default_kind(code),
        valid_from=on,
        contact=_contact(contact),
        decision=_cleaned(decision),
    )
    return with_free_reversal(directory, agency)


def close(
    directory: Directory,
    code: str,
    *,
    on: date,
    successor: str | None = None,
    decision: str | None = None,
) -> tuple[Agency, ...]:
    """Return the agency as closed: *on* is the first day on which it no longer exists."""
    findings: list[Finding] = []
    agency = open_agency(directory, code, "/code", on, findings)
    after = (
        None
        if successor is None
        else open_agency(directory, successor, "/successor", on, findings)
    )
    if agency is not None:
        if after is not None and after.code == agency.code:
            findings.append(finding("agency-below-itself", "/successor", code=successor))
        below = [child for child in directory.children(agency.code) if not child.is_closed(on)]
        if below:
            values = {"count": len(below), "child": below[0].code}
            findings.append(
                finding("agency-has-children", "/code", code=code, name=agency.name, **values)
            )
    refuse(findings)
    if agency is None:
        return ()
    moving = Moving(directory, on=on, decision=_cleaned(decision))
    moving.close(agency, after)
    return tuple(moving.changes.values())


def merge(
    directory: Directory,
    codes: Sequence[str],
    *,
    into: str,
    on: date,
    decision: str | None = None,
) -> tuple[Agency, ...]:
    """Return the agencies *codes* as closed with *into* after them, those below moved under it."""
    findings: list[Finding] = []
    target = open_agency(directory, into, "/into", on, findings)
    merged: list[Agency] = []
    for n, code in enumerate(codes):
        agency = open_agency(directory, code, f"/codes/{n}", on, findings)
        if agency is not None:
            for other in merged:
                findings += inside(directory, agency.code, other.code, f"/codes/{n}")
                findings += inside(directory, other.code, agency.code, f"/codes/{n}")
            if target is not None:
                findings += inside(directory, target.code, agency.code, "/into")
            merged.append(agency)
    refuse(findings)
    if target is None:
        return ()
    moving = Moving(directory, on=on, decision=_cleaned(decision))
    for agency in merged:
        moving.move_children(agency, target)
        moving.close(agency, target)
    return tuple(moving.changes.values())


def move(
    directory: Directory,
    code: str,
    new_parent: str,
    *,
    on: date,
    decision: str | None = None,
) -> tuple[Agency, ...]:
    """Return what changes when the agency *code* comes under *new_parent*.

    A code of QĐ 20/2020 says where its agency stands, so a new one is assigned, for those below
    too (they keep their last group); an opaque code stays and only the parent changes.
    """
    findings: list[Finding] = []
    agency = open_agency(directory, code, "/code", on, findings)
    target = open_agency(directory, new_parent, "/parent", on, findings)
    if agency is not None and target is not None:
        findings += inside(directory, target.code, agency.code, "/parent")
        if agency.parent == target.code:
            findings.append(
                finding("agency-already-there", "/parent", name=agency.name, code=target.code)
            )
    refuse(findings)
    if agency is None or target is None:
        return ()
    moving = Moving(directory, on=on, decision=_cleaned(decision))
    moving.move(agency, target)
    return tuple(moving.changes.values())


def patch(directory: Directory, code: str, changes: AgencyChanges) -> Agency:
    """Return the agency *code*, open or closed, with *changes* in its fields."""
    agency = directory.find(code)
    findings: list[Finding] = []
    if agency is None:
        raise refused([finding("agency-unknown", "/code", code=code)])
    if "name" in changes and not clean(changes["name"]):
        findings.append(finding("agency-name-missing", "/name"))
    legacy = changes.get("legacy_code")
    findings += legacy_findings(directory, legacy, agency.code)
    refuse(findings)
    changed = replace(
        agency,
        name=clean(changes.get("name", agency.name)),
        short_name=_cleaned(changes.get("short_name", agency.short_name)),
        kind=changes.get("kind", agency.kind),
        contact=_contact(changes.get("contact", agency.contact)),
        decision=_cleaned(changes.get("decision", agency.decision)),
    )
    if "legacy_code" in changes:
        changed = replace(changed, legacy_code=legacy, legacy_provisional=False)
    return with_free_reversal(directory, changed)


def reopen(
    directory: Directory, code: str, *, on: date, decision: str | None = None
) -> tuple[Agency, ...]:
    """Return the closed agency *code* as open again, with its old code and its old day of birth."""
    agency = directory.find(code)
    if agency is None:
        raise refused([finding("agency-unknown", "/code", code=code)])
    if not agency.is_closed(on):
        raise refused([finding("agency-open", "/code", code=code, name=agency.name)])
    basis = _cleaned(decision) or agency.decision
    return (replace(agency, valid_to=None, successor=None, decision=basis),)


def _assigned(
    directory: Directory, parent: str | None, upper: Agency | None, findings: list[Finding]
) -> str:
    """Return the next free code below *upper*, "" with a finding when there can be none."""
    if upper is None:
        if parent is None:
            findings.append(finding("agency-code-needed", "/code"))
        return ""
    if not is_dotted(upper.code):
        findings.append(finding("agency-code-needed", "/code"))
        return ""
    code = directory.next_code(upper.code)
    if len(code) > QD20_LENGTH:
        findings.append(finding("agency-code-too-long", "/parent", code=code))
    return code


def _dotted_parent(
    directory: Directory, code: str, on: date, findings: list[Finding], *, allow_gap: bool
) -> Agency | None:
    """Return the agency of the upper groups of *code*; None at level 1 and for other forms."""
    above = parent_of(code) if is_dotted(code) else None
    while allow_gap and above is not None and above not in directory:
        above = parent_of(above)
    return None if above is None else open_agency(directory, above, "/code", on, findings)


def _fits(code: str, parent: str, *, allow_gap: bool) -> bool:
    """Whether *code* may stand below *parent*; only dotted codes say where they belong."""
    if not is_dotted(code):
        return True
    return code.startswith(f"{parent}.") if allow_gap else parent_of(code) == parent


def _cleaned(text: str | None) -> str | None:
    return (clean(text) or None) if text is not None else None


def _contact(contact: Mapping[str, str] | None) -> dict[str, str] | None:
    """Return *contact* with clean values, without empty ones; None when nothing remains."""
    return {key: clean(text) for key, text in (contact or {}).items() if clean(text)} or None
