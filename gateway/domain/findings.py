"""What a check says about a submission: one statement, its place, its remedy, in two languages."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding weighs."""

    ERROR = "error"  #: the submission is refused
    WARNING = "warning"  #: accepted, but somebody should look
    INFO = "info"  #: worth knowing


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One statement of one rule.

    ``pointer`` is a JSON Pointer (``/metadata/to/0``, ``/attachments/1`` counted from 1) or, for
    XML, a path of local names (``/edXML/edXMLEnvelope/.../Subject``), or ``line:column``.
    """

    code: (
        str  #: stable: ``meta-…``, ``agency-…``, ``file-…``, ``xml-…``, ``edxml-…``, ``barred-…``
    )
    severity: Severity
    pointer: str
    message: str  #: Vietnamese
    message_en: str
    remedy: str  #: Vietnamese
    remedy_en: str
    source: str = ""  #: article of the regulation or section of the standard


#: The code of a finding that asks for a person's decision; its severity is a warning.
HELD = "held"


class Verdict(StrEnum):
    """What all findings about a file or message come to."""

    ACCEPT = "accept"
    ACCEPT_WITH_WARNING = "accept-with-warning"
    REJECT = "reject"


def verdict_of(findings: Collection[Finding]) -> Verdict:
    """Return the verdict that the gravest of *findings* gives."""
    if refuses(findings):
        return Verdict.REJECT
    warned = any(finding.severity is Severity.WARNING for finding in findings)
    return Verdict.ACCEPT_WITH_WARNING if warned else Verdict.ACCEPT


def refuses(findings: Iterable[Finding]) -> bool:
    """Whether any of *findings* turns the submission away."""
    return any(finding.severity is Severity.ERROR for finding in findings)


def holds(findings: Iterable[Finding]) -> bool:
    """Whether any of *findings* asks for a person's decision."""
    return any(finding.code == HELD for finding in findings)
