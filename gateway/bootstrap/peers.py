"""The certificates of other nodes, as the settings and the trust folders of the moment have it."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gateway.bootstrap.verification import trust_paths
from gateway.config import Config
from gateway.crypto.peers import authorities, read_shown
from gateway.crypto.trust import TrustRoom
from gateway.domain.codes import from_legacy
from gateway.domain.directory import Directory
from gateway.domain.peers import check_peer, code_of_peer


@dataclass(frozen=True, slots=True, kw_only=True)
class Peers:
    """Who may come with which certificate."""

    named: Mapping[str, Sequence[str]]  #: names by code, in either form, of who must show one
    trust: TrustRoom
    directory: Callable[[], Directory]

    def authorities(self) -> tuple[str, str]:
        """Return the epoch of the trust folders and the authorities of peers as PEM. Blocks."""
        trust = self.trust.current(time.monotonic())
        return trust.epoch, authorities(trust)

    def check(self, certificate: bytes | None, agency: str) -> None:
        """Let a system of *agency* speak over a connection that showed *certificate*. Blocks.

        Raises:
            Forbidden: code ``vxp-certificate``.
        """
        shown = None
        if certificate is not None:
            shown = read_shown(certificate, self.trust.current(time.monotonic()))
        directory = self.directory()
        named = {_listed(code, directory): names for code, names in self.named.items()}
        check_peer(shown, agency, named)


def peers_of(config: Config, directory: Callable[[], Directory]) -> Peers:
    """Return the peers of *config*; the *directory* says whose code an older one is."""
    named = {code_of_peer(each.agency): each.names for each in config.peer}
    return Peers(named=named, trust=TrustRoom(trust_paths(config)), directory=directory)


def _listed(code: str, directory: Directory) -> str:
    agency = directory.find(code)
    return (from_legacy(code) or code) if agency is None else agency.code
