"""Compression of text that the browser fetches: the page, with the configuration of its components, and files."""

from __future__ import annotations

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import Receive, Scope, Send

TEXT = (".js", ".css", ".json", "/", "/config")


class PageCompression(GZipMiddleware):
    """Gzip for text with a length. Events are streamed, and pictures and checkpoints are compressed as they are."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].endswith(TEXT):
            await super().__call__(scope, receive, send)
        else:
            await self.app(scope, receive, send)
