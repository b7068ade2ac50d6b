"""Files that pages are made of: read once, addressed by digest, kept for ever by browsers."""

import hashlib
from pathlib import Path

from aiohttp import web

from gateway.domain.errors import NotFound

_FOLDER = Path(__file__).parent.parent / "static"
_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
_FOREVER = "public, max-age=31536000, immutable"


class StaticFiles:
    """The files by name; what is not among them is not there."""

    def __init__(self) -> None:
        """Read the folder."""
        self._files = {
            path.relative_to(_FOLDER).as_posix(): path.read_bytes()
            for path in sorted(_FOLDER.rglob("*"))
            if path.suffix in _TYPES
        }
        self._digests = {
            name: hashlib.sha256(content).hexdigest()[:12] for name, content in self._files.items()
        }

    def address(self, name: str) -> str:
        """Return the address of a file, which changes with its content."""
        return f"/static/{name}?v={self._digests[name]}"

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Return a file."""
        name = request.match_info["name"]
        content = self._files.get(name)
        if content is None:
            raise NotFound("there is no such file")
        # Fonts are named for good: a style sheet cannot ask for their digests.
        lasting = name.endswith(".woff2") or request.query.get("v") == self._digests[name]
        response = web.Response(
            body=content,
            content_type=_TYPES[Path(name).suffix],
            headers={
                "Cache-Control": _FOREVER if lasting else "no-cache",
                "X-Content-Type-Options": "nosniff",
            },
        )
        if not name.endswith(".woff2"):
            response.enable_compression()
        return response
