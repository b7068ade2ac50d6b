"""What describes the API: the state model, the OpenAPI document, and a page to read it."""

from aiohttp import web

from gateway.web.requests import json_response, known_parameters


class ReferencePages:
    """The handlers."""

    def __init__(self) -> None:
        """Keep nothing yet."""

    async def states(self, request: web.Request) -> web.StreamResponse:
        """Return the state model."""
        known_parameters(request)
        return json_response({})

    async def openapi(self, request: web.Request) -> web.StreamResponse:
        """Return the OpenAPI document."""
        known_parameters(request)
        return json_response({})

    async def docs(self, request: web.Request) -> web.StreamResponse:
        """Return the page."""
        known_parameters(request)
        return json_response({})
