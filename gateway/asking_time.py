"""Asks time servers what time it is: one datagram there and one back (SNTP)."""

import socket
import time
from dataclasses import dataclass

from gateway.domain.clock_gauge import PACKET_BYTES, ahead_by, request_packet
from gateway.domain.errors import Unavailable

_PORT = 123
_LONGEST = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeServer:
    """One server, ``host`` or ``host:port``."""

    address: str
    timeout_s: float = 3.0

    def __call__(self) -> float:
        """Return how many seconds our clock is ahead of it. Blocks.

        Raises:
            Unavailable: it does not answer, or does not know.
        """
        try:
            host, port = _place(self.address)
            places = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
            family, kind, protocol, _, place = places[0]
            with socket.socket(family, kind, protocol) as asking:
                asking.settimeout(self.timeout_s)
                asking.connect(place)
                sent_s = time.time()
                asking.send(request_packet(sent_s))
                answer = asking.recv(_LONGEST)
                received_s = time.time()
            return ahead_by(answer[:PACKET_BYTES], sent_s=sent_s, received_s=received_s)
        except (OSError, ValueError, IndexError) as error:
            raise Unavailable(f"the time server {self.address} gives no time: {error}") from error


def _place(address: str) -> tuple[str, int]:
    """Return host and port; an IPv6 address with a port stands in brackets."""
    host, colon, port = address.rpartition(":")
    if not colon or (":" in host and not host.endswith("]")):
        return address.strip("[]"), _PORT
    return host.strip("[]"), int(port)
