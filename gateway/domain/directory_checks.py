"""What must hold before the directory is changed: one function per rule."""

from collections.abc import Sequence
from datetime import date

from gateway.domain.codes import CodeForm, is_mistyped, is_sandbox, parse_agency_code
from gateway.domain.directory import Agency, Directory
from gateway.domain.directory_findings import finding
from gateway.domain.errors import Refused
from gateway.domain.findings import Finding


def open_agency(
    directory: Directory, code: str, pointer: str, on: date, findings: list[Finding]
) -> Agency | None:
    """Return the agency of *code* if it is open *on*; else add a finding."""
    agency = directory.find(code)
    if agency is None:
        findings.append(finding("agency-unknown", pointer, code=code))
    elif agency.is_closed(on):
        findings.append(finding("agency-closed", pointer, code=code, name=agency.name))
    elif not agency.is_open(on):
        since = agency.valid_from
        findings.append(finding("agency-too-early", pointer, code=code, on=on, since=since))
    else:
        return agency
    return None


def code_findings(directory: Directory, code: str, *, sandbox: str | None = None) -> list[Finding]:
    """Say why *code* cannot be given to a new agency, or to *sandbox*, the node's own."""
    try:
        parse_agency_code(code)
    except ValueError:
        return [finding("agency-code-invalid", "/code", code=code)]
    if is_mistyped(code):
        return [finding("agency-code-invalid", "/code", code=code)]
    if is_sandbox(code) and code != sandbox:
        return [finding("agency-code-sandbox", "/code", code=code)]
    owner = directory.find(code)
    if owner is not None:
        return [finding("agency-code-used", "/code", code=code, name=owner.name)]
    return []


def legacy_findings(directory: Directory, legacy: str | None, own: str) -> list[Finding]:
    """Say why *legacy* cannot be the older code of the agency *own*."""
    if legacy is None:
        return []
    try:
        is_legacy = parse_agency_code(legacy).form is CodeForm.QCVN102
    except ValueError:
        is_legacy = False
    if not is_legacy:
        return [finding("agency-legacy-invalid", "/legacy_code", code=legacy)]
    owner = directory.find(legacy)
    # A plain reversal is only a guess and gives way to the pair that is stated.
    if owner is None or owner.code == own or legacy not in (owner.code, owner.legacy_code):
        return []
    if owner.legacy_provisional and owner.code != legacy:
        return []
    return [finding("agency-code-used", "/legacy_code", code=legacy, name=owner.name)]


def inside(directory: Directory, code: str, ancestor: str, pointer: str) -> list[Finding]:
    """Say that *code* is *ancestor* or lies below it, if so."""
    if code == ancestor or directory.is_below(code, ancestor):
        return [finding("agency-below-itself", pointer, code=code)]
    return []


def refuse(findings: Sequence[Finding]) -> None:
    """Raise ``Refused`` if there are any *findings*."""
    if findings:
        raise refused(findings)


def refused(findings: Sequence[Finding]) -> Refused:
    """Return the error that carries *findings*; its code is that of the first."""
    first = findings[0]
    return Refused(first.message_en, code=first.code, findings=findings)
