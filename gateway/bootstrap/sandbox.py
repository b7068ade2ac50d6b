"""The sandbox of a node: a partner that is no agency, and credentials lent for one trial."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.bootstrap.gateway import Gateway
from gateway.domain.codes import sandbox_of
from gateway.domain.errors import Refused
from gateway.domain.exchange import Caller

NAME = "THỬ NGHIỆM, không phải cơ quan (sandbox, no agency)"
_PURPOSE = "gateway office test"


async def open_sandbox(gateway: Gateway, caller: Caller) -> str:
    """Return the code of the node's sandbox, which is entered into the directory on first use.

    Raises:
        Refused: an administrator closed it.
    """
    code = sandbox_of(gateway.config.node.code)
    known = (await gateway.run(gateway.directory)).find(code)
    if known is None:
        return (await gateway.agencies.add(caller, name=NAME, code=code)).code
    if known.is_closed(gateway.clock.now().astimezone(gateway.zone).date()):
        raise Refused(f"the sandbox {code} was closed by an administrator")
    return known.code


@asynccontextmanager
async def lent(gateway: Gateway, caller: Caller, agency: str) -> AsyncIterator[str]:
    """Give a token for *agency* that is revoked in the end, whatever happens."""
    credential = await gateway.credentials.add(agency, caller, name=_PURPOSE)
    try:
        yield credential.token
    finally:
        await gateway.credentials.revoke(credential.client.id, caller)
