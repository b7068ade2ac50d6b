"""What describes the API: the state model, the OpenAPI document, and a page to read it offline."""

import base64
import hashlib
from functools import cached_property
from pathlib import Path

import msgspec
from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from gateway.web.docs_page import chapters, schemas, with_code
from gateway.web.openapi import Json, build
from gateway.web.parts import GATEWAY
from gateway.web.requests import json_response, known_parameters
from gateway.web.states import state_model

_HERE = Path(__file__).parent


class ReferencePages:
    """The handlers. What they answer is built once, when it is asked for first."""

    async def states(self, request: web.Request) -> web.StreamResponse:
        """Return the state model."""
        known_parameters(request)
        return json_response(state_model())

    async def openapi(self, request: web.Request) -> web.StreamResponse:
        """Return the OpenAPI document."""
        known_parameters(request)
        body = await request.app[GATEWAY].run(lambda: self._document)
        return web.Response(body=body, content_type="application/json", headers=_PLAIN)

    async def docs(self, request: web.Request) -> web.StreamResponse:
        """Return the OpenAPI document as a page: no script, nothing from elsewhere."""
        known_parameters(request)
        page, style = await request.app[GATEWAY].run(lambda: self._page)
        policy = (
            f"default-src 'none'; style-src '{style}'; base-uri 'none'; form-action 'none'; "
            "frame-ancestors 'none'"
        )
        return web.Response(
            body=page,
            content_type="text/html",
            charset="utf-8",
            headers={"Content-Security-Policy": policy, **_PLAIN},
        )

    @cached_property
    def _described(self) -> Json:
        return build()

    @cached_property
    def _document(self) -> bytes:
        return msgspec.json.encode(self._described)

    @cached_property
    def _page(self) -> tuple[bytes, str]:
        """Return the page, and the source expression that allows its style sheet."""
        css = (_HERE / "static" / "docs.css").read_text("utf-8")
        digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
        templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        templates.filters["with_code"] = with_code
        page = templates.get_template("docs.html").render(
            css=Markup(css),  # noqa: S704 - our own file, which holds no markup
            info=self._described["info"],
            chapters=chapters(self._described),
            schemas=schemas(self._described),
        )
        return page.encode(), f"sha256-{digest}"


_PLAIN = {
    "Cache-Control": "no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
