"""Whose certificate a node shows: a code of a node, or names that an operator wrote down for it.

A certificate that names the node by its code needs no entry. One that names hosts only, as public
authorities issue them, is told by the names of `[[peer]]`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.domain.codes import CodeForm, is_mistyped, parse_agency_code
from gateway.domain.errors import Forbidden

_MOST_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A certificate that was shown and whose authority is trusted."""

    names: frozenset[str]  #: common name and host names, lower case
    is_revoked: bool


def code_of_peer(written: str) -> str:
    """Return the code of a node that an operator wrote down, as codes are written.

    Raises:
        ValueError: it is no code; the message is one sentence for a person.
    """
    code = written.strip()
    try:
        if parse_agency_code(code.upper()).form is not CodeForm.OPAQUE:
            return code.upper()
    except ValueError:
        raise ValueError(f"`{written[:60]}` is no agency code") from None
    if is_mistyped(code):
        raise ValueError(f"`{written[:60]}` is no agency code; one is written like H40 or H40.01")
    return code


def check_peer(shown: Shown | None, agency: str, peers: Mapping[str, Sequence[str]]) -> None:
    """Let a system of the node *agency* speak, as far as its certificate allows it.

    *peers* has the names of those nodes that must show a certificate.

    Raises:
        Forbidden: a certificate of somebody else, a revoked one, or none where one is needed.
    """
    if shown is None:
        if agency in peers:
            raise Forbidden(
                f"Hệ thống của {agency} phải trình chứng thư của nút, qua cổng dành cho nút / "
                f"a system of {agency} shows the certificate of its node, at the port for nodes",
                code="vxp-certificate",
            )
        return
    if shown.is_revoked:
        raise Forbidden(
            f"Chứng thư của nút {agency} đã bị thu hồi / the certificate of the node was revoked",
            code="vxp-certificate",
        )
    wanted = {each.lower() for each in peers.get(agency) or (agency,)}
    if not wanted & shown.names:
        named = ", ".join(sorted(shown.names)[:_MOST_SHOWN]) or "?"
        raise Forbidden(
            f"Chứng thư là của {named}, không phải của nút {agency} / "
            f"the certificate is for {named}, not for the node {agency}",
            code="vxp-certificate",
        )
