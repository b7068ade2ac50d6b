"""The doorway: connections are taken one by one, by the process that has the fewest.

All processes of a node listen at one socket, and the system gives a connection to whoever comes
first: the quick one gets more and more of those that stay, while another has processors to spare.
So a process that has more than another holds back for a moment, in which the other may take what
waits. Who does not come (it died, it is busy) loses nothing but its turn.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from gateway.web.connections import Connections

log = structlog.get_logger()

#: What a process leaves another to take what waits, for each connection that it has more, seconds.
_YIELD_S = 0.002
_LONGEST_YIELD_S = 0.02
#: Connections that are taken before other work goes on.
_AT_ONCE = 64
#: What it waits when the system has no more files for it.
_EXHAUSTED_S = 0.5


class Doorway:
    """Takes connections at a socket that listens, until it is closed."""

    def __init__(
        self,
        protocol: Callable[[], asyncio.Protocol],
        listening: socket.socket,
        *,
        connections: Connections,
        tls: ssl.SSLContext | None,
        handshake_s: float,
    ) -> None:
        """Give each connection a *protocol*; one with *tls* has *handshake_s* for its handshake.

        Until it has its protocol it counts among those of *connections* that arrive.
        """
        self._protocol = protocol
        self._listening = listening
        self._connections = connections
        self._tls = tls
        self._handshake_s = handshake_s if tls is not None else None
        self._loop = asyncio.get_running_loop()
        self._arriving: set[asyncio.Task[None]] = set()
        self._pause: asyncio.TimerHandle | None = None
        self._loop.add_reader(listening, self._take_in_turn)

    def close(self) -> None:
        """Take no more connections; those whose handshake is under way are let go."""
        self._loop.remove_reader(self._listening)
        if self._pause is not None:
            self._pause.cancel()
        for arrival in self._arriving:
            arrival.cancel()
        self._listening.close()

    def _take_in_turn(self) -> None:
        """Take what waits, until another has clearly fewer; then leave it the rest for a moment."""
        for _ in range(_AT_ONCE):
            ahead = self._connections.ahead()
            if ahead > 0:
                self._rest(min(ahead * _YIELD_S, _LONGEST_YIELD_S))
                return
            if not self._take():
                return

    def _rest(self, seconds: float) -> None:
        self._loop.remove_reader(self._listening)
        self._pause = self._loop.call_later(seconds, self._return)

    def _return(self) -> None:
        """Take what waits, whoever has fewer, and listen again."""
        self._pause = None
        self._loop.add_reader(self._listening, self._take_in_turn)
        for _ in range(_AT_ONCE):
            if not self._take():
                return

    def _take(self) -> bool:
        """Take one connection; False when there is none to take."""
        try:
            connection, peer = self._listening.accept()
        except (BlockingIOError, ConnectionAbortedError, InterruptedError):
            return False  # somebody else took it, or it went away
        except OSError as error:
            log.error("no connection can be taken", reason=error.strerror)  # noqa: TRY400 - told once each half second
            self._rest(_EXHAUSTED_S)
            return False
        connection.setblocking(False)  # noqa: FBT003 - so it is named
        address = peer[0] if isinstance(peer, tuple) else None
        if self._connections.arrive(address):
            self._begin(self._welcome(connection, address))
        else:
            connection.close()
        return True

    def _begin(self, arrival: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(arrival)
        self._arriving.add(task)
        task.add_done_callback(self._arriving.discard)

    async def _welcome(self, connection: socket.socket, address: str | None) -> None:
        """Give *connection* its protocol; who fails at the handshake is let go."""
        try:
            await self._loop.connect_accepted_socket(
                self._protocol,
                connection,
                ssl=self._tls,
                ssl_handshake_timeout=self._handshake_s,
            )
        except (OSError, TimeoutError, asyncio.CancelledError) as error:
            connection.close()
            log.debug("a connection did not come about", reason=type(error).__name__)
        finally:
            self._connections.arrived(address)
