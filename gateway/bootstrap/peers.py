"""The certificates of other nodes, as the settings and the trust folders of the moment have it."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.bootstrap.verification import trust_paths
from gateway.config import Config
from gateway.crypto.peers import authorities, read_shown
from gateway.crypto.trust import TrustRoom
from gateway.domain.peers import check_peer


@dataclass(frozen=True, slots=True, kw_only=True)
class Peers:
    """Who may come with which certificate."""

    named: Mapping[str, Sequence[str]]  #: names by code of the nodes that must show one
    trust: TrustRoom

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
        check_peer(shown, agency, self.named)


def peers_of(config: Config) -> Peers:
    """Return the peers of *config*."""
    return Peers(
        named={each.agency: each.names or (each.agency,) for each in config.peer},
        trust=TrustRoom(trust_paths(config)),
    )
