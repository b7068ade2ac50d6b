"""The least that a server of the same kind costs: `python -m bench.bare PORT BYTES`.

One aiohttp process on uvloop. Any GET or POST is answered 200 with so many bytes of JSON, made
before. A body is read as it comes and hashed, and nothing else.
"""

import asyncio
import hashlib
import sys

import uvloop
from aiohttp import web


async def serve(port: int, answer: bytes) -> None:
    """Serve *answer* until the process is ended."""

    async def handle(request: web.Request) -> web.Response:
        digest = hashlib.sha256()
        async for chunk in request.content.iter_any():
            digest.update(chunk)
        status = 201 if request.path.endswith("/documents") else 200
        return web.Response(
            body=answer,
            status=status,
            content_type="application/json",
            headers={"Digest": digest.hexdigest()},
        )

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), b'"%s"' % (b"-" * (int(sys.argv[2]) - 2))))
