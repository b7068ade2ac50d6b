"""The adapter: one axis, with the sides that the gateway speaks to."""

import asyncio
import tempfile
from hashlib import sha256
from pathlib import Path
from threading import Lock

from adapters.vxp.agencies import AgencyLists
from adapters.vxp.calls import Calls
from adapters.vxp.receiving import Receiving
from adapters.vxp.sending import Sending
from gateway.ports import Clock, Destined, Knock


class Vxp:
    """A connection to one axis; its class is the adapter."""

    api = 1

    def __init__(self, destined: Destined, clock: Clock) -> None:
        """Check the settings; sockets and files are opened with the first call.

        Raises:
            Misconfigured: no usable address, no systemid, no secret, or unreadable certificates.
        """
        self._calls = Calls(destined, clock)
        self._spool = Spool()
        self.sender = Sending(self._calls)
        self.receiver = Receiving(self._calls, self.sender, self._spool.path)
        self.directory = AgencyLists(self._calls, self._spool.path)

    async def knock(self) -> Knock:
        """Look at the certificate of the axis, and ask it in our name for what waits."""
        ends = await self._calls.certificate_ends()
        await self.receiver.waiting_statuses()
        return Knock(certificate_ends=ends)

    async def aclose(self) -> None:
        """Close the kept connections and remove what was fetched."""
        await self._calls.aclose()
        await asyncio.to_thread(self._spool.close)


class Spool:
    """A folder for what was fetched, made when it is needed."""

    def __init__(self) -> None:
        """Make nothing yet."""
        self._made: tempfile.TemporaryDirectory[str] | None = None
        self._lock = Lock()

    def path(self, token: str) -> Path:
        """Return where the bytes of *token* lie; an id from outside never becomes a name."""
        with self._lock:
            if self._made is None:
                self._made = tempfile.TemporaryDirectory(prefix="gateway-vxp-")
            return Path(self._made.name) / sha256(token.encode()).hexdigest()

    def close(self) -> None:
        """Remove the folder."""
        with self._lock:
            if self._made is not None:
                self._made.cleanup()
                self._made = None
